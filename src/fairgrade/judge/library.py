"""What a test holds of an object of a library that has no form here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fairgrade.calls.specials import FORWARDED
from fairgrade.errors import NotMeasured


class Library:
    """Stands for an object of a library, of which there is no form here.

    Whatever a test does with it cannot be told from what the student's code makes up.
    """

    __slots__ = ("__weakref__", "_unmeasured", "_what")

    def __init__(self, what: str, unmeasured: Callable[[str], NotMeasured]) -> None:
        object.__setattr__(self, "_what", what)
        object.__setattr__(self, "_unmeasured", unmeasured)

    def __getattribute__(self, name: str) -> Any:
        what = object.__getattribute__(self, "_what")
        unmeasured = object.__getattribute__(self, "_unmeasured")
        raise unmeasured(f"a {what} cannot be handed to the test")


def _unmeasured(name: str) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return self.anything  # raises

    return method


_ASYNC = ("__await__", "__aiter__", "__anext__", "__aenter__", "__aexit__")
for _name in (*FORWARDED, *_ASYNC, "__setattr__", "__delattr__"):
    setattr(Library, _name, _unmeasured(_name))
