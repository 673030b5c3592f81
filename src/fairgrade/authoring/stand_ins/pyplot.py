"""Stands in for matplotlib where it is not installed: no pictures, and no errors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


class _Nothing:
    """Takes any call and any attribute; unpacked, it is two of itself."""

    def __getattr__(self, name: str) -> _Nothing:
        return _nothing_called(name)

    def __call__(self, *_: Any, **__: Any) -> _Nothing:
        return self

    def __getitem__(self, _: Any) -> _Nothing:
        return self

    def __iter__(self) -> Iterator[_Nothing]:  # figure, axes = plt.subplots()
        return iter((self, self))


def _nothing_called(name: str) -> _Nothing:
    if name.startswith("__"):
        raise AttributeError(name)
    return _Nothing()


def show(*_: Any, **__: Any) -> None:
    """Say that a picture is left out."""
    print("(Here is a picture. To see it, install matplotlib.)")


def __getattr__(name: str) -> _Nothing:
    return _nothing_called(name)
