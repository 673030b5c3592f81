"""Whether what a call is given can be right, by what its parameters are for.

It does not look at what an error says, but at the call in the cell: which value stands
for which parameter, and of which kind that must be. A text for a number, a number for a
tuple, a list that is missing, and two that are swapped show whatever Keras makes of it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fairgrade.lesson.amounts import (
    about,
    is_number,
    judge_shape,
    judge_share,
    judge_whole,
)
from fairgrade.lesson.calls import Call, Given, calls_in, value_of
from fairgrade.lesson.spelling import is_word, near, words_for
from fairgrade.lesson.terms import TERMS
from fairgrade.lesson.told import Told
from fairgrade.lesson.words import (
    judge_arrays,
    judge_data_format,
    judge_layer,
    judge_loss_weights,
    judge_metrics,
    judge_word,
)

FILES = frozenset({"filepath", "filename", "path"})
_WHOLE = frozenset({"units", "epochs", "num_classes", "batch_size", "filters"})
_SHAPES = frozenset({"input_shape", "shape", "newshape", "target_shape"})
_WORDS = ("activation", "loss", "optimizer")
#: Parameters that mean something else in a certain call.
_OF_CALL = {("to_categorical", "x"): "labels"}


def explain_arguments(tree: ast.AST, namespace: Mapping[str, Any]) -> Told | None:
    """What is wrong with the values of the calls in a statement; None if nothing is."""
    for call in calls_in(tree, namespace):
        if call.problem:
            return call.problem
        if not call.of_keras:
            continue
        if told := _compared(call) or _swapped(call) or _without_labels(call):
            return told
        for parameter, given in call.given.items():
            for part in _parts(parameter, given, namespace):
                kind = _OF_CALL.get((call.name, parameter), parameter)
                if told := _judge(kind, part, namespace):
                    return told
    return None


def _compared(call: Call) -> Told | None:
    """Two signs = where one belongs."""
    for given in call.given.values():
        node = given.node
        if (
            isinstance(node, ast.Compare)
            and isinstance(node.ops[0], ast.Eq)
            and isinstance(node.left, ast.Name)
            and node.left.id in call.parameters
        ):
            right = f"{node.left.id}={ast.unparse(node.comparators[0])}"
            return Told("== only compares.", f"one sign: {right}", given.text, right)
    return None


def _without_labels(call: Call) -> Told | None:
    """Samples alone, where there is something to learn or to measure."""
    samples = call.given.get("x")
    if call.name not in ("fit", "evaluate") or samples is None or "y" in call.given:
        return None
    if type(samples.value).__name__ == "ndarray":
        return Told(
            "The labels are missing.",
            f"{call.name} takes the labels after the {TERMS.samples}",
            f"{call.name}({samples.text}, ...)",
            f"{TERMS.samples}, labels",
        )
    if isinstance(samples.value, (tuple, list)) and len(samples.value) == 2:
        return Told(
            f"{call.name} takes {TERMS.samples} and labels as two values.",
            "without brackets round the two",
            samples.text,
            f"{TERMS.samples}, labels",
        )
    return None


def _parts(
    parameter: str, given: Given, namespace: Mapping[str, Any]
) -> Iterator[Given]:
    """A value; or each layer of a network's list, of which most are calls."""
    if parameter == "layers" and isinstance(given.node, ast.List):
        yield from (value_of(node, namespace) for node in given.node.elts)
    else:
        yield given


def _swapped(call: Call) -> Told | None:
    """Two values that each would do for the other."""
    units, activation = call.given.get("units"), call.given.get("activation")
    if (
        units
        and activation
        and isinstance(units.value, str)
        and is_number(activation.value)
    ):
        return Told(
            f"The two values of {call.name} are swapped.",
            f"units is {about('units')}; activation is a word in quotes",
            f"units={units.text}, activation={activation.text}",
        )
    samples, labels = call.given.get("x"), call.given.get("y")
    classes = call.given.get("num_classes")
    if samples and classes and _axes(classes) and is_number(samples.value):
        return Told(
            f"The two values of {call.name} are swapped.",
            "first the labels, then how many classes there are",
            f"{samples.text}, {classes.text}",
            f"{classes.text}, {samples.text}",
        )
    if samples and labels and 0 < _axes(samples) < _axes(labels):
        return Told(
            f"{TERMS.samples.capitalize()} and labels are swapped.",
            f"first the {TERMS.samples}, then the labels",
            f"{samples.text}, {labels.text}",
            f"{labels.text}, {samples.text}",
        )
    first, second = call.given.get("optimizer"), call.given.get("loss")
    if first and first.known and isinstance(first.value, str):
        meant = near(first.value, words_for("loss"))
        if meant and not is_word("optimizer", first.value):
            if "optimizer" in call.by_position:
                return Told(
                    "Without names, compile takes the first value for the optimizer.",
                    "give each value its name: loss=..., optimizer=..., metrics=...",
                    first.text,
                )
            place = f", loss={second.text}" if second else ""
            return Told(
                "A loss is given for the optimizer.",
                "loss and optimizer seem to be swapped",
                f"optimizer={first.text}{place}",
            )
    return None


def _axes(given: Given) -> int:
    return len(getattr(given.value, "shape", ()))


def _judge(parameter: str, given: Given, namespace: Mapping[str, Any]) -> Told | None:
    """What is wrong with the value of one parameter, by what it is for."""
    if not given.known:
        return None
    value = given.value
    if value is Ellipsis or (value is None and parameter in _WHOLE | _SHAPES):
        return Told(
            f"{parameter} is still {value}.".replace("Ellipsis", "..."),
            "put your answer there",
            given.text,
            "an answer",
        )
    a_word = parameter in (*_WORDS, "metrics")
    quoted = isinstance(given.node, ast.Constant) and isinstance(value, str)
    if quoted and value in namespace and not a_word:
        called = "(...)" if isinstance(namespace[value], type) else ""
        return Told(
            f'"{value}" in quotes is a text; the name has none.',
            f"write {value}{called} without quotes",
            f"{parameter}={given.text}",
            f"the name {value}",
        )
    for kinds, judge in _JUDGES:
        if parameter in kinds:
            return judge(parameter, given)
    return None


_JUDGES: tuple[tuple[frozenset[str], Callable[[str, Given], Told | None]], ...] = (
    (_WHOLE, judge_whole),
    (frozenset(_WORDS), judge_word),
    (frozenset({"metrics"}), judge_metrics),
    (_SHAPES, judge_shape),
    (frozenset({"loss_weights"}), judge_loss_weights),
    (frozenset({"validation_split", "rate"}), judge_share),
    (frozenset({"layer", "layers"}), judge_layer),
    (frozenset({"x", "y", "labels"}), judge_arrays),
    (frozenset({"data_format"}), judge_data_format),
)
