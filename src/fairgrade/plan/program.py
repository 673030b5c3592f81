"""Which work is new: keys that are equal exactly where the result must be the same.

A run has two keys. The *program* key leaves out comments and layout, the *text* key
nothing. Whatever else could make a difference is in both: order, names, literals,
locked cells, files, data, seed, limits, isolation, packages, and fairgrade itself.

A notebook that may look at its own text (`inspect`, `In`, magics, files, tracebacks),
that does not parse, or that is longer than what is read as a program has no program key
of its own: both keys are made of the text. This is about fairness, not about safety:
code that hides that it reads its own comments gains no more than a result that an equal
program came to.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fairgrade.nbgrader_bridge.cells import is_test, name_of, settings
from fairgrade.nbgrader_bridge.test_cell import TestCell
from fairgrade.plan.cells import MAX_PROGRAM, UNREADABLE, parse_cell
from fairgrade.plan.deciding import file_digest, key_of
from fairgrade.run.request import RunRequest


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Imports that show a program nothing of its own text. Others count as if they did.
_BLIND_MODULES = _words(
    "__future__ abc bisect collections copy dataclasses datetime decimal enum "
    "fairgrade.checks fairgrade.data fairgrade.lesson.checks fairgrade.lesson.data "
    "fractions functools heapq itertools json keras "
    "math matplotlib numpy pandas PIL random scipy seaborn sklearn statistics string "
    "tensorflow time typing"
)
#: What leads to source text, line numbers, other names, or files: as bare names ...
_BARE_OBSERVERS = _words(
    "In _dh _i _ih _ii _iii breakpoint compile delattr dir eval exec exit globals "
    "hasattr help locals quit vars"
)
#: ... and wherever they stand.
_OBSERVERS = _words(
    "Lambda builtins fromfile genfromtxt get_ipython getattr getsource getsourcelines "
    "gfile history_manager inspect linecache loadtxt memmap open os read_csv read_file "
    "set_trace setattr sys tf_inspect traceback"
)
_SOURCE_READERS = _words(
    "In _ih getsource getsourcelines get_ipython history_manager linecache traceback"
)
_INPUTS = re.compile(r"_i\d+")
_DUNDER = re.compile(r"__\w+__")
_PLAIN_DUNDERS = _words(
    "__call__ __class__ __enter__ __exit__ __getitem__ __init__ __iter__ __len__ "
    "__main__ __name__ __next__ __post_init__ __version__"
)
#: Where the sandbox keeps what it was told to run, and how else text may be found.
_PATHS = re.compile(r"job\.json|/in\b|/proc\b|\.ipynb|ipykernel")
#: What the run itself looks for in the text of cells, comments included.
_RUN_LOOKS_FOR = ("keras", "tensorflow", "steps_per_execution")


@dataclass(frozen=True)
class RunKeys:
    """Digests that stand for a run: see the module."""

    program: str
    text: str


def run_keys(request: RunRequest, *, isolation: str, environment: str) -> RunKeys:
    """The keys of one run.

    Args:
        isolation: how well it will be sealed.
        environment: `environment_digest` of where it will be run.
    """
    cells = [
        (index, cell)
        for index, cell in enumerate(request.notebook.cells)
        if cell.cell_type == "code" and (cell.source.strip() or is_test(cell))
    ]
    texts = [cell.source for _, cell in cells]
    files = {name: path.read_bytes() for name, path in sorted(request.files.items())}
    around = {
        "cells": [[index, _role(cell)] for index, cell in cells],
        "mentions": [any(word in t for t in texts) for word in _RUN_LOOKS_FOR],
        "files": {name: _digest(data) for name, data in files.items()},
        "data": {name: file_digest(path) for name, path in request.data.items()},
        "exports": dict(request.exports),
        "seed": request.seed,
        **({} if request.tests is None else {"tests": request.tests.key}),
        "limits": request.limits.model_dump(),
        "isolation": isolation if request.sealed else "none",
        "environment": environment,
    }
    locked = [bool(settings(cell).get("locked")) for _, cell in cells]
    programs = _programs(texts, locked, files)
    return RunKeys(
        program=key_of("program", around, texts if programs is None else programs),
        text=key_of("text", around, texts),
    )


def verdict_key(
    cell: TestCell,
    exported: Mapping[str, str],
    declared: Mapping[str, str],
    *,
    seconds: float,
    max_bytes: int,
    course: str,
    environment: str,
) -> str:
    """The key of what one test cell finds in one set of exports.

    Args:
        cell: with its hidden tests; what it finds depends on no other cell.
        exported: file name -> digest, of the names that it uses, at its place.
        declared: the assignment's exports.
        seconds, max_bytes: as for `Judge.judge`.
        course: `judged_by`, which covers what the cells read.
        environment: `environment_digest` of where it will be judged.
    """
    limits = [seconds, max_bytes]
    parts = (asdict(cell), dict(exported), dict(declared), limits, course, environment)
    return key_of("verdict", *parts)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _role(cell: Any) -> list[Any]:
    """What a run does with a cell besides running it: its name, its exports."""
    return [name_of(cell), bool(settings(cell).get("solution")), is_test(cell)]


def _programs(
    texts: Sequence[str], locked: Sequence[bool], files: Mapping[str, bytes]
) -> list[list[Any]] | None:
    """The cells without comments and layout, or None where text may make a difference.

    Locked cells and companion files are the course's: the same for all, and suspected
    only where they look for the students' source.
    """
    modules = {name: data for name, data in files.items() if name.endswith(".py")}
    allowed = _BLIND_MODULES | {Path(name).stem for name in modules}
    if sum(map(len, texts)) > MAX_PROGRAM:
        return None
    try:
        if any(map(_module_reads_source, modules.values())):
            return None
        programs = []
        for text, is_locked in zip(texts, locked, strict=True):
            if is_locked and (as_it_is := _locked_program(text)) is not None:
                programs.append([*as_it_is])
                continue
            cell = parse_cell(text)
            tree, silent = cell.tree, cell.silent
            if any(_observes(node, allowed) for node in ast.walk(tree)):
                return None
            # Where a lambda ends is read off its line, by AutoGraph for one.
            exact = any(isinstance(node, ast.Lambda) for node in ast.walk(tree))
            programs.append([text if exact else ast.dump(tree), silent])
    except UNREADABLE:
        return None
    return programs


# Of the course's own texts, which are few; a student's is met once.
@functools.lru_cache(256)
def _locked_program(text: str) -> tuple[str, bool] | None:
    """A locked cell in a program: as it is, unless it looks for students' source."""
    cell = parse_cell(text)
    return None if _reads_source(cell.tree) else (text, cell.silent)


@functools.lru_cache(64)
def _module_reads_source(data: bytes) -> bool:
    return _reads_source(ast.parse(data))


def _observes(node: ast.AST, allowed: frozenset[str]) -> bool:
    """Whether this part of a program may lead to the program's own text."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        level = getattr(node, "level", 0)
        modules = [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            modules = [node.module or ""]
        if level or not all({name, name.split(".")[0]} & allowed for name in modules):
            return True
    if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)):
        value = node.value
        text = value if isinstance(value, str) else value.decode("latin-1")
        return bool(_PATHS.search(text)) or any(map(_leads_out, _DUNDER.findall(text)))
    if isinstance(node, ast.Name) and (
        node.id in _BARE_OBSERVERS or _INPUTS.fullmatch(node.id)
    ):
        return True
    return any(name in _OBSERVERS or _leads_out(name) for name in _names(node))


def _leads_out(name: str) -> bool:
    return bool(_DUNDER.fullmatch(name)) and name not in _PLAIN_DUNDERS


def _names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.alias):
        yield from node.name.split(".")


def _reads_source(tree: ast.Module) -> bool:
    """Whether the course's own code looks at what students wrote."""
    return any(name in _SOURCE_READERS for n in ast.walk(tree) for name in _names(n))
