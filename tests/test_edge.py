"""At the edge of the command line: one line that says what to do, and nothing lost."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import nbformat
import nbgrader.api
import pytest
from nbgrader.api import Gradebook

import forking
from fairgrade.course.course import Course, load_course
from fairgrade.course.lock import one_writer
from fairgrade.files import kept_on_failure
from fairgrade.nbgrader_bridge.new_gradebook import make_gradebook
from quick_gradebooks import ask_alembic
from tiny import NAME, hand_in, make_course

pytestmark = pytest.mark.slow


def fairgrade(
    cwd: Path, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    if not environment:
        return forking.run(cwd, "fairgrade", *arguments)
    return subprocess.run(  # it changes how Python starts
        [sys.executable, "-m", "fairgrade", *arguments],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=600,
    )


def is_one_line(done: subprocess.CompletedProcess[str], *words: str) -> bool:
    lines = done.stderr.strip().splitlines()
    said = done.returncode == 1 and len(lines) == 1 and "Traceback" not in done.stderr
    return said and all(word in lines[0] for word in words)


@pytest.fixture(scope="module")
def graded_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    course = make_course(tmp_path_factory.mktemp("graded") / "course")
    hand_in(course, {"ada": "doubled = 2 * n"})
    assert fairgrade(course.root, "autograde", NAME).returncode == 0
    return course.root


@pytest.fixture
def graded(graded_once: Path, tmp_path: Path) -> Course:
    return load_course(shutil.copytree(graded_once, tmp_path / "course"))


def points(root: Path, student: str) -> str:
    fairgrade(root, "export", "grades.csv", "--style", "detail")
    rows = (root / "grades.csv").read_text().splitlines()
    return next(row for row in rows if row.startswith(student)).split(",")[5]


def test_a_locked_gradebook_is_told_and_nothing_is_lost(graded: Course) -> None:
    hand_in(graded, {"ben": "doubled = 1 + 3"})
    holder = sqlite3.connect(graded.root / "gradebook.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        for command in (["autograde", NAME], ["export", "x.csv"], ["queue", NAME]):
            done = fairgrade(graded.root, *command)
            assert is_one_line(done, "gradebook", "locked", "ait until"), done.stderr
    finally:
        holder.close()
    assert fairgrade(graded.root, "autograde", NAME).returncode == 0
    assert points(graded.root, "ada") == points(graded.root, "ben") == "3.0"


def test_a_gradebook_that_is_no_database_is_told(graded: Course) -> None:
    (graded.root / "gradebook.db").write_bytes(b"not a database" * 100)
    done = fairgrade(graded.root, "export", "x.csv")
    assert is_one_line(done, "gradebook", "copy"), done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become another user")
def test_a_folder_that_may_not_be_written_is_told(graded: Course) -> None:
    for folder in (graded.root, *graded.root.parents):
        if folder != Path("/tmp"):
            folder.chmod(folder.stat().st_mode | 0o055)
    done = subprocess.run(
        [sys.executable, "-m", "fairgrade", "autograde", NAME, "--force"],
        cwd=graded.root,
        env=os.environ | {"HOME": "/nonexistent"},
        user="nobody",
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert is_one_line(done, "Permission denied"), done.stderr


def test_a_course_lies_in_any_folder(tmp_path: Path) -> None:
    folder = tmp_path / "kurs [A]" / "DL? 2" / "50% *new*" / "a#b {c} 'd' é"
    course = make_course(folder / "course", extra="exchange: exchange")
    hand_in(course, {"ada": "doubled = 2 * n"})
    for command in ("autograde", "feedback", "report"):
        done = fairgrade(course.root, command, NAME)
        assert done.returncode == 0, done.stderr
    assert points(course.root, "ada") == "3.0"
    assert (course.root / "gradebook.db").is_file()
    assert (course.root / "feedback" / "ada" / NAME / f"{NAME}.html").is_file()


@pytest.fixture(scope="module")
def of_li(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course that was graded, with letters that few terminals know."""
    course = make_course(tmp_path_factory.mktemp("li") / "course")
    hand_in(course, {"li": "doubled = 2 * n  # 作业"})
    (course.root / "roster.csv").write_text("id,first_name\nli,丽\n", encoding="utf-8")
    assert fairgrade(course.root, "autograde", NAME).returncode == 0
    return course


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"PYTHONIOENCODING": "latin-1"},
        {"PYTHONIOENCODING": "ascii"},
    ],
)
def test_a_terminal_that_knows_few_letters_ends_nothing(
    environment: dict[str, str], of_li: Course
) -> None:
    for command in ("autograde --force", "queue", "report"):
        done = fairgrade(of_li.root, *command.split(), NAME, **environment)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", ("not a notebook", "put back")),
        (b'{"cells": [], "title": "\xdcbung"}', ("not UTF-8", "Save it as UTF-8")),
        (b"[]", ("not a notebook",)),
    ],
)
def test_a_source_that_cannot_be_read_is_named(
    content: bytes, words: tuple[str, ...], graded: Course
) -> None:
    source = graded.root / "source" / NAME / f"{NAME}.ipynb"
    source.write_bytes(content)
    for command in (["generate"], ["autograde"], ["lint"], ["release", "--anyway"]):
        done = fairgrade(graded.root, *command, NAME)
        assert is_one_line(done, source.name, *words), (command, done.stderr)
    released = graded.root / "release" / NAME / f"{NAME}.ipynb"
    assert nbformat.read(released, as_version=4).cells


def test_a_zip_may_go_into_a_new_folder(graded: Course) -> None:
    place = "for the LMS/first.zip"
    done = fairgrade(graded.root, "release", NAME, "--anyway", "--zip", place)
    assert done.returncode == 0, done.stderr
    assert (graded.root / place).is_file()


def test_a_table_that_cannot_be_written_leaves_nothing(graded: Course) -> None:
    (graded.root / "a folder").mkdir()
    for command in (["export"], ["release", NAME, "--anyway", "--zip"]):
        done = fairgrade(graded.root, *command, "a folder")
        assert is_one_line(done, "a folder"), done.stderr
    assert not list(graded.root.glob("*.new"))


def test_a_gradebook_of_another_version_is_told(graded: Course) -> None:
    with sqlite3.connect(graded.root / "gradebook.db") as connection:
        connection.execute("ALTER TABLE grade DROP COLUMN extra_credit")
    done = fairgrade(graded.root, "export", "x.csv")
    assert is_one_line(done, "gradebook", "nbgrader db upgrade"), done.stderr


def test_a_course_that_is_graded_is_not_generated_meanwhile(graded: Course) -> None:
    with one_writer(graded):
        done = fairgrade(graded.root, "generate", NAME)
    assert is_one_line(done, "at work in this course", "Wait"), done.stderr
    assert fairgrade(graded.root, "generate", NAME).returncode == 0


def test_what_was_put_aside_comes_back_after_a_kill(tmp_path: Path) -> None:
    folder, aside = tmp_path / "release" / "a", tmp_path / "aside" / "a"
    aside.mkdir(parents=True)
    (aside / "a.ipynb").write_text("released")
    with pytest.raises(OSError, match="no"), kept_on_failure(folder, aside):
        raise OSError("no")
    assert (folder / "a.ipynb").read_text() == "released"
    with pytest.raises(OSError, match="full"), kept_on_failure(folder, aside):
        folder.mkdir()
        (folder / "half").touch()
        raise OSError("the disk is full")
    assert [path.name for path in folder.iterdir()] == ["a.ipynb"]
    with kept_on_failure(folder, aside):
        assert not folder.exists() and (aside / "a.ipynb").is_file()
    assert not folder.exists() and not aside.exists()


def test_a_folder_that_is_a_link_stays_one(tmp_path: Path) -> None:
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / "a"
    elsewhere.mkdir()
    (elsewhere / "a.ipynb").touch()
    folder.symlink_to(elsewhere)
    with kept_on_failure(folder, tmp_path / "aside" / "a"):
        assert (folder / "a.ipynb").is_file()
    assert folder.is_symlink() and list(elsewhere.iterdir())


@pytest.mark.parametrize(
    "command",
    [["generate", NAME], ["export", "x.csv"], ["feedback", NAME], ["doctor"]],
)
def test_ctrl_c_is_one_line(command: list[str], graded: Course) -> None:
    code = "import signal, fairgrade.course.roster as r, fairgrade.cli.base as b\n"
    code += "r.read_sheet = lambda _: signal.raise_signal(signal.SIGINT)\n"
    # Whoever runs the tests in the background has Python ignore Ctrl-C.
    code += "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    code += "import fairgrade.cli; b.main()"
    done = subprocess.run(
        [sys.executable, "-c", code, *command],
        cwd=graded.root,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 130
    assert done.stderr == "Stopped. What was done is kept; run it again to go on.\n"


def test_a_new_gradebook_is_as_nbgrader_makes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nbgrader.api, "get_alembic_version", ask_alembic)
    theirs, ours = f"sqlite:///{tmp_path}/theirs.db", f"sqlite:///{tmp_path}/ours.db"
    make_gradebook(ours)
    make_gradebook(ours)  # which is there
    for url in (theirs, ours):
        Gradebook(url, "course").close()
    found = []
    for name in ("theirs", "ours"):
        with sqlite3.connect(tmp_path / f"{name}.db") as made:
            tables = made.execute("SELECT name, sql FROM sqlite_master").fetchall()
            forms = made.execute("SELECT version_num FROM alembic_version").fetchall()
            found.append((sorted(map(str, tables)), forms))
    assert found[0] == found[1]
    assert len(found[0][1]) == 1
