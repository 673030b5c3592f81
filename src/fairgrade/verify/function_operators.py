"""Mistakes that functions and classes can have, as operators on the syntax tree."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
import libcst.matchers as m

from fairgrade.verify.place_operators import in_place, parameters
from fairgrade.verify.returned import called, kind_of
from fairgrade.verify.syntax import Edit, Operator, Tree, call_name

#: An exception -> one that is easily taken for it; `Exception` for any other.
_SIBLINGS = {
    "ValueError": "TypeError",
    "TypeError": "ValueError",
    "KeyError": "IndexError",
    "IndexError": "KeyError",
    "ZeroDivisionError": "ValueError",
    "AttributeError": "KeyError",
    "Exception": "LookupError",
}
#: Kinds of values that are numbers, whichever.
_NUMBERS = frozenset({"int", "float", "number"})


def bounds(node: cst.CSTNode, tree: Tree) -> Iterator[Edit]:
    """A range or a slice that begins or ends one too early or too late."""
    if isinstance(node, cst.Call) and m.matches(node.func, m.Name("range")):
        plain = [a for a in node.args if not a.star and not a.keyword]
        if plain and len(plain) == len(node.args):
            yield from _moved(plain[len(plain) > 1].value, tree)
        if len(plain) == 1:
            first = cst.Arg(cst.Integer("1"), comma=_COMMA)
            new = node.with_changes(args=[first, *plain])
            yield _becomes("bound", tree, node, new)
    elif isinstance(node, cst.Slice):
        for bound in (node.lower, node.upper):
            if bound is not None:
                yield from _moved(bound, tree)


def types(node: cst.CSTNode, tree: Tree) -> Iterator[Edit]:
    """A value of another type returned; of a truth, always the same one."""
    function = tree.around(node, cst.FunctionDef)
    if not isinstance(node, cst.Return) or node.value is None:
        return
    if not isinstance(function, cst.FunctionDef):
        return
    value, (kind, promised) = node.value, kind_of(node.value, function)
    if kind == "list":
        yield _becomes("type", tree, value, called("tuple", value))
    elif kind == "tuple":
        yield _becomes("type", tree, value, called("list", value))
    elif kind in _NUMBERS:
        yield _becomes("type", tree, value, called("str", value))
        if kind == "int" and promised:  # else a float that is equal is as right
            yield _becomes("type", tree, value, called("float", value))
    elif kind == "bool":
        for word in ("True", "False"):
            yield _becomes("type", tree, value, cst.Name(word))


def printed(node: cst.CSTNode, tree: Tree) -> Iterator[Edit]:
    """A result printed, and not returned."""
    if isinstance(node, cst.Return) and node.value is not None:
        new = cst.Expr(called("print", node.value))
        yield Edit("printed", f"printed, not returned: {tree.text(node)}", node, new)


def early(node: cst.CSTNode, tree: Tree) -> Iterator[Edit]:
    """A loop that ends in its first round: `return` is indented too far, or `break`."""
    block = tree.parent(node)
    if not isinstance(node, cst.For | cst.While) or not _in_function(node, tree):
        return
    if not isinstance(node.body, cst.IndentedBlock):
        return
    beside = block.body if isinstance(block, cst.IndentedBlock) else ()
    after = beside[beside.index(node) + 1 :]
    line = cst.SimpleStatementLine([cst.Break()])
    what = f"ends after one round: {tree.text(node).split(':')[0]}"
    for statement in after:
        if m.matches(statement, m.SimpleStatementLine([m.Return()])):
            line = cst.ensure_type(statement, cst.SimpleStatementLine)
            line = line.with_changes(leading_lines=[])
            what = f"within the loop: {tree.text(line)}"
    body = node.body.with_changes(body=[*node.body.body, line])
    yield Edit("early", what, node, node.with_changes(body=body))


def exceptions(node: cst.CSTNode, tree: Tree) -> Iterator[Edit]:
    """An exception of another class, one that is swallowed, another one caught."""
    if isinstance(node, cst.SimpleStatementLine) and m.matches(
        node, m.SimpleStatementLine([m.Raise()])
    ):
        inside = _in_function(node, tree)
        quiet = cst.Return(cst.Name("None")) if inside else cst.Pass()
        what = f"left out: {tree.text(node)}"
        yield Edit("exception", what, node, node.with_changes(body=[quiet]))
    elif isinstance(node, cst.Raise) and node.exc is not None:
        of = node.exc.func if isinstance(node.exc, cst.Call) else node.exc
        if isinstance(of, cst.Name | cst.Attribute):
            yield _becomes("exception", tree, of, _sibling(of, tree))
    elif isinstance(node, cst.ExceptHandler) and isinstance(node.type, cst.Name):
        of = node.type
        what = f"except {of.value} becomes except {_sibling(of, tree).value}"
        yield Edit("exception", what, of, _sibling(of, tree))


def shared(node: cst.CSTNode, tree: Tree) -> Iterator[Edit]:
    """What a call should make anew is made once, as a default argument."""
    if not isinstance(node, cst.FunctionDef):
        return
    for parameter in parameters(node):
        empty = _made_for_none(node, parameter)
        default = parameter.default
        if empty is None or default is None:
            continue
        if m.matches(default, m.Name("None")):
            what = f"{parameter.name.value}=None becomes a default of its own"
            yield Edit("shared", what, default, empty)
    for line in node.body.body:
        if not m.matches(line, m.SimpleStatementLine([m.Assign([m.AssignTarget()])])):
            continue
        statement = cst.ensure_type(line, cst.SimpleStatementLine)
        assign = cst.ensure_type(statement.body[0], cst.Assign)
        target, value = assign.targets[0].target, assign.value
        name = tree.text(target).split(".")[-1].lstrip("_")
        taken = {parameter.name.value for parameter in parameters(node)}
        local = isinstance(target, cst.Name) or _is_own(target, node)
        if not local or not _is_empty(value) or name in taken or not name:
            continue
        new = node.with_deep_changes(assign, value=cst.Name(name))
        if isinstance(target, cst.Name) and name == target.value:
            body = [other for other in node.body.body if other is not line]
            rest = body or [cst.SimpleStatementLine([cst.Pass()])]
            new = node.with_deep_changes(node.body, body=rest)
        new = new.with_changes(params=_with_default(node.params, name, value))
        what = f"one for all calls: {tree.text(assign)}"
        yield Edit("shared", what, node, new, assign)


def own(node: cst.CSTNode, tree: Tree) -> Iterator[Edit]:
    """`self.` left out where an object should keep a value."""
    method = tree.around(node, cst.FunctionDef)
    if not isinstance(node, cst.AssignTarget):
        return
    target = node.target
    if isinstance(method, cst.FunctionDef) and _is_own(target, method):
        new = cst.ensure_type(target, cst.Attribute).attr
        yield _becomes("self", tree, target, new)


FUNCTIONS: tuple[Operator, ...] = (
    types,
    printed,
    early,
    exceptions,
    shared,
    own,
    in_place,
    bounds,
)
_COMMA = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))


def _becomes(operator: str, tree: Tree, old: cst.CSTNode, new: cst.CSTNode) -> Edit:
    return Edit(operator, f"{tree.text(old)} becomes {tree.text(new)}", old, new)


def _in_function(node: cst.CSTNode, tree: Tree) -> bool:
    return tree.around(node, cst.FunctionDef) is not None


def _moved(bound: cst.BaseExpression, tree: Tree) -> Iterator[Edit]:
    """A bound one lower and one higher; where a number stands, others do that."""
    number = m.Integer() | m.UnaryOperation(expression=m.Integer())
    if m.matches(bound, number | m.BinaryOperation(right=number)):
        return
    if m.matches(bound, m.IfExp() | m.Lambda() | m.NamedExpr()):
        return
    for operator in (cst.Subtract(), cst.Add()):
        new = cst.BinaryOperation(bound, operator, cst.Integer("1"))
        yield _becomes("bound", tree, bound, new)


def _sibling(of: cst.CSTNode, tree: Tree) -> cst.Name:
    return cst.Name(_SIBLINGS.get(tree.text(of), "Exception"))


def _is_own(target: cst.CSTNode, method: cst.FunctionDef) -> bool:
    """Whether it is an attribute of the method's first parameter."""
    first = [parameter.name.value for parameter in parameters(method)][:1]
    return bool(first) and m.matches(target, m.Attribute(m.Name(first[0])))


def _is_empty(value: cst.BaseExpression) -> bool:
    """Whether it makes an empty collection."""
    if isinstance(value, cst.Call):
        return not value.args and call_name(value) in ("list", "dict", "set")
    return isinstance(value, cst.List | cst.Dict) and not value.elements


def _made_for_none(
    function: cst.FunctionDef, parameter: cst.Param
) -> cst.BaseExpression | None:
    """The empty collection that a parameter becomes which was not given."""
    name = parameter.name.value
    assigned = m.findall(function.body, m.Assign([m.AssignTarget(m.Name(name))]))
    for assign in assigned:
        value = cst.ensure_type(assign, cst.Assign).value
        parts = [value]
        if isinstance(value, cst.BooleanOperation):
            parts = [value.right]
        elif isinstance(value, cst.IfExp):
            parts = [value.body, value.orelse]
        for part in parts:
            if _is_empty(part):
                return part
    return None


def _with_default(
    parameters: cst.Parameters, name: str, value: cst.BaseExpression
) -> cst.Parameters:
    """One parameter more, the last that may be left out."""
    new = cst.Param(cst.Name(name), default=value, star="")
    if isinstance(parameters.star_arg, cst.Param | cst.ParamStar):
        return parameters.with_changes(kwonly_params=[*parameters.kwonly_params, new])
    return parameters.with_changes(params=[*parameters.params, new])
