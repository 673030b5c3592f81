"""course.yml: what is wrong in it is named with file, line and remedy."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from fairgrade.course.course import Course, find_root, load_course
from fairgrade.course.data import check_digest, declared, held_out
from fairgrade.errors import CourseError
from fairgrade.lesson.data import load_arrays, notebook_part
from tiny import NAME, make_course

ROOT = Path(__file__).parents[1]


def changed(course: Course, before: str, after: str) -> Path:
    path = course.root / "course.yml"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))
    return course.root


POINTS, FIRST = "    points: 10\n", "  - name: preparing-data"


@pytest.mark.parametrize(
    ("before", "after", "where", "message"),
    [
        (POINTS, "    pionts: 10\n", POINTS, "did you mean 'points'?"),
        (POINTS, "", FIRST, "'assignments.0.points' is missing"),
        (POINTS, "    points: ten\n", POINTS, "valid number"),
        (POINTS, "    points: -1\n", POINTS, "greater than 0"),
        ("12-04T23:59:00+00:00", "12-04T23:59:00", "due: 2026-12-04", "time zone"),
        ("  - name: dense-network", FIRST, "  - name: dense", "there twice"),
        ("data: [mnist]", "data: [cifar]", FIRST, "but data: has mnist"),
        ("id: connected-networks", "id: [", "roster: ", "not YAML"),
        ("train_images: array", "train_images: pickle", "train_im", "'model', 'array'"),
        (
            POINTS,
            f"    points: 9\n{POINTS}",
            "    seed: 0",
            "'points' is there twice",
        ),
        (POINTS, f"{POINTS}    lms_name: 12\n", "    seed: 0", "put it into quotes"),
        ("due: 2026-12-04T23:59:00+00:00", "due: 20261204", "due: ", "is no time"),
        ("due: 2026-12-04T23:59:00+00:00", "due: 23:59", "due: ", "is no time"),
        ("id: connected-networks", "root: x\nid: c", "id: conn", "not a setting"),
    ],
)
def test_a_mistake_is_named_with_its_line(
    course: Course, before: str, after: str, where: str, message: str
) -> None:
    text = (course.root / "course.yml").read_text()
    line = text[: text.index(where)].count("\n") + 1
    root = changed(course, before, after)
    with pytest.raises(CourseError) as caught:
        load_course(root)
    assert message in str(caught.value)
    assert f"course.yml:{line}:" in str(caught.value)


def test_a_courses_limits_hold_where_an_assignment_sets_none(course: Course) -> None:
    path = course.root / "course.yml"
    path.write_text(f"{path.read_text()}limits: {{cell_seconds: 7, memory_mb: 999}}\n")
    limits = load_course(course.root).assignments[0].limits
    assert (limits.cell_seconds, limits.memory_mb) == (60, 999)  # 60 is its own


def test_all_mistakes_are_named_at_once(course: Course) -> None:
    root = changed(course, "points: 10", "points: 0")
    changed(course, "seed: 0", "seed: -1")
    with pytest.raises(CourseError) as caught:
        load_course(root)
    assert len(str(caught.value).splitlines()) == 2


def test_one_mistake_of_the_only_assignment_is_one_line(tmp_path: Path) -> None:
    course = make_course(tmp_path / "course")
    with pytest.raises(CourseError) as caught:
        load_course(changed(course, "points: 3", "points: 0"))
    assert len(str(caught.value).splitlines()) == 1


def test_two_assignments_of_one_name_in_the_lms_are_refused(course: Course) -> None:
    root = changed(course, POINTS, f"{POINTS}    lms_name: dense-network\n")
    with pytest.raises(CourseError, match=r"'dense-network' to the LMS.*one column"):
        load_course(root)


@pytest.mark.parametrize("student", ["12345", "0012", "no", "1e5"])
def test_an_extension_takes_an_id_as_it_is_written(
    tmp_path: Path, student: str
) -> None:
    course = make_course(tmp_path / "course")
    (course.root / "roster.csv").write_text(f"id\n{student}\n")
    until = f"    extensions: {{{student}: 2026-12-24T12:00:00Z}}\n"
    course = load_course(changed(course, "    points: 3\n", f"    points: 3\n{until}"))
    assert list(course.assignment(NAME).extensions) == [student]


@pytest.mark.parametrize("written", ["ADA", "Ada@x.org", "adda"])
def test_who_is_meant_by_an_extension_is_said(tmp_path: Path, written: str) -> None:
    course = make_course(tmp_path / "course")
    (course.root / "roster.csv").write_text("id,email\nada,ada@x.org\nben,\n")
    until = f"    extensions: {{'{written}': 2026-12-24T12:00:00Z}}\n"
    with pytest.raises(CourseError, match="did you mean 'ada'"):
        load_course(changed(course, "    points: 3\n", f"    points: 3\n{until}"))


def test_an_unknown_assignment_lists_those_there_are(course: Course) -> None:
    with pytest.raises(CourseError, match="preparing-data, dense-network"):
        course.assignment("dense")


def test_settings_in_another_encoding_are_named_with_their_line(
    course: Course,
) -> None:
    path = course.root / "course.yml"
    text = path.read_text().replace("title: ", "title: Übung ", 1)
    line = text[: text.index("Übung")].count("\n") + 1
    path.write_bytes(text.encode("cp1252"))
    with pytest.raises(CourseError, match=f"course.yml:{line}: is not in UTF-8"):
        load_course(course.root)
    path.write_text(text, encoding="utf-8-sig")
    assert "Übung" in load_course(course.root).title


def test_a_course_is_found_from_inside(course: Course) -> None:
    assert find_root(course.root / "source" / "preparing-data") == course.root
    with pytest.raises(CourseError, match="Run this in a course folder"):
        find_root(Path("/"))


def test_notebooks_never_see_the_held_out_digits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = load_course(ROOT).data["mnist"]
    part = notebook_part(ROOT / data.file, data.hold_out)
    kept = held_out(ROOT / data.file, data.hold_out)
    assert part["x_train"].shape == (60_000, 28, 28)
    assert part["x_test"].shape == kept["x_test"].shape == (5_000, 28, 28)
    seen = {image.tobytes() for image in part["x_test"]}
    assert not seen & {image.tobytes() for image in kept["x_test"]}
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("FAIRGRADE_DATA", raising=False)
    said = declared(load_course(ROOT), ["mnist"])
    assert said["mnist.npz"]["whole"] == {"x_test": 10_000, "y_test": 10_000}
    monkeypatch.setenv("FAIRGRADE_DECLARED", json.dumps(said))
    found = load_arrays("mnist.npz")
    assert all((found[name] == part[name]).all() for name in part)


def test_changed_data_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "digits.npz"
    file.write_bytes(b"other")
    with pytest.raises(CourseError, match="Restore the file"):
        check_digest(file, "0" * 64)
    with pytest.raises(CourseError, match="is missing"):
        check_digest(tmp_path / "none.npz", "0" * 64)


@pytest.mark.parametrize(
    ("said", "threshold"),
    [
        ("", None),
        ("thresholds: {reached: 0.9}", 0.9),
        ("thresholds: {reached: 0.9, least: 0.2}", None),
        ("thresholds: {reached: 0.9, least: 0.2}\n    accuracy: least", 0.2),
    ],
)
def test_reports_draw_the_threshold_that_is_meant(
    said: str, threshold: float | None, course: Course
) -> None:
    path = course.root / "course.yml"
    text = re.sub(r"(?m)^    thresholds: .*\n", "", path.read_text())
    path.write_text(text.replace("    seed: 0\n", f"    seed: 0\n    {said}\n", 1))
    first = load_course(course.root).assignments[0]
    assert first.accuracy_threshold == threshold


def test_an_accuracy_without_its_threshold_is_named(course: Course) -> None:
    path = course.root / "course.yml"
    path.write_text(
        path.read_text().replace("seed: 0", "seed: 0\n    accuracy: other", 1)
    )
    with pytest.raises(
        CourseError, match="has accuracy 'other', but its thresholds: has"
    ):
        load_course(course.root)
