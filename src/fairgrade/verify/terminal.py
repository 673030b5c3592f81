"""A verification as tables in the terminal."""

from __future__ import annotations

from collections import defaultdict

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from fairgrade.verify.judgement import Judgement, Status
from fairgrade.verify.threshold import Spread
from fairgrade.verify.verification import Verification, test_rows

_MOST_LINES = 12


def show(result: Verification, console: Console) -> None:
    """Print what was found; what is to mend comes last, where it is seen."""
    for table in (_mutants(result), _tests(result)):
        if table.row_count:
            console.print(table)
    if result.spread:
        console.print(f"Threshold: {threshold_text(result.spread)}")
    silent = sum(not j.told for j in result.mutants if j.status is Status.KILLED)
    if silent:
        console.print(
            f"{silent} of the killed mutants pass all visible checks: the student "
            "learns of them only by the grade."
        )
    for problem in result.problems:
        mark = "[bold red]lint[/]" if problem.serious else "note"
        console.print(
            f"{mark} {escape(f'{problem.cell}: {problem.text}'.lstrip(': '))}"
        )
    for judgement in result.judgements:
        if not judgement.good:
            _show_one(judgement, console)
    console.print(f"{result.summary()}; {result.seconds:.0f} s.")


def threshold_text(spread: Spread) -> str:
    """The threshold against the seeds' accuracies, in one sentence."""
    low, high = min(spread.accuracies), max(spread.accuracies)
    text = (
        f"{spread.threshold:.1%}; the solution reaches {low:.1%} to {high:.1%} "
        f"at {len(spread.accuracies)} seeds"
    )
    if spread.chance is None:
        return f"{text}: no spread to estimate a chance from. Try more seeds."
    return (
        f"{text} (mean {spread.mean:.2%}, standard deviation {spread.deviation:.2%}). "
        "Estimated chance that a right solution fails it: "
        f"{chance_text(spread.chance)}."
    )


def chance_text(chance: float) -> str:
    """A small probability as people read it."""
    if chance >= 0.001:
        return f"{chance:.1%}"
    return f"1 in {1 / chance:,.0f}" if chance > 1e-9 else "less than 1 in a billion"


def _mutants(result: Verification) -> Table:
    table = Table(
        "gap", "mutants", "killed", "survived", "other", "processor s", title="Mutants"
    )
    cells: dict[str, list[Judgement]] = defaultdict(list)
    for judgement in result.mutants:
        cells[judgement.variant.cell].append(judgement)
    for cell, found in cells.items():
        counts = [sum(j.status is s for j in found) for s in Status]
        by = dict(zip(Status, counts, strict=True))
        bad = len(found) - by[Status.KILLED] - by[Status.SURVIVED] - by[Status.ACCEPTED]
        survived = str(by[Status.SURVIVED])
        if by[Status.ACCEPTED]:
            survived += f" (and {by[Status.ACCEPTED]} accepted)"
        seconds = sum(j.outcome.seconds for j in found)
        table.add_row(
            cell,
            str(len(found)),
            str(by[Status.KILLED]),
            f"[bold red]{survived}[/]" if by[Status.SURVIVED] else survived,
            f"[bold red]{bad}[/]" if bad else "0",
            f"{seconds:.0f}",
        )
    return table


def _tests(result: Verification) -> Table:
    table = Table("test cell", "points", "mutants it catches", "alone", title="Tests")
    for row in test_rows(result):
        table.add_row(row.name, f"{row.points:g}", str(row.catches), str(row.alone))
    return table


def _show_one(judgement: Judgement, console: Console) -> None:
    variant = judgement.variant
    where = f" in {variant.cell}" if variant.cell else ""
    console.print(
        f"[bold red]{judgement.status}[/] {variant.kind}{where}: {escape(variant.name)}"
    )
    for line in variant.diff[:_MOST_LINES]:
        console.print(f"    {escape(line)}", style="dim")
    for reason in judgement.reasons:
        console.print(f"    {escape(reason)}")
