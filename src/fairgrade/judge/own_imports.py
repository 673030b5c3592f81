"""What the instructor's source imports: the judge's own, whatever a student has."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Set
from types import ModuleType
from typing import Any

from fairgrade.judge.library import Library


def own_module(name: str, imported: Set[str]) -> ModuleType | None:
    """The judge's own module, where the instructor's source imports it."""
    if name in imported:
        with contextlib.suppress(ImportError):
            return importlib.import_module(name)
    return None


def own_import(module: str, name: str, there: Any, course_modules: Set[str]) -> Any:
    """The judge's own of what the source imports in a cell of the student's.

    Whatever a student has under the name of a function that compares, a test that calls
    it would hand it what it expects. The course's own classes beside the notebook stay
    there, with their objects.

    Args:
        name: what of the module; "" for all of it.
        there: what the kernel has under that name.
        course_modules: the course's own modules beside the notebook.
    """
    try:
        found: Any = importlib.import_module(module)
        if name:
            found = getattr(found, name)
    except (ImportError, AttributeError):  # say, a module that a student writes
        return there
    if not name and type(there) is Library:  # another module under that name
        return there
    beside = module.split(".")[0] in course_modules
    return there if beside and isinstance(found, type) else found
