"""The calls in a cell: which value is given for which parameter. Nothing is run."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fairgrade.lesson.spelling import near
from fairgrade.lesson.told import Told, shown

#: What every layer of Keras takes beside its own parameters.
_OF_LAYERS = frozenset(
    {"input_shape", "batch_input_shape", "input_dim", "name", "dtype", "trainable"}
    | {"weights", "autocast", "activity_regularizer"}
)
_MOST_CALLS = 50


@dataclass(frozen=True)
class Given:
    """A value in a call: how it is written, and what it is, where that is known."""

    node: ast.expr
    known: bool = False
    value: Any = None

    @property
    def text(self) -> str:
        return shown(ast.unparse(self.node))


@dataclass(frozen=True)
class Call:
    """A call in a cell: what is called, and what it is given by parameter.

    Attributes:
        of_keras: whether its parameters are those that this module knows of.
        problem: why the values do not fit the parameters; None if they do.
    """

    name: str
    given: Mapping[str, Given]
    by_position: frozenset[str] = frozenset()
    parameters: tuple[str, ...] = ()
    of_keras: bool = False
    problem: Told | None = None


def value_of(node: ast.expr, namespace: Mapping[str, Any]) -> Given:
    """What an expression is, without running any of it."""
    if isinstance(node, ast.Constant):
        return Given(node, True, node.value)
    if isinstance(node, ast.Name) and node.id in namespace:
        return Given(node, True, namespace[node.id])
    if isinstance(node, (ast.Tuple, ast.List)):
        parts = [value_of(part, namespace) for part in node.elts]
        if all(part.known for part in parts):
            kind = tuple if isinstance(node, ast.Tuple) else list
            return Given(node, True, kind(part.value for part in parts))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        part = value_of(node.operand, namespace)
        if part.known and isinstance(part.value, (int, float)):
            return Given(node, True, -part.value)
    if isinstance(node, ast.Attribute):
        part = value_of(node.value, namespace)
        try:
            if part.known:
                return Given(node, True, getattr(part.value, node.attr))
        except Exception:  # whatever an object of the notebook does
            return Given(node)
    return Given(node)


def calls_in(tree: ast.AST, namespace: Mapping[str, Any]) -> Iterator[Call]:
    """The calls of a statement, the inner ones first."""
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    for node in reversed(nodes[:_MOST_CALLS]):
        called = value_of(node.func, namespace)
        if called.known and callable(called.value):
            yield _call(node, called.value, namespace)


def _call(node: ast.Call, called: Any, namespace: Mapping[str, Any]) -> Call:
    name = ast.unparse(node.func).rpartition(".")[2]
    signature = _signature(called)
    loose = [value_of(n, namespace) for n in node.args]
    named = {k.arg: value_of(k.value, namespace) for k in node.keywords if k.arg}
    starred = any(isinstance(n, ast.Starred) for n in node.args)
    if signature is None or starred or len(named) < len(node.keywords):
        return Call(name, named)
    kinds = inspect.Parameter
    takes = [
        p.name
        for p in signature.parameters.values()
        if p.kind not in (kinds.VAR_POSITIONAL, kinds.VAR_KEYWORD)
    ]
    is_layer = any(base.__name__ == "Layer" for base in getattr(called, "__mro__", ()))
    known = (*takes, *sorted(_OF_LAYERS)) if is_layer else tuple(takes)
    open_ended = any(p.kind is kinds.VAR_KEYWORD for p in signature.parameters.values())
    for word in named:
        if word not in known and (is_layer or not open_ended):
            return Call(name, named, problem=_unknown(name, word, known))
    try:
        bound = signature.bind_partial(*loose, **named)
    except TypeError:
        return Call(name, named, problem=_too_many(name, loose, named, takes))
    given: dict[str, Given] = {}
    for parameter, value in bound.arguments.items():
        if isinstance(value, Given):
            given[parameter] = value
        elif isinstance(value, dict):
            given.update(value)
    by_position = frozenset(given) - frozenset(named)
    module = str(getattr(called, "__module__", ""))
    return Call(name, given, by_position, known, module.startswith("keras"))


def _signature(called: Any) -> inspect.Signature | None:
    """How something is called; a class by what makes its objects ready."""
    try:
        if not isinstance(called, type):
            return inspect.signature(called)
        signature = inspect.signature(getattr(called, "__init__"))  # noqa: B009
    except (TypeError, ValueError):
        return None
    _itself, *parameters = signature.parameters.values()
    return signature.replace(parameters=parameters)


def _unknown(name: str, word: str, known: tuple[str, ...]) -> Told:
    meant = near(word, known)
    hint = f"did you mean {meant}=?" if meant else f"{name} takes no such name"
    return Told(f"{name} knows nothing called {word}.", hint, f"{word}=...")


def _too_many(
    name: str, loose: list[Given], named: Mapping[str, Given], takes: list[str]
) -> Told:
    twice = [p for p in takes[: len(loose)] if p in named]
    if twice:
        return Told(
            f"{name} gets {twice[0]} twice: once by its place, once by its name.",
            f"the first value without a name is {takes[0]}",
            f"{loose[takes.index(twice[0])].text}, {twice[0]}=...",
        )
    found = ", ".join(value.text for value in loose)
    if len(loose) > 1 and all(type(value.value) is int for value in loose):
        return Told(
            f"{name} gets {len(loose)} numbers where it takes one value.",
            "numbers that belong together stand in brackets of their own, as a tuple, "
            "with the name of what they are: name=(...)",
            found,
        )
    return Told(
        f"{name} gets more values than it takes.",
        f"by place it takes: {', '.join(takes) or 'none'}",
        found,
    )
