"""In the judge process: one submission whose tests ask its kernel, cell after cell.

There is one namespace for all its test cells. What the course's cells define is made in
it; what a name is that the judge does not hold, the kernel is asked at each test anew.
"""

from __future__ import annotations

import ast
import asyncio
import builtins
import contextlib
import inspect
import sys
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from fairgrade.errors import CallFailed, NotMeasured
from fairgrade.judge.asserts import Asserts
from fairgrade.judge.course_modules import classes_beside, files_beside
from fairgrade.judge.far import Far
from fairgrade.judge.folder import Folder
from fairgrade.lesson.checks import Check
from fairgrade.plan.magics import captured
from fairgrade.plan.scopes import binders
from fairgrade.protocol.texts import one_line

CELL = "<test cell>"
#: As notebooks are compiled: `await` may stand outside of a function.
_AWAIT = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_BUILTINS = frozenset(dir(builtins))


class Namespace(dict[str, Any]):
    """Names of test cells; what it lacks, the kernel is asked for.

    Args:
        find: gives the value of a name, or raises KeyError.
        names: gives the names that could be found.
    """

    def __init__(
        self, find: Callable[[str], Any], names: Callable[[], Iterable[str]]
    ) -> None:
        super().__init__(__name__="__main__")
        self._find, self._names = find, names

    def __missing__(self, name: str) -> Any:
        return self._find(name)

    def __delitem__(self, name: str) -> None:
        """Forget a name, also one that the kernel alone has so far."""
        if not dict.__contains__(self, name):
            self[name]
        super().__delitem__(name)

    def __contains__(self, name: object) -> bool:
        try:
            self[name]  # type: ignore[index]
        except KeyError:
            return False
        return True

    def __iter__(self) -> Iterator[str]:
        """All names, for `dir()` and `globals()`: the judge's come last."""
        there = dict.fromkeys(self._names())
        return iter({**there, **dict.fromkeys(dict.keys(self))})

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def keys(self) -> Any:
        return dict.fromkeys(self).keys()

    def items(self) -> Any:
        return [(name, self[name]) for name in self]

    def values(self) -> Any:
        return [self[name] for name in self]


class Examinee:
    """A submission while its tests are judged.

    Args:
        exchange: sends a message to its kernel and returns the answer.
        kinds, folder: as `Far` takes them.
        asserts: compiles its tests, and what the course's cells define for them.
    """

    def __init__(
        self,
        exchange: Callable[[bytes], bytes],
        kinds: Any,
        max_bytes: int,
        folder: Folder,
        asserts: Asserts | None = None,
    ) -> None:
        self.asserts = asserts or Asserts()
        self.namespace = Namespace(self._find, self._names)
        self.far = Far(
            exchange, self.namespace, folder, kinds=kinds, max_bytes=max_bytes
        )
        self.asserts.code = self.far.codes.of
        self._fetched = self.far.names_in_step.fetched
        self._asked: frozenset[str] = frozenset()
        self._imported: Mapping[str, Any] = {}
        self._captured: tuple[str, frozenset[str]] | None = None
        self._open = False
        self._made = 0
        self._classes: dict[str, type] = {}
        self._functions: set[str] = set()

    def begin(
        self, place: Mapping[str, Any], values: Mapping[str, Any], source: str
    ) -> None:
        """Come to a test cell.

        Args:
            place: as `plan.names.Place`, with lists; "made" is as `plan.names.way`
                gives it, "watched" are names that students' cells read, and "imports"
                the modules that the source imports.
            values: what was handed over as data at this place.
            source: the cell's text.

        Raises:
            CallFailed: the kernel does not answer.
        """
        for statement in place["made"][self._made :]:
            self._make(statement)
        self._made = len(place["made"])
        self.namespace.update(values)
        self._fetched.update(values)
        self._asked = frozenset(place["asked"])
        self._imported, self._captured = place["imported"], captured(source)
        self.far.trust.compared = {
            name: frozenset(methods) for name, methods in place["compared"].items()
        }
        self.far.imports = frozenset(place["imports"])
        self.far.transcript.clear()
        self.asserts.count = lambda: self.far.transcript.count
        modules = frozenset(place["modules"])
        self.far.begin(
            self._classes | classes_beside(modules, self.far.imports),
            frozenset(self._functions),
            modules,
            frozenset(place["watched"]),
            frozenset(place["rebound"]),
        )
        self.far.figures.begin(source)
        self.far.patched.begin(source)
        self.far.surroundings.begin(source)
        self.far.warned.begin()
        self.far.files.begin(source, place["files"] or files_beside(modules))
        self._open = True

    def run(self, tree: ast.Module) -> Any:
        """Run the test cell that was begun; the value of its last expression.

        Raises:
            BaseException: what ended it.
        """
        with self._output():
            value = run_cell(tree, self.namespace, self.asserts)
        self.far.conversation.check_ends()
        return value

    @contextlib.contextmanager
    def _output(self) -> Iterator[None]:
        """Keep what is shown under `%%capture`, by the name that it gives it."""
        if self._captured is None:
            yield
            return
        from IPython.utils.capture import capture_output  # takes long

        name, left = self._captured
        kinds = ("stdout", "stderr", "display")
        with capture_output(*(f"--no-{kind}" not in left for kind in kinds)) as shown:
            yield
        if name:
            self.namespace[name] = shown

    @property
    def fetched(self) -> frozenset[str]:
        """Names that the test has from the kernel."""
        return frozenset(self._fetched)

    def end(self, given: list[str]) -> None:
        """Leave a test cell: what was asked for is asked again at the next."""
        self._open = self.far.conversation.exits = False
        self.far.surroundings.end()
        self.far.warned.end()
        self.asserts.clear()
        self.asserts.count = int
        # What has no form there, later cells of the notebook will say that they miss.
        with contextlib.suppress(CallFailed, NotMeasured, Exception):
            self.far.push(frozenset(given))
        for name, value in self._fetched.items():
            if dict.get(self.namespace, name) is value:
                del self.namespace[name]
        self._fetched.clear()

    def _make(self, statement: str) -> None:
        """Run a statement of the course; where that fails, the kernel has its names."""
        tree = ast.parse(statement)
        names = [name for part in tree.body for name, _ in binders(part)]
        try:
            exec(self.asserts.compile(tree, "<course>"), self.namespace)
        except Exception:
            for name in names:
                self.namespace.pop(name, None)
            return
        for name in names:
            value = dict.get(self.namespace, name)
            self._classes.pop(name, None)
            self._functions.discard(name)
            if isinstance(value, type) and value.__module__ == "__main__":
                self._classes[name] = value
            elif isinstance(value, types.FunctionType):
                self._functions.add(name)

    def _find(self, name: str) -> Any:
        known = name in _BUILTINS and name not in self._asked
        if known or not self._open or type(name) is not str:
            raise KeyError(name)
        value = self.far.name(name)  # who did not import it has no such name
        if name in self._imported:
            module, within = self._imported[name]
            value = self.far.imported(module, within, value)
        self.namespace[name] = self._fetched[name] = value
        return value

    def _names(self) -> list[str]:
        found = self.far.names() if self._open else []
        return [name for name in found if name not in _BUILTINS - self._asked]


def run_cell(
    tree: ast.Module, names: dict[str, Any], asserts: Asserts | None = None
) -> Any:
    """Run a cell's statements; the value of its last one if that is an expression.

    Args:
        asserts: takes note of what its asserts look at.
    """
    asserts = asserts or Asserts()
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr):
        return _done(asserts.compile(tree, CELL, _AWAIT), names)
    before = ast.Module(tree.body[:-1], tree.type_ignores)
    _done(asserts.compile(before, CELL, _AWAIT), names)
    value = ast.Expression(last.value)
    return _done(asserts.compile_plainly(value, CELL, _AWAIT), names)


def _done(code: types.CodeType, names: dict[str, Any]) -> Any:
    """Run code; as in a notebook, it may await something."""
    if code.co_flags & inspect.CO_COROUTINE:
        return asyncio.run(eval(code, names))
    return eval(code, names)


def students_fault(err: BaseException, far: Far, points: float) -> Check | None:
    """The failed check of an error that is the student's doing; None if it is not.

    What their code raised or failed to answer. What else a test stumbles over is told
    by the reference solution.
    """
    chain: list[BaseException] = []
    while not any(err is each for each in chain):  # `in` would ask a student's class
        chain.append(err)
        following = err.__cause__ or err.__context__
        if following is None:
            break
        err = following
    for each in chain:
        if isinstance(each, CallFailed):
            return Check(one_line(each, 500), points, 0.0)
        if (text := far.text_of(each)) is not None:
            said = one_line(text, 500)
            name = f"Your code raised {type(each).__name__}"
            return Check(f"{name}: {said}" if said else name, points, 0.0)
    return None


def forget_course_modules(*folders: Path) -> None:
    """Drop the course's own modules: no submission sees what another made of them."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if not isinstance(file, str) or name == "__main__":
            continue
        path = Path(file)
        own = any(path.is_relative_to(folder) for folder in folders)
        if own and "site-packages" not in path.parts:
            del sys.modules[name]
