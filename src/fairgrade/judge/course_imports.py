"""The course's own modules as tests import them, with asserts that can be told of."""

from __future__ import annotations

import ast
import sys
import types
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path

from fairgrade.judge.asserts import Asserts


def watch_imports(asserts: Asserts, *folders: Path) -> None:
    """Have modules in these folders compiled by `asserts`, from now on.

    Installed packages in them are left as they are.
    """
    sys.meta_path.insert(0, _Finder(asserts, folders))


class _Finder(MetaPathFinder):
    def __init__(self, asserts: Asserts, folders: Sequence[Path]) -> None:
        self._asserts = asserts
        self._folders = [folder.resolve() for folder in folders]
        self._codes: dict[str, tuple[bytes, types.CodeType]] = {}

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: types.ModuleType | None = None,
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or type(spec.loader) is not SourceFileLoader:
            return None
        file = Path(spec.loader.path).resolve()
        installed = "site-packages" in file.parts or file.is_relative_to(sys.prefix)
        if installed or not any(map(file.is_relative_to, self._folders)):
            return None
        spec.loader = _Loader(spec.loader.name, spec.loader.path, self)
        return spec

    def code(self, data: bytes, path: str) -> types.CodeType:
        """A file's code, compiled again only where the file is another."""
        known = self._codes.get(path)
        if known is None or known[0] != data:
            known = data, self._asserts.compile(ast.parse(data, path), path)
            self._codes[path] = known
        return known[1]


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, finder: _Finder) -> None:
        super().__init__(name, path)
        self._finder = finder

    def get_code(self, fullname: str) -> types.CodeType:
        """The code of the file as it is; none that was compiled before is read."""
        path = self.get_filename(fullname)
        return self._finder.code(self.get_data(path), path)
