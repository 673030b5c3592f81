"""Write docs/benchmarks.md, its picture, and what README and index repeat of it.

    python benchmarks/page.py

Everything is taken from benchmarks/results/, as all.py writes it.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rows import KINDS, Results, Row, read

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
PICTURE = "images/cost-by-class-size.svg"
#: The page, with {fields} for what was measured, and its section on mixed classes.
_TEMPLATE = Path(__file__).with_name("page.md")
_MIXED = Path(__file__).with_name("mixed.md")
_HEAD = (
    "| students | programs | stock nbgrader | fairgrade | ratio | changed test | ratio "
    "| peak memory (stock, ours) | sample | measured; import |\n"
    "|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|"
)
_LESSON_HEAD = (
    "| students | lesson | programs | stock nbgrader | fairgrade | ratio "
    "| changed test | ratio |\n|---:|---|---:|---:|---:|---:|---:|---:|"
)
_IMPORT = "import of TensorFlow, s"


def main() -> None:
    """Write all of it into the docs, or page and picture into another folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--docs", type=Path, help="a folder for page and picture alone")
    asked = parser.parse_args()
    results = read(asked.results)
    docs = asked.docs or ROOT / "docs"
    write(results, docs)
    if asked.docs is None:
        for page in (ROOT / "README.md", docs / "index.md"):
            text = page.read_text(encoding="utf-8")
            page.write_text(in_step(text, results.row("core", 100)), encoding="utf-8")


def write(results: Results, docs: Path) -> None:
    """Write the page and its picture into a folder."""
    from plot import draw  # readers of the page alone need no Matplotlib

    (docs / PICTURE).parent.mkdir(exist_ok=True, parents=True)
    draw(results, docs / PICTURE)
    (docs / "benchmarks.md").write_text(page(results), encoding="utf-8")


def in_step(text: str, hundred: Row) -> str:
    """A page's table of both graders, with what the class of 100 took."""
    assert hundred.again is not None
    stock = _time(hundred.stock)
    told = rf"| \g<1>{hundred.sample} of them | {stock} | {_time(hundred.first)} |"
    pattern = r"^\| (\[a class of 100\].* from )\d+ of them \|.*$"
    text = re.sub(pattern, told, text, flags=re.M)
    told = rf"\g<1>{stock} | {_time(hundred.again)} |"
    return re.sub(r"^(\| the same after a changed test \| ).*$", told, text, flags=re.M)


def page(results: Results) -> str:
    """The page of some results."""
    one, hundred = results.row("core", 1), results.row("core", 100)
    bare = one.result["bare training"]
    cores = hundred.measured["cores"]
    limit = bare["many batches a call, s"] * hundred.distinct / cores
    differing = [
        line.split(" ", 1)[1]
        for row in results.rows
        for lesson in row.lessons
        for line in lesson.differing
    ]
    return _TEMPLATE.read_text("utf-8").format(
        machine=_machine(results),
        remarks="".join(f"\n{remark}\n" for remark in _remarks(results)),
        core="\n".join([_table(results.of("core")), *_simulated(results)]),
        plain=_table(results.of("plain")),
        mixed=_mixed(results.of("mixed")),
        picture=PICTURE,
        watched=_watched(results.watch),
        goals=_goals(results),
        alone=one.first,
        stock=one.stock,
        more=one.result["one program more, s"],
        runs=hundred.first,
        cores=cores,
        bare=bare["one batch a call, s"],
        many=bare["many batches a call, s"],
        threads=bare["the same with a thread a core, s"],
        programs=hundred.distinct,
        limit=_time(limit),
        whole=_time(hundred.first),
        share=hundred.first / limit,
        agree="\n".join(_agree(results)),
        different="\n".join(f"- {line}" for line in sorted({*differing})) or "- none",
    )


def _machine(results: Results) -> str:
    newest = next(r.measured for r in results.rows if r.measured["run"] == results.run)
    parts = [f"{newest['cores']} cores"]
    if "processor" in newest:
        parts += [newest["processor"], f"{newest['memory, GiB']} GiB of memory"]
    return ", ".join([*parts, f"Python {newest['python']}"])


def _remarks(results: Results) -> Iterable[str]:
    """What to know of rows that the newest run did not measure."""
    measured = [(row.measured, _named(row)) for row in results.rows]
    measured.append((results.watch["measured"], "the hand-ins during a watch"))
    older = {m["run"] for m, _ in measured} - {results.run}
    for run in sorted(older):
        of_it = [(m, name) for m, name in measured if m["run"] == run]
        seconds = [m[_IMPORT] for m, _ in of_it]
        low, high = f"{min(seconds):.1f}", f"{max(seconds):.1f}"
        between = low if low == high else f"{low} to {high}"
        names = ", ".join(name for _, name in of_it)
        yield (
            f"An earlier run, that of {run}, when TensorFlow's import took\n"
            f"{between} s, measured: {names}."
        )


def _named(row: Row) -> str:
    return f"the {row.kind} class of {row.size:,}"


def _table(rows: Sequence[Row]) -> str:
    lines = [_HEAD]
    for row in rows:
        sample = " + ".join(str(lesson.sample) for lesson in row.lessons)
        lines.append(
            f"| {row.size:,} | {row.distinct:,} | "
            f"{_time(row.stock)}{' (scaled)' if row.scaled else ''} | "
            f"{_both(row.stock, row.first, '.1f')} | {_both(row.stock, row.again)} | "
            f"{_memory(row.peak_stock)}, {_memory(row.peak_ours)} MiB | "
            f"{sample if row.scaled else 'all'} | "
            f"{row.measured['written'].removesuffix(' UTC')}; "
            f"{row.measured[_IMPORT]:.1f} s |"
        )
    return "\n".join(lines)


def _simulated(results: Results) -> Iterable[str]:
    for size, programs, stock, first, again in results.simulated:
        yield (
            f"| {size:,} (simulated) | {programs} | {_time(stock)} | "
            f"{_both(stock, first, '.1f')} | {_both(stock, again)} | | | |"
        )


def _memory(mib: float) -> str:
    """As the table has it; what ended before the first look has none."""
    return f"{mib:,.0f}" if mib else "-"


def _mixed(rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    lessons = [_LESSON_HEAD] + [
        f"| {row.size:,} | {lesson.name} | {lesson.distinct} | {_time(lesson.stock)} | "
        f"{_both(lesson.stock, lesson.first, '.1f')} | "
        f"{_both(lesson.stock, lesson.again)} |"
        for row in rows
        for lesson in row.lessons
    ]
    template = _MIXED.read_text("utf-8")
    return template.format(table=_table(rows), lessons="\n".join(lessons))


def _both(stock: float, ours: float | None, form: str = ".0f") -> str:
    """Two cells: our time, and how many times as long stock nbgrader took."""
    return " |" if ours is None else f"{_time(ours)} | {stock / ours:{form}}"


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


def _goals(results: Results) -> str:
    """Each goal and what was measured."""
    one, hundred = results.row("core", 1), results.row("core", 100)
    plain = results.row("plain", 40)
    assert hundred.again is not None
    bare = one.result["bare training"]["many batches a call, s"]
    more = one.result["one program more, s"] / bare
    rows = [
        ("40 different plain submissions", "12", plain.stock / plain.first),
        ("one submission in a command of its own", "4", one.stock / one.first),
        ("a class of 100, first grading", "25", hundred.stock / hundred.first),
        ("it after a changed test", "300", hundred.stock / hundred.again),
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


def _agree(results: Results) -> Iterable[str]:
    """Of scores that stock nbgrader is right about, how many are the same here."""
    for kind in KINDS:
        for row in results.of(kind):
            agree = sum(lesson.agree for lesson in row.lessons)
            right = sum(lesson.right for lesson in row.lessons)
            yield f"- {_named(row)}: {agree} of {right} agree"


def _time(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


if __name__ == "__main__":
    main()
