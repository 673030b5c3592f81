"""A judge and a student's kernel that talk to each other, without any process."""

from __future__ import annotations

import ast
import contextlib
import itertools
import linecache
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbformat.v4 import new_code_cell, new_notebook

from fairgrade.inside.link import Link
from fairgrade.inside.serve import Server
from fairgrade.judge.examinee import CELL, Examinee
from fairgrade.judge.folder import Folder
from fairgrade.plan.names import imported, places, read_by_students, way
from fairgrade.plan.scopes import python_of
from fairgrade.protocol.calls import Gone

MAX = 2**24
_cells = itertools.count()
#: Answers a message with a message; None ends the kernel.
Hostile = Callable[[bytes], bytes | None]


@dataclass
class Talk:
    """One submission and its tests.

    Attributes:
        examinee: what the judge holds of it.
        kernel: the notebook's global names.
    """

    examinee: Examinee
    kernel: dict[str, Any]
    places: list[Any] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    watched: frozenset[str] = frozenset()
    imports: frozenset[str] = frozenset()
    modules: tuple[str, ...] = ()
    _next: int = 0

    def test(self) -> Any:
        """Run the next test cell, and what stands before it; its last value."""
        asking = place_of(self)
        source, given = self.sources[self._next], asking["given"]
        self._next += 1
        self.examinee.begin(asking, {}, source)
        try:
            return self.examinee.run(ast.parse(python_of(source), CELL))
        finally:
            self.examinee.end(given)


def place_of(talk: Talk) -> dict[str, Any]:
    """What the judge is told of the next test's place."""
    place = talk.places[talk._next]
    return {
        "made": way(talk.places[: talk._next + 1]),
        "asked": place.asked,
        "given": sorted(place.given),
        "watched": talk.watched,
        "rebound": place.rebound,
        "imports": talk.imports,
        "modules": talk.modules,
        "files": place.files,
        "imported": place.imports,
        "compared": place.compared,
    }


def cells(*given: tuple[str, str]) -> Any:
    """A source notebook of (role, text): own, locked, solution or test."""
    made = []
    for number, (role, source) in enumerate(given):
        cell = new_code_cell(source)
        if role != "own":
            cell.metadata.nbgrader = {
                "grade_id": f"c{number}",
                "grade": role == "test",
                "solution": role == "solution",
                "locked": role != "solution",
                "points": 1 if role == "test" else 0,
            }
        made.append(cell)
    return new_notebook(cells=made)


@contextlib.contextmanager
def talk(
    *given: tuple[str, str],
    student: str | None = None,
    hostile: Hostile | None = None,
    kinds: Mapping[str, list[str]] | None = None,
    watch: Callable[[bytes], Any] = len,
    apart: bool = False,
    folders: tuple[Path, Path] | None = None,
    modules: tuple[str, ...] = (),
) -> Iterator[Talk]:
    """A judge of these cells beside a kernel that ran all but the tests.

    Args:
        student: what a student wrote in the place of all solution cells.
        hostile: answers in the place of a kernel.
        kinds: as for `judge.trust.Trust`.
        watch: is shown every question.
        apart: the kernel is a process of its own, with pyplot and files of its own.
        folders: where tests run and where the kernel does; else nobody has files.
        modules: the course's own beside the notebook.
    """
    ours, theirs = socket.socketpair()
    kernel: dict[str, Any] = {"__name__": "__main__", "__doc__": None}
    child = os.fork() if apart else None
    if not child:
        _run_all(given, student, kernel)
    link = Link(ours)

    def exchange(data: bytes) -> bytes:
        watch(data)
        if hostile is not None:
            reply = hostile(data)
        else:
            link.send(data)
            reply = link.receive()
        if reply is None:
            raise Gone("ended")
        return reply

    here, there = folders or (Path(os.devnull), Path(os.devnull))
    server = Server(theirs, kernel, MAX, there)
    if child == 0:
        ours.close()
        with contextlib.suppress(OSError):
            server.run()
        os._exit(0)
    thread = threading.Thread(target=_serve, args=(server,), daemon=True)
    source = cells(*given)
    examinee = Examinee(exchange, kinds, MAX, Folder(here))
    tests = [text for role, text in given if role == "test"]
    watched = read_by_students(source)
    if hostile is None and not apart:
        thread.start()
    with ours, theirs:
        known = places(source), tests, watched, imported(source), modules
        yield Talk(examinee, kernel, *known)
        if hostile is None:
            ours.shutdown(socket.SHUT_RDWR)
            if child:
                os.waitpid(child, 0)
            else:
                thread.join(5)


def _run_all(
    given: tuple[tuple[str, str], ...], student: str | None, kernel: dict[str, Any]
) -> None:
    """Run all cells but the tests, with a student's in the place of the solutions."""
    answered = student is None
    for role, source in given:
        if role == "test":
            continue
        if role == "solution" and student is not None:
            if not answered:
                _run(student, kernel)
            answered = True
            continue
        _run(source, kernel)


def _serve(server: Server) -> None:
    with contextlib.suppress(OSError):  # the link is closed when the test is over
        server.answer_all()


def _run(source: str, names: dict[str, Any]) -> None:
    file = f"<cell {next(_cells)}>"  # as IPython keeps what it runs
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    exec(compile(source, file, "exec", dont_inherit=True), names)


def check(
    solution: str,
    test: str,
    *,
    student: str | None = None,
    kinds: Mapping[str, list[str]] | None = None,
) -> Any:
    """Run one test on the solution, then on what a student wrote in its place.

    Args:
        kinds: what arose with the solution, if it is not to be found out.
    """
    given = ("solution", solution), ("test", test)
    with talk(*given) as made:
        value = made.test()
        seen = made.examinee.far.trust.seen
    if student is None:
        return value
    kinds = {o: sorted(names) for o, names in seen.items()} if kinds is None else kinds
    with talk(*given, student=student, kinds=kinds) as made:
        return made.test()
