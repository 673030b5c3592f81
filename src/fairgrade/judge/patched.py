"""What a test puts into a library, as `random.randint`: the kernel does so, too.

For as long as the test's patch holds. What stands there is lent, as any function or
object of a test that is handed over.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import re
import types
from collections.abc import Callable, Iterator
from typing import Any

from fairgrade.calls.values import Value
from fairgrade.judge.patching import patches
from fairgrade.plan.scopes import python_of

_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", re.ASCII)
_MISSING = object()
#: What both sides have alike by other ways, and what is ours.
_OURS = frozenset({"sys", "fairgrade", "__main__", "importlib", "unittest"})


class Patched:
    """Follows a test's patches of libraries.

    Args:
        namespace: the judge's names, as the tests see them.
        ask: asks the kernel to put a value into a module, or its own again.
    """

    def __init__(self, namespace: dict[str, Any], ask: Callable[..., Any]) -> None:
        self._namespace, self._ask = namespace, ask
        self._watched: dict[tuple[types.ModuleType, str], Any] = {}
        self._there: dict[tuple[types.ModuleType, str], Any] = {}

    def begin(self, source: str) -> None:
        """Begin a test cell: nothing is patched."""
        self._watched, self._there = {}, {}
        if not patches(source):
            return
        with contextlib.suppress(SyntaxError, ValueError, RecursionError):
            for module, name in self._targets(ast.parse(python_of(source))):
                found = getattr(module, name, _MISSING)
                if found is not _MISSING and (module.__name__, name) != _INPUT:
                    self._watched[module, name] = self._there[module, name] = found

    def follow(self) -> None:
        """Let the kernel have what stands in the places that the test patches."""
        for (module, name), own in self._watched.items():
            value = getattr(module, name, own)
            if value is self._there[module, name]:
                continue
            self._there[module, name] = value
            given = () if value is own else (Value(value),)
            self._ask(module.__name__, name, *given)

    def _targets(self, tree: ast.Module) -> Iterator[tuple[types.ModuleType, str]]:
        """The modules and names that a test may patch."""
        imported = dict(_imported(tree))
        for node in ast.walk(tree):
            text = ""
            if isinstance(node, ast.Constant) and type(node.value) is str:
                text = node.value
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                text = ast.unparse(node)
            elif isinstance(node, ast.Call) and len(node.args) > 1:
                where, named = node.args[:2]
                if isinstance(named, ast.Constant) and type(named.value) is str:
                    text = f"{ast.unparse(where)}.{named.value}"
            if len(text) < 200 and _DOTTED.fullmatch(text):
                path, _, name = text.rpartition(".")
                module = self._module(path, imported)
                if module is not None and module.__name__.split(".")[0] not in _OURS:
                    yield module, name

    def _module(self, path: str, imported: dict[str, str]) -> types.ModuleType | None:
        """The module that a dotted text names, by what the test calls it."""
        first, _, rest = path.partition(".")
        known = dict.get(self._namespace, first)
        name = known.__name__ if isinstance(known, types.ModuleType) else first
        name = imported.get(first, name)
        with contextlib.suppress(Exception):
            return importlib.import_module(f"{name}.{rest}" if rest else name)
        return None


_INPUT = ("builtins", "input")


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname:
                    yield alias.asname, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"
