"""A course's data as a notebook gets it: what is kept back, downloads, old names."""

from __future__ import annotations

import hashlib
import importlib
import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from fairgrade.lesson.data import load_arrays

WHOLE = {"x_test": 4, "y_test": 4}


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def flowers(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        path,
        x_train=np.arange(12).reshape(6, 2),
        y_train=np.arange(6),
        x_test=np.arange(8).reshape(4, 2),
        y_test=np.arange(4),
    )
    return path


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A student's folder and home, in no course."""
    for name in ("FAIRGRADE_DATA", "FAIRGRADE_DECLARED"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "desk"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return folder


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """An address, and the folder that is to be had there."""
    folder = tmp_path / "site"
    folder.mkdir()
    handler = partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", folder
        server.shutdown()


def declare(monkeypatch: pytest.MonkeyPatch, **said: object) -> None:
    monkeypatch.setenv("FAIRGRADE_DECLARED", json.dumps({"flowers.npz": said}))


def test_of_a_whole_file_half_the_rows_stay_away(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = flowers(desk / "flowers.npz")
    assert load_arrays("flowers.npz")["y_test"].tolist() == [0, 1, 2, 3]
    declare(monkeypatch, whole=WHOLE)
    part = load_arrays("flowers.npz")
    assert part["y_test"].tolist() == [0, 2] and part["x_test"].tolist()[1] == [4, 5]
    assert part["y_train"].tolist() == [0, 1, 2, 3, 4, 5]
    np.savez(path, **part)  # what students are given: no half of the half
    assert load_arrays("flowers.npz")["y_test"].tolist() == [0, 2]


def test_a_file_is_downloaded_once(
    desk: Path, site: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, folder = site
    path = flowers(folder / "any.npz")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    declare(monkeypatch, url=f"{url}/any.npz", sha256=digest, whole=WHOLE)
    assert load_arrays("flowers.npz")["y_test"].tolist() == [0, 2]
    path.unlink()
    assert load_arrays("flowers.npz")["y_test"].tolist() == [0, 2]
    assert list(desk.iterdir()) == []


def test_another_file_than_declared_is_refused(
    desk: Path, site: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, folder = site
    flowers(folder / "any.npz")
    declare(monkeypatch, url=f"{url}/any.npz", sha256="0" * 64)
    with pytest.raises(FileNotFoundError, match="holds another file than course.yml"):
        load_arrays("flowers.npz")
    declare(monkeypatch, url=f"{url}/none.npz", sha256="0" * 64)
    with pytest.raises(FileNotFoundError, match="404.*Put the file beside this"):
        load_arrays("flowers.npz")


@pytest.mark.parametrize("module", ["fairgrade.data", "fairgrade.lesson.data"])
def test_notebooks_of_before_find_their_data_by_its_old_name(
    module: str, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_digits = importlib.import_module(module).load_digits
    with pytest.raises(FileNotFoundError, match="Put the .npz file beside"):
        load_digits()
    flowers(desk.parent / "data" / "flowers.npz")
    (_, train_labels), (test_images, test_labels) = load_digits()
    assert train_labels.tolist() == [0, 1, 2, 3, 4, 5]
    assert test_images.shape == (4, 2) and test_labels.tolist() == [0, 1, 2, 3]
    monkeypatch.setenv("FAIRGRADE_DATA", str(flowers(desk / "in" / "a.npz").parent))
    assert load_digits()[1][1].tolist() == [0, 1, 2, 3]
    flowers(desk / "in" / "b.npz")
    with pytest.raises(FileNotFoundError, match=r"has a\.npz, b\.npz"):
        load_digits()
    with pytest.raises(AttributeError, match="has no attribute 'digits'"):
        _ = importlib.import_module(module).digits
