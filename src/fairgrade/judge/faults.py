"""Whose doing it is that a test cell did not come to its end: the student's or not."""

from __future__ import annotations

import math
import re
import sys
import traceback
from collections.abc import Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fairgrade.errors import NotMeasured
from fairgrade.judge.examinee import CELL, students_fault
from fairgrade.judge.explanations import Explainer
from fairgrade.judge.far import Far
from fairgrade.judge.handoff import Handoff
from fairgrade.judge.scores import TestFault, plain, record
from fairgrade.lesson.checks import (
    Check,
    CheckFailed,
    Grading,
    State,
    could_not,
    unmeasured,
)
from fairgrade.lesson.told import Told, told_by
from fairgrade.protocol.texts import one_line

#: What a value raises that lacks a method or an item.
_OF_ABILITIES = (AttributeError, TypeError, LookupError)


@dataclass(frozen=True)
class Circumstances:
    """In which a test cell met an error.

    Attributes:
        points: of the cell.
        handoff: the student's exports.
        used: names that stand in the cell.
        root: the course's folder.
        far: the student's kernel, where the test asks it.
        explainer: knows what the test looked at.
    """

    points: float
    handoff: Handoff
    used: Set[str]
    root: Path
    far: Far | None
    explainer: Explainer

    def record_of(self, err: BaseException) -> dict[str, Any]:
        """The record of the cell: whose doing is it?"""
        missing = self._missing_name(err)
        reason = _unmeasured(err)
        if not reason and self.far is not None:
            theirs = self.far.text_of(err) is not None
            reason = self.far.files.why_missing(err, theirs=theirs)
            reason = reason or self._why_contested(err)
        reason = reason or self.handoff.refusals.get(missing, "").rstrip(".")
        if reason := reason or self._of_plainer(err):
            checks = made_before(err, self.points, reason)
            earned = math.fsum(check.earned for check in checks)
            return record(earned, checks, could_not(reason), State.UNMEASURED)
        if missing:
            check = _not_defined(missing, self.points)
            return record(0.0, [check], check.name)
        called = self.far is not None and self.far.text_of(err) is not None
        if _is_check(err) and not called:
            own = self._is_for_students(err)
            told = self.explainer.of(err, wanted="" if own else _said(err))
            check = _failed(str(err) if own else "", self.points, told.brief)
            check = replace(check, found=check.found or falsified(err))
            message = (str(err) if own else "") or check.name
            return record(0.0, [check], message) | {"explained": told.full}
        if self.far and (failed := students_fault(err, self.far, self.points)):
            told = self.explainer.of(err)
            failed = replace(failed, found=falsified(err))
            return record(0.0, [failed], failed.name) | {"explained": told.full}
        told = self.explainer.of(err, wanted="a value that the test can use")
        explained = told.full if told.what else {}
        return self._of_test(err) | {"explained": explained}

    def _why_contested(self, err: BaseException) -> str:
        """Why a check may have failed by a name that both sides have bound; or ""."""
        assert self.far is not None
        own = isinstance(err, Exception) and self.far.text_of(err) is None
        return self.far.names_in_step.why_contested() if own else ""

    def _of_test(self, err: BaseException) -> dict[str, Any]:
        """The record where the test is at fault, as far as can be seen here."""
        if isinstance(err, TestFault):
            return record(0.0, [], str(err), State.AT_FAULT)
        checks = []
        if self.far is not None and isinstance(err, NameError) and err.name:
            checks = [_not_defined(err.name, self.points)]
        kind = type(err).__name__
        text = f"{kind}: {err} ({self._place(err)})"
        raised = kind if isinstance(err, Exception) else ""
        return record(0.0, checks, text, State.AT_FAULT, raised=raised)

    def _missing_name(self, err: BaseException) -> str:
        """The name that the cell asks for and that was not handed over; else ""."""
        if type(err) is not NameError or err.name not in self.handoff.declared:
            return ""
        frames = traceback.extract_tb(err.__traceback__)
        if frames[-1].filename != CELL:  # a slip in the instructor's own module
            return ""
        return err.name

    def _of_plainer(self, err: BaseException) -> str:
        """Why it may come of what was lost on the way; "" where nothing was."""
        if not isinstance(err, _OF_ABILITIES):
            return ""
        for name in sorted(self.used & self.handoff.plainer.keys()):
            kind = self.handoff.plainer[name]
            return (
                f"{name} is a {kind}, of which only the plain data can be handed over"
            )
        return ""

    def _is_for_students(self, err: BaseException) -> bool:
        """Whether an instructor wrote its message: a check's, or an assertion's own.

        What a library asserts, as np.testing does, tells the values that it expected.
        """
        if isinstance(err, CheckFailed):
            return True
        frames = traceback.extract_tb(err.__traceback__)
        return bool(frames) and self._is_own(frames[-1].filename)

    def _is_own(self, file: str) -> bool:
        """Whether code is the course's: the test cell, or a file in its folder."""
        path = Path(file)
        installed = "site-packages" in path.parts or path.is_relative_to(sys.prefix)
        return file == CELL or (path.is_relative_to(self.root) and not installed)

    def _place(self, err: BaseException) -> str:
        """Where the instructor should look: the innermost line that is the course's."""
        if isinstance(err, SyntaxError) and err.filename == CELL:
            return f"line {err.lineno} of the test cell"
        for frame in reversed(traceback.extract_tb(err.__traceback__)):
            if frame.filename == CELL:
                return f"line {frame.lineno} of the test cell"
            if self._is_own(frame.filename):
                path = Path(frame.filename).relative_to(self.root)
                return f"line {frame.lineno} of {path}"
        return "before the test cell's first line"


def made_before(err: BaseException, points: float, reason: str) -> list[Check]:
    """The checks of the cell's `Grading` that were made before it was left, if any."""
    for frame, _ in traceback.walk_tb(err.__traceback__):
        here = frame.f_locals  # a Namespace finds more than it has
        values = dict.values(here) if isinstance(here, dict) else here.values()
        for value in tuple(values):
            known = issubclass(type(value), Grading)  # a mirror may not be looked at
            made = value.score().checks if known else ()
            left = points - math.fsum(check.points for check in made)
            if made and left >= 0:
                return [*made, unmeasured("The checks after these", left, reason)]
    return []


def falsified(err: BaseException) -> str:
    """The smallest input that Hypothesis found to fail, or ""."""
    for note in getattr(err, "__notes__", ()):
        first, _, rest = str(note).partition(":")
        if first in ("Falsifying example", "Failing test case"):  # older, newer
            call = " ".join(rest.split()).replace("( ", "(")
            return one_line(re.sub(r",? \)$", ")", call), 300)
    return ""


def _unmeasured(err: BaseException | None) -> str:
    """Why something could not be measured, if an error comes of that; else ""."""
    seen: list[BaseException] = []
    while err is not None and not any(err is each for each in seen):
        if isinstance(err, NotMeasured):
            return err.reason or "no reason was given"
        seen.append(err)
        err = err.__cause__ or err.__context__
    return ""


def _is_check(err: BaseException) -> bool:
    """Whether it says that a check failed: an assertion, or `pytest.fail`."""
    kind = type(err)
    of_pytest = kind.__module__ in ("_pytest.outcomes", "builtins")
    return isinstance(err, AssertionError) or of_pytest and kind.__name__ == "Failed"


def _said(err: BaseException) -> str:
    """What a library says of its assertion, in one line."""
    text = err.args[0] if err.args else ""
    return one_line(" ".join(text[:2000].split()), 400) if type(text) is str else ""


def _failed(message: str, points: float, brief: str) -> Check:
    """A failed assertion as a check; CheckFailed has expected, found and hint."""
    said = told_by(message) or Told(message.strip().partition("\n")[0], expected="")
    name = said.what.strip() or brief or "A check failed"
    return plain(Check(name, points, 0.0, said.expected, said.found, said.hint))


def _not_defined(name: str, points: float) -> Check:
    return Check(f"{name} is not defined in your notebook", points, 0.0)
