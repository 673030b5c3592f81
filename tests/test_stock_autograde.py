"""`nbgrader autograde` and formgrader's button take the sealed way, or refuse."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.apps.baseapp import NbGrader

import forking
from browser import Page, chromium, jupyter_lab
from fairgrade.course.course import Course, load_course
from fairgrade.grading.autograde import autograde
from fairgrade.grading.ledger import Ledger
from fairgrade.nbgrader_bridge.api import quiet_api_for
from tiny import NAME, hand_in, make_course, path_without

CONFIG = Path(__file__).parents[1] / "nbgrader_config.py"
PROGRAMS = Path(sys.executable).parent
LATE = "exchange: exchange\nlate: {penalty: percent, percent_per_day: 10}"
ANSWERS = {
    "ada": "doubled = 2 * n",
    "ben": "doubled = 5",
    "cleo": "import os\ndoubled = 4\nos._exit(1)",
    "dan": "doubled = lambda: 4",
    "late": "doubled = 4",
    # In the course's folder it would leave a file, in a sandbox it fails.
    "spy": "open(os.environ['FAIRGRADE_DATA'] + '/../ran', 'w')\ndoubled = 4",
}


def stock(course: Course, *arguments: str, **env: str) -> subprocess.CompletedProcess:
    """An nbgrader command, run in the course's folder."""
    env = {"FAIRGRADE_DATA": str(course.root / "data")} | env
    if "PYTHONPATH" not in env:
        return forking.run(course.root, "nbgrader", *arguments, **env)
    return subprocess.run(
        [PROGRAMS / "nbgrader", *arguments],
        cwd=course.root,
        env=os.environ | env,
        capture_output=True,
        text=True,
        timeout=600,
    )


def make_class(root: Path) -> Course:
    """A course with nbgrader's configuration, and a class of all kinds."""
    course = make_course(root, extra=LATE)
    shutil.copy(CONFIG, root)
    hand_in(course, ANSWERS)
    (root / "submitted" / "broken" / NAME).mkdir(parents=True)
    (root / "submitted" / "broken" / NAME / f"{NAME}.ipynb").write_text("{")
    time = "2026-12-06 20:00:00.000000 UTC"  # two days late
    (root / "submitted" / "late" / NAME / "timestamp.txt").write_text(time)
    inbound = root / "exchange" / course.id / "inbound"
    (inbound / f"late+{NAME}+{time}+x7Gh2kLm").mkdir(parents=True)
    return course


def grades(course: Course) -> dict[str, object]:
    """What the gradebook says of each student."""
    with Gradebook(f"sqlite:///{course.root}/gradebook.db", course.id) as gradebook:
        return {
            s.student.id: (
                [(g.name, g.auto_score) for n in s.notebooks for g in n.grades],
                [(c.name, c.comment) for n in s.notebooks for c in n.comments],
                (s.score, s.late_submission_penalty, str(s.timestamp)),
                (s.needs_manual_grade, str(s.extension)),
            )
            for s in gradebook.assignment_submissions(NAME)
        }


#: What a run took is another each time.
USED = re.compile(r',?\n   "used": \{.*?\n   \}', re.DOTALL)


def record(course: Course) -> dict[str, object]:
    """Grades, what lies in autograded/, and what is noted as graded."""
    found: dict[str, object] = {"grades": grades(course)}
    for folder in ("autograded", ".fairgrade/graded"):
        for path in sorted((course.root / folder).rglob("*")):
            if path.is_file():
                text = re.sub(USED, "", path.read_text())
                found[str(path.relative_to(course.root))] = (
                    # A kernel that dies may have told the number of its cell, or not.
                    re.sub(r"(?<=execution_count.: )(\d+|null)", "", text),
                    oct(path.stat().st_mode),
                )
    return found


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The class, graded by fairgrade."""
    course = make_class(tmp_path_factory.mktemp("ours") / "course")
    list(autograde(course, course.assignment(NAME)))
    return course


@pytest.fixture
def graded(ours: Course, tmp_path: Path) -> Course:
    """The same, to change at will."""
    shutil.copytree(ours.root, tmp_path / "course")
    return load_course(tmp_path / "course")


def api(course: Course) -> NbGraderAPI:
    """nbgrader's API as formgrader makes it, from the course's configuration."""
    app = NbGrader()
    app.load_config_file()
    return NbGraderAPI(config=app.config)


@pytest.mark.slow
def test_nbgrader_autograde_leaves_the_same_record(
    ours: Course, tmp_path: Path
) -> None:
    course = make_class(tmp_path / "course")
    done = stock(course, "autograde", NAME)
    assert done.returncode == 0, done.stderr
    assert record(course) == record(ours)
    assert not (course.root / "ran").exists()
    assert grades(course)["late"][2][:2] == (3, pytest.approx(0.6))
    assert "ada: 3 of 3 points, graded." in done.stderr
    assert "broken: 0 of 3 points, ungradable." in done.stderr
    assert "Traceback" not in done.stderr
    again = stock(course, "autograde", NAME)
    assert again.returncode == 0
    assert "7 had been graded before; --force grades them again." in again.stderr


@pytest.mark.slow
def test_the_button_after_fairgrade_autograde_runs_nothing_again(
    graded: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(graded.root)
    before = record(graded)
    # There is no sandbox to run anything in, and none is needed.
    result = api(graded).autograde(NAME, "ada")
    assert result["success"], result
    assert result["log"] == "[INFO] ada: 3 of 3 points, graded.\n"
    assert record(graded) == before


@pytest.mark.slow
@pytest.mark.parametrize("make", [api, quiet_api_for])
def test_the_api_grades_one_student_sealed(
    make: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = make_class(tmp_path / "course")
    monkeypatch.chdir(course.root)
    result = make(course).autograde(NAME, "spy")  # type: ignore[operator]
    assert result["success"], result
    assert list(grades(course)) == ["spy"]
    assert not (course.root / "ran").exists()
    path = course.root / "autograded" / "spy" / NAME / f"{NAME}.ipynb"
    own = nbformat.read(path, as_version=4).metadata["fairgrade"]
    assert own["provenance"]["isolation"] == "full"
    assert Ledger.knows(course, course.assignment(NAME), "spy")


@pytest.fixture
def no_bubblewrap(tmp_path: Path) -> str:
    """A PATH on which there is everything but bwrap."""
    return path_without(tmp_path / "bin", "bwrap")


def refusal(done: subprocess.CompletedProcess) -> str:
    """The one line with which a command refused."""
    assert done.returncode == 1, done.stderr
    (line,) = re.findall(r"\| ERROR\] *(.*)", re.sub(r"\x1b\[\d*m", "", done.stderr))
    assert "Traceback" not in done.stderr
    return line


@pytest.mark.slow
def test_without_a_sandbox_nothing_runs_and_grades_stay(
    graded: Course, no_bubblewrap: str
) -> None:
    before = record(graded)
    hand_in(graded, {"ada": ANSWERS["spy"]})
    done = stock(graded, "autograde", NAME, "--force", PATH=no_bubblewrap)
    assert "apt-get install bubblewrap" in refusal(done)
    assert record(graded) == before
    assert not (graded.root / "ran").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("option", "says"),
    [
        ("--no-execute", "--no-execute would give points for"),
        (
            "--notebook=other",
            "All notebooks of doubling are graded together. Leave out --notebook.",
        ),
        ("--db=sqlite:///other.db", "CourseDirectory.db_url is sqlite:////"),
        ("--course=other", "CourseDirectory.course_id is tiny"),
        ("--Autograde.create_student=False", "No student with ID 'newton'"),
    ],
)
def test_options_that_mean_something_else_are_refused(
    graded: Course, option: str, says: str
) -> None:
    before = record(graded)
    hand_in(graded, {"newton": "doubled = 4"})
    folder = graded.root / "submitted" / "newton" / NAME
    shutil.copy(folder / f"{NAME}.ipynb", folder / "other.ipynb")
    done = stock(graded, "autograde", NAME, option, "--force", "--student=new*")
    assert says in refusal(done)
    assert record(graded) == before


@pytest.mark.slow
def test_what_course_yml_does_not_say_is_refused(graded: Course) -> None:
    before = record(graded)
    shutil.copytree(
        graded.root / "submitted" / "ada" / NAME,
        graded.root / "submitted" / "ada" / "other",
    )
    done = stock(graded, "autograde", "other")
    assert refusal(done) == "There is no assignment 'other'. course.yml has: doubling."
    assert record(graded) == before


@pytest.mark.slow
def test_a_broken_course_yml_does_not_unseal(graded: Course) -> None:
    before = record(graded)
    with (graded.root / "course.yml").open("a") as file:
        file.write("unknown: 1\n")
    done = stock(graded, "autograde", NAME, "--force", "--student=spy")
    assert done.returncode == 1
    assert "'unknown' is not a setting" in done.stderr
    assert "Traceback" not in done.stderr
    assert record(graded) == before
    assert not (graded.root / "ran").exists()


@pytest.mark.slow
def test_an_environment_without_fairgrade_grades_nothing(graded: Course) -> None:
    before = record(graded)
    hidden = graded.root.parent / "hidden" / "fairgrade"
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").write_text("raise ImportError\n")
    done = stock(graded, "autograde", NAME, "--force", PYTHONPATH=str(hidden.parent))
    assert done.returncode == 1
    assert done.stderr.startswith("fairgrade is not installed for ")
    assert len(done.stderr.splitlines()) == 1
    assert record(graded) == before


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with chromium(tmp_path / "profile") as opened:
        yield opened


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_formgraders_button(tmp_path: Path, page: Page, no_bubblewrap: str) -> None:
    course = make_class(tmp_path / "course")
    stock(course, "db", "student", "add", "spy")

    def press(url: str, student: str) -> str:
        """Press the button of a student; what the page then says."""
        page.driver.get(f"{url}/formgrader/manage_submissions/{NAME}")
        row = f"//td[contains(@class, 'student-id') and text()='{student}']/.."
        page.find("td.student-id", student)
        button = f"{row}//td[contains(@class, 'autograde')]/a"
        page.driver.find_element("xpath", button).click()
        lines = page.find(".modal-dialog .panel-warning pre").text.splitlines()
        # What the server itself does meanwhile may be there, too.
        return "\n".join(line for line in lines if "[DEBUG]" not in line)

    with jupyter_lab(course.root, tmp_path / "home") as url:
        assert press(url, "spy") == "[INFO] spy: 0 of 3 points, graded."
        assert press(url, "ada") == "[INFO] ada: 3 of 3 points, graded."
    assert not (course.root / "ran").exists()
    before = record(course)
    with jupyter_lab(course.root, tmp_path / "home", PATH=no_bubblewrap) as url:
        said = press(url, "cleo")
    assert said.startswith("[ERROR] bubblewrap (bwrap) is not installed.")
    assert len(said.splitlines()) == 1
    assert record(course) == before
