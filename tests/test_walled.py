"""A judge process whose start fails half-way leaves nothing behind."""

from __future__ import annotations

import errno
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fairgrade.errors import SandboxError
from fairgrade.judge import walled
from fairgrade.judge.course_files import CourseFiles
from fairgrade.judge.walled import WalledProcess
from fairgrade.sandbox.cgroups import Group
from tiny import path_without

_Break = Callable[[pytest.MonkeyPatch, Path], None]


def _no_bubblewrap(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("PATH", path_without(folder / "bin", "bwrap"))


def _no_program(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(walled, "sandbox_command", lambda *_, **__: [str(folder)])


def _no_python(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr("sys.executable", str(folder / "python"))


def _full_disk(monkeypatch: pytest.MonkeyPatch, _: Path) -> None:
    def shown(_: CourseFiles, copies: Path) -> dict[str, Path]:
        copies.mkdir()
        (copies / "0").write_text("half of it")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(CourseFiles, "shown", shown)


def _no_watch(monkeypatch: pytest.MonkeyPatch, _: Path) -> None:
    def watch(*_: object) -> object:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(walled, "MemoryWatch", watch)


@pytest.mark.parametrize(
    ("breaks", "sealed", "error"),
    [
        (_no_bubblewrap, True, SandboxError),
        (_no_program, True, PermissionError),
        (_no_python, False, FileNotFoundError),
        (_full_disk, True, OSError),
        (_no_watch, True, OSError),
        (_no_watch, False, OSError),
    ],
)
def test_nothing_is_left_of_a_start_that_fails(
    breaks: _Break,
    sealed: bool,
    error: type[Exception],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    groups: list[Group] = []
    started: list[subprocess.Popen[bytes]] = []
    create, start = Group.create, subprocess.Popen

    def creating(**bounds: Any) -> Group:
        groups.append(create(**bounds))
        return groups[-1]

    def starting(*args: Any, **options: Any) -> subprocess.Popen[bytes]:
        assert list(temporary.iterdir()), "there is something to be removed"
        started.append(start(*args, **options))
        return started[-1]

    monkeypatch.setattr(Group, "create", creating)
    monkeypatch.setattr(subprocess, "Popen", starting)
    breaks(monkeypatch, tmp_path)
    open_before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(error):
        WalledProcess(CourseFiles(tmp_path, "one"), sealed=sealed)
    assert not list(temporary.iterdir())
    assert len(os.listdir("/proc/self/fd")) == open_before
    assert not [place for group in groups for place in group.folders if place.exists()]
    assert (len(started) == 1) == (breaks is _no_watch)
    assert all(process.poll() is not None for process in started)
