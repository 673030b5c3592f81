"""Whether what a call is given can be right, by what its parameters are for.

It does not look at what an error says, but at the call in the cell: which value stands
for which parameter, and of which kind that must be. A text for a number, a number for a
tuple, a list that is missing, and two that are swapped show whatever Keras makes of it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fairgrade.lesson.calls import Call, Given, calls_in, value_of
from fairgrade.lesson.spelling import is_word, near, words_for
from fairgrade.lesson.told import Told, shown

#: What parameters are for; where it is said, in the words of the lessons.
ABOUT = {
    "units": "how many neurons",
    "epochs": "how many times to go through the images",
    "num_classes": "how many classes there are",
    "batch_size": "how many images at a time",
    "x": "the images",
    "validation_split": "of the images",
    "rate": "of the numbers to leave out",
    "y": "the labels",
    "labels": "the labels",
    "filepath": "the name of the file, in quotes",
}
FILES = frozenset({"filepath", "filename", "path"})
_WHOLE = frozenset({"units", "epochs", "num_classes", "batch_size", "filters"})
_SHAPES = frozenset({"input_shape", "shape", "newshape", "target_shape"})
_WORDS = ("activation", "loss", "optimizer")
#: Parameters that mean something else in a certain call.
_OF_CALL = {("to_categorical", "x"): "labels"}
_NUMBER = re.compile(r"-?\d+(\.\d*)?$")


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
                about = _OF_CALL.get((call.name, parameter), parameter)
                if told := _judge(about, part, namespace):
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
    """Images alone, where there is something to learn or to measure."""
    images = call.given.get("x")
    if call.name not in ("fit", "evaluate") or images is None or "y" in call.given:
        return None
    if type(images.value).__name__ == "ndarray":
        return Told(
            "The labels are missing.",
            f"{call.name} takes the labels after the images",
            f"{call.name}({images.text}, ...)",
            "images, labels",
        )
    if isinstance(images.value, (tuple, list)) and len(images.value) == 2:
        return Told(
            f"{call.name} takes images and labels as two values.",
            "without brackets round the two",
            images.text,
            "images, labels",
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
        and _is_number(activation.value)
    ):
        return Told(
            f"The two values of {call.name} are swapped.",
            f"units is {ABOUT['units']}; activation is a word in quotes",
            f"units={units.text}, activation={activation.text}",
        )
    images, labels = call.given.get("x"), call.given.get("y")
    classes = call.given.get("num_classes")
    if images and classes and _axes(classes) and _is_number(images.value):
        return Told(
            f"The two values of {call.name} are swapped.",
            "first the labels, then how many classes there are",
            f"{images.text}, {classes.text}",
            f"{classes.text}, {images.text}",
        )
    if images and labels and _axes(images) < _axes(labels) and _axes(images):
        return Told(
            "Images and labels are swapped.",
            "first the images, then the labels",
            f"{images.text}, {labels.text}",
            f"{labels.text}, {images.text}",
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


def _whole(parameter: str, given: Given) -> Told | None:
    value, about = given.value, ABOUT.get(parameter, "a whole number")
    found, expected = f"{parameter}={given.text}", "a whole number"
    if isinstance(value, str):
        if _NUMBER.match(value.strip()):
            return Told(
                f"{parameter} is a number, but it stands in quotes.",
                f"{value.strip()} without quotes",
                found,
                expected,
            )
        return Told(
            f"{parameter} is a number, {about}; here stands a text.",
            "a number has no quotes",
            found,
            expected,
        )
    if isinstance(value, float):
        exact = f": {value:g}" if value == int(value) else ""
        return Told(
            f"{parameter} is a whole number; this one has a point.",
            f"write it without a point{exact}",
            found,
            expected,
        )
    if isinstance(value, (tuple, list, set)):
        return Told(
            f"{parameter} is a single number, {about}; here stand several.",
            "one number, without brackets",
            found,
            expected,
        )
    if _is_number(value) and value < 1:
        return Told(
            f"{parameter} has to be 1 or more.", f"it is {about}", found, expected
        )
    if _is_whole(value):
        return None
    return Told(f"{parameter} is no number.", f"it is {about}", found, expected)


def _word(parameter: str, given: Given) -> Told | None:
    value, words = given.value, words_for(parameter)
    found = f"{parameter}={given.text}"
    article = "an" if parameter[0] in "aeiou" else "a"
    expected = f"the name of {article} {parameter}, in quotes"
    if isinstance(value, str) and words:
        if is_word(parameter, value):
            return None
        meant = near(value, words)
        return Told(
            f"Keras knows no {parameter} called '{value}'.",
            f"did you mean '{meant}'?" if meant else "is it spelt as in the lesson?",
            found,
            expected,
        )
    if isinstance(value, (bool, int, float)):
        return Told(
            f"{parameter} is a word; here stands {shown(repr(value))}.",
            "give its name in quotes",
            found,
            expected,
        )
    if isinstance(value, (list, tuple, set)) and parameter != "loss":
        return Told(
            f"{parameter} is a single word; here stand several.",
            "one name in quotes, without brackets",
            found,
            expected,
        )
    if isinstance(value, type) and parameter != "loss":
        return Told(
            f"{value.__name__} is a kind of {parameter}; one is made by calling it.",
            f"brackets behind it: {given.text}()",
            found,
            f"{given.text}()",
        )
    return None


def _metrics(parameter: str, given: Given) -> Told | None:
    value, found = given.value, f"metrics={given.text}"
    if isinstance(value, set):
        return Told(
            "metrics takes a list; curly brackets make a set.",
            "square brackets round the names: [...]",
            found,
            "a list",
        )
    if isinstance(value, str):
        return Told(
            "metrics takes a list, even for a single name.",
            f'square brackets round it: ["{value}"]',
            found,
            "a list",
        )
    words = words_for("metrics")
    for item in value if words and isinstance(value, (list, tuple)) else ():
        if not isinstance(item, str) or is_word("metrics", item):
            continue
        meant = near(item, words)
        return Told(
            f"Keras knows no metric called '{item}'.",
            f"did you mean '{meant}'?" if meant else "is it spelt as in the lesson?",
            found,
            "names of metrics",
        )
    return None


def _loss_weights(parameter: str, given: Given) -> Told | None:
    if not isinstance(given.value, (list, tuple)) or not all(
        isinstance(item, str) for item in given.value
    ):
        return None
    return Told(
        "The third value without a name is no metric to compile.",
        f"give it its name: metrics={given.text}",
        given.text,
        "metrics=[...]",
    )


def _shape(parameter: str, given: Given) -> Told | None:
    value, found = given.value, f"{parameter}={given.text}"
    expected = "a tuple: numbers in round brackets"
    hint = "the shape of one image, its numbers in round brackets: (rows, columns, ...)"
    if isinstance(value, str):
        return Told(
            f"{parameter} is a tuple of numbers; here stands a text.",
            "without quotes, the numbers in round brackets",
            found,
            expected,
        )
    if _is_number(value):
        return Told(
            f"{parameter} is a tuple; here stands a single number.",
            hint,
            found,
            expected,
        )
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple):
        return Told(
            f"{parameter} is a few numbers; here stands a whole array.",
            hint,
            f"{found}, an array of shape {shape}",
            expected,
        )
    if isinstance(value, set):
        return Told(
            f"{parameter} is a tuple; curly brackets make a set, which has no order.",
            hint,
            found,
            expected,
        )
    if isinstance(value, (tuple, list)):
        wrong = [part for part in value if part is not None and not _is_whole(part)]
        if wrong and isinstance(wrong[0], (tuple, list)):
            return Told(
                f"{parameter} has brackets within brackets.",
                "all numbers side by side, in one pair of brackets",
                found,
                expected,
            )
        if wrong:
            return Told(
                f"{parameter} takes whole numbers; {shown(repr(wrong[0]))} is none.",
                "whole numbers, without quotes or points",
                found,
                expected,
            )
    return None


def _share(parameter: str, given: Given) -> Told | None:
    value = given.value
    if _is_number(value) and 0 <= value < 1:
        return None
    if not given.known or not isinstance(value, (int, float, str, tuple, list)):
        return None
    about = f" {ABOUT[parameter]}" if parameter in ABOUT else ""
    return Told(
        f"{parameter} is a share{about}.",
        "a number between 0 and 1: 0.2 is 20 %",
        f"{parameter}={given.text}",
        "a number between 0 and 1",
    )


def _layer(parameter: str, given: Given) -> Told | None:
    """A layer, or the layers of a network."""
    value = given.value
    if parameter == "layer" and isinstance(value, (list, tuple)):
        return Told(
            "add takes one layer; here stands a list.",
            "one add(...) for each layer",
            given.text,
            "one layer",
        )
    if isinstance(value, type):
        name = value.__name__
        return Told(
            f"{name} is the kind of layer; a layer is made by calling it.",
            f"brackets behind it: {name}(...)",
            name,
            "a layer",
        )
    if value is None or isinstance(value, (str, int, float, list, tuple)):
        return Told(
            f"{given.text} stands where a layer belongs.",
            "a layer is made by calling its kind, as Dense(...)",
            given.text,
            "a layer",
        )
    return None


def _arrays(parameter: str, given: Given) -> Told | None:
    value = given.value
    if isinstance(value, (str, int, float)) or value is None:
        about = ABOUT[parameter]
        return Told(
            f"In place of {about} stands {given.text}.",
            f"{about} are in an array; give its name, without quotes",
            given.text,
            f"the array with {about}",
        )
    return None


def _data_format(parameter: str, given: Given) -> Told | None:
    if isinstance(given.value, str) or given.value is None:
        return None
    return Told(
        "A value without a name is taken for something else: data_format.",
        f"say what it is: input_shape={given.text}",
        given.text,
        "input_shape=...",
    )


def _is_whole(value: Any) -> bool:
    """Whether it is a whole number, of Python's or of NumPy's."""
    return hasattr(value, "__index__") and not getattr(value, "shape", ())


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_JUDGES: tuple[tuple[frozenset[str], Callable[[str, Given], Told | None]], ...] = (
    (_WHOLE, _whole),
    (frozenset(_WORDS), _word),
    (frozenset({"metrics"}), _metrics),
    (_SHAPES, _shape),
    (frozenset({"loss_weights"}), _loss_weights),
    (frozenset({"validation_split", "rate"}), _share),
    (frozenset({"layer", "layers"}), _layer),
    (frozenset({"x", "y", "labels"}), _arrays),
    (frozenset({"data_format"}), _data_format),
)
