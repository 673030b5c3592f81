"""Files of a student's, as a kernel tells of them and as a judge lays them down."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from calling import talk
from fairgrade.errors import CallFailed, NotMeasured
from fairgrade.inside.working_folder import WorkingFolder
from fairgrade.judge.folder import Folder
from fairgrade.protocol.calls import ProtocolError
from fairgrade.protocol.files import MOST, TEMPORARY

MIB = 2**20


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """One with a file of the course's, another in a folder, and the hidden tests."""
    for name in ("course.csv", "images/a.png", "grader_tests/right.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("course")
    return Folder(tmp_path)


def below(folder: Folder) -> dict[str, str]:
    files = (path for path in folder.root.rglob("*") if path.is_file())
    return {str(p.relative_to(folder.root)): p.read_text() for p in files}


def plain(name: str, data: bytes = b"theirs") -> tuple[Any, ...]:
    return name, "file", f"stamp of {data!r}", len(data), data


def test_files_are_laid_down_replaced_and_removed(folder: Folder) -> None:
    courses = below(folder)
    folder.put((plain("a.txt"), plain("b/c.txt"), ("d", "folder", "", 0, None)))
    assert below(folder) == courses | {"a.txt": "theirs", "b/c.txt": "theirs"}
    assert (folder.root / "d").is_dir()
    folder.put((plain("a.txt")[:4] + (None,), plain("b", b"now a file")))
    assert below(folder) == courses | {"a.txt": "theirs", "b": "now a file"}
    folder.clear()
    assert below(folder) == courses


@pytest.mark.parametrize(
    "name", ["course.csv", "images", "images/a.png", "course.csv/x"]
)
def test_no_file_takes_the_place_of_the_courses(folder: Folder, name: str) -> None:
    before = below(folder)
    folder.put((plain(name),))
    assert below(folder) == before


@pytest.mark.parametrize(
    "entry",
    [
        *map(plain, ("/etc/x", "../x", "a/../../x", "a//b", "", ".", "./x", "a\0b")),
        *map(plain, (".bashrc", "grader_tests/right.txt", "x/__pycache__/a", "\udc80")),
        *map(plain, ("/".join("abcdefghi"), "n" * 256)),
        plain("x")[:4],
        (*plain("x"), 1),
        [*plain("x")],
        ("x", "device", "s", 1, b"x"),
        ("x", "link", "s", 1, b"x"),
        ("x", "file", "s", -1, b"x"),
        ("x", "file", "s", True, b"x"),
        ("x", "file", "s", 2**62, b"x"),
        ("x", "file", "s", 1, None),
        ("x", "file", "s", 1, "x"),
        ("x", "file", None, 1, b"x"),
        (1, "file", "s", 1, b"x"),
        "x",
    ],
)
def test_a_forged_file_is_refused(folder: Folder, entry: Any) -> None:
    before = below(folder)
    with pytest.raises(ProtocolError, match=r"^(a file|files) "):
        folder.put((entry,))
    assert below(folder) == before


def test_a_name_told_twice_or_too_many_are_refused(folder: Folder) -> None:
    for entries in ((plain("x"), plain("x")), (plain("x"),) * (MOST + 1), [], None):
        with pytest.raises(ProtocolError):
            folder.put(entries)


@pytest.mark.parametrize("name", ["a.py", "a.so", "x/a.PYC", "m.h5", "m.keras", "m.pt"])
def test_of_what_could_run_there_is_only_its_size(folder: Folder, name: str) -> None:
    folder.put((plain(name),))
    path = folder.root / name
    assert path.stat().st_size == len(b"theirs")
    assert stat.S_IMODE(path.stat().st_mode) == 0
    assert name in folder.refused[str(path)]


def test_only_plain_files_are_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    home = tmp_path / "home"
    (home / "sub").mkdir(parents=True)
    (home / "sub" / "a.txt").write_text("a")
    (home / ".hidden").write_text("h")
    (home / "link").symlink_to(secret)
    (home / "folder").symlink_to(tmp_path)
    os.mkfifo(home / "fifo")
    with (home / "huge").open("wb") as file:
        file.truncate(2**40)
    entries, digests, many, _ = WorkingFolder(home, MIB).look((("gone",), (), ()))
    assert {entry[0]: (entry[1], entry[4]) for entry in entries} == {
        "sub": ("folder", None),
        "sub/a.txt": ("file", b"a"),
        "link": ("link", None),
        "folder": ("link", None),
        "fifo": ("other", None),
        "huge": ("large", None),
    }
    assert (digests, many) == ((("gone", ""),), "")


def test_more_files_than_are_handed_over_are_not_read(tmp_path: Path) -> None:
    for number in range(MOST + 1):
        (tmp_path / str(number)).touch()
    assert WorkingFolder(tmp_path, MIB).look()[2] == "many"


def test_what_did_not_change_is_not_told_again(tmp_path: Path) -> None:
    folder = WorkingFolder(tmp_path, MIB)
    (tmp_path / "a").write_text("a")
    (entry,), _, short, _ = folder.look(((), (), ()))
    assert (entry[4], short) == (b"a", "")
    assert folder.look()[:3] == ((), (), "same")
    (tmp_path / "b").write_text("b")
    assert [e[4] for e in folder.look()[0]] == [None, b"b"]
    (tmp_path / "a").write_text("c")
    assert sorted((e[0], e[4]) for e in folder.look()[0]) == [("a", b"c"), ("b", None)]


def test_what_is_wanted_comes_first(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).write_bytes(bytes(600 * 1024))
    entries, _, _, _ = WorkingFolder(tmp_path, MIB).look(((), (), ("b",)))
    assert [(e[0], e[1]) for e in entries] == [
        ("b", "file"),
        ("a", "large"),
        ("c", "large"),
    ]


def test_the_temporary_folder_stays_and_is_emptied(folder: Folder) -> None:
    courses, place = below(folder), folder.root / TEMPORARY
    (place / "library").mkdir(parents=True)
    (place / "library" / "own.txt").write_text("own")
    own = courses | {".tmp/library/own.txt": "own"}
    folder.put(((TEMPORARY, "link", "", 0, None),))
    folder.put((plain(TEMPORARY),))
    assert below(folder) == own
    folder.put((plain(".tmp/a/b.txt"), (".tmp/c", "folder", "", 0, None)))
    assert below(folder) == own | {".tmp/a/b.txt": "theirs"}
    folder.clear()
    assert below(folder) == own
    assert {path.name for path in place.iterdir()} == {"library"}


def test_a_temporary_file_that_is_open_stays_the_same(folder: Folder) -> None:
    secret = folder.root / "course.csv"
    (folder.root / ".tmp").mkdir()
    (folder.root / ".tmp" / "b.txt").symlink_to(secret)
    (folder.root / ".tmp" / "c.txt").hardlink_to(secret)
    with (folder.root / ".tmp" / "a.txt").open("w+") as file:
        folder.put(tuple(plain(f".tmp/{name}.txt") for name in "abc"))
        assert file.read() == "theirs"
    assert secret.read_text() == "course"


def test_folders_are_made_and_removed_on_both_sides(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folders[0])
    solution = f"""
        import os
        def names(folder):
            return sorted(os.listdir(os.path.join({str(folders[1])!r}, folder)))
        def tidy(folder):
            os.rmdir(os.path.join({str(folders[1])!r}, folder))
        """
    test = """
        import os, shutil
        os.makedirs("mine/sub")
        os.makedirs("other")
        open("other/x.txt", "w").close()
        os.symlink("/etc/hostname", "mine/out")
        os.symlink("/etc", "mine/far")
        os.mkfifo("mine/fifo")
        os.makedirs(".tmp/a")
        os.makedirs(".tmp/b")
        open(".tmp/b/expected.txt", "w").close()
        os.symlink("../b/expected.txt", ".tmp/a/link")
        os.symlink("../.tmp/b/expected.txt", "mine/link")
        assert names("mine") == ["sub"] and names("") == ["mine"]
        assert names(".tmp/a") == [] and names("") == [".tmp", "mine"]
        assert names(".tmp") == ["a"] and "other" in names(".")
        assert names(".tmp") == ["a"]
        shutil.rmtree(".tmp/a")
        tidy("mine/sub")
        assert not os.path.exists("mine/sub")
        shutil.rmtree("mine")
        assert names("") == [".tmp", "other"] and names(".tmp") == []"""
    made_of = ("solution", dedent(solution)), ("test", dedent(test))
    with talk(*made_of, folders=folders) as made:
        assert made.test() is None


@pytest.mark.parametrize(
    "much",
    [
        "for n in range(1001): open(f'mine/{n}', 'w').close()",
        "os.truncate(os.open('mine/a', os.O_CREAT | os.O_WRONLY), 2**40)",
    ],
)
def test_a_test_that_hands_over_too_much_is_not_measured(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, much: str
) -> None:
    monkeypatch.chdir(folders[0])
    test = f"import os\nos.mkdir('mine')\n{much}\nf('')\nf('mine')"
    cells = ("solution", "def f(name): return len(name)"), ("test", test)
    error = pytest.raises(NotMeasured, match="too many or too large files")
    with talk(*cells, folders=folders) as made, error:
        made.test()
    assert [*folders[1].iterdir()] == []


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    here, there = tmp_path / "judge", tmp_path / "kernel"
    here.mkdir()
    there.mkdir()
    return here, there


def test_a_kernel_that_forges_files_fails(folders: tuple[Path, Path]) -> None:
    entry = ("../x", "file", "s", 1, b"x")
    test = ("test", "assert open('x').read() == 'x'")
    with talk(("solution", "f = 1"), test, folders=folders) as made:
        made.examinee.far.files._exchange = lambda *_: ((entry,), (), "")
        with pytest.raises(CallFailed, match="files are none"):
            made.test()
    assert [*folders[0].parent.rglob("x")] == []


def test_a_test_that_may_run_what_it_reads_gets_nothing(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folders[0])
    (folders[1] / "a.txt").write_text("1")
    test = "import os\nos.path.exists('a.txt') or eval('0')"
    with talk(("solution", "f = 1"), ("test", test), folders=folders) as made:
        assert made.test() is True
        (reason,) = made.examinee.far.files.folder.refused.values()
    assert reason == "a.txt is not handed to a test that may run what it reads"
