"""Handing in late costs what course.yml says, manual points and extensions included."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI

from conftest import copy_course
from fairgrade.course.course import Course, load_course
from fairgrade.course.failures import Failures
from fairgrade.errors import CourseError
from fairgrade.nbgrader_bridge.config import nbgrader_config, prepare_environment
from fairgrade.nbgrader_bridge.late import LatePenalty, final_score, settle_penalties

NAME = "preparing-data"


def with_policy(course: Course, policy: str, extension: str = "") -> Course:
    path = course.root / "course.yml"
    text = f"late: {policy}\n{path.read_text()}"
    if extension:
        name = f"  - name: {NAME}\n"
        text = text.replace(name, f"{name}    extensions: {extension}\n")
    path.write_text(text)
    return load_course(course.root)


@pytest.fixture(scope="module")
def gradebook_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gradebook in which ada has handed in one cell of 10 points."""
    course = copy_course(tmp_path_factory.mktemp("course"))
    prepare_environment(course)  # alembic is found on PATH
    assignment, path = course.assignment(NAME), course.root / "gradebook.db"
    with Gradebook(f"sqlite:///{path}", course.id) as gradebook:
        gradebook.add_assignment(NAME, duedate=assignment.due.isoformat())
        gradebook.add_notebook(NAME, NAME)
        gradebook.add_grade_cell("all", NAME, NAME, max_score=10, cell_type="code")
        gradebook.add_student("ada")
        gradebook.add_submission(NAME, "ada")
    return path


HandIn = Callable[..., str]


@pytest.fixture
def handed_in(gradebook_file: Path) -> HandIn:
    """Makes a course's gradebook, in which ada was late; returns its address."""

    def make(course: Course, late: timedelta, points: float = 8) -> str:
        shutil.copy(gradebook_file, course.root)
        url = f"sqlite:///{course.root}/gradebook.db"
        with Gradebook(url, course.id) as gradebook:
            submission = gradebook.find_submission(NAME, "ada")
            submission.timestamp = submission.assignment.duedate + late
            gradebook.find_grade("all", NAME, NAME, "ada").auto_score = points
            gradebook.db.commit()
        return url

    return make


def settled(course: Course, url: str) -> float:
    failures = Failures(course.root, NAME, "export")
    settle_penalties(course, course.assignment(NAME), url, failures)
    with Gradebook(url, course.id) as gradebook:
        return final_score(gradebook.find_submission(NAME, "ada"))


@pytest.mark.parametrize(
    ("policy", "late", "points"),
    [
        ("{penalty: none}", timedelta(days=3), 8),
        ("{penalty: zero}", timedelta(0), 8),
        ("{penalty: zero}", timedelta(seconds=1), 0),
        ("{penalty: zero, grace_minutes: 5}", timedelta(minutes=5), 8),
        ("{penalty: percent, percent_per_day: 25}", timedelta(minutes=1), 6),
        ("{penalty: percent, percent_per_day: 25}", timedelta(hours=25), 4),
        ("{penalty: percent, percent_per_day: 25}", timedelta(days=40), 0),
        ("{penalty: percent, percent_per_day: 25}", timedelta(days=-2), 8),
    ],
)
def test_a_policy_takes_its_points(
    course: Course, handed_in: HandIn, policy: str, late: timedelta, points: float
) -> None:
    course = with_policy(course, policy)
    assert settled(course, handed_in(course, late)) == points


def test_a_persons_points_count_before_the_penalty(
    course: Course, handed_in: HandIn
) -> None:
    course = with_policy(course, "{penalty: percent, percent_per_day: 50}")
    url = handed_in(course, timedelta(hours=1), points=2)
    assert settled(course, url) == 1
    with Gradebook(url, course.id) as gradebook:
        gradebook.find_grade("all", NAME, NAME, "ada").manual_score = 10
        gradebook.db.commit()
    assert settled(course, url) == 5


def test_an_extension_moves_the_due_date(course: Course, handed_in: HandIn) -> None:
    until = "{ada: 2026-12-06T00:59:00+01:00}"  # a day after the due date
    course = with_policy(course, "{penalty: zero}", until)
    assert settled(course, handed_in(course, timedelta(hours=24))) == 8


def test_after_the_extension_it_is_late(course: Course, handed_in: HandIn) -> None:
    until = "{ada: 2026-12-06T00:59:00+01:00}"
    course = with_policy(course, "{penalty: zero}", until)
    assert settled(course, handed_in(course, timedelta(hours=25))) == 0


def due(course: Course, before: str, after: str) -> Course:
    """The course with another text in course.yml."""
    path = course.root / "course.yml"
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after, 1))
    return load_course(course.root)


def test_an_extension_that_is_gone_counts_no_more(
    course: Course, handed_in: HandIn
) -> None:
    until = "{ada: 2026-12-06T00:59:00+01:00}"
    course = with_policy(course, "{penalty: zero}", until)
    url = handed_in(course, timedelta(hours=24))
    assert settled(course, url) == 8
    assert settled(due(course, f"    extensions: {until}\n", ""), url) == 0


def test_a_due_date_counts_as_course_yml_has_it_now(
    course: Course, handed_in: HandIn
) -> None:
    course = with_policy(course, "{penalty: zero}")
    url = handed_in(course, timedelta(hours=24))
    assert settled(course, url) == 0
    moved = due(course, "due: 2026-12-04", "due: 2026-12-08")
    assert settled(moved, url) == 8
    assert settled(due(moved, "due: 2026-12-08", "due: 2026-12-04"), url) == 0


def test_nobody_is_worse_off_for_an_extension(
    course: Course, handed_in: HandIn
) -> None:
    until = "{ada: 2026-12-01T00:00:00+01:00}"  # before the due date
    course = with_policy(course, "{penalty: zero}", until)
    assert settled(course, handed_in(course, timedelta(0))) == 8


@pytest.mark.parametrize(
    "until", ["2026-12-06T00:59:00+0100", "2026-12-05 23:59Z", "2026-12-05T20:59-03"]
)
def test_an_extension_is_read_in_every_spelling(
    course: Course, handed_in: HandIn, until: str
) -> None:
    course = with_policy(course, "{penalty: zero}", f'{{ada: "{until}"}}')
    url = handed_in(course, timedelta(hours=24))
    assert settled(course, url) == 8


def test_an_extension_for_nobody_is_refused(course: Course) -> None:
    message = r"course.yml:\d+: 'adda' has an extension.*did you mean 'ada'"
    with pytest.raises(CourseError, match=message):
        with_policy(course, "{penalty: zero}", "{adda: 2026-12-06T00:59:00+01:00}")


def test_nbgrader_is_told_the_policy(course: Course) -> None:
    course = with_policy(course, "{penalty: percent, percent_per_day: 20}")
    plugin = LatePenalty(parent=NbGraderAPI(config=nbgrader_config(course)))
    assert plugin.late_submission_penalty("ada", 10, 60) == 2


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("{penalty: half}", "'none', 'zero' or 'percent'"),
        ("{penalty: percent, percent_per_day: 110}", "less than or equal to 100"),
        ("{penalti: zero}", "did you mean 'penalty'?"),
    ],
)
def test_a_wrong_policy_is_named(course: Course, policy: str, message: str) -> None:
    with pytest.raises(CourseError, match="course.yml:1: ") as caught:
        with_policy(course, policy)
    assert message in str(caught.value)


def test_an_extension_needs_a_time_zone(course: Course) -> None:
    with pytest.raises(CourseError, match="time zone"):
        with_policy(course, "{penalty: zero}", "{ada: 2026-12-06T00:59:00}")
