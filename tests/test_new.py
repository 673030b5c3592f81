"""A new assignment: written whole, its entry in course.yml among the comments."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from fairgrade.authoring.generate import generate
from fairgrade.authoring.init import init_course
from fairgrade.authoring.new import look_at_images, new_assignment
from fairgrade.authoring.release import check_release
from fairgrade.course.course import Course, load_course
from fairgrade.errors import FairgradeError
from fairgrade.lesson.data import load_arrays
from fairgrade.verify.lint import lint

ROOT = Path(__file__).parents[1]


@pytest.fixture
def small(course: Course) -> Course:
    """The course with a data folder of its own, to write in."""
    (course.root / "data").unlink()
    (course.root / "data").mkdir()
    whole = Path(__file__).parents[1] / "data" / "mnist.npz"
    (course.root / "data" / "mnist.npz").symlink_to(whole)
    return course


@pytest.mark.parametrize("kind", ["plain", "keras", "function"])
def test_a_new_assignment_has_no_faults(small: Course, kind: str) -> None:
    before = (small.root / "course.yml").read_text()
    new_assignment(small, "my-lesson", title="A: lesson", kind=kind)
    after = (small.root / "course.yml").read_text()
    lines = iter(after.splitlines())
    assert all(line in lines for line in before.splitlines())  # in their order
    fresh = load_course(small.root)
    assignment = fresh.assignment("my-lesson")
    assert assignment.title == "A: lesson" and assignment.mutants
    assert lint(fresh, assignment) == []
    generate(fresh, assignment)
    check_release(fresh, assignment)


def test_the_same_skeleton_is_the_same_notebook(small: Course, tmp_path: Path) -> None:
    first = new_assignment(small, "one-lesson")[0].read_text()
    second = new_assignment(load_course(small.root), "two-lesson")[0].read_text()
    assert first.replace("one", "two").replace("One", "Two") == second


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("2nd", "beginning with a letter"),
        ("a b", "beginning with a letter"),
        ("dense-network", "is there already"),
    ],
)
def test_a_name_that_cannot_be_used(small: Course, name: str, message: str) -> None:
    with pytest.raises(FairgradeError, match=message):
        new_assignment(small, name)


def test_a_list_in_brackets_is_left_alone(small: Course) -> None:
    path = small.root / "course.yml"
    text = path.read_text()
    flow = text[: text.index("assignments:")] + (
        'assignments: [{name: a, title: A, due: "2026-12-04T23:59:00+00:00", '
        "points: 1, exports: {}}]\n"
    )
    path.write_text(flow)
    with pytest.raises(FairgradeError, match="with an entry a line, not in brackets"):
        new_assignment(load_course(small.root), "my-lesson")
    assert path.read_text() == flow
    assert not (small.root / "source" / "my-lesson").exists()


def images(path: Path, **changes: np.ndarray) -> Path:
    arrays = {
        "x_train": np.zeros((6, 28, 28), "uint8"),
        "y_train": np.arange(6, dtype="uint8"),
        "x_test": np.full((4, 28, 28), 200, "uint8"),
        "y_test": np.arange(4, dtype="uint8"),
    }
    arrays["x_train"][0] = 255
    np.savez(path, **(arrays | changes))
    return path


def test_a_file_of_images_is_looked_at(tmp_path: Path) -> None:
    found = look_at_images(images(tmp_path / "a.npz"))
    assert (found.shape, found.classes, found.largest) == ((28, 28, 1), 6, 255)
    colour = np.ones((6, 8, 9, 3), "float32")
    found = look_at_images(images(tmp_path / "b.npz", x_train=colour))
    assert (found.shape, found.largest) == ((8, 9, 3), 1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"y_train": np.zeros(5, int)}, r"labels \(n,\)"),
        ({"y_test": np.zeros(4)}, "whole numbers"),
        ({"x_train": np.zeros((6, 784))}, r"Images are \(n, rows, columns\)"),
    ],
)
def test_a_file_of_other_things_is_refused(
    tmp_path: Path, changes: dict[str, np.ndarray], message: str
) -> None:
    with pytest.raises(FairgradeError, match=message):
        look_at_images(images(tmp_path / "a.npz", **changes))
    (tmp_path / "b.npz").write_bytes(b"no arrays")
    with pytest.raises(FairgradeError, match="x_train, y_train"):
        look_at_images(tmp_path / "b.npz")


def test_students_get_their_part_of_the_data_and_no_more(
    small: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").mkdir()
    own = images(tmp_path / "home" / "clothes.npz")
    new_assignment(small, "clothes", kind="keras", data=own)
    monkeypatch.delenv("FAIRGRADE_DATA", raising=False)
    # On the instructor's machine the whole file lies in data/: the same part of it.
    monkeypatch.chdir(small.root / "source" / "clothes")
    assert load_arrays("clothes.npz")["y_test"].tolist() == [0, 2]
    fresh = load_course(small.root)
    release = generate(fresh, fresh.assignment("clothes"))
    with np.load(release / "clothes.npz") as part:
        assert len(part["x_train"]) == 6 and part["y_test"].tolist() == [0, 2]
    student = tmp_path / "student"
    student.mkdir()
    (release / "clothes.npz").rename(student / "clothes.npz")
    monkeypatch.chdir(student)
    assert load_arrays("clothes.npz")["y_test"].tolist() == [0, 2]
    with pytest.raises(FileNotFoundError, match="came with the assignment"):
        load_arrays("other.npz")


def test_a_new_course_has_what_the_repositorys_has(tmp_path: Path) -> None:
    course = init_course(tmp_path / "My course", title="Données: I")
    assert (course.id, course.title) == ("my-course", "Données: I")
    assert course.assignments == () and course.students() == []
    own = (course.root / "nbgrader_config.py").read_text()
    assert own == (ROOT / "nbgrader_config.py").read_text()
    with pytest.raises(FairgradeError, match="not empty"):
        init_course(course.root)
    with pytest.raises(FairgradeError, match="cannot name a course"):
        init_course(tmp_path / "2026+")
    for kind in ("keras", "plain"):  # with data, without, into an empty list
        new_assignment(load_course(course.root), f"first-{kind}", kind=kind)
    names = [each.name for each in load_course(course.root).assignments]
    assert names == ["first-keras", "first-plain"]


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here")
def test_grades_stay_out_of_a_new_courses_repository(tmp_path: Path) -> None:
    course = init_course(tmp_path / "course")
    subprocess.run(["git", "init", "-q", course.root], check=True)
    kept = ["roster.csv", "source/a/rows.csv", "course.yml"]
    away = ["grades.csv", "feedback.zip", "gradebook.db", "submitted/ada/a/a.ipynb"]
    check = ["git", "-C", course.root, "check-ignore", *kept, *away]
    told = subprocess.run(check, capture_output=True, text=True)
    assert told.stdout.split() == away
