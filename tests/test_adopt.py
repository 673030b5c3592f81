"""nbgrader courses are taken in as they are, whatever their shape."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from typer.testing import CliRunner

import adopted
from adopted import NAME, STEMS
from fairgrade.authoring.adopt import adopt, look
from fairgrade.authoring.generate import generate, with_tests
from fairgrade.authoring.release import check_release
from fairgrade.cli import app
from fairgrade.cli.base import this_course
from fairgrade.course.course import Course, load_course
from fairgrade.errors import CourseError, FairgradeError
from fairgrade.nbgrader_bridge.api import quiet_api_for
from fairgrade.nbgrader_bridge.config import prepare_environment
from fairgrade.verify.lint import lint
from fairgrade.verify.scratch import scratch_course


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "a course"
    root.mkdir()
    adopted.make_course(root)
    return root


def _files(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file()
    }


def test_adopting_writes_one_file_and_can_be_repeated(folder: Path) -> None:
    before = _files(folder)
    course, new = adopt(folder / "teaching" / NAME)
    assert new
    after = _files(folder)
    assert after.keys() - before.keys() == {"course.yml"}
    again, new = adopt(folder)
    assert not new
    assert again == course
    assert _files(folder) == after
    assert before.items() <= after.items()


def test_what_nbgrader_knows_is_not_said_again(folder: Path) -> None:
    course, _ = adopt(folder)
    assert course.id == "shapes"
    assert [a.name for a in course.assignments] == [NAME]
    text = (folder / "course.yml").read_text(encoding="utf-8")
    assert "assignments" not in text
    assert course.folder("source", NAME) == folder / "teaching" / NAME
    assert (
        course.folder("submitted", NAME, "ada") == folder / "submitted" / NAME / "ada"
    )
    (folder / "teaching" / "later").mkdir()
    assert [a.name for a in load_course(folder).assignments] == [
        NAME
    ]  # no notebook yet
    source = folder / "teaching" / NAME / f"{STEMS[0]}.ipynb"
    (folder / "teaching" / "later" / "x.ipynb").write_bytes(source.read_bytes())
    assert [a.name for a in load_course(folder).assignments] == ["later", NAME]


def _seconds(course: Course) -> tuple[float, float]:
    limits = course.assignments[0].limits
    assert limits == course.limits
    return limits.cell_seconds, limits.submission_seconds


def test_nbgraders_timeout_is_a_limit(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = folder / "nbgrader_config.py"
    before = config.read_text()
    config.write_text(f"{before}\nc.Execute.timeout = 600\n")
    course, _ = adopt(folder)
    assert _seconds(course) == (600, 1500)
    assert "limits" not in (folder / "course.yml").read_text()
    _, copied = scratch_course(course, course.assignments[0], folder / "tried")
    assert copied.limits == course.assignments[0].limits
    # Written otherwise, and later: it is read by each command.
    config.write_text(f"{before}\nc.ExecutePreprocessor.timeout = 40\n")
    monkeypatch.chdir(folder)
    assert _seconds(this_course()) == (40, 300)
    config.write_text(f"{before}\nc.Execute.timeout = None\n")
    assert _seconds(this_course()) == (120, 300)
    config.write_text(f"{before}\nc.Execute.timeout = 600\n")
    with (folder / "course.yml").open("a", encoding="utf-8") as file:
        file.write("limits: {cell_seconds: 30}\n")
    assert _seconds(this_course()) == (30, 300)


def test_a_course_without_an_id_is_called_as_its_folder(folder: Path) -> None:
    config = folder / "nbgrader_config.py"
    lines = config.read_text().splitlines()
    config.write_text("\n".join(x for x in lines if "course_id" not in x))
    course, _ = adopt(folder)
    assert (course.id, course.title) == ("", "a course")


def test_an_assignment_is_looked_at(folder: Path) -> None:
    course, _ = adopt(folder)
    found = look(course, course.assignments[0])
    assert found.notebooks == STEMS
    assert (found.points, found.tests, found.by_hand) == (13, 4, 2)
    assert set(found.files) == {"helper.py", "data/raw/numbers.csv", "picture.png"}


def test_other_folders_than_before_are_named(folder: Path) -> None:
    adopt(folder)
    config = folder / "nbgrader_config.py"
    config.write_text(config.read_text().replace('"teaching"', '"source"'))
    with pytest.raises(FairgradeError, match="Write there: nbgrader: {release"):
        adopt(folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("c = get_config()\nc.X = 1 / 0\n", "ZeroDivisionError: division by zero"),
        ("import sys\nsys.exit('no')\n", "SystemExit: no. Mend it"),
        ('c.CourseDirectory.directory_structure = "{student_id}"', "nbgrader_step"),
        (
            "c.CourseDirectory.directory_structure = "
            "'{assignment_id}/{nbgrader_step}/{student_id}'",
            "needs {nbgrader_step} before {assignment_id}",
        ),
    ],
)
def test_a_configuration_that_cannot_be_used_is_named(
    folder: Path, text: str, message: str
) -> None:
    (folder / "nbgrader_config.py").write_text(text)
    with pytest.raises(CourseError, match=message):
        adopt(folder)
    assert not (folder / "course.yml").exists()


def test_without_a_course_it_says_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="No nbgrader course in"):
        adopt(tmp_path)


def test_students_and_due_dates_are_nbgraders(folder: Path) -> None:
    course, _ = adopt(folder)
    assert course.students() == []
    prepare_environment(course)
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        gradebook.add_student("ada", first_name="Ada", email="ada@example.org")
        gradebook.add_assignment(NAME, duedate="2026-12-04 23:59:00 UTC")
    assert [(s.id, s.name) for s in course.students()] == [("ada", "Ada")]
    generate(course, course.assignments[0])
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        assert str(gradebook.find_assignment(NAME).duedate) == "2026-12-04 23:59:00"


def test_nbgraders_own_settings_hold(folder: Path) -> None:
    course, _ = adopt(folder)
    generate(course, course.assignments[0])
    release = course.folder("release", NAME)
    assert "# your turn" in (release / f"{STEMS[0]}.ipynb").read_text(encoding="utf-8")
    assert (release / "data" / "raw" / "numbers.csv").is_file()
    assert check_release(course, course.assignments[0]) == release


def test_nbgraders_commands_are_sealed_by_two_lines(folder: Path) -> None:
    config = folder / "nbgrader_config.py"
    adopt(folder)
    lines = "from fairgrade.nbgrader_bridge import seal\nseal(c)\n"
    config.write_text(config.read_text() + lines)
    course = load_course(folder)
    api = quiet_api_for(course)  # reads the file, and is not led round in a circle
    assert api.coursedir.source_directory == "teaching"


def test_lint_leaves_an_adopted_notebooks_style_alone(folder: Path) -> None:
    course, _ = adopt(folder)
    first, second = course.parts(course.assignments[0])
    assert lint(course, first) == []
    path = course.folder("source", NAME) / f"{STEMS[1]}.ipynb"
    text = path.read_text(encoding="utf-8").replace('"total-test"', '"square-test"')
    path.write_text(text.replace("square(-2) == 4", "cube(2) == 8"), encoding="utf-8")
    told = " ".join(problem.text for problem in lint(course, second))
    assert "there 2 times" in told
    assert "'cube' is used here and is never defined" in told
    assert "%%time" not in told


def test_where_nobody_is_in_the_course_it_is_said_how_students_come_in(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    adopt(folder)
    hand_in = tmp_path / "download" / "ada"
    hand_in.mkdir(parents=True)
    (hand_in / f"{STEMS[0]}.ipynb").write_text("{}")
    monkeypatch.chdir(folder)
    done = CliRunner().invoke(app, ["collect", NAME, str(hand_in.parent)])
    assert done.exit_code == 1 and "nbgrader db student add" in str(done.exception)
    (folder / "roster.csv").write_text("id\n")
    done = CliRunner().invoke(app, ["collect", NAME, str(hand_in.parent)])
    assert done.exit_code == 1 and "in roster.csv, then" in str(done.exception)


@pytest.mark.parametrize(
    "line", ["### AUTOTEST x", "# AUTOTEST x", "#HASHED AUTOTEST x"]
)
@pytest.mark.parametrize("delimiter", ["AUTOTEST", "MAKE"])
def test_tests_that_nbgrader_made_of_a_comment_are_graded(
    folder: Path, line: str, delimiter: str
) -> None:
    with (folder / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(f"c.InstantiateTests.autotest_delimiter = {delimiter!r}\n")
    course, _ = adopt(folder)
    part = course.parts(course.assignments[0])[0]
    prepare_environment(course)
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        gradebook.add_assignment(part.name)
        gradebook.add_notebook(part.stem, part.name)
        made = {"source": "assert x == 5", "cell_type": "code"}
        gradebook.add_source_cell("a-test", part.stem, part.name, **made)
    source = adopted.notebook_with_test(line.replace("AUTOTEST", delimiter))
    with_tests(course, part, source)
    assert source.cells[0].source == "assert x == 5"
    said = adopted.notebook_with_test("# AUTO tests of x\nassert x")
    with_tests(course, part, said)
    assert said.cells[0].source.endswith("assert x")
