"""A grade's reasons in a few lines, for an LMS's field of comments."""

from __future__ import annotations

import html

from fairgrade.collect.worksheet import OURS
from fairgrade.course.course import Assignment, Course
from fairgrade.course.failures import Failures
from fairgrade.report.gather import Result, gather

#: Causes that are told, and characters of each.
_MOST, _LONGEST = 8, 200


def comments_of(course: Course, assignment: Assignment) -> dict[str, str]:
    """Student id -> an HTML comment: points, and what they were lost for.

    Raises:
        FailedSubmissions: some could not be read; nothing is written.
    """
    failures = Failures(course.root, assignment.name, "export")
    results = gather(course, assignment, course.gradebook_url, failures)
    failures.check("told what they lost points for")
    return {
        result.student: " ".join(["<p>" + html.escape(OURS), *_lines(result)])
        for result in results
    }


def plain_comment(result: Result) -> str:
    """The same as plain text, a line each."""
    return "\n".join([f"{OURS} {_points(result)}", *_told(result)])


def _lines(result: Result) -> list[str]:
    items = [f"<li>{html.escape(text)}</li>" for text in _told(result)]
    listed = ["<ul>", *items, "</ul>"] if items else []
    return [f"{_points(result)}</p>", *listed]


def _points(result: Result) -> str:
    late = f", {result.late:g} taken off for handing in late" if result.late else ""
    return f"{result.score:g} of {result.maximum:g} points{late}."


def _told(result: Result) -> list[str]:
    causes = sorted(result.causes, key=lambda cause: -cause.points)
    told = []
    for cause in causes[:_MOST]:
        text = cause.what
        if cause.found:
            text += f" (expected {cause.expected}, found {cause.found})"
        if cause.hint:
            text += f". {cause.hint}"
        if len(text) > _LONGEST:
            text = f"{text[: _LONGEST - 3]}..."
        told.append(f"-{cause.points:g}: {text}" if cause.points else text)
    if len(causes) > _MOST:
        told.append(f"and {len(causes) - _MOST} more, on the feedback page")
    return [*told, *result.notices]
