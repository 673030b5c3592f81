"""What came of the hostile suite, in words: docs/hostile.md."""

from __future__ import annotations

from collections.abc import Sequence

from hostile_class import Case, Result


def summary(
    cases: Sequence[Case], stock: dict[str, Result], ours: dict[str, Result]
) -> list[str]:
    """The sums of both, as a table."""
    rows = {
        "undeserved points given": lambda r, c: max((r.points or 0) - c.deserved, 0),
        "deserved points not given, classmates' included": lambda r, c: (
            max(c.deserved - (r.points or 0), 0) + r.lost
        ),
        "submissions below what they deserve, and nobody told": lambda r, c: (
            (r.points or 0) < c.deserved and not r.told
        ),
        "classes stopped": lambda r, c: r.stopped,
        "hidden tests read": lambda r, c: r.seen,
        "files or gradebook changed": lambda r, c: bool(r.changed),
    }
    lines = [
        f"| {len(cases)} submissions | stock nbgrader | fairgrade |",
        "|---|---|---|",
    ]
    for what, value in rows.items():
        sums = [sum(value(r[c.id], c) for c in cases) for r in (stock, ours)]
        lines.append(f"| {what} | {sums[0]:g} | {sums[1]:g} |")
    return lines


def table(
    cases: Sequence[Case], stock: dict[str, Result], ours: dict[str, Result]
) -> list[str]:
    """A row for each case."""
    lines = ["| class | submission | deserves | stock nbgrader | fairgrade |"]
    lines.append("|---|---|---|---|---|")
    for case in cases:
        shown = [_shown(case, result[case.id]) for result in (stock, ours)]
        lines.append(
            f"| {case.of or '-'} | {case.what} | {case.deserved:g} | {shown[0]} | "
            f"{shown[1]} |"
        )
    return lines


def _shown(case: Case, result: Result) -> str:
    points = "no grade" if result.points is None else f"{result.points:g}"
    wrong = (result.points or 0) != case.deserved
    notes = ["class stopped"] * result.stopped
    notes += ["hidden tests read"] * result.seen
    notes += [f"{result.changed} changed"] * bool(result.changed)
    points = f"**{points}**" if wrong else points
    return ", ".join([points, *notes])


def page(lines: Sequence[str], rows: Sequence[str]) -> str:
    return f"""# The hostile suite, in stock nbgrader and in fairgrade

`tests/hostile/` holds submissions that are broken, or that want points for nothing.
`benchmarks/hostile.py` hands them in to a small course and grades it twice: with
`nbgrader autograde` (its own settings, a limit of 3 s a cell, the hidden tests in the
kernel as nbgrader puts them there) and with `fairgrade autograde`. It writes this page,
the whole of it from one run.

{chr(10).join(lines)}

"Deserves" is what a person would give for the answers alone, without running them.
Where the kernel dies or a limit is reached, what comes after it counts for nothing in
fairgrade, and a notebook that it refuses waits for a person: less than deserved too,
and bold like all points that differ. "No grade" is a submission left to a person.

Stock nbgrader ran in a sandbox without a network, so that nothing here says what it
would have let through to one. A case that ends or spoils the run of a whole class got
a class of its own in stock nbgrader, with an honest student before and after it; what
these lost counts as well. In fairgrade all were in one class.

The letters name the classes of failure that a case stands for: B for broken, S for
what asks much of its reader, H for honest work in another form, D for dishonest.

{chr(10).join(rows)}
"""
