"""What a kernel says of things that stay there: claims, like all that it says."""

from __future__ import annotations

import builtins
import dis
import inspect
import types
from collections.abc import Callable
from typing import Any

from fairgrade.calls.asked_classes import asked_name
from fairgrade.calls.raised import args_of, state_of
from fairgrade.calls.specials import FORWARDED
from fairgrade.calls.values import Uncarried

_MAX_TEXT = 20_000
_MAX_NAMES = 500
_MAX_HINT = 200
_MAX_DEPTH = 8
_OF_CODE = (
    *("co_argcount", "co_posonlyargcount", "co_kwonlyargcount", "co_nlocals"),
    *("co_stacksize", "co_flags", "co_firstlineno", "co_name", "co_qualname"),
    *("co_filename", "co_code", "co_names", "co_varnames", "co_freevars"),
    "co_cellvars",
)
_FUNCTIONS = (
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    types.MethodWrapperType,
    types.MethodDescriptorType,
)
#: Types of a library's objects that are made to be called, and for nothing else.
_CALLED = frozenset(
    {"partial", "_lru_cache_wrapper", "vectorize", "ufunc", "itemgetter", "attrgetter"}
    | {"methodcaller", "wrapper_descriptor", "classmethod_descriptor"}
)
_DEFINED = (types.FunctionType,)
_PLAIN = (int, float, bool, str, type(None))


def described(thing: Any, node: Callable[[Any], Any]) -> list[Any]:
    """What kind of thing it is and what the judge needs for a mirror of it.

    Args:
        node: gives a class or an object another node, after describing it.
    """
    kind = type(thing)
    if isinstance(thing, type):
        return _class(thing, node)
    if isinstance(thing, types.ModuleType):
        return ["module", str(thing.__name__)[:200]]
    if kind in _FUNCTIONS or kind.__name__ in _CALLED:
        return ["function", *function(thing), _called_as(thing)]
    if kind is types.CoroutineType:
        return ["coroutine", str(thing.__name__)[:200]]
    if kind is types.AsyncGeneratorType:
        return ["asyncgenerator", str(thing.__name__)[:200]]
    if not is_own(kind) and not asked_name(kind):
        if hasattr(kind, "__next__"):
            return ["iterator", kind.__name__]
        if callable(thing) and hasattr(thing, "__wrapped__"):
            return ["function", *function(thing)]
        return ["library", f"{kind.__module__}.{kind.__qualname__}"[:200]]
    return ["instance", node(kind), *_error_parts(thing, node)]


def _error_parts(thing: Any, node: Callable[[Any], Any]) -> list[Any]:
    """What an exception was made of, where that is plain: its text comes of it.

    And what it holds beside its attributes.
    """
    if not issubclass(type(thing), BaseException):
        return []
    args = args_of(thing)
    plain = node(args) if all(type(arg) in _PLAIN for arg in args) else None
    try:
        state = node(state_of(thing, own=True, chain=True))
    except Uncarried:
        state = None
    return [plain] if state is None else [plain, state]


def function(thing: Any) -> list[Any]:
    """Name, documentation and signature (None if it tells none) of a function."""
    name = getattr(thing, "__name__", type(thing).__name__)
    return [str(name)[:200], _text(getattr(thing, "__doc__", None)), _signature(thing)]


def _called_as(thing: Any) -> str:
    """Whether a call of it gives a coroutine or a generator: what it is written as."""
    if type(thing) is not types.FunctionType:
        return ""
    if inspect.iscoroutinefunction(thing):
        return "coroutine"
    if inspect.isasyncgenfunction(thing):
        return "asyncgenerator"
    return "generator" if inspect.isgeneratorfunction(thing) else ""


def source(thing: Any) -> str:
    """A function's or class's source text, "" where it has none."""
    try:
        return inspect.getsource(thing)
    except (OSError, TypeError):
        return ""


def code(of: types.CodeType, depth: int = 0) -> tuple[Any, ...]:
    """Its parts by name, its constants, and its instructions.

    A constant comes with whether it is a code itself.
    """
    pairs = tuple((name, getattr(of, name)) for name in _OF_CODE)
    constants = tuple(
        (True, code(each, depth + 1)) if type(each) is types.CodeType else (False, each)
        for each in of.co_consts
        if type(each) is not types.CodeType or depth < _MAX_DEPTH
    )
    steps = ((i.opname, i.argrepr, i.offset) for i in dis.get_instructions(of))
    return pairs, constants, tuple(steps)


def _class(thing: type, node: Callable[[Any], Any]) -> list[Any]:
    fields = getattr(thing, "_fields", None)
    if thing.__bases__ == (tuple,) and isinstance(fields, tuple):
        return ["namedtuple", thing.__name__, list(fields)]
    asked = asked_name(thing)
    if not is_own(thing) and not asked:
        return ["library", f"class {thing.__module__}.{thing.__qualname__}"[:200]]
    bases = [node(base) for base in thing.__bases__ if base is not object]
    members = [
        [name, *_member(value)]
        for name, value in list(vars(thing).items())[:_MAX_NAMES]
        if isinstance(name, str) and (not _is_special(name) or type(value) in _DEFINED)
    ]
    within = [c for c in thing.__mro__ if c not in (object, Exception, BaseException)]
    specials = [
        name for name in FORWARDED if any(vars(c).get(name) is not None for c in within)
    ]
    meta = [name for name in FORWARDED if hasattr(type(thing), name)]
    meta = [name for name in meta if not hasattr(type, name)]
    about = [thing.__name__[:200], bases, members, specials, meta]
    abstract = [str(name)[:200] for name in getattr(thing, "__abstractmethods__", ())]
    looks = _text(thing.__doc__), _signature(thing), sorted(abstract)[:_MAX_NAMES]
    fields = getattr(thing, "__dataclass_fields__", None)
    names = [str(name) for name in fields or ()][:_MAX_NAMES]
    return ["class", *about, *looks, asked, names if type(fields) is dict else []]


def _is_special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _member(value: Any) -> list[Any]:
    if isinstance(value, (staticmethod, classmethod)):
        kind = "static" if isinstance(value, staticmethod) else "class"
        return [kind, *function(value.__func__)[1:]]
    if isinstance(value, property):
        return ["property", _text(value.__doc__), None]
    if isinstance(value, types.FunctionType):
        return ["method", *function(value)[1:]]
    return ["value", None, None]


def _signature(thing: Any) -> list[Any] | None:
    """Parameters: name, kind, whether it has a default, one that is plain, type.

    What is returned comes last, as a parameter of the kind -1.
    """
    try:
        signature = inspect.signature(thing)
    except (ValueError, TypeError):
        return None
    found = []
    for parameter in list(signature.parameters.values())[:_MAX_NAMES]:
        default = parameter.default
        given = default is not inspect.Parameter.empty
        plain = default if type(default) in _PLAIN else "..."
        if isinstance(plain, float) and plain - plain != 0:
            plain = "..."
        hint = _hint(parameter.annotation)
        found.append([parameter.name, int(parameter.kind), given, plain, hint])
        if isinstance(plain, str) and len(plain) > _MAX_TEXT:
            return None
    return [*found, ["return", -1, False, None, _hint(signature.return_annotation)]]


def _hint(annotation: Any) -> str | None:
    """A type: its name where it is built in, "'" and a text, "" of others; or None."""
    if annotation is inspect.Signature.empty:
        return None
    if type(annotation) is str:
        return f"'{annotation[:_MAX_HINT]}"
    name = "None" if annotation is None else getattr(annotation, "__name__", "")
    own = annotation is None or vars(builtins).get(name) is annotation
    return name if own else ""


def _text(text: Any) -> str | None:
    return text[:_MAX_TEXT] if isinstance(text, str) else None


def is_own(kind: type) -> bool:
    """Whether a student or the course defined a class."""
    module = str(kind.__module__).split(".")[0]
    return module == "__main__" or module in _beside


#: Names of companion modules and packages, as the judge tells them.
_beside: list[str] = []


def set_companions(names: list[str]) -> None:
    """Take classes of these modules for a notebook's own."""
    _beside[:] = names
