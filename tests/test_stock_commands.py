"""nbgrader's commands that run no student's code do as fairgrade's."""

from __future__ import annotations

import csv
import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.apps.baseapp import NbGrader
from nbgrader.apps.exportapp import ExportApp
from nbgrader.utils import compute_checksum

import forking
from fairgrade.course.course import Course, load_course
from fairgrade.grading.autograde import autograde
from tiny import NAME, hand_in, make_course, path_without

CONFIG = Path(__file__).parents[1] / "nbgrader_config.py"
TIME = "2026-12-06 20:00:00.000000 UTC"  # two days late
LATE = "exchange: exchange\nlate: {penalty: percent, percent_per_day: 10}"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A graded class: ada's came by the exchange, late; cleo's waits for a look."""
    root = tmp_path_factory.mktemp("course") / "course"
    course = make_course(root, extra=LATE)
    shutil.copy(CONFIG, root)
    hand_in(course, {name: "doubled = 4" for name in ("ada", "ben", "cleo")})
    folder = root / "submitted" / "ada" / NAME
    (folder / "timestamp.txt").write_text(TIME)
    (folder / "submission_secret.txt").write_text("a" * 64)
    inbound = root / "exchange" / course.id / "inbound"
    (inbound / f"ada+{NAME}+{TIME}+x7Gh2kLm").mkdir(parents=True)
    list(autograde(course, course.assignment(NAME)))
    path = root / "autograded" / "cleo" / NAME / f"{NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata["fairgrade"]["findings"] = ["Look at this."]
    path.chmod(0o644)
    nbformat.write(notebook, path)
    return course


@pytest.fixture
def course(original: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A copy of it, in which commands are run."""
    shutil.copytree(original.root, tmp_path / "course")
    monkeypatch.chdir(tmp_path / "course")
    return load_course(tmp_path / "course")


@pytest.fixture
def api(course: Course) -> NbGraderAPI:
    """nbgrader's API as formgrader makes it, from the course's configuration."""
    app = NbGrader()
    app.load_config_file()
    return NbGraderAPI(config=app.config)


def pages(course: Course) -> dict[str, str]:
    found = (course.root / "feedback").glob(f"*/{NAME}/{NAME}.html")
    return {path.parent.parent.name: path.read_text() for path in found}


def test_generate_assignment_does_as_generate(course: Course, api: NbGraderAPI) -> None:
    path = course.root / "course.yml"
    path.write_text(path.read_text().replace("points: 3", "points: 4"))
    released = course.root / "release" / NAME / f"{NAME}.ipynb"
    before = released.read_bytes()
    refused = api.generate_assignment(NAME)
    assert not refused["success"]
    assert "course.yml says 4" in refused["log"] and refused["log"].count("\n") == 1
    assert released.read_bytes() == before
    path.write_text(path.read_text().replace("points: 4", "points: 3"))
    released.unlink()
    kept = api.generate_assignment(NAME, force=False)
    assert "--force makes it anew" in kept["log"] and not released.exists()
    made = api.generate_assignment(NAME)
    assert made["success"] and released.read_bytes() == before


def test_feedback_is_made_and_given_out_without_what_waits(
    course: Course, api: NbGraderAPI
) -> None:
    made = api.generate_feedback(NAME)
    assert made["success"], made
    assert "held back until a person has looked: cleo" in made["log"]
    assert sorted(pages(course)) == ["ada", "ben"]
    for page in pages(course).values():
        assert "assert doubled" not in page
    refused = api.generate_feedback(NAME, "cleo")
    assert not refused["success"] and "fairgrade queue doubling" in refused["log"]

    # A page from before it was held back is not given out, either.
    shutil.copytree(course.root / "feedback/ada", course.root / "feedback/cleo")
    given = api.release_feedback(NAME)
    assert given["success"], given
    assert "Released 1 through the exchange." in given["log"]
    assert "not handed in by the exchange: ben" in given["log"]
    out = course.root / "exchange/tiny/feedback"
    assert len(list(out.iterdir())) == 1
    # What has the exchange's secret can be fetched, also without a time.
    (course.root / "feedback/ben" / NAME / "submission_secret.txt").write_text("b" * 64)
    assert "Released 2 through" in api.release_feedback(NAME)["log"]
    assert len(list(out.iterdir())) == 2


def test_penalties_on_pages_are_those_of_today(
    course: Course, api: NbGraderAPI
) -> None:
    assert api.generate_feedback(NAME, "ada")["success"]
    assert "0.6 points are taken off" in pages(course)["ada"]
    path = course.root / "course.yml"
    path.write_text(
        path.read_text().replace("percent_per_day: 10", "percent_per_day: 20")
    )
    assert api.generate_feedback(NAME, "ada")["success"]
    assert "1.2 points are taken off" in pages(course)["ada"]


def test_a_release_that_gives_something_away_is_refused(
    course: Course, api: NbGraderAPI
) -> None:
    outbound = course.root / "exchange" / course.id / "outbound" / NAME
    path = course.root / "release" / NAME / f"{NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    good = notebook.cells[2].source
    notebook.cells[2].source += "\nassert doubled == 4, 'doubled is wrong'"
    nbformat.write(notebook, path)
    refused = api.release_assignment(NAME)
    assert not refused["success"]
    assert "gives away 'assert doubled == 4" in refused["log"]
    assert not outbound.exists()
    notebook.cells[2].source = good
    nbformat.write(notebook, path)
    assert api.release_assignment(NAME)["success"]
    assert (outbound / f"{NAME}.ipynb").is_file()


def test_export_has_penalties_of_today_and_nothing_that_waits(
    course: Course,
) -> None:
    path = course.root / "course.yml"
    path.write_text(
        path.read_text().replace("percent_per_day: 10", "percent_per_day: 20")
    )
    with Gradebook(f"sqlite:///{course.root}/gradebook.db", course.id) as gradebook:
        gradebook.update_or_create_student("ben", last_name="=1+1, x")
    app = ExportApp()
    app.initialize(["--to", "grades.csv"])
    app.start()
    rows = csv.DictReader(
        (course.root / "grades.csv").read_text("utf-8-sig").splitlines()
    )
    found = {row["student_id"]: row for row in rows}
    assert {name: row["score"] for name, row in found.items()} == {
        "ada": "1.8",
        "ben": "3.0",
        "cleo": "",
    }
    assert found["ben"]["last_name"] == "'=1+1, x"


LOOK = "from pathlib import Path\nimport os\ndoubled = 4\n"
LOOK += "(Path(os.environ['FAIRGRADE_DATA']).parent / 'ran').touch()"


def validate(course: Course, path: Path, **env: str) -> subprocess.CompletedProcess:
    env = {"FAIRGRADE_DATA": str(course.root / "data")} | env
    return forking.run(course.root, "nbgrader", "validate", str(path), **env)


@pytest.mark.slow
def test_validate_seals_off_what_is_not_the_instructors_own(course: Course) -> None:
    hand_in(course, {"spy": LOOK, "ada": "doubled = 2 * n"})
    notebook = f"{NAME}/{NAME}.ipynb"
    # Students' notebooks have a visible check, and may not hold files of the course.
    for student in ("spy", "ada"):
        path = course.root / "submitted" / student / notebook
        nb = nbformat.read(path, as_version=4)
        nb.cells[2].source = "assert doubled == 4"
        nb.cells[2].metadata.nbgrader.checksum = compute_checksum(nb.cells[2])
        nbformat.write(nb, path)
        done = validate(course, path)
        assert "Success! Your notebook passes all the tests." in done.stdout, done
    assert not (course.root / "ran").exists()
    # The source may read what is the course's.
    source = course.root / "source" / notebook
    nb = nbformat.read(source, as_version=4)
    nb.cells[1].source += "\n" + LOOK
    nbformat.write(nb, source)
    assert "Success!" in validate(course, source).stdout
    assert (course.root / "ran").exists()


@pytest.mark.slow
def test_without_a_sandbox_validate_runs_nothing_of_students(
    course: Course, tmp_path: Path
) -> None:
    hand_in(course, {"spy": LOOK})
    without = path_without(tmp_path / "bin", "bwrap")
    path = course.root / "submitted" / "spy" / NAME / f"{NAME}.ipynb"
    done = validate(course, path, PATH=without)
    assert done.returncode == 1
    assert "apt-get install bubblewrap" in done.stderr
    assert not (course.root / "ran").exists()
    released = course.root / "release" / NAME / f"{NAME}.ipynb"
    assert validate(course, released, PATH=without).returncode == 0
