"""Who owns each name that a test cell reads: the judge, or the student's kernel.

Decided by place, in the instructor's source: the last cell before the test that binds a
name. What the course's own cells import and define, the judge makes itself; what a test
cell binds is the judge's, too; what a solution cell binds or changes is the kernel's,
as it stands when the test's turn comes.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fairgrade.nbgrader_bridge.cells import is_test, name_of, settings
from fairgrade.plan.cells import UNREADABLE
from fairgrade.plan.defining import is_fixed, special_methods
from fairgrade.plan.files import Use, file_names, most_use, use_of_files
from fairgrade.plan.magics import captured
from fairgrade.plan.scopes import (
    binders,
    changed,
    deferred,
    globals_of,
    immediate,
    imports,
    python_of,
    reads,
    unbound,
)

if TYPE_CHECKING:  # nbformat's import takes 2 s, in each judge
    from nbformat.notebooknode import NotebookNode

_BUILTINS = frozenset(dir(builtins))
#: What a constant of the course may not come from: only the kernel has it.
_OUTSIDE = frozenset({"input", "open", "get_ipython", "exec", "eval"})
#: Ways to bind a name to what can be called.
_CALLABLE = frozenset({"def", "class", "lambda", "from"})


@dataclass(frozen=True)
class Place:
    """What a test cell finds when its turn comes.

    Attributes:
        made: statements that the judge runs itself since the test cell before, each by
            itself: of one that fails, the names are the kernel's after all.
        left: names that the judge may have held until then, of `made`, too, and that
            are the kernel's from here on.
        held: names that the judge holds when the cell begins.
        used: those of them that the course's own cells made and the test reads.
        asked: names that are read, by the course's helpers too, and are the kernel's.
        callables: those of `asked` that the source binds by def, class, lambda or
            `from m import f`.
        bound: names that the cell binds.
        given: those of `bound` that later cells read which are no tests.
        compared: class -> the special methods that the source gives it, by which its
            objects may be compared and computed with.
        rebound: names that functions of students' cells bind outside of them.
        imports: those of `asked` that the source imports in a cell of the student's ->
            where from: the module, and the name in it or "".
        files: how it uses files, by itself or by the course's functions it reads.
        file_names: what of its texts looks like the name of one.
        problem: why the cell is no Python, or "".
    """

    grade_id: str
    made: tuple[str, ...] = ()
    left: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()
    used: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    callables: frozenset[str] = frozenset()
    bound: frozenset[str] = frozenset()
    given: frozenset[str] = frozenset()
    compared: dict[str, frozenset[str]] = field(default_factory=dict)
    rebound: frozenset[str] = frozenset()
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)
    files: Use = ""
    file_names: frozenset[str] = frozenset()
    problem: str = ""


def places(source: NotebookNode) -> list[Place]:
    """The place of each test cell of an instructor's notebook, in order."""
    cells = [cell for cell in source.cells if cell.cell_type == "code"]
    read_later = _read_later(cells)
    book = _Book({name for cell in cells for name, _ in _bound(cell)})
    found = []
    for index, cell in enumerate(cells):
        if is_test(cell):
            found.append(book.test(cell, read_later[index]))
        elif settings(cell).get("solution"):
            book.student(cell)
        else:
            book.course(cell)
    return found


def way(passed: Sequence[Place]) -> list[str]:
    """What a judge runs on its way to the last of these places, from the first on."""
    return [
        line
        for place in passed
        for line in (*place.made, *(f"del {name}" for name in sorted(place.left)))
    ]


def read_by_students(source: NotebookNode) -> frozenset[str]:
    """The names that cells read which are no tests: those that a test may rebind."""
    cells = [cell for cell in source.cells if cell.cell_type == "code"]
    read = {n for c in cells if not is_test(c) for n in _read(c)}
    return frozenset(read)


def imported(source: NotebookNode) -> frozenset[str]:
    """The modules that any cell of a source imports."""
    found: set[str] = set()
    for cell in source.cells:
        parts = _statements(cell.source) if cell.cell_type == "code" else ()
        for node in (n for part in parts for n in ast.walk(part)):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
                found |= {*names, *(name.split(".")[0] for name in names)}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found |= {node.module, *(f"{node.module}.{a.name}" for a in node.names)}
    return frozenset(found)


class _Book:
    """Who owns what, cell after cell."""

    def __init__(self, bound_somewhere: set[str]) -> None:
        self._here = _BUILTINS - bound_somewhere
        self._held, self._courses = set[str](), set[str]()
        self._fixed: set[str] = set()
        self._needs: dict[str, set[str]] = {}
        self._how: dict[str, str] = {}
        self._from: dict[str, tuple[str, str]] = {}
        self._made: list[str] = []
        self._left, self._rebound = set[str](), set[str]()
        self._special: dict[str, frozenset[str]] = {}
        self._files: dict[str, Use] = {}

    def course(self, cell: NotebookNode) -> None:
        """Take in a cell that is the course's own."""
        for statement in _statements(cell.source):
            self._note(statement)
            if self._can_make(statement):
                names = {name for name, _ in binders(statement)}
                self._made.append(ast.unparse(statement))
                self._hold(names, deferred(statement))
                self._courses |= names
                if is_fixed(statement):
                    self._fixed |= names
            else:
                self._leave(statement)

    def student(self, cell: NotebookNode) -> None:
        """Take in a cell that students fill in."""
        for statement in _statements(cell.source):
            self._note(statement)
            self._leave(statement)
            self._rebound.update(globals_of(statement))

    def test(self, cell: NotebookNode, read_later: set[str]) -> Place:
        """The place of a test cell, whose names are the judge's from here on."""
        name = name_of(cell)
        try:
            tree = ast.parse(python_of(cell.source))
        except UNREADABLE as err:
            return Place(name, problem=f"is no Python: {err}")
        statements = tree.body
        held, read = frozenset(self._held), unbound(statements)
        bound = {name for part in statements for name, _ in binders(part)}
        output = captured(cell.source)
        bound |= {output[0]} - {""} if output is not None else set()
        late = {name for statement in statements for name in reads(statement)}
        asked = self._kernels(reached := self._through(read | (late - bound)))
        compared = dict(self._special)
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                compared[node.name] = special_methods(node, compared)
        place = Place(
            grade_id=name,
            made=tuple(self._made),
            left=frozenset(self._left),
            held=held,
            used=held & self._courses & reached,
            asked=frozenset(asked),
            callables=frozenset(n for n in asked if self._how.get(n) in _CALLABLE),
            bound=frozenset(bound),
            given=frozenset(bound & read_later),
            compared=compared,
            rebound=frozenset(self._rebound),
            imports={n: self._from[n] for n in sorted(asked) if n in self._from},
            files=most_use([use_of_files(tree), *map(self._uses, reached)]),
            file_names=file_names(tree),
        )
        self._made, self._left = [], set()
        self._courses -= bound
        for statement in statements:
            self._note(statement)
            self._hold({n for n, _ in binders(statement)}, deferred(statement))
        self._hold(bound - self._held, set())  # what a magic binds
        return place

    def _can_make(self, statement: ast.stmt) -> bool:
        """Whether the judge comes to the same by running a statement itself."""
        if isinstance(statement, (ast.Try, ast.If)):
            parts = [n for n in ast.walk(statement) if isinstance(n, ast.stmt)]
            simple = (ast.Try, ast.If, ast.Import, ast.ImportFrom, ast.Pass)
            if not all(isinstance(part, simple) for part in parts):
                return False
        elif isinstance(statement, (ast.Assign, ast.AnnAssign)):
            targets = binders(statement)
            if not targets or changed(statement) or _OUTSIDE & immediate(statement):
                return False
        elif not isinstance(
            statement,
            (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef),
        ):
            return False
        needed = immediate(statement)
        if not isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
            needed = self._through(needed)
        return not self._kernels(needed)

    def _hold(self, names: set[str], needs: set[str]) -> None:
        self._held |= names
        self._left -= names
        self._fixed -= names
        for name in names:
            self._needs[name] = needs - {name}

    def _leave(self, statement: ast.stmt) -> None:
        """What a statement binds or changes, the kernel alone has from now on."""
        names = {name for name, _ in binders(statement)}
        names |= changed(statement) - self._fixed - self._modules()
        names -= {"*"}  # of an import: names that nobody knows
        self._held -= names
        self._left |= names

    def _modules(self) -> set[str]:
        return {name for name in self._held if self._how.get(name) == "import"}

    def _note(self, statement: ast.stmt) -> None:
        self._how.update(binders(statement))
        for name, _ in binders(statement):
            self._from.pop(name, None)
            calls = isinstance(statement, (ast.FunctionDef, ast.ClassDef))
            self._files[name] = use_of_files(statement) if calls else ""
        self._from.update(imports(statement))
        if isinstance(statement, ast.ClassDef):
            self._special[statement.name] = special_methods(statement, self._special)

    def _through(self, names: Iterable[str]) -> set[str]:
        """These names, and those that the judge's functions under them read."""
        seen: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                if name in self._held:
                    waiting += self._needs.get(name, ())
        return seen

    def _uses(self, name: str) -> Use:
        return self._files.get(name, "")

    def _kernels(self, names: Iterable[str]) -> set[str]:
        return {n for n in names if n not in self._held and n not in self._here}


def _statements(source: str) -> list[ast.stmt]:
    try:
        return ast.parse(python_of(source)).body
    except UNREADABLE:
        return []


def _bound(cell: NotebookNode) -> Iterator[tuple[str, str]]:
    for statement in _statements(cell.source):
        yield from binders(statement)


def _read_later(cells: list[NotebookNode]) -> list[set[str]]:
    """For each cell, the names that cells after it read which are no tests."""
    found: list[set[str]] = []
    later: set[str] = set()
    for cell in reversed(cells):
        found.append(set(later))
        if not is_test(cell):
            later |= _read(cell)
    return found[::-1]


def _read(cell: NotebookNode) -> set[str]:
    return {name for part in _statements(cell.source) for name in reads(part)}
