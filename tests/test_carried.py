"""Released notebooks run where fairgrade is not installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from conftest import copy_course
from fairgrade.authoring.carried import carried_files, carrying_cell
from fairgrade.authoring.generate import generate, solved_release
from fairgrade.authoring.release import release_zip
from fairgrade.authoring.standalone import NAME
from fairgrade.course.course import Course
from fairgrade.course.data import declared
from fairgrade.errors import CourseError

LESSONS = ("preparing-data", "dense-network", "improving-your-network")
#: Says which modules of a folder cannot be imported by themselves.
_IMPORT_ALL = """
import importlib, pathlib, sys
sys.path[:] = [sys.argv[1], *(p for p in sys.path if p)]
sys.meta_path[:] = [f for f in sys.meta_path if "editable" not in repr(f)]
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.py")):
    name = ".".join(path.relative_to(sys.argv[1]).with_suffix("").parts)
    name = name.removesuffix(".__init__")
    if name not in sys.argv[2:]:
        module = importlib.import_module(name)
        assert module.__file__ == str(path), module.__file__
print("all")
"""


@pytest.fixture(scope="module")
def given_out(tmp_path_factory: pytest.TempPathFactory) -> Course:
    course = copy_course(tmp_path_factory.mktemp("course"))
    for name in LESSONS:
        generate(course, course.assignment(name))
    return course


def unpack(files: dict[str, str], folder: Path) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_what_is_imported_is_brought_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "helpers").mkdir()
    (tmp_path / "helpers" / "__init__.py").write_text("")
    (tmp_path / "helpers" / "sums.py").write_text("def add(a, b):\n    return a + b\n")
    (tmp_path / "checks.py").write_text("def f():\n    from helpers import sums\n")
    (tmp_path / "unused.py").write_text("")
    cells = ["%matplotlib inline\nimport checks", "import numpy", "todo(", "a = 1"]
    assert sorted(carried_files(cells, tmp_path)) == [
        "checks.py",
        "helpers/__init__.py",
        "helpers/sums.py",
    ]
    assert carrying_cell(cells, tmp_path) == carrying_cell(cells, tmp_path)
    assert carrying_cell(["import numpy", "%%bash\nls"], tmp_path) == ""


def test_what_only_type_checkers_import_stays(tmp_path: Path) -> None:
    found = carried_files(["from fairgrade.data import load_digits"], tmp_path)
    assert "fairgrade/data.py" in found and "fairgrade/lesson/data.py" in found
    assert not [name for name in found if "/course" in name]


def test_a_module_that_is_no_python_is_named(tmp_path: Path) -> None:
    (tmp_path / "checks.py").write_text("def f(:\n")
    with pytest.raises(CourseError, match=r"checks\.py is no Python"):
        carrying_cell(["import checks"], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lessons_modules_are_whole(
    lesson: str, given_out: Course, tmp_path: Path
) -> None:
    notebook = solved_release(given_out, given_out.assignment(lesson))
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    unpack(carried_files(sources, given_out.root / "source" / lesson), tmp_path)
    done = subprocess.run(  # quiet's import is Keras's, which takes seconds
        [sys.executable, "-I", "-c", _IMPORT_ALL, str(tmp_path), "fairgrade.quiet"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("all\n", 0), done.stderr


def test_the_cell_is_locked_folded_up_and_gives_nothing_away(given_out: Course) -> None:
    for lesson in LESSONS:
        path = given_out.root / "release" / lesson / f"{lesson}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        own = code[0].metadata
        assert own.nbgrader.grade_id == NAME and own.nbgrader.locked
        assert own.jupyter.source_hidden and own.cellView == "form"
        assert "grader_tests" not in code[0].source
        # One line of many characters: a page that does not fold it up shows one line.
        assert len(code[0].source.splitlines()) < 30


def test_where_the_tools_are_the_cell_does_nothing(
    given_out: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = given_out.root / "source" / "preparing-data"
    cell = carrying_cell(["import checks"], folder)
    before = [*sys.path]
    names: dict[str, object] = {}
    with monkeypatch.context() as beside:
        beside.syspath_prepend(folder)
        exec(cell, names)  # noqa: S102 (our own text)
    assert names["course_tools"] is None and sys.path == before


def test_the_cell_says_what_the_course_does_of_data(
    given_out: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAIRGRADE_DECLARED", "")
    path = given_out.root / "release" / "preparing-data" / "preparing-data.ipynb"
    code = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
    with monkeypatch.context() as beside:
        beside.syspath_prepend(given_out.root / "source" / "preparing-data")
        exec(code[0].source, {})  # noqa: S102 (our own text)
    said = json.loads(os.environ["FAIRGRADE_DECLARED"])
    assert said == declared(given_out, ["mnist"])
    assert said["mnist.npz"]["url"].endswith("/mnist.npz")


def bare_python(folder: Path, *without: str) -> Path:
    """A Python with this environment's packages, less fairgrade and those named."""
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", folder], check=True, timeout=600
    )
    (packages,) = folder.glob("lib/python*/site-packages")
    here = next(Path(p) for p in sys.path if p.endswith("site-packages"))
    for entry in here.iterdir():
        left_out = ("fairgrade", *without)
        if entry.suffix != ".pth" and not any(n in entry.name for n in left_out):
            (packages / entry.name).symlink_to(entry)
    return folder / "bin" / "python"


def run_in(python: Path, folder: Path, name: str, home: Path) -> list[str]:
    """Run a notebook of a folder there by another Python; the errors it ended with."""
    spec = home / "kernels" / "bare"
    spec.mkdir(parents=True)
    argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    about = {"argv": argv, "display_name": "bare", "language": "python"}
    (spec / "kernel.json").write_text(json.dumps(about))
    notebook = nbformat.read(folder / name, as_version=4)
    keep = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "FAIR"))}
    client = NotebookClient(
        notebook,
        timeout=600,
        kernel_name="bare",
        allow_errors=True,
        resources={"metadata": {"path": str(folder)}},
    )
    client.km = client.create_kernel_manager()
    client.km.kernel_spec_manager.kernel_dirs = [str(home / "kernels")]
    client.execute(env=keep | {"HOME": str(home)})
    return [
        f"{o.ename}: {o.evalue}"
        for cell in notebook.cells
        for o in cell.get("outputs", [])
        if o.output_type == "error"
    ]


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("lesson", "alone", "without"),
    [
        ("dense-network", False, ()),
        ("improving-your-network", False, ("matplotlib",)),
        ("preparing-data", True, ("matplotlib",)),
    ],
)
def test_a_solved_notebook_runs_with_nothing_installed(
    lesson: str,
    alone: bool,
    without: tuple[str, ...],
    given_out: Course,
    tmp_path: Path,
) -> None:
    assignment = given_out.assignment(lesson)
    release_zip(given_out, assignment, tmp_path / "lesson.zip")
    with zipfile.ZipFile(tmp_path / "lesson.zip") as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / lesson
    assert (folder / "checks.py").is_file()
    if alone:  # as Colab and Kaggle open it
        folder = tmp_path / "alone"
        folder.mkdir()
    name = f"{lesson}.ipynb"
    solved = solved_release(given_out, assignment)
    for cell in solved.cells:
        if "steps_per_execution" not in cell.source:  # the same training, sooner
            few = ".compile(\n    steps_per_execution=64,\n"
            cell.source = cell.source.replace(".compile(\n", few)
    nbformat.write(solved, folder / name)
    (folder / "mnist.npz").symlink_to(given_out.root / "data" / "mnist.npz")
    python = bare_python(tmp_path / "bare", *without)
    assert run_in(python, folder, name, tmp_path / "home") == []
    missing = subprocess.run([python, "-c", "import fairgrade"], capture_output=True)
    assert b"No module named 'fairgrade'" in missing.stderr
