"""How a function of a test looks to the student's code that it is handed to.

What a decorator looks at: its name, how it may be called, which types it is annotated
with. Its documentation may tell what a test expects, so a stand-in goes in its place,
which a judge that gets it back takes for the text.
"""

from __future__ import annotations

import builtins
import inspect
from collections.abc import Callable
from typing import Any

_KINDS = list(inspect._ParameterKind)
_STANDS_FOR = "\0the documentation of the test's function "


def looks_of(function: Any) -> list[Any]:
    """Its name and its parameters: name, kind, whether one may be left out, type."""
    try:
        signature = inspect.signature(function, follow_wrapped=False)
    except (ValueError, TypeError):
        return [function.__name__]
    empty = inspect.Parameter.empty
    return [
        function.__name__,
        [
            [p.name, int(p.kind), p.default is not empty, _type_name(p.annotation)]
            for p in signature.parameters.values()
        ],
        _type_name(signature.return_annotation),
    ]


def dress(function: Callable[..., Any], number: int, looks: list[Any]) -> None:
    """Give a stand-in the looks of what it stands for."""
    name, *told = looks
    function.__name__ = function.__qualname__ = name
    function.__module__ = "__main__"
    function.__doc__ = f"{_STANDS_FOR}{number}"
    if not told:
        return
    parameters, returns = told
    made = [_parameter(*each) for each in parameters]
    given = inspect.Signature.empty if returns is None else _type(returns)
    vars(function)["__signature__"] = inspect.Signature(made, return_annotation=given)
    types = {p.name: p.annotation for p in made if p.annotation is not p.empty}
    function.__annotations__ = types | ({"return": given} if returns else {})


def documented(text: Any) -> int:
    """Whose documentation a text stands for; 0: nobody's."""
    if type(text) is not str or not text.startswith(_STANDS_FOR):
        return 0
    number = text.removeprefix(_STANDS_FOR)
    return int(number) if number.isdecimal() and len(number) < 10 else 0


def _parameter(name: str, kind: int, given: bool, type_: Any) -> inspect.Parameter:
    empty = inspect.Parameter.empty
    default = ... if given else empty
    annotation = empty if type_ is None else _type(type_)
    return inspect.Parameter(name, _KINDS[kind], default=default, annotation=annotation)


def _type_name(annotation: Any) -> str | None:
    """The name of a built-in type; None of any other annotation, and of none."""
    if annotation is None or annotation is type(None):
        return "None"
    name = (
        annotation if type(annotation) is str else getattr(annotation, "__name__", "")
    )
    known = isinstance(getattr(builtins, name, None), type) if name else False
    own = type(annotation) is str or getattr(builtins, name, None) is annotation
    return name if known and own else None


def _type(name: str) -> Any:
    return None if name == "None" else getattr(builtins, name)
