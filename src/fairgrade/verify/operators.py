"""Mistakes that any code can have, as operators on its syntax tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import libcst as cst

from fairgrade.verify.syntax import (
    Edit,
    Operator,
    Replacement,
    Tree,
    call_name,
    keyword,
    quoted,
    string,
    with_arguments,
)

#: Arguments that decide what is printed, and nothing else.
QUIET = frozenset({"verbose", "name"})
_GROWING = frozenset({"add", "append", "extend", "insert", "pop", "fit"})
_SIBLINGS = {
    "float32": "float64",
    "float64": "int64",
    "accuracy": "loss",
    "val_accuracy": "val_loss",
}
_ARITHMETIC: dict[type[cst.BaseBinaryOp], cst.BaseBinaryOp] = {
    cst.Add: cst.Subtract(),
    cst.Subtract: cst.Add(),
    cst.Multiply: cst.Divide(),
    cst.Divide: cst.Multiply(),
    cst.FloorDivide: cst.Divide(),
    cst.Modulo: cst.FloorDivide(),
    cst.Power: cst.Multiply(),
}
_COMPARISON: dict[type[cst.BaseCompOp], cst.BaseCompOp] = {
    cst.LessThan: cst.LessThanEqual(),
    cst.LessThanEqual: cst.LessThan(),
    cst.GreaterThan: cst.GreaterThanEqual(),
    cst.GreaterThanEqual: cst.GreaterThan(),
    cst.Equal: cst.NotEqual(),
    cst.NotEqual: cst.Equal(),
    cst.In: cst.NotIn(),
    cst.NotIn: cst.In(),
}


def numbers(node: cst.CSTNode, tree: Tree) -> Iterator[Edit]:
    """Whole numbers off by one; others doubled."""
    if _is_quiet(node, tree):
        return
    if isinstance(node, cst.Integer):
        for value in (node.evaluated_value - 1, node.evaluated_value + 1):
            if value >= 0:
                yield _becomes("number", tree, node, cst.Integer(str(value)))
    elif isinstance(node, cst.Float):
        double = repr(2 * node.evaluated_value)
        yield _becomes("number", tree, node, cst.Float(double))


def texts(node: cst.CSTNode, tree: Tree) -> Iterator[Edit]:
    """A string becomes another one that is easily taken for it."""
    value = string(node)
    if value is None or _is_quiet(node, tree):
        return
    changed = _SIBLINGS.get(value, value + "x")
    yield _becomes("text", tree, node, quoted(changed))


def truths(node: cst.CSTNode, tree: Tree) -> Iterator[Edit]:
    """True for False, and the other way round."""
    if not isinstance(node, cst.Name) or node.value not in ("True", "False"):
        return
    if not _is_quiet(node, tree):
        other = "False" if node.value == "True" else "True"
        yield _becomes("truth", tree, _argument(node, tree), other)


def arithmetic(node: cst.CSTNode, tree: Tree) -> Iterator[Edit]:
    """Another sign, and an operation left out."""
    if isinstance(node, cst.BinaryOperation):
        other = _ARITHMETIC.get(type(node.operator))
        if other is not None:
            new = node.with_changes(operator=_spaced(other, node.operator))
            yield _becomes("arithmetic", tree, node, new)
            yield _becomes("arithmetic", tree, node, node.left)


def comparisons(node: cst.CSTNode, tree: Tree) -> Iterator[Edit]:
    """A comparison at its bound, `and` for `or`, a condition turned round."""
    if isinstance(node, cst.ComparisonTarget):
        other = _COMPARISON.get(type(node.operator))
        if other is not None:
            new = node.with_changes(operator=other)
            yield _becomes("comparison", tree, node, new)
    elif isinstance(node, cst.BooleanOperation):
        word = cst.Or() if isinstance(node.operator, cst.And) else cst.And()
        yield _becomes("comparison", tree, node, node.with_changes(operator=word))
    elif isinstance(node, cst.If | cst.While):
        test = cst.UnaryOperation(cst.Not(), _in_brackets(node.test))
        yield _becomes("comparison", tree, node.test, test)


def arguments(node: cst.CSTNode, tree: Tree) -> Iterator[Edit]:
    """An argument left out, or the first two the wrong way round."""
    call = tree.parent(node)
    if not isinstance(node, cst.Arg) or not isinstance(call, cst.Call):
        return
    given, name = list(call.args), keyword(node)
    if name and name not in QUIET:
        rest = [other for other in given if other is not node]
        what = f"{tree.text(node)} left out of {call_name(call)}"
        yield Edit("argument", what, call, with_arguments(call, rest), node)
    plain = [a for a in given[:2] if not a.star and not keyword(a)]
    if len(plain) == 2 and node is plain[0]:
        second = plain[1]
        swapped = [
            node.with_changes(value=second.value),
            second.with_changes(value=node.value),
            *given[2:],
        ]
        what = f"{tree.text(node)} and {tree.text(second)} swapped"
        yield Edit("swap", what, call, with_arguments(call, swapped), node)


def other_data(node: cst.CSTNode, tree: Tree) -> Iterator[Edit]:
    """Test data for training data, and the other way round."""
    if not isinstance(node, cst.Name) or _is_label(node, tree):
        return
    for one, two in (("train", "test"), ("test", "train")):
        other = node.value.replace(one, two)
        if one in node.value and other in tree.names:
            yield _becomes("data", tree, node, cst.Name(other))


def calls(node: cst.CSTNode, tree: Tree) -> Iterator[Edit]:
    """A call left out: only what it was called on, or its first argument, is left."""
    if not isinstance(node, cst.Call) or isinstance(tree.parent(node), cst.Expr):
        return
    if isinstance(node.func, cst.Attribute) and not _is_module(node.func.value, tree):
        yield _becomes("call", tree, node, node.func.value)
    elif node.args and call_name(node)[:1].islower():
        yield _becomes("call", tree, node, node.args[0].value)


def statements(node: cst.CSTNode, tree: Tree) -> Iterator[Edit]:
    """A statement left out or done twice; nothing assigned or returned."""
    if isinstance(node, cst.Return) and node.value is not None:
        yield _becomes("nothing", tree, node.value, cst.Name("None"))
    if not isinstance(node, cst.SimpleStatementLine) or len(node.body) != 1:
        return
    small = node.body[0]
    if isinstance(small, cst.Assign | cst.AnnAssign) and small.value is not None:
        yield _becomes("nothing", tree, small.value, cst.Name("None"))
    elif isinstance(small, cst.Expr | cst.AugAssign):
        text = tree.text(node)
        nothing: Replacement = cst.RemoveFromParent()
        body = getattr(tree.parent(node), "body", ())
        if len(body) < 2:  # an empty block is no Python
            nothing = node.with_changes(body=[cst.Pass()])
        yield Edit("statement", f"left out: {text}", node, nothing)
        if _adds_up(small):
            both = cst.FlattenSentinel([node, node])
            yield Edit("twice", f"twice: {text}", node, both)


GENERIC: tuple[Operator, ...] = (
    statements,
    arguments,
    other_data,
    calls,
    arithmetic,
    comparisons,
    truths,
    texts,
    numbers,
)


def _becomes(
    operator: str, tree: Tree, old: cst.CSTNode, new: cst.CSTNode | str
) -> Edit:
    before = tree.text(old)
    if isinstance(new, str):  # a word in place of a name, maybe within an argument
        name = cst.Name(new)
        new = old.with_changes(value=name) if isinstance(old, cst.Arg) else name
    return Edit(operator, f"{before} becomes {tree.text(new)}", old, new)


def _argument(node: cst.CSTNode, tree: Tree) -> cst.CSTNode:
    """The keyword argument whose value a node is, which says more than the value."""
    above = tree.parent(node)
    return above if isinstance(above, cst.Arg) and above.keyword else node


def _is_quiet(node: cst.CSTNode, tree: Tree) -> bool:
    argument = tree.around(node, cst.Arg)
    return isinstance(argument, cst.Arg) and keyword(argument) in QUIET


def _is_label(node: cst.Name, tree: Tree) -> bool:
    """Whether a name is no value that is read: a target, a keyword, an attribute."""
    above = tree.parent(node)
    return (
        isinstance(above, cst.AssignTarget)
        or (isinstance(above, cst.Arg) and above.keyword is node)
        or (isinstance(above, cst.Attribute) and above.attr is node)
    )


def _is_module(node: cst.CSTNode, tree: Tree) -> bool:
    """Whether a name looks like a module's: it has no value of its own to leave."""
    text = tree.text(node).split(".")[0]
    return text in {"np", "keras", "tf", "layers", "math", "plt", "pd", "random"}


def _adds_up(small: cst.BaseSmallStatement) -> bool:
    """Whether doing a statement twice is something else than doing it once."""
    value = getattr(small, "value", None)
    return isinstance(small, cst.AugAssign) or (
        isinstance(value, cst.Call) and call_name(value) in _GROWING
    )


def _spaced(new: cst.BaseBinaryOp, old: Any) -> cst.BaseBinaryOp:
    return new.with_changes(
        whitespace_before=old.whitespace_before, whitespace_after=old.whitespace_after
    )


def _in_brackets(node: cst.BaseExpression) -> cst.BaseExpression:
    return node.with_changes(
        lpar=[cst.LeftParen(), *node.lpar], rpar=[*node.rpar, cst.RightParen()]
    )
