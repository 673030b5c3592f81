"""Other right spellings of the solution, which must lose nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import libcst as cst

from fairgrade.verify.gaps import Gap
from fairgrade.verify.known_names import Names
from fairgrade.verify.syntax import Edit, Tree, call_name, keyword, string

#: The names of arguments that people give by place.
_PARAMETERS = {
    "Dense": ("units", "activation"),
    "Dropout": ("rate",),
    "Activation": ("activation",),
    "fit": ("x", "y"),
    "evaluate": ("x", "y"),
    "to_categorical": ("x", "num_classes"),
}
_OBJECTS = {
    "adam": "keras.optimizers.Adam()",
    "sgd": "keras.optimizers.SGD()",
    "rmsprop": "keras.optimizers.RMSprop()",
    "categorical_crossentropy": "keras.losses.CategoricalCrossentropy()",
    "sparse_categorical_crossentropy": "keras.losses.SparseCategoricalCrossentropy()",
    "binary_crossentropy": "keras.losses.BinaryCrossentropy()",
    "mse": "keras.losses.MeanSquaredError()",
}
_PREFIX = "own_"


def spellings(gaps: list[Gap], names: Names) -> dict[str, dict[str, str]]:
    """Each spelling with the gaps it changes: title -> grade_id -> code.

    A spelling is used in every gap that it fits at once.
    """
    found: dict[str, dict[str, str]] = {}
    for title, respell in _SPELLINGS.items():
        codes = {gap.grade_id: respell(gap, names) for gap in gaps}
        changed = {key: code for key, code in codes.items() if code is not None}
        if changed:
            found[title] = changed
    return found


def _keywords(tree: Tree) -> Iterator[Edit]:
    for call in _calls(tree):
        parameters = _PARAMETERS.get(call_name(call), ())
        for argument, name in zip(call.args, parameters, strict=False):
            if not argument.star and not argument.keyword:
                named = argument.with_changes(
                    keyword=cst.Name(name),
                    equal=cst.AssignEqual(
                        cst.SimpleWhitespace(""), cst.SimpleWhitespace("")
                    ),
                )
                yield Edit("keyword", name, argument, named)


def _objects(tree: Tree) -> Iterator[Edit]:
    for node in tree.nodes():
        if not isinstance(node, cst.Arg):
            continue
        name, value = keyword(node), string(node.value)
        text = None
        if name in ("optimizer", "loss"):
            text = _OBJECTS.get(value or "")
        elif name == "activation" and value:
            text = f"keras.activations.{value}"
        if text:
            new = node.with_changes(value=cst.parse_expression(text))
            yield Edit("object", text, node, new)


def _second_names(tree: Tree) -> Iterator[Edit]:
    for node in tree.nodes():
        if isinstance(node, cst.Arg) and tree.text(node) == 'metrics=["accuracy"]':
            new = node.with_changes(value=cst.parse_expression('["acc"]'))
            yield Edit("acc", "acc", node, new)


def _activation_layers(tree: Tree) -> Iterator[Edit]:
    for call in _calls(tree):
        named = [a for a in call.args if keyword(a) == "activation"]
        if call_name(call) != "Dense" or not named:
            continue
        rest = [a for a in call.args if a is not named[0]]
        rest[-1] = rest[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        plain = call.with_changes(args=rest)
        text = f"keras.layers.Activation({tree.text(named[0].value)})"
        yield from _two_layers(tree, call, plain, cst.parse_expression(text))


def _input_layers(tree: Tree) -> Iterator[Edit]:
    for call in _calls(tree):
        shape = [a for a in call.args if keyword(a) == "input_shape"]
        if shape:
            rest = [a for a in call.args if a is not shape[0]]
            text = f"keras.Input(shape={tree.text(shape[0].value)})"
            first = cst.parse_expression(text)
            yield from _two_layers(tree, call, first, call.with_changes(args=rest))


def _literals(tree: Tree, constants: Mapping[str, str]) -> Iterator[Edit]:
    for node in tree.nodes():
        if isinstance(node, cst.Name) and node.value in constants:
            above = tree.parent(node)
            label = isinstance(above, cst.AssignTarget | cst.Attribute) or (
                isinstance(above, cst.Arg) and above.keyword is node
            )
            if not label:
                new = cst.parse_expression(constants[node.value])
                yield Edit("literal", node.value, node, new)


def _in_between(tree: Tree) -> Iterator[Edit]:
    for node in tree.nodes():
        small = node.body[0] if isinstance(node, cst.SimpleStatementLine) else None
        if isinstance(small, cst.Assign):
            name = cst.Name(f"{_PREFIX}value")
            first = cst.Assign([cst.AssignTarget(name)], small.value)
            lines = [node.with_changes(body=[first])]
            lines += [node.with_changes(body=[small.with_changes(value=name)])]
            yield Edit("between", "", node, cst.FlattenSentinel(lines))


def _own_imports(gap: Gap, names: Names) -> str | None:
    tree = Tree(gap.code, gap.lines)
    edits: list[Edit] = []
    imports: dict[str, None] = {}  # in their order
    for node in tree.nodes():
        if isinstance(node, cst.Name) and node.value in names.imports:
            above = tree.parent(node)
            if isinstance(above, cst.Attribute) and above.attr is node:
                continue
            own = _PREFIX + node.value
            imports[f"{names.imports[node.value]} as {own}"] = None
            edits.append(Edit("import", own, node, cst.Name(own)))
    return _changed(tree, edits, *imports)


def _formatting(gap: Gap, names: Names) -> str | None:
    tree, code = Tree(gap.code, gap.lines), gap.code
    for node in tree.nodes():
        text = string(node)
        if text is not None and text.isidentifier():
            code = code.replace(f'"{text}"', f"'{text}'")
    return f"# my answer\n\n{code}\n\n# it runs"


def _two_layers(
    tree: Tree, call: cst.Call, first: cst.BaseExpression, second: cst.BaseExpression
) -> Iterator[Edit]:
    """Two layers in place of one, in a list or in two calls of add."""
    above = tree.parent(call)
    if isinstance(above, cst.Element):
        comma = cst.Comma(cst.SimpleWhitespace(""), cst.SimpleWhitespace(" "))
        pair = [above.with_changes(value=first, comma=comma)]
        pair.append(above.with_changes(value=second))
        yield Edit("layers", "", above, cst.FlattenSentinel(pair))
        return
    line = tree.around(call, cst.SimpleStatementLine)
    outer = tree.around(call, cst.Call)
    if line is not None and isinstance(outer, cst.Call) and call_name(outer) == "add":
        lines = [_with(outer, line, layer) for layer in (first, second)]
        yield Edit("layers", "", line, cst.FlattenSentinel(lines))


def _with(
    outer: cst.Call, line: cst.CSTNode, layer: cst.BaseExpression
) -> cst.SimpleStatementLine:
    added = outer.with_changes(args=[cst.Arg(layer)])
    assert isinstance(line, cst.SimpleStatementLine)
    return line.with_changes(body=[cst.Expr(added)])


def _calls(tree: Tree) -> Iterator[cst.Call]:
    return (node for node in tree.nodes() if isinstance(node, cst.Call))


def _changed(tree: Tree, edits: list[Edit], *before: str) -> str | None:
    if not edits:
        return None
    change = tree.change_all(edits[0].operator, edits)
    return "\n".join([*before, change.code]) if change else None


_Respell = Callable[[Gap, Names], str | None]


def _by(find: Callable[[Tree], Iterator[Edit]], *before: str) -> _Respell:
    def respell(gap: Gap, names: Names) -> str | None:
        tree = Tree(gap.code, gap.lines)
        return _changed(tree, list(find(tree)), *before)

    return respell


def _with_literals(gap: Gap, names: Names) -> str | None:
    tree = Tree(gap.code, gap.lines)
    return _changed(tree, list(_literals(tree, names.constants)))


_SPELLINGS: dict[str, _Respell] = {
    "arguments by name": _by(_keywords),
    "objects for names": _by(_objects, "import keras"),
    "acc for accuracy": _by(_second_names),
    "activations as layers": _by(_activation_layers, "import keras"),
    "an Input layer first": _by(_input_layers, "import keras"),
    "numbers for names": _with_literals,
    "a name in between": _by(_in_between),
    "imports of one's own": _own_imports,
    "comments and quotes": _formatting,
}
