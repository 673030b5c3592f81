"""Draw what side_by_side.py measured, by class size, and write docs/benchmarks.md.

    python benchmarks/plot.py benchmarks/results/[0-9]*.json

What plain.py and watching.py measured is taken from plain.json and watch.json there.

Sizes beyond the largest measured class are simulated: the class is made for real and
its programs counted; each program costs what one cost in the largest class measured,
each submission what one without a new program cost.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from classroom import ASSIGNMENT, distinct, make_class
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from fairgrade.authoring.generate import generate
from fairgrade.course.course import load_course
from fairgrade.demo import set_up

ROOT = Path(__file__).resolve().parents[1]
PAGE, PICTURE = ROOT / "docs" / "benchmarks.md", "images/cost-by-class-size.svg"
PLAIN = ROOT / "benchmarks" / "results" / "plain.json"
WATCH = PLAIN.with_name("watch.json")
#: The page, with {fields} for what was measured.
TEMPLATE = Path(__file__).with_name("page.md")
SIMULATED = (3_000, 10_000)
TICKS = {
    10: "10 s",
    60: "1 min",
    600: "10 min",
    3_600: "1 h",
    36_000: "10 h",
    172_800: "2 days",
}


def main() -> None:
    results = [json.loads(Path(name).read_text()) for name in sys.argv[1:]]
    results.sort(key=lambda result: result["size"])
    simulated = list(_simulate(results[-1]))
    (PAGE.parent / PICTURE).parent.mkdir(exist_ok=True)
    _draw(results, simulated).savefig(PAGE.parent / PICTURE, metadata={"Date": None})
    PAGE.write_text(_page(results, simulated), encoding="utf-8")


def _simulate(largest: dict[str, Any]) -> Any:
    """(size, distinct programs, s for the first grading, s after a changed test)."""
    first = largest["fairgrade"]["seconds"]
    again = largest["fairgrade, changed test"]["seconds"]
    a_submission = again / largest["size"]
    a_program = (first - again) / largest["distinct"]
    with tempfile.TemporaryDirectory() as folder:
        course = set_up(load_course(ROOT), Path(folder, "course"))
        generate(course, course.assignment(ASSIGNMENT))
        for size in SIMULATED:
            programs = distinct(make_class(course, size))
            yield (
                size,
                programs,
                size * a_submission + programs * a_program,
                size * a_submission,
            )


def _stock(result: dict[str, Any], results: list[dict[str, Any]]) -> float:
    """Stock nbgrader's time for a class, s.

    Where it graded a sample, that is scaled from the largest sample that it graded of
    no larger class: one endless loop more or less in a small one would say too much.
    """
    largest = _largest([r for r in results if r["size"] <= result["size"]])
    return largest["nbgrader"]["seconds a submission"] * result["size"]


def _largest(results: list[dict[str, Any]]) -> dict[str, Any]:
    """The class of which stock nbgrader graded most submissions."""
    return max(results, key=lambda result: (result["stock sample"], result["size"]))


def _draw(results: list[dict[str, Any]], simulated: list[Any]) -> Figure:
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    sizes = [result["size"] for result in results]
    further = [sizes[-1], *(row[0] for row in simulated)]
    per_one = _stock(results[-1], results) / sizes[-1]
    lines = {
        "stock nbgrader": ([_stock(r, results) for r in results], "#b8473d"),
        "fairgrade": ([r["fairgrade"]["seconds"] for r in results], "#3b6fb6"),
        "fairgrade, after a changed hidden test": (
            [r["fairgrade, changed test"]["seconds"] for r in results],
            "#3d8f5f",
        ),
    }
    beyond = {
        "stock nbgrader": [per_one * size for size in further],
        "fairgrade": [lines["fairgrade"][0][-1], *(row[2] for row in simulated)],
        "fairgrade, after a changed hidden test": [
            lines["fairgrade, after a changed hidden test"][0][-1],
            *(row[3] for row in simulated),
        ],
    }
    for name, (seconds, colour) in lines.items():
        axes.plot(sizes, seconds, "o-", color=colour, label=name)
        axes.plot(further, beyond[name], "o:", color=colour, fillstyle="none")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("submissions (hollow: simulated)")
    axes.set_ylabel("wall time")
    axes.set_yticks([*TICKS], [*TICKS.values()])
    axes.yaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    return figure


def _page(results: list[dict[str, Any]], simulated: list[Any]) -> str:
    rows = [
        "| submissions | programs | stock nbgrader | fairgrade | ratio "
        "| changed test | ratio | peak memory (stock, ours) |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for result in results:
        first = result["fairgrade"]["seconds"]
        again = result["fairgrade, changed test"]["seconds"]
        stock = _stock(result, results)
        estimated = "" if result["stock sample"] == result["size"] else " (scaled)"
        rows.append(
            f"| {result['size']:,} | {result['distinct']} | "
            f"{_time(stock)}{estimated} | {_time(first)} | "
            f"{stock / first:.1f} | {_time(again)} | {stock / again:.0f} | "
            f"{result['nbgrader']['peak MiB']:,.0f}, "
            f"{result['fairgrade']['peak MiB']:,.0f} MiB |"
        )
    per_one = _stock(results[-1], results) / results[-1]["size"]
    for size, programs, first, again in simulated:
        stock = per_one * size
        rows.append(
            f"| {size:,} (simulated) | {programs} | {_time(stock)} | {_time(first)} | "
            f"{stock / first:.1f} | {_time(again)} | {stock / again:.0f} | |"
        )
    agree = "\n".join(
        f"- {result['size']:,} submissions: {result['scores']['where stock is right']}"
        for result in results
    )
    different = sorted(
        {line.split(" ", 1)[1] for r in results for line in r["scores"]["differing"]}
    )
    by_size = {result["size"]: result for result in results}
    one, hundred = by_size[1], by_size[100]
    plain = json.loads(PLAIN.read_text())
    bare = one["bare training"]
    limit = bare["many batches a call, s"] * hundred["distinct"] / hundred["cores"]
    # What to know of results not measured together; new results have none.
    remarks = dict.fromkeys(r["remark"] for r in results if "remark" in r)
    return TEMPLATE.read_text("utf-8").format(
        table="\n".join(rows),
        samples=_samples(results),
        most=_largest(results)["stock sample"],
        remarks="".join(f"\n{remark}\n" for remark in remarks),
        picture=PICTURE,
        lesson=_lesson(plain),
        watched=_watched(json.loads(WATCH.read_text())),
        agree=agree,
        different="\n".join(f"- {line}" for line in different) or "- none",
        cores=one["cores"],
        goals=_goals(one, hundred, _stock(hundred, results), plain["ratio"]),
        alone=one["fairgrade"]["seconds"],
        stock=one["nbgrader"]["seconds"],
        more=one["one program more, s"],
        runs=hundred["fairgrade"]["seconds"],
        plain=bare["one batch a call, s"],
        many=bare["many batches a call, s"],
        threads=bare["the same with a thread a core, s"],
        programs=hundred["distinct"],
        limit=_time(limit),
        whole=_time(hundred["fairgrade"]["seconds"]),
        share=hundred["fairgrade"]["seconds"] / limit,
    )


def _samples(results: list[dict[str, Any]]) -> str:
    return ", ".join(
        f"{result['stock sample']} of {result['size']:,}"
        for result in results
        if result["stock sample"] != result["size"]
    )


def _lesson(result: dict[str, Any]) -> str:
    """Of plain submissions, in words."""
    ours, stock = result["peak MiB (ours, stock)"]
    here, there = result["fairgrade, s"], result["nbgrader, s"]
    agree = "gave the same scores" if result["scores agree"] else "scored differently"
    return (
        f"{result['submissions']} different submissions took {here:.0f} s\n"
        f"here and {there:.0f} s with stock nbgrader, "
        f"**{result['ratio']:.1f} times** as long; both {agree}. The most memory was "
        f"{ours:.0f} MiB\nhere and {stock:.0f} MiB there."
    )


def _watched(result: dict[str, Any]) -> str:
    """Of hand-ins while a watch was at work, in words."""
    core = sorted(result["core lesson, s"])[result["hand-ins"] // 2]
    return (
        f"Of the core lesson it took {core:.1f} s, "
        f"**{result['over bare training']:.1f} times** the bare training of then "
        f"({result['bare training, s']:.1f} s; the\ngoal is 1.5), of the plain lesson "
        f"{result['median of the plain lesson, s']:.1f} s (1.5): medians of "
        f"{result['hand-ins']} hand-ins each."
    )


def _goals(
    one: dict[str, Any], hundred: dict[str, Any], stock: float, plain: float
) -> str:
    """Each goal and what was measured, `stock` being its seconds for the hundred."""
    first, again = (
        stock / hundred[way]["seconds"]
        for way in ("fairgrade", "fairgrade, changed test")
    )
    more = one["one program more, s"] / one["bare training"]["many batches a call, s"]
    rows = [
        ("different plain submissions", "12", plain),
        ("one submission in a command of its own", "4", one["ratio"]["first grading"]),
        ("a class of 100, first grading", "25", first),
        ("it after a changed test", "300", again),
    ]
    lines = [
        "| times faster than stock nbgrader | goal | measured |",
        "|---|---:|---:|",
    ]
    lines += [f"| {what} | {goal} | {found:.1f} |" for what, goal, found in rows]
    lines += [
        "",
        f"One program more in a class takes {more:.2f} times its bare training in a "
        "grader's\nkernel; the goal is 1.1.",
    ]
    return "\n".join(lines)


def _time(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


if __name__ == "__main__":
    main()
