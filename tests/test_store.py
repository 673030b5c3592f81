"""The store: whole or not there, under many processes, kills, damage and a bound."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairgrade.cache.store import Store

MB = 2**20

#: Writes entries and blobs until it is stopped; reads what others have written.
WRITER = """
import sys
from pathlib import Path
from fairgrade.cache.store import Store

store = Store(Path(sys.argv[1]), int(sys.argv[2]))
for number in range(int(sys.argv[3])):
    data = bytes([number % 7]) * 200_000
    digest = store.put_blob(data)
    store.put("runs", f"{number % 7:064}", {"file": digest, "text": "x" * 5000})
    value = store.get("runs", f"{(number + 3) % 7:064}")
    assert value is None or len(value["text"]) == 5000
    assert store.blob(digest) in (None, data)
    print(number, flush=True)
"""


def writer(folder: Path, *, bound: int = 64 * MB, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(folder), str(bound), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@settings(max_examples=20, deadline=None)
@given(st.dictionaries(st.text(), st.one_of(st.integers(), st.text(), st.none())))
def test_an_entry_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, value: dict[str, object]
) -> None:
    folder = tmp_path_factory.mktemp("store")
    Store(folder, MB).put("runs", "ab", value)
    assert Store(folder, MB).get("runs", "ab") == value
    assert Store(folder, MB).get("verdicts", "ab") is None


def test_a_damaged_entry_or_blob_is_a_miss(tmp_path: Path) -> None:
    store = Store(tmp_path, MB)
    digest = store.put_blob(b"weights")
    store.put("runs", "ab", {"score": 1})
    store.put("runs", "cd", {"score": 2})
    entry = tmp_path / "entries" / "runs" / "ab" / "ab"
    entry.write_bytes(entry.read_bytes().replace(b'"score": 1', b'"score": 9'))
    moved = tmp_path / "entries" / "runs" / "ce" / "ce"
    moved.parent.mkdir()
    (tmp_path / "entries" / "runs" / "cd" / "cd").rename(moved)  # whole, elsewhere
    blob = tmp_path / "blobs" / digest[:2] / digest
    blob.write_bytes(b"weightz")
    assert store.get("runs", "ab") is None
    assert store.get("runs", "ce") is None
    assert store.blob(digest) is None
    assert store.put_blob(b"weights") == digest  # mended by whoever has it again
    assert store.blob(digest) == b"weights"


def test_processes_write_and_read_at_once(tmp_path: Path) -> None:
    bound = MB  # so small that they remove each other's entries all the time
    running = [writer(tmp_path, bound=bound, count=60) for _ in range(3)]
    for process in running:
        process.communicate(timeout=600)
    assert [process.returncode for process in running] == [0, 0, 0]
    assert not list((tmp_path / "new").iterdir())


def test_a_writer_killed_at_any_moment_leaves_nothing_half(tmp_path: Path) -> None:
    for moment in range(5):
        process = writer(tmp_path, count=10_000)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.013 * moment)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
    store = Store(tmp_path, 64 * MB)
    found = 0
    for path in (tmp_path / "entries").rglob("0*"):
        if path.is_file():
            value = store.get("runs", path.name)
            assert value is not None and store.blob(value["file"]) is not None
            found += 1
    assert found > 0


def test_what_was_used_least_recently_goes_first(tmp_path: Path) -> None:
    before = Store(tmp_path, 10 * MB)
    for number in range(8):
        before.put_blob(bytes([number]) * MB)
    paths = sorted((tmp_path / "blobs").rglob("*"), key=lambda path: path.name)
    blobs = [path for path in paths if path.is_file()]
    for age, path in enumerate(blobs):
        os.utime(path, (time.time() - 100 + age, time.time() - 100 + age))
    left = time.time() - 7200
    (tmp_path / "new" / "1-left").write_bytes(b"by a process that was killed")
    os.utime(tmp_path / "new" / "1-left", (left, left))
    store = Store(tmp_path, 5 * MB)
    assert store.blob(blobs[0].name) is not None  # the oldest, and used just now
    store.trim()
    kept = {path.name for path in blobs if path.exists()}
    assert blobs[0].name in kept and blobs[-1].name in kept
    assert blobs[1].name not in kept and blobs[2].name not in kept
    assert size(tmp_path) <= 5 * MB
    assert not (tmp_path / "new" / "1-left").exists()
