"""Files of downloads and folders: odd names, damage, and what is in the way."""

from __future__ import annotations

import contextlib
import os
import zipfile
from pathlib import Path

import pytest

from collecting import MOODLE, NAME, in_the_way, submitted, take
from fairgrade.cli.collected import lines
from fairgrade.collect.channels import collect_folder, collect_zip
from fairgrade.course.course import Course


@pytest.mark.parametrize("encoding", ["utf-8", "cp437", "cp850", "cp1252"])
def test_names_in_a_zip_of_an_old_program(term: Course, encoding: str) -> None:
    raw = MOODLE.format("Zoé d'Arc", 72).encode(encoding)
    path = term.root / "download.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x" * len(raw), b"z")
    path.write_bytes(path.read_bytes().replace(b"x" * len(raw), raw))
    assert collect_zip(term, term.assignment(NAME), path).accepted == {"zoe": "new"}


def test_a_name_that_no_disk_takes_is_shortened(term: Course) -> None:
    long = "深度学习作业" * 30
    files = {
        f"lovelaceada_1001_1_{long}.ipynb": b"a",
        f"lovelaceada_1001_2_{long}.ipynb": b"b",
        "darczoé_1002_3_work.ipynb": b"z",
    }
    assert sorted(take(term, files).accepted) == ["ada", "zoe"]
    assert sorted(submitted(term, "ada").values()) == [b"a", b"b"]
    assert set(take(term, files).accepted.values()) == {"unchanged"}


def test_what_cannot_be_read_is_named_whosever_it_is(term: Course) -> None:
    found = take(term, {"../x.ipynb": b"1", "darczoé_1002_3_work.ipynb": b"z"})
    assert found.accepted == {"zoe": "new"}
    assert found.refused == {"../x.ipynb": "its path leads out of the archive"}


@pytest.mark.parametrize("name", [".ipynb", "...ipynb", "$$$.ipynb", "-.ipynb"])
def test_a_file_without_a_name_gets_one(term: Course, name: str) -> None:
    assert take(term, {f"lovelaceada_1001_1_{name}": b"a"}).accepted == {"ada": "new"}
    (stored,) = submitted(term, "ada")
    assert stored in {"notebook.ipynb", "___.ipynb"}


def test_an_entry_that_is_there_twice_is_taken_once(term: Course) -> None:
    path = term.root / "download.zip"
    with zipfile.ZipFile(path, "w") as archive, pytest.warns(UserWarning):
        for content in (b"1", b"1"):
            archive.writestr("lovelaceada_1001_1_work.ipynb", content)
    found = collect_zip(term, term.assignment(NAME), path)
    assert found.accepted == {"ada": "new"}
    assert submitted(term, "ada") == {"work.ipynb": b"1"}


def test_one_students_thousand_files_leave_the_others(term: Course) -> None:
    files = {f"lovelaceada_1001_{n}_{n}.ipynb": b"%d" % n for n in range(150)}
    found = take(term, {**files, "darczoé_1002_3_work.ipynb": b"z"})
    assert sorted(found.accepted) == ["ada", "zoe"]
    assert len(submitted(term, "ada")) + len(found.refused) == 150


def test_names_of_files_keep_out_of_other_folders(term: Course) -> None:
    take(term, {"lovelaceada_1001_5_..\\..\\autograded.ipynb": b"a"})
    assert not (term.root / "autograded").exists()
    take(term, {"lovelaceada_1001_5_.; rm -rf ~ $(x).ipynb": b"a"})
    (name,) = submitted(term, "ada")
    assert not set(name) & set(";~$/\\") and not name.startswith((".", "-"))


def test_a_member_that_cannot_be_read_is_named_and_the_rest_goes_on(
    term: Course,
) -> None:
    path = term.root / "download.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("lovelaceada_1001_1_bomb.ipynb", bytes(40 * 2**20))
        archive.writestr("darczoé_1002_2_dense-network.ipynb", b"z")
    found = collect_zip(term, term.assignment(NAME), path)
    assert list(found.refused) == ["lovelaceada_1001_1_bomb.ipynb"]
    assert found.accepted == {"zoe": "new"}


def test_a_zip_of_something_else_says_so(term: Course) -> None:
    found = take(term, {"slides.pdf": b"%PDF"})
    assert found.unmatched == ["slides.pdf"]
    assert not found.has_notebooks


def test_a_folder_holds_a_file_or_a_folder_a_student(term: Course) -> None:
    handed_in = term.root / "handed-in"
    (handed_in / "jo1@example.org").mkdir(parents=True)
    (handed_in / "jo1@example.org" / "mine.ipynb").write_bytes(b"1")
    (handed_in / "Ada.ipynb").write_bytes(b"a")
    (handed_in / "zoe").mkdir()
    (handed_in / "readme.txt").write_text("?")
    found = collect_folder(term, term.assignment(NAME), handed_in)
    assert found.accepted == {"ada": "new", "jo1": "new"}
    assert submitted(term, "ada") == {"dense-network.ipynb": b"a"}
    assert submitted(term, "jo1") == {"mine.ipynb": b"1"}
    assert found.refused == {"zoe": "there is no notebook in it"}
    assert found.unmatched == ["readme.txt"]
    assert found.missing == ["zoe", "jo2"]


def test_links_and_pipes_in_a_folder_are_not_followed(term: Course) -> None:
    handed_in = term.root / "handed-in"
    handed_in.mkdir()
    (handed_in / "ada.ipynb").symlink_to("/etc/passwd")
    os.mkfifo(handed_in / "zoe.ipynb")
    found = collect_folder(term, term.assignment(NAME), handed_in)
    assert found.accepted == {}
    assert found.refused == {
        "ada.ipynb": "it is a link, or cannot be read",
        "zoe.ipynb": "it is not a regular file",
    }


def test_what_is_in_the_way_of_one_stops_no_other(
    term: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    in_the_way(term, "ada")
    for student in ("ada", "zoe"):
        (tmp_path / f"{student}.ipynb").write_bytes(b"{}")
    found = collect_folder(term, term.assignment(NAME), tmp_path)
    assert found.accepted == {"zoe": "new"} and [*found.failed] == ["ada"]
    (told,) = [line for line in lines(found) if "not put into submitted/" in line]
    assert "ada" in told and "Remove it" in told


@pytest.mark.parametrize("stop", [KeyboardInterrupt, OSError(28, "full")])
def test_a_collection_that_is_cut_off_leaves_what_was_there(
    term: Course, monkeypatch: pytest.MonkeyPatch, stop: BaseException
) -> None:
    take(term, {"ada.ipynb": b"1"})
    moved = Path.rename

    def cut_off(path: Path, target: Path) -> None:
        raise stop

    monkeypatch.setattr(Path, "rename", cut_off)
    with contextlib.suppress(KeyboardInterrupt):
        take(term, {"ada.ipynb": b"2"})
    monkeypatch.setattr(Path, "rename", moved)
    assert list(submitted(term, "ada").values()) == [b"1"]
    assert [p.name for p in (term.root / "submitted" / "ada").iterdir()] == [NAME]
