"""Run the tests of real nbgrader courses without walls, cell beside cell.

    python benchmarks/course_cells.py FOLDER ... [--causes]

What `courses.py` takes minutes for, in seconds a notebook: each source notebook, with
its solutions and without, once with its tests in it and once with a judge that asks.
The kernels are plain processes without a sandbox, so only for courses whose code may
run here; there are no cheats. `--causes` names each test that comes to something else.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
from courses import as_course
from IPython.core.interactiveshell import InteractiveShell
from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import ClearSolutions
from nbgrader.utils import is_solution

from fairgrade.course.notebooks import read_notebook
from fairgrade.errors import FairgradeError
from fairgrade.inside.elsewhere import make_at_home
from fairgrade.inside.link import Link
from fairgrade.inside.serve import serve
from fairgrade.judge.cell import judge_cell
from fairgrade.judge.examinee import Examinee
from fairgrade.judge.folder import Folder
from fairgrade.judge.handoff import Handoff
from fairgrade.nbgrader_bridge.blanks import solution_only
from fairgrade.nbgrader_bridge.cells import is_test, name_of, points_of
from fairgrade.plan.deciding import LEFT_BEHIND
from fairgrade.plan.names import imported, places, read_by_students, way
from fairgrade.protocol.calls import Gone

_SECONDS = 150.0  # of one notebook
_MAX_BYTES = 2**28


@dataclass(frozen=True)
class Cell:
    """What one test came to: whether stock nbgrader passes it, and we (None: neither).

    Attributes:
        why: what the judge says of the solution, or of the blank.
    """

    stock: tuple[bool, bool]
    ours: tuple[bool | None, bool | None]
    why: str

    @property
    def same(self) -> bool:
        return self.stock == self.ours


def main() -> None:
    """Run, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--causes", action="store_true", help="name what differs")
    options = parser.parse_args()
    matplotlib.use("agg")
    print("| course | notebooks | all same | tests | same | waiting | silent 0 |")
    print("|---|---|---|---|---|---|---|")
    for folder in options.folders:
        with tempfile.TemporaryDirectory(prefix="fairgrade-cells-") as scratch:
            course = as_course(folder.resolve(), Path(scratch) / "course")
            books = dict(_books(course.root / "source", Path(scratch)))
        print(_line(folder.name, list(books.values())), flush=True)
        for place, cells in books.items() if options.causes else ():
            for name, cell in cells.items():
                if not cell.same:
                    print(f"  {place} {name}: {cell.why}")


def _line(course: str, books: list[dict[str, Cell]]) -> str:
    cells = [cell for book in books for cell in book.values()]
    waiting = sum(None in cell.ours for cell in cells)
    silent = sum(cell.ours[0] is False for cell in cells)
    whole = sum(all(cell.same for cell in book.values()) for book in books)
    same = sum(cell.same for cell in cells)
    counts = len(books), whole, len(cells), same, waiting, silent
    return f"| {course} | {' | '.join(map(str, counts))} |"


def _books(source: Path, scratch: Path) -> Iterator[tuple[str, dict[str, Cell]]]:
    """Notebook -> its tests that stock nbgrader passes on the solution."""
    for path in sorted(source.rglob("*.ipynb")):
        if LEFT_BEHIND & {*path.parts}:
            continue
        with contextlib.suppress(FairgradeError):
            notebook = read_notebook(path)
            if found := _cells(notebook, path.parent, scratch):
                yield str(path.relative_to(source)), found


def _cells(notebook: NotebookNode, folder: Path, scratch: Path) -> dict[str, Cell]:
    tests = [cell for cell in notebook.cells if is_test(cell)]
    kinds: dict[str, list[str]] | None = None
    stock, ours = list[dict[str, Any]](), list[dict[str, Any]]()
    for variant in (_solved(notebook), _blank(notebook)) if tests else ():
        stock.append(_stock(variant, folder, scratch))
        if not any(stock[0].values()):
            return {}
        ours.append(_judged(variant, notebook, folder, scratch, kinds))
        kinds = kinds or ours[0].pop("kinds", {})
    found = {}
    for name in map(name_of, tests):
        records = [each.get(name, {"state": "no answer"}) for each in ours]
        if not stock[0].get(name):
            continue
        passed = _passed(records[0], None), _passed(records[1], records[0])
        why = "; ".join(f"{r['state']}: {r.get('message')}" for r in records)
        in_stock = True, bool(stock[1].get(name))
        found[name] = Cell(in_stock, passed, why.replace("\n", " ")[:500])
    return found


def _passed(record: Mapping[str, Any], solution: Mapping[str, Any] | None) -> Any:
    """Whether a test passes; what only this work makes stop, fails.

    A test may give the solution a share of its points: as much is a pass.
    """
    if record["state"] == "judged":
        most = record["points"] if solution is None else solution.get("earned", 0)
        share = solution is None and record["earned"] > 0
        return share or record["earned"] >= most
    stops = record["state"] == "test at fault" and record["raised"]
    alone = solution is not None and solution["state"] == "judged"
    return False if stops and alone else None


def _solved(notebook: NotebookNode) -> NotebookNode:
    solved = copy.deepcopy(notebook)
    for cell in filter(is_solution, solved.cells):
        cell.source = solution_only(cell.source)
    return solved


def _blank(notebook: NotebookNode) -> NotebookNode:
    clear = ClearSolutions(enforce_metadata=False)
    blank: NotebookNode = clear.preprocess(copy.deepcopy(notebook), {})[0]
    return blank


def _stock(notebook: NotebookNode, folder: Path, scratch: Path) -> dict[str, Any]:
    """Test -> whether it runs to its end in the notebook itself."""
    own = _copy(folder, scratch)

    def run() -> None:
        shell, found = _shell(own), dict[str, bool]()
        for cell in _code(notebook):
            result = shell.run_cell(cell.source, store_history=True)
            if is_test(cell):
                found[name_of(cell)] = bool(result.success)
                (own.parent / "found").write_text(json.dumps(found))

    _wait(_fork(run))
    return _read(own.parent / "found")


def _judged(
    notebook: NotebookNode,
    source: NotebookNode,
    folder: Path,
    scratch: Path,
    kinds: dict[str, list[str]] | None,
) -> dict[str, Any]:
    """Test -> the judge's record; "kinds" -> what came up with the solution."""
    own, other = _copy(folder, scratch), _copy(folder, scratch)
    base = own.parent
    tests = [cell for cell in _code(source) if is_test(cell)]
    listeners = []
    for number in range(len(tests)):
        listeners.append(socket.socket(socket.AF_UNIX))
        listeners[-1].bind(str(base / f"{number}"))
        listeners[-1].listen(1)
        listeners[-1].settimeout(_SECONDS)

    def run() -> None:
        shell, number = _shell(other), 0
        for cell in _code(notebook):
            if is_test(cell):
                serve(str(base / f"{number}"), shell.user_ns, _MAX_BYTES, str(other))
                number += 1
            else:
                shell.run_cell(cell.source, store_history=True)

    def judge() -> None:
        _quiet(own)
        sys.path.insert(0, str(own))
        _judge(own, source, tests, listeners, kinds)

    _wait(_fork(run), _fork(judge))
    for listener in listeners:
        listener.close()
    return _read(base / "found")


def _judge(
    own: Path,
    source: NotebookNode,
    tests: list[NotebookNode],
    listeners: list[socket.socket],
    kinds: dict[str, list[str]] | None,
) -> None:
    links = list[Link]()

    def exchange(question: bytes) -> bytes:
        with contextlib.suppress(OSError):
            links[-1].send(question)
            if (reply := links[-1].receive()) is not None:
                return reply
        raise Gone("ended")

    files = [path.relative_to(own).parts[0] for path in own.rglob("*")]
    modules = sorted({name.removesuffix(".py") for name in files})
    examinee, found = (
        Examinee(exchange, kinds, _MAX_BYTES, Folder(own)),
        dict[str, Any](),
    )
    passed = places(source)
    for number, (cell, place) in enumerate(zip(tests, passed, strict=True)):
        with listeners[number].accept()[0] as link:
            links.append(Link(link))
            asking = {
                **vars(place),
                "made": way(passed[: number + 1]),
                "imported": place.imports,
                "given": sorted(place.given),
                "watched": read_by_students(source),
                "imports": imported(source),
                "modules": modules,
            }
            asked = {"source": cell.source, "points": points_of(cell), "place": asking}
            record = judge_cell(asked, Handoff(frozenset()), own, examinee)
            found[name_of(cell)] = {**record, "points": points_of(cell)}
            found["kinds"] = record["kinds"]
            (own.parent / "found").write_text(json.dumps(found))


def _code(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _copy(folder: Path, scratch: Path) -> Path:
    return Path(shutil.copytree(folder, Path(tempfile.mkdtemp(dir=scratch)) / "own"))


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {}
    return found


def _quiet(folder: Path) -> None:
    os.chdir(folder)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nothing, stream)


def _shell(folder: Path) -> InteractiveShell:
    _quiet(folder)
    shell = InteractiveShell.instance()
    shell.history_manager.enabled = False
    make_at_home()
    sys.path.insert(0, "")
    return shell


def _fork(work: Callable[[], None]) -> int:
    child = os.fork()
    if not child:
        os.setsid()
        with contextlib.suppress(BaseException):
            work()
        os._exit(0)
    return child


def _wait(*children: int) -> None:
    """Wait until all have ended; after the time of a notebook, end them."""
    until, left = time.monotonic() + _SECONDS, {*children}
    while left and time.monotonic() < until:
        left -= {child for child in left if os.waitpid(child, os.WNOHANG)[0]}
        time.sleep(0.02)
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
    for child in left:
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
