"""The sealed kernel for stock commands, and what happens where there is no sandbox."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

import forking
from fairgrade.authoring.generate import generate, read_source
from fairgrade.course.course import Course
from fairgrade.errors import SandboxError
from fairgrade.grading.autograde import autograde
from fairgrade.nbgrader_bridge.blanks import solution_only
from fairgrade.run.request import RunRequest
from fairgrade.run.run import run
from fairgrade.sandbox import probe
from fairgrade.sandbox.provisioner import KERNEL, install_kernel

NAME = "preparing-data"
PROGRAMS = Path(sys.executable).parent
LOOK = """
import os, socket
try:
    socket.create_connection(("192.0.2.1", 80), 5)
except OSError as err:
    print(err.errno)
print([os.path.exists(p) for p in ("/etc/shadow", "/root", "{root}/gradebook.db")])
print(os.listdir(os.environ["FAIRGRADE_DATA"]))
print([name for name in os.listdir(".") if name[0] != "."])
"""


def command(folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess:
    return forking.run(folder, *arguments, **env)


def hand_in(course: Course, extra: str = "") -> None:
    """Ada's right answers, with a line of her own in the last one."""
    solution = read_source(course, course.assignment(NAME))
    for cell in solution.cells:
        cell.source = solution_only(cell.source)
        if cell.metadata.nbgrader.grade_id == "one-hot":
            cell.source += extra
    folder = course.root / "submitted" / "ada" / NAME
    folder.mkdir(parents=True)
    nbformat.write(solution, folder / f"{NAME}.ipynb")


@pytest.fixture
def jupyter_path(course: Course, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the kernel is installed for this test alone."""
    prefix = course.root.parent / f"{course.root.name}-prefix"
    monkeypatch.setenv("JUPYTER_PATH", str(prefix / "share" / "jupyter"))
    return prefix


@pytest.mark.slow
def test_nbclient_runs_a_notebook_in_it(course: Course, jupyter_path: Path) -> None:
    done = command(course.root, "fairgrade", "kernel", "--prefix", str(jupyter_path))
    assert done.returncode == 0, done.stderr
    folder = course.root / "source" / NAME
    (course.root / "gradebook.db").touch()
    cells = [
        new_code_cell(LOOK.replace("{root}", str(course.root))),
        new_code_cell("while True: pass"),
        new_code_cell("import os; print(os.getuid())"),
    ]
    notebook = new_notebook(cells=cells)
    client = NotebookClient(
        notebook,
        kernel_name=KERNEL,
        timeout_func=lambda cell: 5 if cell.source.startswith("while") else 300,
        interrupt_on_timeout=True,
        allow_errors=True,
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute()
    looked, _, after = (cell.outputs for cell in notebook.cells)
    assert looked[0].text.splitlines() == [
        "101",
        "[False, False, False]",
        "['mnist.npz']",
        "['checks.py']",
    ]
    assert after[0].text == "1000\n"


FILL = """
import os
folder = os.environ["JUPYTER_RUNTIME_DIR"]
try:
    with open(folder + "/fill", "wb") as file:
        for _ in range(64):
            file.write(bytes(2**20))
except OSError as err:
    print(err.errno)
os.remove(folder + "/fill")
os.symlink({victim!r}, folder + "/link")
"""


@pytest.mark.slow
def test_what_it_puts_beside_its_sockets_is_bounded_and_never_seen_outside(
    jupyter_path: Path, tmp_path: Path
) -> None:
    """A link there would be followed by whoever looks after the folder."""
    install_kernel(jupyter_path)
    victim = tmp_path / "victim.txt"
    victim.write_text("the instructor's")
    owner = victim.stat().st_uid
    manager = KernelManager(kernel_name=KERNEL)
    manager.start_kernel(cwd=str(tmp_path))
    try:
        client = manager.blocking_client()
        client.start_channels()
        said: list[dict] = []
        for lives in (1, 2):  # it starts anew in a folder that is new
            client.wait_for_ready(timeout=300)
            code = FILL.format(victim=str(victim))
            client.execute_interactive(code, output_hook=said.append, timeout=300)
            texts = [m["content"]["text"] for m in said if m["msg_type"] == "stream"]
            assert "".join(texts).split() == ["28"] * lives  # ENOSPC
            names = {path.name[0] for path in Path(manager.ip).parent.iterdir()}
            assert names == {"k"}  # the sockets and the connection file
            if lives == 1:
                manager.restart_kernel(now=True)
        assert victim.stat().st_uid == owner
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert not Path(manager.ip).parent.exists()


@pytest.fixture
def without_bubblewrap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> pytest.MonkeyPatch:
    """A PATH on which there is everything but bwrap."""
    folder = tmp_path.parent / f"{tmp_path.name}-bin"
    folder.mkdir()
    for directory in os.environ["PATH"].split(os.pathsep):
        for path in Path(directory).glob("*"):
            if path.name != "bwrap" and not (folder / path.name).exists():
                (folder / path.name).symlink_to(path)
    monkeypatch.setenv("PATH", str(folder))
    assert shutil.which("bwrap") is None
    probe.probe.cache_clear()
    yield monkeypatch
    probe.probe.cache_clear()


def test_without_bubblewrap_nothing_runs(
    course: Course, without_bubblewrap: pytest.MonkeyPatch
) -> None:
    notebook = new_notebook(cells=[new_code_cell("open('/tmp/ran', 'w')")])
    limits = course.assignment(NAME).limits
    with pytest.raises(SandboxError, match="apt-get install bubblewrap"):
        run(RunRequest(notebook, {}, {}, {}, 0, limits))


@pytest.mark.slow
def test_without_bubblewrap_grading_asks_for_unsealed_by_name(
    course: Course, without_bubblewrap: pytest.MonkeyPatch
) -> None:
    generate(course, course.assignment(NAME))
    hand_in(course)
    refused = command(course.root, "fairgrade", "autograde", NAME)
    assert refused.returncode == 1
    assert refused.stderr.strip().splitlines()[-1].startswith("bubblewrap (bwrap) is")
    graded = course.root / "autograded" / "ada" / NAME / f"{NAME}.ipynb"
    assert not graded.exists()
    (grade,) = autograde(course, course.assignment(NAME), sealed=False)
    assert grade.score == 10
    own = nbformat.read(graded, as_version=4).metadata["fairgrade"]
    assert own["provenance"]["isolation"] == "none"
