"""The wheel alone, in an empty folder, without TensorFlow and Keras."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from fairgrade.authoring.generate import solved_release
from fairgrade.course.course import load_course

ROOT = Path(__file__).parents[1]
#: What only `fairgrade[keras]` brings.
_EXTRA = ("keras", "tensorflow", "tensorboard", "fairgrade", "_editable", "__editable")

Run = Callable[..., subprocess.CompletedProcess[str]]


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another disk
        shutil.copy2(source, target)


@pytest.fixture(scope="module")
def fairgrade(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The command of a new environment with the wheel and its plain dependencies."""
    folder = tmp_path_factory.mktemp("clean")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    subprocess.run([sys.executable, "-m", "venv", folder / "env"], check=True)
    here = Path(sysconfig.get_path("purelib"))
    there = folder / "env" / here.relative_to(sys.prefix)
    for path in here.iterdir():
        extra = path.name.lower().replace("-", "_").startswith(_EXTRA)
        if extra or path.name == "__pycache__" or (there / path.name).exists():
            continue
        if path.is_dir():
            shutil.copytree(path, there / path.name, copy_function=_link)
        elif path.suffix != ".pth":
            _link(str(path), str(there / path.name))
    # Templates of nbconvert and nbgrader.
    shutil.copytree(
        Path(sys.prefix, "share"), folder / "env" / "share", dirs_exist_ok=True
    )
    python = folder / "env" / "bin" / "python"
    wheel = next(folder.glob("*.whl"))
    install = [python, "-m", "pip", "install", "--no-deps", "--no-index", wheel]
    subprocess.run(install, check=True, capture_output=True)
    script = python.with_name("alembic")  # as pip makes it
    script.write_text(f"#!{python}\nfrom alembic.config import main\nmain()\n")
    script.chmod(0o755)
    environment = {
        key: value
        for key, value in os.environ.items()
        if key not in ("PYTHONPATH", "VIRTUAL_ENV")
    }

    def run(
        cwd: Path, *arguments: str, code: int = 0
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [python.with_name("fairgrade"), *arguments],
            cwd=cwd,
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    probe = "from importlib.util import find_spec as find\n"
    probe += "print(find('keras'), find('tensorflow'))"
    found = subprocess.run([python, "-c", probe], capture_output=True, text=True)
    assert found.stdout == "None None\n"
    return run


@pytest.mark.slow
def test_a_plain_course_goes_all_the_way(fairgrade: Run, tmp_path: Path) -> None:
    told = fairgrade(tmp_path, "init", "my-course", "--first", "plain").stdout
    assert "Next: cd my-course; fairgrade doctor" in told and "/.fair" not in told
    root = tmp_path / "my-course"
    assert "is another" in fairgrade(root, "demo", code=1).stderr
    with (root / "roster.csv").open("a") as roster:
        roster.write("ada,Ada,Right,,\nben,Ben,Blank,,\n")
    assert "keras" not in fairgrade(root, "doctor").stdout
    fairgrade(root, "generate", "first-steps")
    packed = tmp_path / "first-steps.zip"
    fairgrade(root, "release", "first-steps", "--anyway", "--zip", str(packed))
    shutil.unpack_archive(packed, tmp_path / "unpacked")
    course = load_course(root)
    hand_ins = {
        "ada": solved_release(course, course.assignment("first-steps")),
        "ben": nbformat.read(
            tmp_path / "unpacked" / "first-steps" / "first-steps.ipynb", as_version=4
        ),
    }
    # Who imports what is not there hears so from Python, in that cell.
    hand_ins["ben"].cells[-1].source += "\nimport keras"
    for student, notebook in hand_ins.items():
        folder = tmp_path / "handed-in" / student
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / "first-steps.ipynb")
    fairgrade(root, "collect", "first-steps", str(tmp_path / "handed-in"))
    graded = json.loads(fairgrade(root, "autograde", "first-steps", "--json").stdout)
    assert graded["failed"] == {}
    points = {each["student"]: each["score"] for each in graded["graded"]}
    assert points == {"ada": 5, "ben": 0}
    fairgrade(root, "feedback", "first-steps")
    told = json.loads(fairgrade(root, "report", "first-steps", "--json").stdout)
    assert [cause["points"] for cause in told["causes"]] == [3, 2]


@pytest.mark.slow
def test_a_network_is_missed_before_anybody_is_graded(
    fairgrade: Run, tmp_path: Path
) -> None:
    fairgrade(tmp_path, "init", "my-course", "--first", "keras")
    told = fairgrade(tmp_path / "my-course", "doctor", code=1).stdout
    assert "FAIL packages: Keras and TensorFlow are not installed" in told
    assert "pip install 'fairgrade[keras]'" in told
