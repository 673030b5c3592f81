"""What decides a grade is graded again, and computes no more than it has to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from fairgrade.authoring.generate import generate
from fairgrade.course.course import Course, load_course
from fairgrade.grading.assessor import Assessor
from fairgrade.grading.autograde import autograde
from fairgrade.grading.progress import Counts
from fairgrade.plan.deciding import companions
from fairgrade.verify.record import source_key
from tiny import NAME, hand_in, make_course

PICTURE = b"\x89PNG\r\n\x1a\n\0\xff"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    made = make_course(tmp_path_factory.mktemp("deciding") / "course")
    source, tests = made.root / "source" / NAME, made.root / "grader_tests"
    for path, content in {
        source / "figure.png": PICTURE,
        source / "images" / "x.csv": b"1,2",
        source / ".hidden" / "key.txt": b"secret",
        source / ".key": b"secret",
        source / "__pycache__" / "x.pyc": b"",
        tests / "right.txt": b"4",
        tests / "data" / "more.bin": b"\xff\x00",
        tests / ".own.json": b"{}",
    }.items():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    generate(made, made.assignment(NAME))
    return made


def grade_key(course: Course, *, sealed: bool = True) -> str:
    course = load_course(course.root)
    return Assessor(course, course.assignment(NAME), sealed=sealed).key


def rewritten(path: Path, before: str, after: str) -> Callable[[], None]:
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))
    return lambda: path.write_text(text) and None


@pytest.mark.parametrize(
    "file",
    [
        "source/doubling/figure.png",
        "source/doubling/images/x.csv",
        "source/doubling/images/new.bin",
        "grader_tests/right.txt",
        "grader_tests/data/more.bin",
        "grader_tests/data/deeper/new.npy",
        "grader_tests/.own.json",
    ],
)
def test_each_file_that_a_run_or_a_test_may_read_decides(
    course: Course, file: str
) -> None:
    path = course.root / file
    before, content = grade_key(course), path.read_bytes() if path.exists() else None
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"\xffother")
    assert grade_key(course) != before
    path.unlink() if content is None else path.write_bytes(content)
    assert grade_key(course) == before


@pytest.mark.parametrize(
    ("before", "after", "decides"),
    [
        ("title: Doubling", "title: Twice", False),
        ("due: 2026-12-04", "due: 2026-12-05", False),
        ("title: Tiny", "title: Small", False),
        ("points: 3", "points: 4", True),
        ("cell_seconds: 30", "cell_seconds: 31", True),
        ("{doubled: value}", "{doubled: array}", True),
        ("licence: none", "licence: CC0", False),
    ],
)
def test_of_the_settings_titles_and_dates_decide_nothing(
    course: Course, before: str, after: str, decides: bool
) -> None:
    key, verified = grade_key(course), source_key(course, course.assignment(NAME))
    back = rewritten(course.root / "course.yml", before, after)
    try:
        now = load_course(course.root)
        assert (grade_key(course) != key) == decides
        assert (source_key(now, now.assignment(NAME)) != verified) == decides
    finally:
        back()


def test_a_threshold_decides_the_verdicts_that_are_kept(course: Course) -> None:
    def keys() -> list[str]:
        now = load_course(course.root)
        assessor = Assessor(now, now.assignment(NAME))
        return assessor.verdict_keys({}, {})

    before = keys()
    threshold = "thresholds: {least: 0.9}"
    back = rewritten(
        course.root / "course.yml", "points: 3", f"points: 3\n    {threshold}"
    )
    try:
        assert set(keys()).isdisjoint(before)
    finally:
        back()
    assert keys() == before


def test_without_a_sandbox_it_is_another_grade(course: Course) -> None:
    assert grade_key(course) != grade_key(course, sealed=False)


def test_what_is_hidden_reaches_no_student(course: Course) -> None:
    given = {"figure.png", "images/x.csv"}
    assert set(companions(course.folder("source", NAME))) == given
    release = course.root / "release" / NAME
    there = {str(p.relative_to(release)) for p in release.rglob("*") if p.is_file()}
    assert there == given | {f"{NAME}.ipynb"}


def graded(course: Course) -> tuple[float | None, int, int]:
    """ada's points, how many were graded now, and how many runs that took."""
    course, counts = load_course(course.root), Counts()
    found = list(autograde(course, course.assignment(NAME), counts=counts))
    points = found[0].score if found else None
    return points, counts.total, len(counts.run_seconds)


@pytest.mark.slow
def test_only_what_may_come_to_something_else_is_computed_again(tmp_path: Path) -> None:
    course = make_course(tmp_path / "course")
    path = course.root / "source" / NAME / f"{NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[-1].source = (
        "### BEGIN HIDDEN TESTS\nfrom pathlib import Path\n"
        "assert open('images/x.csv').read() == '1,2'\n"
        "right = int(Path('grader_tests', 'right.txt').read_text())\n"
        "assert doubled == right, 'doubled is wrong'\n### END HIDDEN TESTS"
    )
    nbformat.write(notebook, path)
    (path.parent / "images").mkdir()
    (path.parent / "images" / "x.csv").write_text("1,2")
    (path.parent / "figure.png").write_bytes(PICTURE)
    right = course.root / "grader_tests" / "right.txt"
    right.write_text("5")
    generate(course, course.assignment(NAME))
    answer = "doubled = 2 * n if open('images/x.csv').read() == '1,2' else 0\n"
    answer += "assert open('figure.png', 'rb').read(4)[1:] == b'PNG'"
    hand_in(course, {"ada": answer})
    assert graded(course) == (0, 1, 1)
    assert graded(course) == (None, 0, 0)
    right.write_text("4")
    assert graded(course) == (3, 1, 0)
    rewritten(course.root / "course.yml", "title: Doubling", "title: Twice")
    assert graded(course) == (None, 0, 0)
    (path.parent / "images" / "y.csv").write_text("3")
    assert graded(course) == (3, 1, 1)
