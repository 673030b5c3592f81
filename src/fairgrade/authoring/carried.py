"""What a notebook needs besides NumPy and Keras, packed into one cell of its own.

A released notebook runs on any Jupyter, with nothing to install: its first code cell
holds the modules that it imports from this package and from beside itself. Where they
are to be had anyway, as where notebooks are graded, the cell does nothing.
"""

from __future__ import annotations

import ast
import base64
import json
import lzma
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

import fairgrade
from fairgrade.errors import CourseError
from fairgrade.plan.cells import UNREADABLE
from fairgrade.protocol.places import DECLARED_VARIABLE

_PACKAGE = Path(fairgrade.__file__).parent
#: Below a folder of modules -> what is put there, for where matplotlib is missing.
_STAND_INS = dict.fromkeys(
    ("matplotlib/__init__.py", "matplotlib/pyplot.py"),
    _PACKAGE / "authoring" / "stand_ins" / "pyplot.py",
)
#: What an import may stand in, or be.
_HOLD_STATEMENTS = (ast.stmt, ast.ExceptHandler, ast.match_case)
#: No `/` and `+`: a text as this is searched for paths before it runs.
_CELL = '''\
#@title The course's tools: run this cell first {{ display-mode: "form" }}
# Packed below is Python code that this notebook imports: {names}.
# Where Python finds them anyway, this cell does nothing. Unpacked, they lie in a folder
# that is deleted when the notebook stops.
import base64, importlib.util, json, lzma, os, pathlib, sys, tempfile


def bring_along(packed):
    """Put modules that are missing here into a folder of their own; return it."""
    if all(importlib.util.find_spec(name) for name in {needed}):
        return None
    folder = tempfile.TemporaryDirectory(prefix="course-tools-")
    for name, text in json.loads(lzma.decompress(packed)).items():
        path = pathlib.Path(folder.name, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    sys.path.append(folder.name)
    return folder


course_tools = bring_along(base64.urlsafe_b64decode("{packed}"))'''
_DECLARED = """

# What the course says of its data files: see load_arrays.
os.environ["{variable}"] = json.dumps({declared})"""


def carrying_cell(
    sources: list[str], folder: Path, data: Mapping[str, Any] | None = None
) -> str:
    """The source of a cell that brings along what these cells import.

    Args:
        sources: of a notebook's code cells.
        folder: of the notebook; modules there are brought along, too.
        data: what is declared of data files, by file.

    Returns:
        The same text for the same course; "" where nothing has to be brought.

    Raises:
        CourseError: a module beside the notebook is no Python.
    """
    files = carried_files(sources, folder)
    if not files:
        return ""
    needed = sorted({Path(name).parts[0].removesuffix(".py") for name in files})
    stand_ins = {n: p.read_text(encoding="utf-8") for n, p in _STAND_INS.items()}
    text = json.dumps(files | stand_ins, ensure_ascii=False, sort_keys=True)
    cell = _CELL.format(
        names=" and ".join(needed), needed=json.dumps(needed), packed=_packed(text)
    )
    if data:
        cell += _DECLARED.format(
            variable=DECLARED_VARIABLE, declared=json.dumps(data, sort_keys=True)
        )
    return cell


@lru_cache(maxsize=8)  # the same for most assignments of a course
def _packed(text: str) -> str:
    packed = lzma.compress(text.encode(), preset=9)
    return base64.urlsafe_b64encode(packed).decode()


def carried_files(sources: list[str], folder: Path) -> dict[str, str]:
    """What has to be brought along: path below a folder of modules -> text.

    Raises:
        CourseError: a module beside the notebook is no Python.
    """
    found: dict[str, str] = {}
    open_names = [name for source in sources for name in _of_cell(source)]
    while open_names:
        name = open_names.pop()
        place = _place(name, folder)
        if place is None:
            continue
        path, below = place
        if below in found:
            continue
        found[below] = path.read_text(encoding="utf-8")
        parent = name.rpartition(".")[0]
        open_names += [parent] if parent else []
        open_names += _imported_by(path, found[below])
    return found


def _place(name: str, folder: Path) -> tuple[Path, str] | None:
    """Where a module's file is, and where it belongs; None for others' modules."""
    parts = name.split(".")
    root = _PACKAGE.parent if parts[0] == _PACKAGE.name else folder
    for below in (Path(*parts, "__init__.py"), Path(*parts).with_suffix(".py")):
        if (root / below).is_file():
            return root / below, below.as_posix()
    return None


def _of_cell(source: str) -> Iterator[str]:
    try:
        yield from _imports(ast.parse(TransformerManager().transform_cell(source)))
    except UNREADABLE:  # a gap that is no Python until it is filled
        return


@lru_cache(maxsize=256)
def _imported_by(path: Path, text: str) -> tuple[str, ...]:
    try:
        return tuple(_imports(ast.parse(text)))
    except UNREADABLE as err:
        raise CourseError(f"{path} is no Python: {err}. Mend it.", file=path) from err


def _imports(node: ast.AST) -> Iterator[str]:
    """Names of modules that code may import, but for the sake of types alone."""
    if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
        return
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _HOLD_STATEMENTS):
            yield from _imports(child)
