"""nbgrader's own commands and formgrader's buttons in a course that was adopted."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import nbformat
import pytest
from nbgrader.apps import NbGraderAPI
from nbgrader.apps.baseapp import NbGrader
from nbgrader.tests import run_nbgrader
from nbgrader.utils import notebook_hash

import adopted
import forking
from adopted import ANSWERS, NAME, STEMS
from fairgrade.course.course import load_course
from fairgrade.grading.ledger import Ledger

LINES = "\nfrom fairgrade.nbgrader_bridge import seal\nseal(c)\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course with the two lines, of which no command was called yet."""
    root = tmp_path / "a course"
    root.mkdir()
    adopted.make_course(root)
    with (root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(LINES)
    monkeypatch.chdir(root)
    return root


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_the_command_line_sets_holds(folder: Path) -> None:
    run_nbgrader(
        [
            *("generate_assignment", NAME, "--GenerateAssignment.permissions=444"),
            "--ClearSolutions.text_stub=Yours",
        ]
    )
    released = folder / "handed out" / NAME
    first = nbformat.read(released / f"{STEMS[0]}.ipynb", as_version=4)
    assert "Yours" in [cell.source for cell in first.cells]
    assert mode(released / "helper.py") == 0o444
    run_nbgrader(["generate_assignment", NAME, "--force"])
    assert mode(released / "helper.py") == 0o644


def test_no_assignment_is_made_where_that_is_switched_off(folder: Path) -> None:
    off = "--GenerateAssignment.create_assignment=False"
    said = run_nbgrader(["generate_assignment", NAME, off], retcode=1)
    assert f"Run: nbgrader db assignment add '{NAME}'" in said
    assert not (folder / "handed out").exists()
    run_nbgrader(["db", "assignment", "add", NAME])
    run_nbgrader(["generate_assignment", NAME, off])
    assert (folder / "handed out" / NAME).is_dir()


def test_what_was_graded_is_not_done_without_its_notebooks(folder: Path) -> None:
    run_nbgrader(["generate_assignment", NAME])
    course = load_course(folder)
    graded = course.folder("autograded", NAME, "ada")
    graded.mkdir(parents=True)
    ledger = Ledger(course, course.assignment(NAME), "key")
    ledger.enter("ada", "digest")
    for stem in STEMS:
        assert not ledger.done("ada", "digest")
        (graded / f"{stem}.ipynb").touch()
    assert ledger.done("ada", "digest")


def test_no_time_is_set_for_one_run_alone(folder: Path) -> None:
    run_nbgrader(["generate_assignment", NAME])
    adopted.hand_in(folder, "ada", ANSWERS)
    said = run_nbgrader(["autograde", NAME, "--Execute.timeout=2"], retcode=1)
    assert "limits: in course.yml holds for all" in said
    assert not (folder / "autograded").exists()


def test_notebooks_of_an_older_nbgrader_are_named(folder: Path) -> None:
    source = folder / "teaching" / NAME
    for path in source.glob("*.ipynb"):
        path.write_text(
            path.read_text().replace('"schema_version": 3', '"points": "1"')
        )
    off = "--CheckCellMetadata.enabled=False"
    said = run_nbgrader(["generate_assignment", NAME, off], retcode=1)
    assert f"Run: nbgrader update '{source}'" in said


#: Outside a sandbox this would leave a file in the course's folder.
SPY = "open({!r}, 'w').close()\n"


def submit(exchange: Path, student: str, folder: Path) -> str:
    """What `nbgrader submit` leaves of a folder in the exchange; its secret."""
    time, secret = (
        "2026-12-01 10:00:00.000000 UTC",
        student.encode().hex().ljust(64, "0"),
    )
    (folder / "timestamp.txt").write_text(time)
    (folder / "submission_secret.txt").write_text(secret)
    inbound = exchange / "shapes" / "inbound"
    shutil.move(folder, inbound / f"{student}+{NAME}+{time}+x7Gh2kLmAbCd")
    return secret


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_buttons_and_validate_where_each_student_has_a_folder(folder: Path) -> None:
    exchange = folder.parent / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    config = folder / "nbgrader_config.py"
    text = config.read_text(encoding="utf-8")
    text = text.replace(
        "{nbgrader_step}/{assignment_id}/{student_id}",
        "{student_id}/{nbgrader_step}/{assignment_id}",
    )
    said = f"c.CourseDirectory.submitted_directory = 'in'\n{LINES}"
    said = f"c.Exchange.root = {str(exchange)!r}\n{said}"
    config.write_text(text.replace(LINES, said), encoding="utf-8")
    app = NbGrader()
    app.load_config_file()
    api = NbGraderAPI(config=app.config)
    assert api.generate_assignment(NAME)["success"]
    assert api.release_assignment(NAME)["success"]
    secrets = {}
    spy = SPY.format(f"{folder}/ran") + ANSWERS["square"]
    reads = f"open('data/raw/numbers.csv').close()\n{ANSWERS['square']}"
    for student, square in {"ada": reads, "spy": spy}.items():
        answers = ANSWERS | {"square": square}
        adopted.hand_in(folder, student, answers)
        secrets[student] = submit(exchange, student, folder / student / "in" / NAME)
    assert api.get_submitted_students(NAME) == set()
    collected = api.collect(NAME)
    assert collected["success"], collected
    assert "Collecting submission: ada" in collected["log"]
    assert api.get_submitted_students(NAME) == {"ada", "spy"}

    graded = api.autograde(NAME, "ada")
    assert graded["success"], graded
    assert graded["log"].startswith("[INFO] ada: 7 of 13 points, graded.")
    graded = api.autograde(NAME, "spy")
    assert graded["success"], graded
    assert graded["log"].startswith("[INFO] spy: 4 of 13 points, graded")
    assert (folder / "ada" / "autograded" / NAME / f"{STEMS[0]}.ipynb").is_file()
    made = api.generate_feedback(NAME)
    assert made["success"], made
    assert (folder / "spy" / "feedback" / NAME / f"{STEMS[1]}.html").is_file()
    given = api.release_feedback(NAME, "ada")
    assert "Released 1 through" in given["log"], given
    pages = {path.stem for path in (exchange / "shapes" / "feedback").iterdir()}
    assert pages == {
        notebook_hash(secret=secrets["ada"], notebook_id=stem) for stem in STEMS
    }

    def validate(path: Path) -> str:
        return forking.run(folder, "nbgrader", "validate", str(path)).stdout

    notebook = f"{STEMS[1]}.ipynb"
    mine = folder / "ada" / "in" / NAME
    shutil.copytree(folder / "teaching" / NAME / "data", mine / "data")
    said = validate(mine / notebook)
    assert "Success! Your notebook passes all the tests." in said
    assert "FAILED ON 2 CELL(S)" in validate(folder / "spy" / "in" / NAME / notebook)
    assert not (folder / "ran").exists()
    # The instructor's own runs as ever.
    source = folder / "teaching" / NAME / notebook
    own = nbformat.read(source, as_version=4)
    own.cells[0].source = spy
    nbformat.write(own, source)
    assert "Success!" in validate(source)
    assert (folder / "ran").exists()
