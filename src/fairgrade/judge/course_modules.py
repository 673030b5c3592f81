"""In the judge process: the course's own modules beside a notebook."""

from __future__ import annotations

import ast
import contextlib
import enum
import importlib
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

from fairgrade.plan.files import Use, most_use, use_of_files


def classes_beside(modules: frozenset[str], imports: frozenset[str]) -> dict[str, type]:
    """The classes of those modules that the source imports: "module:name" -> class.

    Args:
        modules: the course's own modules and packages.
        imports: what its source imports, in any cell.
    """
    for name in sorted(imports):
        if name.split(".")[0] in modules:
            # What cannot be imported here, no test can use either.
            with contextlib.suppress(Exception, SystemExit):
                importlib.import_module(name)
    found: dict[str, type] = {}
    for name, module in _imported_of(modules):
        for each in list(vars(module).values()):
            own = type(each) is type or isinstance(each, enum.EnumMeta)
            if own and each.__module__ == name and "." not in each.__qualname__:
                found[f"{name}:{each.__qualname__}"] = each
    return found


def files_beside(modules: frozenset[str]) -> Use:
    """How those of these modules that were imported use files."""
    own = _imported_of(modules)
    return most_use(_use_of(str(getattr(module, "__file__", ""))) for _, module in own)


def _imported_of(modules: frozenset[str]) -> list[tuple[str, ModuleType]]:
    """Those of these modules, and modules in them, that were imported."""
    if not modules:  # as of most courses, where thousands of others were
        return []
    there = list(sys.modules.items())
    return [(name, each) for name, each in there if name.split(".")[0] in modules]


@cache
def _use_of(path: str) -> Use:
    try:
        return use_of_files(ast.parse(Path(path).read_bytes()))
    except (OSError, SyntaxError, ValueError, RecursionError):
        return ""
