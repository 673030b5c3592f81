"""Reports as data: what their tables show, with --json."""

from __future__ import annotations

from collections.abc import Iterable

from fairgrade.report.by_cause import CauseRow
from fairgrade.report.course_page import CourseReport
from fairgrade.report.gather import Result
from fairgrade.report.page import ClassReport
from fairgrade.report.use_by_cell import UseRow
from fairgrade.report.write import Made


def class_answer(made: Made[ClassReport]) -> dict[str, object]:
    """The class report: its tables of students, causes, checks and cells."""
    found = made.found
    name = found.assignment.name
    return {
        "assignment": name,
        "page": made.page,
        "maximum": found.maximum,
        "results": [_result(each) for each in found.results],
        "missing": found.missing,
        "causes": [_cause(row) for row in found.causes],
        "checks": [
            {
                "cell": item.place,
                "check": item.name,
                "points": item.points,
                "total": item.total,
                "passed": item.passed,
                "share": item.share,
                "discrimination": item.discrimination,
                "strong": item.strong[0],
                "strong_failed": item.strong[1],
            }
            for item in found.analysis.items
        ],
        "alpha": found.analysis.alpha,
        "complete": found.analysis.complete,
        "used": [_use(row) for row in (*found.used.rows, *found.used.whole)],
        "failed": made.failures[name].now,
    }


def course_answer(made: Made[CourseReport]) -> dict[str, object]:
    """The report on a course: its tables of assignments and of students."""
    names = [column.assignment.name for column in made.found.columns]
    return {
        "page": made.page,
        "assignments": [
            {
                "assignment": column.assignment.name,
                "maximum": column.maximum,
                "graded": len(column.counted),
                "missing": column.missing,
                "waiting": column.waiting,
                "mean": column.mean,
                "median": column.median,
                "causes": [_cause(row) for row in column.causes],
            }
            for column in made.found.columns
        ],
        "students": [
            {
                "student": line.student,
                "score": line.score,
                "maximum": line.maximum,
                "results": _by_name(names, line.results),
            }
            for line in made.found.lines
        ],
        "failed": {name: each.now for name, each in made.failures.items()},
    }


def _by_name(names: list[str], results: Iterable[Result | None]) -> dict[str, object]:
    pairs = zip(names, results, strict=True)
    return {name: None if result is None else _result(result) for name, result in pairs}


def _result(result: Result) -> dict[str, object]:
    return {
        "student": result.student,
        "score": result.score,
        "maximum": result.maximum,
        "late": result.late,
        "accuracy": result.accuracy,
        "needs_person": result.person,
        "refused": result.refused,
    }


def _cause(row: CauseRow) -> dict[str, object]:
    return {
        "kind": row.kind,
        "cell": row.place,
        "what": row.what,
        "hint": row.hint,
        "points": row.points,
        "elsewhere": row.elsewhere,
        "found": list(row.found),
        "students": list(row.students),
    }


def _use(row: UseRow) -> dict[str, object]:
    """Medians and maxima; the row of the whole run comes last."""
    return {
        "cell": row.place,
        "total": row.total,
        "seconds": row.seconds[0],
        "most_seconds": row.seconds[1],
        "mib": row.peaks[0] if row.peaks else None,
        "most_mib": row.peaks[1] if row.peaks else None,
        "far": {result.student: seconds for result, seconds in row.far},
    }
