"""The judge process: reads submissions on stdin, answers with verdicts on stdout.

Started by `judge.client` as `python -P -m fairgrade.judge.process ROOT SOURCE`.
It runs the instructor's code and nothing else. Each cell gets new values and names, so
no cell can change what the next one sees.
"""

from __future__ import annotations

import ast
import contextlib
import faulthandler
import gc
import importlib
import json
import math
import os
import random
import re
import sys
import traceback
from collections.abc import Mapping
from dataclasses import asdict, replace
from numbers import Real
from pathlib import Path
from typing import IO, Any

import numpy as np

from fairgrade.errors import Handled, NotMeasured
from fairgrade.judge.examination import Examination
from fairgrade.judge.examinee import CELL as _CELL
from fairgrade.judge.examinee import Examinee, run_cell, students_fault
from fairgrade.judge.far import Far
from fairgrade.judge.handoff import Handoff, Known, read_handoff
from fairgrade.kinds.registry import warm_up
from fairgrade.lesson.checks import (
    Check,
    CheckFailed,
    Grading,
    Score,
    State,
    could_not,
    unmeasured,
)
from fairgrade.plan.scopes import python_of
from fairgrade.protocol.allowance import MOST_TIMES
from fairgrade.protocol.texts import one_line

_TOLERANCE = 1e-6
_MAX_TEXT = 2000
#: What a value raises that lacks a method or an item.
_OF_ABILITIES = (AttributeError, TypeError, LookupError)
#: The parent ends this process at a cell's limit; this is for when it is gone.
_GRACE_SECONDS = 30.0


class TestFault(Handled):
    """The test cell is at fault, not the student; the message is for the instructor."""

    __test__ = False


def main(root: str, source: str) -> None:
    """Answer requests until stdin ends.

    Args:
        root: the course's folder.
        source: the assignment's, whose companion modules tests may import.
    """
    requests, answers = _take_over_streams()
    sys.path[:0] = [source, root]
    frozen = False
    folders = Path(root, "grader_tests"), Path(source), Path.cwd()
    examination = Examination(requests, answers)
    _say(answers, 0, {})  # what is needed could be imported
    while line := requests.readline():
        request = json.loads(line)
        content = {name: requests.read(size) for name, size in request["content"]}
        known: dict[Any, Known] = {}
        handoffs = [
            read_handoff(
                {file: content[digest] for file, digest in cell["files"].items()},
                request["declared"],
                max_bytes=request["max_bytes"],
                known=known,
            )
            for cell in request["cells"]
        ]
        if "model" in request["declared"].values():
            try:
                warm_up("network")  # now, so that no cell's time pays for it
            except ImportError as err:
                broken = f"Keras cannot be imported to judge networks: {err}"
                _say(answers, request["number"], {"broken": broken})
                continue
        _say(answers, request["number"], {})
        for cell, handoff in zip(request["cells"], handoffs, strict=True):
            seconds = MOST_TIMES * request["seconds"] + _GRACE_SECONDS
            faulthandler.dump_traceback_later(seconds, exit=True)
            examinee = examination.of(request, folders)
            if examinee is not None:  # whoever it asks may take their time
                faulthandler.cancel_dump_traceback_later()
            answer = judge_cell(cell, handoff, Path(root), examinee)
            faulthandler.cancel_dump_traceback_later()
            _say(answers, request["number"], answer)
        if keras := sys.modules.get("keras"):
            keras.backend.clear_session()
        gc.collect()
        if not frozen:  # what TensorFlow has made by now stays: looked through once
            gc.freeze()
            frozen = True


def judge_cell(
    cell: Mapping[str, Any],
    handoff: Handoff,
    root: Path,
    examinee: Examinee | None = None,
) -> dict[str, Any]:
    """The record of one cell: earned, checks, message, state, findings.

    Args:
        cell: source with hidden tests, points possible, and the place of one that asks.
        handoff: the student's exports.
        root: the course's folder, to name places in its files.
        examinee: the submission, where the test asks its kernel.
    """
    if examinee is None:
        return _judged(cell, handoff, root, None)
    record = _judged(cell, handoff, root, examinee)
    examinee.end(cell["place"]["given"])
    seen = {origin: sorted(names) for origin, names in examinee.far.trust.seen.items()}
    lines = examinee.far.transcript.lines
    digest = examinee.far.transcript.digest
    return record | {"calls": lines, "transcript": digest, "kinds": seen}


def _judged(
    cell: Mapping[str, Any], handoff: Handoff, root: Path, examinee: Examinee | None
) -> dict[str, Any]:
    points = cell["points"]
    used: set[str] = set()
    try:
        tree = ast.parse(python_of(cell["source"]), _CELL)
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        values = handoff.values(used)
        _seed()
        if "hypothesis" in cell["source"]:
            _steady_hypothesis()
        if examinee is None:
            value = run_cell(tree, {"__name__": "__main__", **values})
        else:
            examinee.begin(cell["place"], values, cell["source"])
            value = run_cell(tree, examinee.namespace)
            if "Grading" not in used:  # which makes checks of them
                _stop(examinee.far)
        earned, checks = score(value, points)
        findings = value.findings if isinstance(value, Score) else ()
        message = ""
        if earned < points:
            notes = [handoff.notes[name] for name in sorted(used & set(handoff.notes))]
            message = "\n".join(notes)
    except BaseException as err:  # also SystemExit: nothing may end the process quietly
        far = None if examinee is None else examinee.far
        stops = far.trust.stops if far and "Grading" not in used else []
        return _of_error((*stops, err)[0], points, handoff, root, used, far)
    if any(check.state is State.AT_FAULT for check in checks):
        count = sum(check.state is State.AT_FAULT for check in checks)
        message = f"{count} of {len(checks)} checks could not be made"
        return _record(0.0, checks, message, State.AT_FAULT)
    if reasons := [check.reason for check in checks if not check.ran]:
        message = could_not(*reasons)
        return _record(earned, checks, message, State.UNMEASURED, findings)
    return _record(earned, checks, message, findings=findings)


def _of_error(
    err: BaseException,
    points: float,
    handoff: Handoff,
    root: Path,
    used: set[str],
    far: Far | None,
) -> dict[str, Any]:
    """The record of a cell that did not come to its end: whose doing is it?"""
    missing = _missing_name(err, handoff)
    reason = _unmeasured(err) or handoff.refusals.get(missing, "").rstrip(".")
    if reason := reason or _of_plainer(err, handoff, used):
        checks = _made_before(err, points, reason)
        earned = math.fsum(check.earned for check in checks)
        return _record(earned, checks, could_not(reason), State.UNMEASURED)
    if missing:
        check = _not_defined(missing, points)
        return _record(0.0, [check], check.name)
    called = far is not None and far.text_of(err) is not None
    if isinstance(err, AssertionError) and not called:
        text = str(err) if _is_for_students(err, root) else ""
        check = _failed(text, points)
        check = replace(check, found=check.found or _falsified(err))
        return _record(0.0, [check], text or check.name)
    if far is not None and (failed := students_fault(err, far, points)):
        failed = replace(failed, found=_falsified(err))
        return _record(0.0, [failed], failed.name)
    text = str(err)
    if not isinstance(err, TestFault):
        text = f"{type(err).__name__}: {err} ({_place(err, root)})"
    raised = type(err).__name__ if isinstance(err, Exception) else ""
    raised = "" if isinstance(err, TestFault) else raised
    checks = []
    if far is not None and isinstance(err, NameError) and err.name:
        checks = [_not_defined(err.name, points)]
    return _record(0.0, checks, text, State.AT_FAULT, raised=raised)


def _stop(far: Far) -> None:
    """End a cell that a test's own `except`, or a library, kept going."""
    if far.trust.stops:
        raise far.trust.stops[0]


def _unmeasured(err: BaseException | None) -> str:
    """Why something could not be measured, if an error comes of that; else ""."""
    seen: list[BaseException] = []
    while err is not None and not any(err is each for each in seen):
        if isinstance(err, NotMeasured):
            return err.reason or "no reason was given"
        seen.append(err)
        err = err.__cause__ or err.__context__
    return ""


def _of_plainer(err: BaseException, handoff: Handoff, used: set[str]) -> str:
    """Why an error may come of what was lost on the way; "" where nothing was."""
    if not isinstance(err, _OF_ABILITIES):
        return ""
    for name in sorted(used & handoff.plainer.keys()):
        kind = handoff.plainer[name]
        return f"{name} is a {kind}, of which only the plain data can be handed over"
    return ""


def _made_before(err: BaseException, points: float, reason: str) -> list[Check]:
    """The checks of the cell's `Grading` that were made before it was left, if any."""
    for frame, _ in traceback.walk_tb(err.__traceback__):
        for value in tuple(frame.f_locals.values()):
            known = issubclass(type(value), Grading)  # a mirror may not be looked at
            made = value.score().checks if known else ()
            left = points - math.fsum(check.points for check in made)
            if made and left >= 0:
                return [*made, unmeasured("The checks after these", left, reason)]
    return []


def score(value: Any, points: float) -> tuple[float, list[Check]]:
    """Points and checks from a cell's last value: a Score, a number or nothing.

    Raises:
        TestFault: it is anything else, or does not fit the cell's points. nbgrader
            would give full points for most of these.
    """
    if value is None:
        return points, []
    if isinstance(value, Score):
        return _add_up(value.checks, points), [_plain(check) for check in value.checks]
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Real):
        kind = type(value).__name__
        raise TestFault(f"the test cell ends in a {kind}, which is not a number")
    number = float(value)
    if not math.isfinite(number) or not 0 <= number <= points + _TOLERANCE:
        raise TestFault(
            f"the test cell ends in {value}, which is not from 0 to {points:g}"
        )
    return min(number, points), []


def _add_up(checks: tuple[Check, ...], points: float) -> float:
    for check in checks:
        possible, earned = float(check.points), float(check.earned)
        if not (math.isfinite(possible) and 0 <= earned <= possible):
            raise TestFault(
                f"the check '{check.name}' gives {earned:g} of {possible:g} points"
            )
    total = math.fsum(check.points for check in checks)
    if abs(total - points) > _TOLERANCE:
        raise TestFault(
            f"the test cell's checks add up to {total:g}, "
            f"the cell has {points:g} points"
        )
    return min(math.fsum(check.earned for check in checks if check.ran), points)


def _plain(check: Check) -> Check:
    """A check in exact types, its texts of bounded length."""
    texts = {
        key: str(getattr(check, key))[:_MAX_TEXT]
        for key in ("name", "expected", "found", "hint", "trust", "reason", "answer")
    }
    state = State(check.state)
    points = float(check.points)
    earned = float(check.earned) if state is State.JUDGED else 0.0
    return replace(check, points=points, earned=earned, state=state, **texts)


def _failed(message: str, points: float) -> Check:
    """A failed assertion as a check; CheckFailed has expected, found and hint."""
    first, _, rest = message.strip().partition("\n")
    parts = re.findall(r"^  (expected|found|hint): +(.*)$", rest, re.MULTILINE)
    check = Check(name=first or "A check failed", points=points, earned=0.0)
    return _plain(replace(check, **dict(parts)))


def _not_defined(name: str, points: float) -> Check:
    return Check(f"{name} is not defined in your notebook", points, 0.0)


def _missing_name(err: BaseException, handoff: Handoff) -> str:
    """The name that a cell asks for and that was not handed over; else ""."""
    if type(err) is not NameError or err.name not in handoff.declared:
        return ""
    frames = traceback.extract_tb(err.__traceback__)
    if frames[-1].filename != _CELL:  # a slip in the instructor's own module
        return ""
    return err.name


def _is_for_students(err: AssertionError, root: Path) -> bool:
    """Whether an instructor wrote its message: a check's, or an assertion's own text.

    What a library asserts, as np.testing does, tells the values that it expected.
    """
    if isinstance(err, CheckFailed):
        return True
    frames = traceback.extract_tb(err.__traceback__)
    return bool(frames) and _is_own(frames[-1].filename, root)


def _is_own(file: str, root: Path) -> bool:
    """Whether code is the course's: the test cell, or a file in its folder."""
    path = Path(file)
    installed = "site-packages" in path.parts or path.is_relative_to(sys.prefix)
    return file == _CELL or (path.is_relative_to(root) and not installed)


def _place(err: BaseException, root: Path) -> str:
    """Where the instructor should look: the innermost line that is the course's own."""
    if isinstance(err, SyntaxError) and err.filename == _CELL:
        return f"line {err.lineno} of the test cell"
    for frame in reversed(traceback.extract_tb(err.__traceback__)):
        if frame.filename == _CELL:
            return f"line {frame.lineno} of the test cell"
        if _is_own(frame.filename, root):
            path = Path(frame.filename).relative_to(root)
            return f"line {frame.lineno} of {path}"
    return "before the test cell's first line"


def _record(
    earned: float,
    checks: list[Check],
    message: str,
    state: State = State.JUDGED,
    findings: tuple[str, ...] = (),
    raised: str = "",
) -> dict[str, Any]:
    return {
        "raised": raised,
        "earned": earned,
        "checks": [asdict(_plain(check)) for check in checks],
        "message": message[:_MAX_TEXT],
        "state": state,
        "findings": [str(finding)[:_MAX_TEXT] for finding in findings],
    }


def _steady_hypothesis() -> None:
    """The same examples each time, whatever time the student's code takes for them."""
    with contextlib.suppress(ImportError):
        settings = importlib.import_module("hypothesis").settings
        settings.register_profile(
            "fairgrade",
            derandomize=True,
            database=None,
            deadline=None,
            report_multiple_bugs=False,
        )
        settings.load_profile("fairgrade")


def _falsified(err: BaseException) -> str:
    """The smallest input that Hypothesis found to fail, or ""."""
    for note in getattr(err, "__notes__", ()):
        first, _, rest = str(note).partition(":")
        if first in ("Falsifying example", "Failing test case"):  # older, newer
            call = " ".join(rest.split()).replace("( ", "(")
            return one_line(re.sub(r",? \)$", ")", call), 300)
    return ""


def _seed() -> None:
    """The same random numbers for every submission."""
    random.seed(0)
    np.random.seed(0)
    if keras := sys.modules.get("keras"):
        keras.utils.set_random_seed(0)


def _take_over_streams() -> tuple[IO[bytes], IO[bytes]]:
    """Keep stdin and stdout for the protocol; tests print into the log."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, answers


def _say(answers: IO[bytes], number: int, answer: dict[str, Any]) -> None:
    """Answer the request of that number; 0 is for the start.

    With it goes the size of the log, bytes: what comes after it is of the next cell.
    """
    answer = answer | {"number": number, "logged": os.fstat(2).st_size}
    answers.write(json.dumps(answer).encode() + b"\n")
    answers.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
