"""A class that hands in hostile submissions, and what came of each after grading."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.api import Grade, Gradebook, MissingEntry

from fairgrade.authoring.generate import generate
from fairgrade.course.course import load_course

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "hostile"))

from hostile_case import Case, fingerprint, hand_in  # noqa: E402
from hostile_course import CANARY, build_course  # noqa: E402


@dataclass
class Result:
    """What came of one case.

    Attributes:
        points: None where there is no grade.
        lost: points that honest classmates did not get.
        stopped: whether the class's run ended with it.
        seen: whether hidden tests were read.
        changed: what it changed, in words.
        told: whether anybody is told that something went another way than usual.
    """

    points: float | None
    lost: float = 0.0
    stopped: bool = False
    seen: bool = False
    changed: str = ""
    told: bool = False


def honest(assignment: str) -> list[Case]:
    return [Case(name, "", "", 10, assignment=assignment) for name in ("a-a", "z-z")]


def set_up(root: Path, cases: Sequence[Case]) -> Path:
    """A course with its release made and everything handed in."""
    build_course(root, [case.id for case in cases])
    course = load_course(root)
    for name in {case.assignment for case in cases}:
        generate(course, course.assignment(name))
    for case in cases:
        hand_in(root, case)
    return root


def fingerprints(root: Path) -> dict[str, str]:
    """What the files hold that grading has no reason to change."""
    found = {}
    for name in ("source", "grader_tests", "data", "submitted", "release"):
        for path in sorted((root / name).rglob("*")):
            if path.is_file() and not path.is_symlink():
                found[str(path.relative_to(root))] = fingerprint(path)
    found["config"] = (root / "nbgrader_config.py").read_text()
    return found


def look(
    root: Path, cases: Sequence[Case], before: dict[str, str]
) -> tuple[dict[str, Result], bool]:
    """What gradebook and files say after a run, and whether it reached everybody."""
    name = cases[0].assignment
    others = honest(name)
    scores, waiting, tampered = read_scores(root, name, [*cases, *others])
    results = {
        case.id: Result(
            scores[case.id], told=scores[case.id] is None or case.id in waiting
        )
        for case in cases
    }
    for case in cases:
        results[case.id].seen = case.of.startswith("D01") and canary_seen(root, case)
    try:
        changed = fingerprints(root) != before
    except OSError:
        changed = True
    complete = scores["z-z"] is not None
    words = ["gradebook"] * tampered + ["files"] * changed
    lost = sum(10 - (scores[case.id] or 0) for case in others)
    if len(cases) == 1:
        results[cases[0].id].lost = lost
        results[cases[0].id].changed = " and ".join(words)
    elif words or (lost and complete):
        raise SystemExit(f"{name}: {words}, the class lost {lost}: whose doing is it?")
    return results, complete


def read_scores(
    root: Path, name: str, cases: Sequence[Case]
) -> tuple[dict[str, float | None], set[str], bool]:
    """Each one's score, None without one; who waits for a person; any tampering."""
    scores: dict[str, float | None] = dict.fromkeys(case.id for case in cases)
    waiting: set[str] = set()
    if not (root / "gradebook.db").exists():
        return scores, waiting, True
    with Gradebook(f"sqlite:///{root}/gradebook.db", "hostile") as gradebook:
        for case in cases:
            graded = root / "autograded" / case.id / name
            try:
                submission = gradebook.find_submission(name, case.id)
            except MissingEntry:
                continue
            if graded.is_dir() and not _refused(graded / f"{name}.ipynb"):
                scores[case.id] = submission.score
                waiting |= {case.id} if submission.needs_manual_grade else set()
        try:
            wrong = gradebook.find_assignment(name).max_score != 10
        except MissingEntry:  # the file was removed
            wrong = True
        marked = gradebook.db.query(Grade).filter(Grade.manual_score.isnot(None))
        return scores, waiting, wrong or marked.count() > 0


def _refused(path: Path) -> bool:
    """Whether fairgrade has written a notebook off as ungradable."""
    own = nbformat.read(path, as_version=4).metadata.get("fairgrade", {})
    return bool(own.get("refusal"))


def canary_seen(root: Path, case: Case) -> bool:
    """Whether a hidden test's secret is in what the student's code printed."""
    path = root / "autograded" / case.id / case.assignment / f"{case.assignment}.ipynb"
    if not path.exists():
        return False
    return any(
        output.get("output_type") == "stream" and CANARY in output.text
        for cell in nbformat.read(path, as_version=4).cells
        for output in cell.get("outputs", [])
    )
