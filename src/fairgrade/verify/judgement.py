"""Whether an assignment's tests did with a variant what they should."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from nbformat.notebooknode import NotebookNode

from fairgrade.nbgrader_bridge.cells import is_gap, is_test, is_visible_check, name_of
from fairgrade.verify.outcome import Outcome
from fairgrade.verify.variants import Variant


class Status(StrEnum):
    """What became of a variant."""

    RIGHT = "right"  # solution or equivalent: lost nothing; blank: got nothing
    KILLED = "killed"
    ACCEPTED = "accepted"
    SURVIVED = "survived"
    OTHER_POINTS = "other points"
    FALSE_ALARM = "false alarm"
    POINTS_FOR_NOTHING = "points for nothing"
    TEST_FAULT = "test at fault"
    UNMEASURED = "not measured"


GOOD = frozenset({Status.RIGHT, Status.KILLED, Status.ACCEPTED})


_RIGHT = ("solution", "equivalent")
_BLANK = "gap left blank"


@dataclass(frozen=True)
class Judgement:
    """One variant's outcome, and what it says of the tests.

    Attributes:
        reasons: what is wrong, in whole sentences; empty where the status is good.
        told: a check or test that the student can run stopped: the student is told.
    """

    variant: Variant
    outcome: Outcome
    status: Status
    reasons: tuple[str, ...] = ()
    told: bool = False

    @property
    def good(self) -> bool:
        return self.status in GOOD


@dataclass(frozen=True)
class Layout:
    """Where gaps, visible checks and tests stand in a notebook.

    Attributes:
        shown: tests that students get as they are, so that they see what stops.
    """

    order: tuple[str, ...]
    gaps: frozenset[str]
    visible: frozenset[str]
    hidden: frozenset[str]
    shown: frozenset[str] = frozenset()

    @classmethod
    def of(cls, notebook: NotebookNode, released: NotebookNode) -> Layout:
        """Those of a source notebook, of which students get `released`."""
        given = {name_of(cell): cell.source for cell in released.cells}
        names = [name_of(cell) for cell in notebook.cells]

        def named(fits: Callable[[NotebookNode], bool]) -> frozenset[str]:
            pairs = zip(names, notebook.cells, strict=True)
            return frozenset(name for name, cell in pairs if fits(cell))

        return cls(
            tuple(names),
            named(is_gap),
            named(is_visible_check),
            named(is_test),
            named(lambda c: is_test(c) and given.get(name_of(c)) == c.source),
        )

    def before(self, cell: str) -> frozenset[str]:
        """All cells above one."""
        return frozenset(self.order[: self.order.index(cell)])

    def own_checks(self, gap: str) -> list[str]:
        """The visible checks between a gap and the next."""
        return [name for name in self._until_next(gap) if name in self.visible]

    def shows(self, gap: str, outcome: Outcome) -> bool:
        """Whether a shown test between a gap and the next takes points."""
        lost = self.shown & set(outcome.lost)
        return any(name in lost for name in self._until_next(gap))

    def _until_next(self, gap: str) -> tuple[str, ...]:
        after = self.order[self.order.index(gap) + 1 :]
        end = next((i for i, name in enumerate(after) if name in self.gaps), len(after))
        return after[:end]


def judge_variant(variant: Variant, outcome: Outcome, layout: Layout) -> Judgement:
    """Compare what came of a variant with what should."""
    stopped = {*outcome.errors, *(layout.shown & set(outcome.lost))}
    told = bool(stopped & (layout.visible | layout.shown))
    if outcome.faults:
        faults = tuple(f"{name}: {text}." for name, text in outcome.faults.items())
        return Judgement(variant, outcome, Status.TEST_FAULT, faults, told)
    open_is_right = variant.kind == "hostile" or outcome.lost  # no points for it, yet
    if outcome.unmeasured and (variant.kind in _RIGHT or not open_is_right):
        if variant.accepted:
            return Judgement(variant, outcome, Status.ACCEPTED, told=told)
        left_open = tuple(f"{n} {text}." for n, text in outcome.unmeasured.items())
        return Judgement(variant, outcome, Status.UNMEASURED, left_open, told)
    if variant.kind in _RIGHT:
        status, reasons = _of_right(outcome, layout)
    elif variant.kind == "hostile":
        status, reasons = _of_hostile(variant, outcome)
    elif variant.kind == "blank":
        status, reasons = _of_blank(outcome, layout)
    else:
        status, reasons = _of_mistake(variant, outcome, layout)
    return Judgement(variant, outcome, status, tuple(reasons), told)


def _of_right(outcome: Outcome, layout: Layout) -> tuple[Status, list[str]]:
    reasons = [
        f"{name} takes {points:g} points: {_why(outcome, name)}."
        for name, points in outcome.lost.items()
    ]
    reasons += [
        f"The visible check {name} stops: {text}."
        for name, text in outcome.errors.items()
        if name in layout.visible
    ]
    reasons += [f"The visible check {name} writes to stderr." for name in outcome.noisy]
    return (Status.FALSE_ALARM if reasons else Status.RIGHT), reasons


def _of_blank(outcome: Outcome, layout: Layout) -> tuple[Status, list[str]]:
    reasons = [
        f"{name} gives {points:g} points for nothing."
        for name, points in outcome.earned.items()
        if points > 0
    ]
    for name in layout.order:
        silent = name not in outcome.errors and not layout.shows(name, outcome)
        if name in layout.gaps and silent:
            reasons.append(f"{name}, left blank, runs without a word.")
        if name in layout.visible and name not in outcome.errors:
            reasons.append(f"The visible check {name} passes on the blank.")
    return (Status.POINTS_FOR_NOTHING if reasons else Status.RIGHT), reasons


def _of_hostile(variant: Variant, outcome: Outcome) -> tuple[Status, list[str]]:
    reasons = []
    for name, earned in outcome.earned.items():
        full = earned >= outcome.points[name] - 1e-9
        if (name in variant.nothing and earned > 0) or (name in variant.less and full):
            reasons.append(
                f"{name} gives {earned:g} points for it. "
                "Compare what comes of a call with what is right."
            )
    if not reasons:
        return Status.KILLED, []
    if variant.accepted:
        return Status.ACCEPTED, []
    return Status.POINTS_FOR_NOTHING, reasons


def _of_mistake(
    variant: Variant, outcome: Outcome, layout: Layout
) -> tuple[Status, list[str]]:
    lost = outcome.lost
    if variant.loses is not None:
        return _of_declared(variant.loses, lost)
    if not lost:
        if variant.accepted:
            return Status.ACCEPTED, []
        return Status.SURVIVED, ["It loses no point."]
    above = sorted(set(lost) & layout.before(variant.cell))
    if above:
        return Status.OTHER_POINTS, [
            f"It also loses points in {', '.join(above)}, above the gap."
        ]
    if variant.kind == "gap left blank" and (
        reasons := _untold(variant, outcome, layout)
    ):
        return Status.SURVIVED, reasons
    return Status.KILLED, []


def _untold(variant: Variant, outcome: Outcome, layout: Layout) -> list[str]:
    """Where a student who left one gap blank is not told so."""
    found, cell = [], variant.cell
    said = "NotImplemented" in outcome.errors.get(cell, "")  # todo(), nbgrader's stub
    if not said and not layout.shows(cell, outcome):
        found.append(f"{cell}, left blank, does not say that it is not filled in.")
    checks = layout.own_checks(cell)
    if checks and not any(name in outcome.errors for name in checks):
        found.append(f"The visible check {checks[0]} passes.")
    return found


def _of_declared(
    loses: float | tuple[str, ...], lost: dict[str, float]
) -> tuple[Status, list[str]]:
    found = ", ".join(f"{p:g} in {name}" for name, p in lost.items()) or "nothing"
    if isinstance(loses, tuple):
        fits, wanted = set(loses) == set(lost), ", ".join(loses)
    else:
        fits, wanted = abs(sum(lost.values()) - loses) < 1e-6, f"{loses:g}"
    if fits:
        return Status.KILLED, []
    status = Status.OTHER_POINTS if lost else Status.SURVIVED
    return status, [f"It should lose {wanted}; it loses {found}."]


def _why(outcome: Outcome, cell: str) -> str:
    found = [
        f"{name} found {text}"
        for test, name, points, earned, text in outcome.checks
        if test == cell and earned < points
    ]
    return ", ".join(found) or "no check says why"
