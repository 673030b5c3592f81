"""In the judge process: one test cell, run on what a student made."""

from __future__ import annotations

import ast
import contextlib
import importlib
import random
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from fairgrade.judge.asserts import Asserts
from fairgrade.judge.examinee import CELL, Examinee, run_cell
from fairgrade.judge.explanations import Explainer
from fairgrade.judge.far import Far
from fairgrade.judge.faults import Circumstances
from fairgrade.judge.handoff import Handoff
from fairgrade.judge.scores import record, score
from fairgrade.lesson.checks import Score, State, could_not
from fairgrade.plan.cells import is_silent
from fairgrade.plan.magics import captured
from fairgrade.plan.scopes import python_of


def judge_cell(
    cell: Mapping[str, Any],
    handoff: Handoff,
    root: Path,
    examinee: Examinee | None = None,
    asserts: Asserts | None = None,
) -> dict[str, Any]:
    """The record of one cell: earned, checks, message, state, findings.

    Args:
        cell: source with hidden tests, points possible, and the place of one that asks.
        handoff: the student's exports.
        root: the course's folder, to name places in its files.
        examinee: the submission, where the test asks its kernel.
        asserts: compiles tests that ask nobody.
    """
    if examinee is None:
        asserts = asserts or Asserts()
        found = _judged(cell, handoff, root, None, asserts)
        asserts.clear()
        return found
    found = _judged(cell, handoff, root, examinee, examinee.asserts)
    examinee.end(cell["place"]["given"])
    seen = {origin: sorted(names) for origin, names in examinee.far.trust.seen.items()}
    lines = examinee.far.transcript.lines
    digest = examinee.far.transcript.digest
    return found | {"calls": lines, "transcript": digest, "kinds": seen}


def _judged(
    cell: Mapping[str, Any],
    handoff: Handoff,
    root: Path,
    examinee: Examinee | None,
    asserts: Asserts,
) -> dict[str, Any]:
    points = cell["points"]
    used: set[str] = set()
    try:
        code = python_of(cell["source"])
        tree = ast.parse(code, CELL)
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        values = handoff.values(used)
        _seed()
        if "hypothesis" in cell["source"]:
            _steady_hypothesis()
        if examinee is None:
            value = run_cell(tree, {"__name__": "__main__", **values}, asserts)
        else:
            examinee.begin(cell["place"], values, cell["source"])
            value = examinee.run(tree)
            if "Grading" not in used:  # which makes checks of them
                _stop(examinee.far)
        hidden = is_silent(code, tree) or captured(cell["source"]) is not None
        if hidden and not isinstance(value, (Score, bool)):
            value = None  # a notebook does not show it: it is no number of points
        earned, checks = score(value, points, shown=examinee is not None)
        findings = value.findings if isinstance(value, Score) else ()
        message = ""
        if earned < points:
            notes = [handoff.notes[name] for name in sorted(used & set(handoff.notes))]
            notes += examinee.far.files.notes() if examinee is not None else ()
            message = "\n".join(notes)
    except BaseException as err:  # also SystemExit: nothing may end the process quietly
        far = None if examinee is None else examinee.far
        if far is not None:
            far.conversation.exits = False
        stops = far.trust.stops if far and "Grading" not in used else []
        explainer = Explainer(asserts, known=frozenset(used & handoff.names))
        if examinee is not None:
            transcript = examinee.far.transcript
            explainer = Explainer(asserts, transcript, examinee.fetched)
        around = Circumstances(points, handoff, used, root, far, explainer)
        return around.record_of((*stops, err)[0])
    if any(check.state is State.AT_FAULT for check in checks):
        count = sum(check.state is State.AT_FAULT for check in checks)
        message = f"{count} of {len(checks)} checks could not be made"
        return record(0.0, checks, message, State.AT_FAULT)
    if reasons := [check.reason for check in checks if not check.ran]:
        message = could_not(*reasons)
        return record(earned, checks, message, State.UNMEASURED, findings)
    return record(earned, checks, message, findings=findings)


def _stop(far: Far) -> None:
    """End a cell that a test's own `except`, or a library, kept going."""
    if far.trust.stops:
        raise far.trust.stops[0]


def _seed() -> None:
    """The same random numbers for every submission."""
    random.seed(0)
    np.random.seed(0)
    if keras := sys.modules.get("keras"):
        keras.utils.set_random_seed(0)


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
