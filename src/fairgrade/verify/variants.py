"""What is tried: the solution, the blank, mistakes and other right spellings."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Literal

from nbformat.notebooknode import NotebookNode

from fairgrade.course.course import FILE_NAME, Assignment
from fairgrade.course.declared import Accepted, Equivalent, Mutant
from fairgrade.errors import CourseError
from fairgrade.nbgrader_bridge.blanks import solution_only
from fairgrade.nbgrader_bridge.cells import name_of
from fairgrade.verify.equivalents import spellings
from fairgrade.verify.gaps import Gap, find_gaps
from fairgrade.verify.hostile import HOSTILE, hostilities
from fairgrade.verify.known_names import known_names
from fairgrade.verify.mutate import mistakes

Kind = Literal["solution", "blank", "gap left blank", "mutant", "equivalent", "hostile"]


@dataclass(frozen=True)
class Variant:
    """One way of filling in the notebook.

    Attributes:
        name: what it is, in words.
        cells: grade_id -> code, where it differs from the solution.
        cell: the one answer cell it is about, or "".
        operator: the kind of mistake, or "" where an instructor declared it.
        seed: added to the assignment's seed.
        diff: the change, a line each, with - and + in front.
        loses: what it must lose, where declared.
        accepted: why it may survive, or "".
        nothing: the tests that must give no point for something hostile.
        less: the tests that must not give all their points for it.
    """

    kind: Kind
    name: str
    cells: Mapping[str, str] = field(default_factory=dict)
    cell: str = ""
    operator: str = ""
    seed: int = 0
    diff: tuple[str, ...] = ()
    loses: float | tuple[str, ...] | None = None
    accepted: str = ""
    nothing: frozenset[str] = frozenset()
    less: frozenset[str] = frozenset()


def all_variants(
    assignment: Assignment,
    source: NotebookNode,
    released: NotebookNode,
    *,
    seeds: int,
    quick: bool = False,
    asked: Mapping[str, Set[str]] | None = None,
) -> list[Variant]:
    """Everything to try with an assignment, in order.

    Args:
        seeds: how many seeds the solution is tried with.
        quick: of automatic mutants and hostile answers, only the first of each gap.
        asked: test cell -> the names that it asks a kernel for.

    Raises:
        CourseError: a declared change does not fit the solution.
    """
    gaps = find_gaps(source)
    blanks = _blanks(gaps, released)
    found = [
        Variant("solution", f"seed {assignment.seed + n}", seed=n) for n in range(seeds)
    ]
    found.append(Variant("blank", "nothing filled in", blanks))
    for gap in gaps:
        cells = {gap.grade_id: blanks[gap.grade_id]}
        name = f"{gap.grade_id} left blank"
        found.append(Variant("gap left blank", name, cells, gap.grade_id))
    found += [_declared(assignment, gaps, mutant) for mutant in assignment.mutants]
    found += [_declared(assignment, gaps, other) for other in assignment.equivalents]
    found += _spellings(source, gaps)
    known = {_program(variant) for variant in found}
    automatic = _automatic(assignment, source, gaps, quick)
    found += [variant for variant in automatic if _program(variant) not in known]
    found += _hostile(assignment, gaps, asked or {}, quick)
    _check_accepted(assignment, gaps)
    return found


def _blanks(gaps: list[Gap], released: NotebookNode) -> dict[str, str]:
    names = {gap.grade_id for gap in gaps}
    return {
        name_of(cell): cell.source for cell in released.cells if name_of(cell) in names
    }


def _automatic(
    assignment: Assignment, source: NotebookNode, gaps: list[Gap], quick: bool
) -> list[Variant]:
    names = known_names(_solutions(source), gaps).defined
    found = []
    for gap in gaps:
        for change in mistakes(gap, names)[: 1 if quick else None]:
            found.append(
                Variant(
                    "mutant",
                    change.what,
                    {gap.grade_id: change.code},
                    gap.grade_id,
                    change.operator,
                    diff=difference(gap.code, change.code),
                    accepted=_reason(
                        assignment.accepted, gap.grade_id, change.operator, change.what
                    ),
                )
            )
    return found


def _hostile(
    assignment: Assignment,
    gaps: list[Gap],
    asked: Mapping[str, Set[str]],
    quick: bool,
) -> list[Variant]:
    found: dict[str, list[Variant]] = {}
    for each in hostilities(gaps, asked):
        cell, what = each.gap.grade_id, each.what
        named = [a for a in assignment.accepted if HOSTILE in a.operators]
        variant = Variant(
            "hostile",
            what,
            {cell: each.code},
            cell,
            HOSTILE,
            diff=tuple(f"+{line}" for line in each.lines),
            accepted=_reason(named, cell, HOSTILE, what),
            nothing=each.nothing,
            less=each.less,
        )
        found.setdefault(cell, []).append(variant)
    return [v for own in found.values() for v in own[: 1 if quick else None]]


def _spellings(source: NotebookNode, gaps: list[Gap]) -> list[Variant]:
    code = {gap.grade_id: gap.code for gap in gaps}
    names = known_names(_solutions(source), gaps)
    return [
        Variant(
            "equivalent",
            name,
            cells,
            diff=tuple(
                line
                for grade_id, changed in cells.items()
                for line in difference(code[grade_id], changed)
            ),
        )
        for name, cells in spellings(gaps, names).items()
    ]


def _program(variant: Variant) -> tuple[str, str]:
    """What tells a mistake from others: one that is declared is not made again."""
    code = variant.cells.get(variant.cell, "")
    try:
        return variant.cell, ast.dump(ast.parse(code))
    except SyntaxError:
        return variant.cell, code


def _declared(
    assignment: Assignment, gaps: list[Gap], change: Mutant | Equivalent
) -> Variant:
    gap = next((gap for gap in gaps if gap.grade_id == change.cell), None)
    where = f"{FILE_NAME}: {assignment.name}: '{change.name}'"
    if gap is None:
        raise CourseError(
            f"{where} is about the cell '{change.cell}', but the answer cells are "
            f"{', '.join(gap.grade_id for gap in gaps)}.",
            cell=change.cell,
        )
    if change.before not in gap.code:
        raise CourseError(
            f"{where}: the solution of '{change.cell}' has no text "
            f"'{change.before}'. Copy it from the notebook, without markers.",
            cell=change.cell,
        )
    code = gap.code.replace(change.before, change.after, 1)
    loses = change.loses if isinstance(change, Mutant) else None
    return Variant(
        "mutant" if isinstance(change, Mutant) else "equivalent",
        change.name,
        {gap.grade_id: code},
        gap.grade_id,
        diff=difference(gap.code, code),
        loses=loses,
    )


def _reason(listed: Sequence[Accepted], cell: str, operator: str, what: str) -> str:
    fits = (a for a in listed if accepts(a, cell, operator, what))
    return next((accepted.reason for accepted in fits), "")


def accepts(accepted: Accepted, cell: str, operator: str, what: str) -> bool:
    """Whether a change is one that an instructor accepts."""
    return (
        accepted.cell == cell
        and (not accepted.operators or operator in accepted.operators)
        and accepted.change in what
    )


def _check_accepted(assignment: Assignment, gaps: list[Gap]) -> None:
    names = [gap.grade_id for gap in gaps]
    for accepted in assignment.accepted:
        if accepted.cell not in names:
            raise CourseError(
                f"{FILE_NAME}: {assignment.name}: accepted: there is no answer cell "
                f"'{accepted.cell}'; there are {', '.join(names)}.",
                assignment=assignment.name,
            )


def _solutions(source: NotebookNode) -> list[str]:
    return [solution_only(c.source) for c in source.cells if c.cell_type == "code"]


def difference(before: str, after: str) -> tuple[str, ...]:
    """The lines that differ, with - and + in front."""
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), lineterm="", n=0
    )
    return tuple(line for line in lines if not line.startswith(("---", "+++", "@@")))
