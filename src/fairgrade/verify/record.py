"""Whether the present source was verified, for `fairgrade release` to ask."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from fairgrade.course.course import Assignment, Course
from fairgrade.course.folders import verified_entry
from fairgrade.errors import FairgradeError
from fairgrade.files import read_object, write_whole
from fairgrade.grading.allowed import LONGEST
from fairgrade.plan.deciding import data_of, folder_key, key_of, settings_of
from fairgrade.protocol.texts import command

_ANYWAY = "(or release with --anyway)"


def source_key(course: Course, assignment: Assignment) -> str:
    """A digest of all that verification looks at: source, tests, course.yml's part."""
    declared = repr((assignment.mutants, assignment.equivalents, assignment.accepted))
    data = data_of(course, assignment.data)
    source = course.folder("source", assignment.name)
    folders = [folder_key(source), folder_key(course.root / "grader_tests")]
    part = assignment.model_copy(update={"notebook": assignment.stem})
    return key_of("source", settings_of(part), declared, data, folders)


def write_record(
    course: Course,
    assignment: Assignment,
    release: Path,
    *,
    key: str,
    passed: bool,
    summary: str,
    longest: float | None,
) -> None:
    """Note what a whole verification came to.

    Args:
        release: the release that was tried, a folder.
        key: the source's, from before anything was tried.
        longest: processor time of the solution's longest cell, s; None if unknown.
    """
    path = verified_entry(course, assignment)
    record = {
        "key": key,
        "release": folder_key(release),
        "passed": passed,
        "summary": summary,
        LONGEST: longest,
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    write_whole(path, json.dumps(record, indent=1))


def check_verified(course: Course, assignment: Assignment) -> None:
    """Make sure that the source as it stands was verified, and passed.

    Raises:
        FairgradeError: it was not; the message says how to go on.
    """
    for part in course.parts(assignment):
        _check_verified(course, part)


def _check_verified(course: Course, assignment: Assignment) -> None:
    verify = f"{command('fairgrade', 'verify', assignment.name)} {_ANYWAY}"
    remedy = f"Run: {verify}"
    try:
        record = read_object(verified_entry(course, assignment))
    except (OSError, ValueError):
        raise FairgradeError(
            f"{assignment.name} was not verified. {remedy}", assignment=assignment.name
        ) from None
    if record.get("key") != source_key(course, assignment):
        raise FairgradeError(
            f"{assignment.name} has changed since it was verified. {remedy}",
            assignment=assignment.name,
        )
    if not record.get("passed"):
        raise FairgradeError(
            f"{assignment.name} did not pass its verification: "
            f"{record.get('summary')}. Mend that, then run: {verify}",
            assignment=assignment.name,
        )

    if record.get("release") != folder_key(course.folder("release", assignment.name)):
        raise FairgradeError(
            f"release/{assignment.name} is not what was verified. "
            f"Run: {command('fairgrade', 'generate', assignment.name)} {_ANYWAY}",
            assignment=assignment.name,
        )
