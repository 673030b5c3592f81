"""The calls in a cell, read and not run: which value stands for which parameter."""

from __future__ import annotations

import ast
import inspect
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fairgrade.lesson.spelling import near, some_of, words_for
from fairgrade.lesson.told import Told, shown

#: What every layer of Keras takes beside its own parameters.
_OF_LAYERS = frozenset(
    {"input_shape", "batch_input_shape", "input_dim", "name", "dtype", "trainable"}
    | {"weights", "autocast", "activity_regularizer"}
)
#: What people call a parameter or a method that has another name here.
OTHER_NAMES = {
    **dict.fromkeys(("neurons", "neuron", "nodes", "size"), "units"),
    **dict.fromkeys(("images", "samples", "data", "inputs"), "x"),
    **dict.fromkeys(("labels", "targets", "outputs"), "y"),
    **dict.fromkeys(("func", "function"), "activation"),
    **dict.fromkeys(("append", "push", "insert"), "add"),
    **dict.fromkeys(("train", "learn"), "fit"),
    **dict.fromkeys(("test", "measure", "score"), "evaluate"),
    **dict.fromkeys(("write", "store", "export_h5"), "save"),
    **dict.fromkeys(("predict_classes", "predict_proba"), "predict"),
}
_MOST_CALLS = 50
_SIMPLE = (bool, int, float, str, type(None))
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}
_LARGEST = 1e12


@dataclass(frozen=True)
class Given:
    """A value in a call: how it is written, and what it is, where that is known."""

    node: ast.expr
    known: bool = False
    value: Any = None

    @property
    def text(self) -> str:
        """How it is written; of a name that stands for a plain value, that value."""
        if isinstance(self.node, ast.Name) and isinstance(self.value, _SIMPLE):
            return shown(repr(self.value)) if self.known else self.node.id
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
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        parts = [value_of(part, namespace) for part in node.elts]
        if all(part.known for part in parts):
            values = [part.value for part in parts]
            if isinstance(node, ast.Set):
                simple = all(isinstance(value, _SIMPLE) for value in values)
                return Given(node, simple, set(values) if simple else None)
            whole = tuple(values) if isinstance(node, ast.Tuple) else values
            return Given(node, True, whole)
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
    try:
        return _worked_out(node, namespace)
    except Exception:  # it is not worked out, which is no fault
        return Given(node)


def _worked_out(node: ast.expr, namespace: Mapping[str, Any]) -> Given:
    """Sums of plain numbers, entries of arrays and lists, and how long these are."""
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        left, right = (value_of(n, namespace).value for n in (node.left, node.right))
        if _is_small(left) and _is_small(right):
            return Given(node, True, _ARITHMETIC[type(node.op)](left, right))
    if isinstance(node, ast.Subscript):
        owner, key = (value_of(n, namespace) for n in (node.value, node.slice))
        if owner.known and key.known and _is_plain(owner.value):
            return Given(node, True, owner.value[key.value])
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "len":
        (counted,) = (value_of(n, namespace) for n in node.args)
        if counted.known and _is_plain(counted.value):
            return Given(node, True, len(counted.value))
    return Given(node)


def _is_small(value: Any) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and abs(value) < _LARGEST


def _is_plain(value: Any) -> bool:
    """Whether it holds entries in a way that runs nothing of the notebook's."""
    kind = type(value)
    array = kind.__module__ == "numpy" and kind.__name__ == "ndarray"
    return array or kind in (list, tuple, dict, str)


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
            return Call(name, named, problem=_unknown(node, name, word, known))
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


def _unknown(node: ast.Call, name: str, word: str, known: tuple[str, ...]) -> Told:
    """What is wrong with a parameter that a call does not have."""
    found = f"{word}=..."
    inner = [part for part in node.args if isinstance(part, ast.Call)]
    if inner and name == "add":
        of = ast.unparse(inner[-1].func)
        return Told(
            f"A bracket closes too soon: add knows nothing called {word}.",
            f"{word} belongs into the brackets of {of}(...)",
            found,
            f"{word}=... within {of}(...)",
        )
    what = f"{name} knows nothing called {word}."
    if "activation" in known and word in words_for("activation"):
        right = f'activation="{word}"'
        return Told(what, f"write {right}", found, right)
    meant = near(word, known) or OTHER_NAMES.get(word.lower(), "")
    if meant in known:
        hint, expected = f"did you mean {meant}=?", f"{meant}=..."
    else:
        hint = f"by name {name} takes: {', '.join(some_of(word, known))}"
        expected = "a name that it knows"
    return Told(what, hint, found, expected)


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
    found = shown(", ".join(value.text for value in loose))
    if takes[:1] == ["layers"]:
        return Told(
            f"{name} takes its layers as one list.",
            "square brackets round all layers: [..., ...]",
            found,
            "a list of layers",
        )
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
