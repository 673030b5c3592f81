"""What went wrong in a notebook, cell by cell, and what hangs on what.

That is read from the cells' names, not from what errors say. A cell that was not done,
for it raised, was stopped or still has a gap, leaves names that lack what it was to
give them; a visible check that failed leaves names that are wrong. What fails further
down and takes such a name follows from the nearest of these.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nbformat.notebooknode import NotebookNode

from fairgrade.feedback.captions import with_headings
from fairgrade.feedback.causes import (
    STOPPED,
    Cause,
    Place,
    Said,
    of_check,
    of_error,
    of_gap,
    of_stop,
    of_unset,
)
from fairgrade.feedback.flow import Flow, flows_of
from fairgrade.feedback.sanitise import terminal_text
from fairgrade.lesson.checks import CheckFailed
from fairgrade.nbgrader_bridge.cells import is_test, is_visible_check

_BUILT_IN = frozenset(dir(builtins)) | {"display", "get_ipython"}
_EVERYTHING = "*"  # what `from module import *` stores


@dataclass
class Trouble:
    """A cell that was not done, or a visible check that failed.

    Attributes:
        parent: the number of the cell that it follows from; its own if from none.
        strict: it cannot but follow from that: what it takes was never there.
        reached: False where its turn did not come.
    """

    cause: Cause
    parent: int
    strict: bool = False
    reached: bool = True


class Walk:
    """A graded notebook from top to bottom.

    Args:
        nb: graded.
        course: what the source's cells do, by grade_id.
        notices: what the student was told of the run.

    Attributes:
        troubles: by the number of the cell.
        answers: grade_id of an answer -> its number.
        checks: grade_id of an answer -> number of the failed check that looks at it.
        before: number of a test cell with points -> the nearest trouble that its losses
            may follow from, 0 for none.
    """

    def __init__(
        self, nb: NotebookNode, course: Mapping[str, Flow], notices: Sequence[str]
    ) -> None:
        self.troubles: dict[int, Trouble] = {}
        self.answers: dict[str, int] = {}
        self.checks: dict[str, int] = {}
        self.before: dict[int, int] = {}
        self._notices = notices
        #: name -> the last trouble that left it without its value, or with a wrong one
        self._lacking: dict[str, int] = {}
        self._wrong: dict[str, int] = {}
        self._there: set[str] = set()
        self._modules: set[str] = set()
        #: answers since the last visible check, and what each was to make
        self._since: dict[str, frozenset[str]] = {}
        self._ended = 0  # the cell after which others had no turn
        for (number, heading, cell), flow in zip(
            with_headings(nb.cells), flows_of(nb.cells), strict=True
        ):
            if cell.cell_type == "code":
                place = Place(nb, number, heading, cell)
                self._step(place, flow, course.get(place.name))

    def _step(self, place: Place, flow: Flow | None, known: Flow | None) -> None:
        """Take one more cell.

        Args:
            flow: what it does; None where that cannot be read.
            known: what the course's own cell of this name does.
        """
        cell = place.cell
        if is_test(cell):
            takes = _takes(flow) | _takes(known)
            self.before[place.number] = _left(takes, self._lacking, self._wrong)
            return
        visible = is_visible_check(cell)
        answer = not visible and not place.given
        if answer and place.name:
            self.answers[place.name] = place.number
        said = _said(cell)
        raised_check = place.given and said and said.name == CheckFailed.__name__
        if said and (visible or raised_check):
            self._failed(place, flow or known or Flow(), said)
        elif said or not _had_turn(cell, flow) or (answer and flow and flow.gap):
            self._not_done(place, flow, known, said)
        else:
            self._done(flow or known)
            if answer and flow and known:
                self._set_less(place, flow, known)
        if visible:
            self._since = {}
        elif answer:
            key = place.name or str(place.number)
            self._since[key] = self._makes(flow) | self._makes(known)

    def _done(self, flow: Flow | None) -> None:
        """Hand on what a cell took: what is made of a wrong value is wrong, too."""
        for step in flow.steps if flow else ():
            for names in (self._lacking, self._wrong):
                found = _left(step.takes, names)
                for name in step.sets:
                    names[name] = found
                for name in step.changes - self._modules:
                    names[name] = max(found, names.get(name, 0))
            self._there |= step.sets
            self._modules -= step.sets
            self._modules |= step.modules

    def _set_less(self, place: Place, flow: Flow, known: Flow) -> None:
        """An answer that ran: what the course's own sets may have another name here.

        Only if something needs that name has this any weight.
        """
        names = known.sets - known.modules - self._there
        if names and _EVERYTHING not in self._there:
            trouble = Trouble(of_unset(place, names), place.number)
            self.troubles[place.number] = trouble
            for name in names:
                self._lacking[name] = place.number

    def _not_done(
        self, place: Place, flow: Flow | None, known: Flow | None, said: Said | None
    ) -> None:
        """A cell that raised, was stopped, had no turn, or has a gap."""
        number, answer = place.number, not place.given
        if flow and flow.gap and answer:
            trouble = Trouble(of_gap(place, said), number)
        elif said is None or said.name == STOPPED:
            parent = number if said else self._ended or number
            cause = of_stop(place, said, self._notices)
            trouble = Trouble(cause, parent, parent != number, said is not None)
            if said or not self._ended:
                self._ended = number
        else:
            parent, strict = self._parent(number, flow, said)
            trouble = Trouble(of_error(place, said), parent, strict)
        self.troubles[number] = trouble
        wanted = self._makes(known) if answer or flow is None else frozenset()
        for name in self._makes(flow) | wanted:
            self._lacking[name] = number

    def _parent(self, number: int, flow: Flow | None, said: Said) -> tuple[int, bool]:
        """Which cell one that raised follows from, and whether it cannot but."""
        if flow is None:  # it is no Python
            return number, False
        missing = flow.takes - self._there - _BUILT_IN
        if (
            said.name == NameError.__name__
            and missing
            and _EVERYTHING not in self._there
        ):
            if all(self._lacking.get(name) for name in missing):
                return _left(missing, self._lacking), True
            return number, False
        return _left(flow.takes, self._lacking, self._wrong) or number, False

    def _failed(self, place: Place, flow: Flow, said: Said) -> None:
        """A visible check that does not pass: what it looks at is wrong."""
        number, takes = place.number, flow.takes - self._modules - _BUILT_IN
        self.checks |= dict.fromkeys(self._since, number)
        own = takes & frozenset[str]().union(*self._since.values())
        found = _left(takes, self._lacking)
        if not own:  # it looks at nothing new
            found = found or _left(takes, self._wrong)
        self.troubles[number] = Trouble(of_check(place, said), found or number)
        for name in own or takes:
            self._wrong[name] = number

    def _makes(self, flow: Flow | None) -> frozenset[str]:
        """Names that have another value after a cell; a module has not."""
        if flow is None:
            return frozenset()
        return flow.sets | (flow.changes - self._modules)


def _left(names: Iterable[str], *marked: Mapping[str, int]) -> int:
    """The nearest trouble that left a mark on some names; 0 for none."""
    found = (marks.get(name, 0) for marks in marked for name in names)
    return max(found, default=0)


def _takes(flow: Flow | None) -> frozenset[str]:
    return flow.takes if flow else frozenset()


def _said(cell: NotebookNode) -> Said | None:
    for output in cell.get("outputs", []):
        if isinstance(output, Mapping) and output.get("output_type") == "error":
            name = terminal_text(output.get("ename", "Error"), 80)
            return Said(name, terminal_text(output.get("evalue", ""), 600))
    return None


def _had_turn(cell: NotebookNode, flow: Flow | None) -> bool:
    """Whether a cell was run; one that does nothing need not be."""
    nothing = (flow is not None and not flow.steps) or not cell.source.strip()
    return (
        nothing or bool(cell.get("outputs")) or cell.get("execution_count") is not None
    )
