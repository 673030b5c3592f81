"""What a test put into the place of something of a library, while code is asked for."""

from __future__ import annotations

import functools
import importlib
import threading
from collections.abc import Callable
from typing import Any


class Patched:
    """Puts things into modules, and what was there again.

    Args:
        busy: whether the notebook's code runs at present: only it meets them.
    """

    def __init__(self, busy: Callable[[], bool]) -> None:
        self._busy = busy
        self._originals: dict[tuple[str, str], Any] = {}

    def put(self, module: str, name: str, *value: Any) -> None:
        """Put a value into a module; without one, what was there."""
        found = importlib.import_module(module)
        key = module, name
        if not value:
            if key in self._originals:
                setattr(found, name, self._originals.pop(key))
            return
        original = self._originals.setdefault(key, getattr(found, name, None))
        called = callable(original) and not isinstance(original, type)
        setattr(found, name, self._either(value[0], original) if called else value[0])

    def restore(self) -> None:
        """Put back all that was there."""
        for module, name in [*self._originals]:
            self.put(module, name)

    def _either(self, value: Any, original: Any) -> Any:
        main = threading.get_ident()

        @functools.wraps(original, updated=())
        def patched(*args: Any, **kwargs: Any) -> Any:
            theirs = self._busy() and threading.get_ident() == main
            return (value if theirs else original)(*args, **kwargs)

        return patched
