"""A course on Canvas: asked as Canvas documents it, each change told before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from fairgrade.canvas import connection
from fairgrade.canvas.connection import Connection, refused
from fairgrade.canvas.pull import pull
from fairgrade.canvas.push import Pushed, push
from fairgrade.collect.received import Record, receipt
from fairgrade.course.course import Course, load_course
from fairgrade.errors import FairgradeError
from fake_canvas import ASSIGNMENT, COURSE, TOKEN, FakeCanvas, served
from test_cli import fairgrade
from test_scripts import found_here
from tiny import NAME, make_course

API = f"/api/v1/courses/{COURSE}"


@pytest.fixture
def canvas(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCanvas]:
    monkeypatch.setenv(connection.TOKEN, TOKEN)
    monkeypatch.setattr(connection, "_WAIT", 0.01)
    with served() as found:
        for number, login, name in (
            (1001, "ada", "Lovelace, Ada"),
            (1002, "ben", "Blank, Ben"),
            (1003, "cleo@example.org", "Núñez, Cleo"),
            (1004, "a/../b", "=Formula, Dan"),
            (1005, "eve", "Perfect, Eve"),
        ):
            found.user(number, login, name)
        yield found
        assert found.wrong == []


@pytest.fixture
def course(tmp_path: Path, canvas: FakeCanvas) -> Course:
    place = f"canvas: {{url: '{canvas.url}/', course: {COURSE}}}"
    made = make_course(tmp_path / "course", extra=place)
    (made.root / "roster.csv").write_text("id;email\nada;\nzoe;z@x.org\n")
    canvas.points = 3.0
    return load_course(made.root)


def test_people_come_in_and_nobody_goes(course: Course, canvas: FakeCanvas) -> None:
    before = (course.root / "roster.csv").read_bytes()
    told = pull(course, None, Connection(course), dry_run=True)
    assert (course.root / "roster.csv").read_bytes() == before
    assert told.changes == [
        "roster: ada has the number 1001 on Canvas",
        "roster: ben (Ben Blank) is new",
        "roster: cleo@example.org (Cleo Núñez) is new",
        "roster: canvas-1004 (Dan =Formula) is new",
        "roster: eve (Eve Perfect) is new",
    ]
    assert told.notes == ["not in the course on Canvas: zoe"]
    pull(course, None, Connection(course))
    students = {s.id: s.lms_user_id for s in course.students()}
    assert students == {
        "ada": "1001",
        "zoe": "",
        "ben": "1002",
        "cleo@example.org": "1003",
        "canvas-1004": "1004",
        "eve": "1005",
    }
    assert pull(course, None, Connection(course)).changes == []
    # Five people, two a page: three requests a time.
    assert canvas.requests == [("GET", f"{API}/search_users")] * 9


def test_hand_ins_come_in_once_with_their_time(
    course: Course, canvas: FakeCanvas
) -> None:
    work = (course.root / "release" / NAME / f"{NAME}.ipynb").read_bytes()
    canvas.hand_in(1001, f"{NAME}-1.ipynb", work, "2026-12-01T10:00:00Z")
    canvas.hand_in(1002, "essay.pdf", b"%PDF-1.4", "2026-12-01T11:00:00Z")
    assignment = course.assignment(NAME)
    pull(course, None, Connection(course))
    told = pull(course, assignment, Connection(course), dry_run=True)
    assert told.changes == [
        f"hand-in: ada, 2026-12-01T10:00:00Z: {NAME}-1.ipynb",
        "hand-in: ben, 2026-12-01T11:00:00Z: essay.pdf",
    ]
    assert not (course.root / "submitted").exists()
    told = pull(course, assignment, Connection(course))
    assert told.collected is not None
    assert told.collected.accepted == {"ada": "new"}
    assert len(told.collected.refused) == 1
    folder = course.folder("submitted", NAME, "ada")
    assert (folder / f"{NAME}.ipynb").read_bytes() == work
    came = receipt(folder, None, taken=Record.read(course.root, NAME).taken["ada"])
    assert came.time.startswith("2026-12-01 10:00:00") and not came.doubt
    downloads = [path for _, path in canvas.requests if "/download" in path]
    again = pull(course, assignment, Connection(course), dry_run=True)
    assert again.changes == ["hand-in: ben, 2026-12-01T11:00:00Z: essay.pdf"]
    assert len(downloads) == 2


def enter(course: Course, points: dict[str, float], waits: str = "") -> None:
    """Grades in the gradebook, and graded notebooks and pages beside."""
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        for student, score in points.items():
            gradebook.update_or_create_student(student)
            submission = gradebook.update_or_create_submission(NAME, student)
            gradebook.db.flush()
            gradebook.db.refresh(submission)
            for grade in submission.notebooks[0].grades:
                grade.auto_score = score
                grade.needs_manual_grade = student == waits
        gradebook.db.commit()
    released = course.root / "release" / NAME / f"{NAME}.ipynb"
    for student in points:
        for step, name in (("autograded", "ipynb"), ("feedback", "html")):
            folder = course.folder(step, NAME, student)
            folder.mkdir(parents=True, exist_ok=True)
            text = released.read_text() if name == "ipynb" else f"page of {student}"
            (folder / f"{NAME}.{name}").write_text(text)


def pushed(course: Course, *, dry_run: bool = False) -> tuple[list[str], Pushed]:
    steps = list(
        push(course, course.assignment(NAME), Connection(course), dry_run=dry_run)
    )
    assert isinstance(steps[-1], Pushed)
    return [str(step) for step in steps[:-1]], steps[-1]


def test_grades_comments_and_pages_go_out_once(
    course: Course, canvas: FakeCanvas
) -> None:
    pull(course, None, Connection(course))
    points = {"ada": 3.0, "ben": 1.5, "eve": 0.0, "zoe": 1.0}
    enter(course, points, waits="eve")
    canvas.submissions[1001]["score"] = 3.0
    _, planned = pushed(course, dry_run=True)
    assert [str(change) for change in planned.changes] == [
        f"ada: a comment, the page {NAME}.html",
        f"ben: grade no grade to 1.5, a comment, the page {NAME}.html",
    ]
    assert planned.left == {
        "eve": "waits for a person",
        "zoe": "no lms_user_id on the roster: pull first",
    }
    assert canvas.submissions[1002]["score"] is None
    assert all(method == "GET" for method, _ in canvas.requests)
    # Stopped in each of the ways that Canvas has, at each kind of request.
    one = f"{API}/assignments/{ASSIGNMENT}/submissions/1002"
    canvas.throttled = [(one, 429), (one, 403), (f"{one}/comments/files", 429)]
    canvas.throttled += [(r"/upload", 403), (f"{API}/assignments", 502)]
    made, _ = pushed(course)
    assert len(made) == 2 and canvas.throttled == []
    assert canvas.submissions[1002]["score"] == 1.5
    (comment,) = canvas.submissions[1002]["submission_comments"]
    assert comment["comment"].startswith("Automatic feedback: 1.5 of 3 points.")
    name, content = canvas.uploads[comment["files"][0]]
    assert (name, content) == (f"{NAME}.html", b"page of ben")
    assert pushed(course)[0] == []
    assert len(canvas.submissions[1002]["submission_comments"]) == 1
    # A regrade goes out as what changed.
    enter(course, {"ben": 3.0})
    assert pushed(course)[0] == ["ben: grade 1.5 to 3, a comment"]


def test_what_would_change_is_there_for_scripts(
    course: Course, canvas: FakeCanvas
) -> None:
    told = found_here(course.root, "canvas", "pull", "--dry-run")
    assert "roster: ada has the number 1001 on Canvas" in told["changes"]
    assert told["notes"] == ["not in the course on Canvas: zoe"]
    assert told["collected"] is None
    told = found_here(course.root, "canvas", "pull", NAME)
    assert told["collected"]["accepted"] == {}
    enter(course, {"ada": 3.0, "ben": 1.5, "zoe": 1.0})
    planned = found_here(course.root, "canvas", "push", NAME, "--dry-run")
    assert planned["left"] == {"zoe": "no lms_user_id on the roster: pull first"}
    told = found_here(course.root, "canvas", "push", NAME)
    assert told == planned
    points = [
        (each["student"], each["before"], each["after"]) for each in told["changes"]
    ]
    assert points == [("ada", None, 3.0), ("ben", None, 1.5)]
    assert found_here(course.root, "canvas", "push", NAME)["changes"] == []
    # Cut off half-way: what is on Canvas by then is told all the same.
    enter(course, {"ada": 2.0, "ben": 2.0})
    canvas.throttled = [(f"{API}/assignments/{ASSIGNMENT}/submissions/1002", 400)]
    told = found_here(course.root, "canvas", "push", NAME, code=1)
    assert [each["student"] for each in told["changes"]] == ["ada"]


def test_a_throttle_that_does_not_end_is_one_line(
    course: Course, canvas: FakeCanvas
) -> None:
    canvas.throttled = [(f"{API}/search_users", 429)] * 6
    with pytest.raises(Exception) as stopped:
        pull(course, None, Connection(course))
    told = refused(stopped.value)
    assert told is not None and "wait, and run it again" in str(told)


def test_other_points_are_no_grade(course: Course, canvas: FakeCanvas) -> None:
    canvas.points = 5.0
    enter(course, {"ada": 3.0})
    with pytest.raises(FairgradeError, match="Set Canvas's points to 3"):
        pushed(course)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("TOKEN", ""), "New Access Token"),
        (("TOKEN", "wrong"), "is wrong, or has expired"),
        (("canvas: {", "#"), "does not say which course"),
        (("http://127.0.0.1", "http://example.org"), "has to begin with https"),
        ((f"course: {COURSE}", "course: 78"), "Correct canvas: or lms_name:"),
    ],
)
def test_what_a_person_can_mend_is_one_line(
    course: Course,
    canvas: FakeCanvas,
    monkeypatch: pytest.MonkeyPatch,
    change: tuple[str, str],
    message: str,
) -> None:
    before, after = change
    if before == "TOKEN":
        monkeypatch.setenv(connection.TOKEN, after)
    else:
        path = course.root / "course.yml"
        path.write_text(path.read_text().replace(before, after))
    done = fairgrade(course.root, "canvas", "pull", "--dry-run")
    assert done.returncode == 1
    assert message in done.stderr and len(done.stderr.splitlines()) == 1
    assert TOKEN not in done.stdout + done.stderr
    canvas.wrong.clear()
