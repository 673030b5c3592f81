"""Arguments that a function changes in place, as an operator on the syntax tree."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
import libcst.matchers as m

from fairgrade.verify.returned import as_argument
from fairgrade.verify.syntax import Edit, Tree


def in_place(node: cst.CSTNode, tree: Tree) -> Iterator[Edit]:
    """An argument changed, where a new value should be made of it."""
    function = tree.around(node, cst.FunctionDef)
    if not isinstance(function, cst.FunctionDef):
        return
    given = _given(function)
    text = _changing(node, given, tree)
    if text:
        new = cst.parse_expression(text)
        yield Edit("in place", f"{tree.text(node)} becomes {text}", node, new)
    if not isinstance(node, cst.Return) or node.value is None:
        return
    if node is m.findall(function.body, m.Return())[-1]:
        for name in sorted(given & _collections(function)):
            value = tree.module.code_for_node(as_argument(node.value))
            new = cst.parse_expression(f"[{value}, {name}.clear()][0]")
            yield Edit("in place", f"{name} is empty in the end", node.value, new)


def parameters(function: cst.FunctionDef) -> list[cst.Param]:
    found = function.params
    return [*found.posonly_params, *found.params, *found.kwonly_params]


def _given(function: cst.FunctionDef) -> frozenset[str]:
    """The parameters that keep what they were called with."""
    names = {parameter.name.value for parameter in parameters(function)}
    targets = m.AssignTarget(m.Name()) | m.AugAssign(m.Name()) | m.For(m.Name())
    bound = {found.target.value for found in m.findall(function.body, targets)}  # type: ignore[attr-defined]
    return frozenset(names - bound)


def _collections(function: cst.FunctionDef) -> frozenset[str]:
    """Names that are looped over, sliced or counted."""
    name = m.SaveMatchedNode(m.Name(), "name")
    uses = (
        m.For(iter=name)
        | m.CompFor(iter=name)
        | m.Call(m.Name("len"), [m.Arg(name)])
        | m.Subscript(name, [m.SubscriptElement(m.Slice())])
    )
    found = m.extractall(function.body, uses)
    return frozenset(cst.ensure_type(f["name"], cst.Name).value for f in found)


def _changing(node: cst.CSTNode, given: frozenset[str], tree: Tree) -> str:
    """What changes an argument in place where `node` makes something of it, or ""."""
    argument = m.Name(value=m.MatchIfTrue(given.__contains__))
    if isinstance(node, cst.Call) and node.args:
        name = tree.text(node.args[0].value)
        rest = ", ".join(tree.text(other) for other in node.args[1:])
        if not m.matches(node.args[0], m.Arg(argument, keyword=None, star="")):
            return ""
        if m.matches(node.func, m.Name("sorted")) or tree.text(node.func) == "np.sort":
            return f"({name}.sort({rest}) or {name})"
        if m.matches(node.func, m.Name("reversed")):
            return f"({name}.reverse() or {name})"
    elif isinstance(node, cst.Subscript) and m.matches(node.value, argument):
        if tree.text(node).replace(" ", "").endswith("[::-1]"):
            return f"({tree.text(node.value)}.reverse() or {tree.text(node.value)})"
    elif isinstance(node, cst.BinaryOperation) and m.matches(node.left, argument):
        parts = tree.text(node.left), tree.text(node.right)
        if m.matches(node, m.BinaryOperation(operator=m.Add(), right=m.List())):
            return "{}.__iadd__({})".format(*parts)
        if m.matches(node.operator, m.BitOr()):
            return "{}.__ior__({})".format(*parts)
    elif isinstance(node, cst.Dict) and node.elements:
        first = node.elements[0]
        if isinstance(first, cst.StarredDictElement) and m.matches(
            first.value, argument
        ):
            rest = ", ".join(tree.text(other) for other in node.elements[1:])
            name = tree.text(first.value)
            return f"({name}.update({{{rest}}}) or {name})"
    return ""
