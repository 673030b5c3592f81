"""Numbers, shares and shapes that a call is given, and what is wrong with them."""

from __future__ import annotations

import re
from typing import Any

from fairgrade.lesson.calls import Given
from fairgrade.lesson.terms import TERMS
from fairgrade.lesson.told import Told, shown

#: What parameters are for, in the words of the lessons.
_ABOUT = {
    "units": "how many neurons",
    "epochs": "how many times to go through the {samples}",
    "num_classes": "how many classes there are",
    "batch_size": "how many {samples} at a time",
    "x": "the {samples}",
    "validation_split": "of the {samples}",
    "rate": "of the numbers to leave out",
    "y": "the labels",
    "labels": "the labels",
    "filepath": "the name of the file, in quotes",
}
_NUMBER = re.compile(r"-?\d+(\.\d*)?$")


def about(parameter: str, unknown: str = "") -> str:
    """What a parameter is for; `unknown` where it is not known."""
    known = _ABOUT.get(parameter)
    return unknown if known is None else known.format(samples=TERMS.samples)


def judge_whole(parameter: str, given: Given) -> Told | None:
    """A whole number of 1 or more."""
    value, what = given.value, about(parameter, "a whole number")
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
            f"{parameter} is a number, {what}; here stands a text.",
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
            f"{parameter} is a single number, {what}; here stand several.",
            "one number, without brackets",
            found,
            expected,
        )
    if is_number(value) and value < 1:
        return Told(
            f"{parameter} has to be 1 or more.", f"it is {what}", found, expected
        )
    if is_whole(value):
        return None
    return Told(f"{parameter} is no number.", f"it is {what}", found, expected)


def judge_shape(parameter: str, given: Given) -> Told | None:
    """A tuple of whole numbers."""
    value, found = given.value, f"{parameter}={given.text}"
    expected = "a tuple: numbers in round brackets"
    axes = f": ({TERMS.axes})" if TERMS.axes else ""
    hint = f"the shape of one {TERMS.sample}, its numbers in round brackets{axes}"
    if isinstance(value, str):
        return Told(
            f"{parameter} is a tuple of numbers; here stands a text.",
            "without quotes, the numbers in round brackets",
            found,
            expected,
        )
    if is_number(value):
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
        wrong = [part for part in value if part is not None and not is_whole(part)]
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


def judge_share(parameter: str, given: Given) -> Told | None:
    """A number from 0 to 1."""
    value = given.value
    if is_number(value) and 0 <= value < 1:
        return None
    if not given.known or not isinstance(value, (int, float, str, tuple, list)):
        return None
    what = f" {about(parameter)}" if about(parameter) else ""
    return Told(
        f"{parameter} is a share{what}.",
        "a number between 0 and 1: 0.2 is 20 %",
        f"{parameter}={given.text}",
        "a number between 0 and 1",
    )


def is_whole(value: Any) -> bool:
    """Whether it is a whole number, of Python's or of NumPy's."""
    return hasattr(value, "__index__") and not getattr(value, "shape", ())


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
