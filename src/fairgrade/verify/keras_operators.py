"""Mistakes that students make with Keras: layers, compile and fit."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from fairgrade.verify.syntax import (
    Edit,
    Operator,
    Tree,
    call_name,
    keyword,
    quoted,
    string,
    with_arguments,
)

LAYERS = frozenset(
    {
        *("Dense", "Flatten", "Dropout", "Activation", "ReLU", "Softmax", "Reshape"),
        *("Conv1D", "Conv2D", "MaxPooling2D", "AveragePooling2D", "Rescaling"),
        *("GlobalAveragePooling2D", "BatchNormalization", "Embedding", "LSTM", "GRU"),
    }
)
#: What is easily taken for a setting.
_OTHERS = {
    "activation": {"relu": ["sigmoid"], "softmax": ["sigmoid", "relu"]},
    "loss": {"categorical_crossentropy": ["mse", "binary_crossentropy"]},
    "optimizer": {"adam": ["sgd", "rmsprop"]},
}
_OTHER = {"activation": ["relu"], "loss": ["mse"], "optimizer": ["sgd"]}
#: Leaving these out changes nothing: Keras would do the same.
_DEFAULTS = {("fit", "shuffle"): "True", ("compile", "optimizer"): '"rmsprop"'}


def units(node: cst.CSTNode, tree: Tree) -> Iterator[Edit]:
    """One neuron less, one more, twice as many."""
    if not isinstance(node, cst.Call) or call_name(node) != "Dense" or not node.args:
        return
    first = next((a for a in node.args if keyword(a) == "units"), node.args[0])
    if keyword(first) not in ("", "units"):
        return
    text = tree.text(first.value)
    if isinstance(first.value, cst.Integer):
        number = first.value.evaluated_value
        others = [str(n) for n in (number - 1, number + 1, 2 * number) if n > 0]
    else:
        others = [f"{text} - 1", f"{text} + 1"]
    for other in others:
        yield Edit(
            "units", f"{text} neurons become {other}", first.value, _parsed(other)
        )


def settings(node: cst.CSTNode, tree: Tree) -> Iterator[Edit]:
    """Another activation, loss or optimizer; other metrics; one epoch."""
    if not isinstance(node, cst.Arg):
        return
    name, value = keyword(node), string(node.value)
    if name in _OTHERS and value is not None:
        for other in _OTHERS[name].get(value, _OTHER[name]):
            if other != value:
                yield _instead(name, tree, node, quoted(other))
    elif name == "metrics":
        yield _instead(name, tree, node, _parsed('["mse"]'))
    elif name == "epochs":
        if not isinstance(node.value, cst.Integer) or node.value.evaluated_value > 1:
            yield _instead(name, tree, node, cst.Integer("1"))
    elif name == "input_shape":
        shorter = _parsed(f"{tree.text(node.value)}[:-1]")
        yield _instead(name, tree, node, shorter)


def layers(node: cst.CSTNode, tree: Tree) -> Iterator[Edit]:
    """A layer added before another; in a list, one left out or twice as well."""
    call = node
    if isinstance(node, cst.Element):
        call = node.value
    elif not _is_added(node, tree):
        return
    if not isinstance(call, cst.Call) or call_name(call) not in LAYERS:
        return
    text, more = tree.text(call), _dense_beside(call, tree)
    if isinstance(node, cst.Element):
        yield Edit("layer", f"left out: {text}", node, cst.RemoveFromParent())
        pair = node.with_changes(comma=cst.Comma(cst.SimpleWhitespace(""), _SPACE))
        yield Edit("layer", f"twice: {text}", node, cst.FlattenSentinel([pair, node]))
        if more:
            added = pair.with_changes(value=more)
            yield Edit(
                "layer",
                f"{tree.text(more)} added before {text}",
                node,
                cst.FlattenSentinel([added, node]),
            )
    elif more:
        line = tree.around(node, cst.SimpleStatementLine)
        assert line is not None
        another = line.visit(_Swap(call, more))
        yield Edit(
            "layer",
            f"{tree.text(more)} added before {text}",
            line,
            cst.FlattenSentinel([another, line]),
        )


def kept_defaults(node: cst.CSTNode, tree: Tree) -> Iterator[Edit]:
    """Arguments whose leaving out is no mistake, so that nothing else tries it."""
    if isinstance(node, cst.Call):
        for argument in node.args:
            default = _DEFAULTS.get((call_name(node), keyword(argument)))
            if default == tree.text(argument.value):
                rest = [a for a in node.args if a is not argument]
                yield Edit("default", "", node, with_arguments(node, rest))


KERAS: tuple[Operator, ...] = (units, settings, layers)

_SPACE = cst.SimpleWhitespace(" ")


class _Swap(cst.CSTTransformer):
    def __init__(self, old: cst.CSTNode, new: cst.CSTNode) -> None:
        super().__init__()
        self._old, self._new = old, new

    def on_leave(self, original_node, updated_node):  # type: ignore[no-untyped-def]
        return self._new if original_node is self._old else updated_node


def _instead(operator: str, tree: Tree, node: cst.Arg, value: cst.CSTNode) -> Edit:
    new = node.with_changes(value=value)
    return Edit(operator, f"{tree.text(node)} becomes {tree.text(new)}", node, new)


def _is_added(node: cst.CSTNode, tree: Tree) -> bool:
    """Whether a call stands alone in the brackets of `....add(...)`."""
    argument = tree.parent(node)
    above = tree.parent(argument) if argument is not None else None
    return isinstance(above, cst.Call) and call_name(above) == "add"


def _dense_beside(call: cst.Call, tree: Tree) -> cst.BaseExpression | None:
    """A small Dense layer, named the way `call` names its own layer."""
    prefix = tree.text(call.func).rpartition(".")[0]
    if not prefix and "Dense" not in tree.names:
        return None
    name = f"{prefix}.Dense" if prefix else "Dense"
    return _parsed(f'{name}(8, activation="relu")')


def _parsed(text: str) -> cst.BaseExpression:
    return cst.parse_expression(text)
