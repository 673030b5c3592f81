"""Words, layers and arrays that a call is given, and what is wrong with them."""

from __future__ import annotations

from fairgrade.lesson.amounts import about
from fairgrade.lesson.calls import Given
from fairgrade.lesson.spelling import is_word, near, words_for
from fairgrade.lesson.told import Told, shown


def judge_word(parameter: str, given: Given) -> Told | None:
    """The name of something of Keras."""
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


def judge_metrics(parameter: str, given: Given) -> Told | None:
    """A list of names."""
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


def judge_loss_weights(parameter: str, given: Given) -> Told | None:
    """What stands third in `compile`."""
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


def judge_data_format(parameter: str, given: Given) -> Told | None:
    """What stands second in `Flatten`."""
    if isinstance(given.value, str) or given.value is None:
        return None
    return Told(
        "A value without a name is taken for something else: data_format.",
        f"say what it is: input_shape={given.text}",
        given.text,
        "input_shape=...",
    )


def judge_layer(parameter: str, given: Given) -> Told | None:
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


def judge_arrays(parameter: str, given: Given) -> Told | None:
    """An array of samples or labels."""
    value = given.value
    if isinstance(value, (str, int, float)) or value is None:
        what = about(parameter)
        return Told(
            f"In place of {what} stands {given.text}.",
            f"{what} are in an array; give its name, without quotes",
            given.text,
            f"the array with {what}",
        )
    return None
