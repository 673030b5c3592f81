"""A value of another type than an operation takes: a text, a tuple, None."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any

from fairgrade.lesson.arguments import ABOUT, explain_arguments
from fairgrade.lesson.calls import value_of
from fairgrade.lesson.names import about_record
from fairgrade.lesson.spelling import TYPES, near
from fairgrade.lesson.told import Told, bounded, shown

Namespace = Mapping[str, Any]


def explain_type(
    error: TypeError, statement: ast.AST, namespace: Namespace
) -> Told | None:
    if told := explain_arguments(statement, namespace):
        return told
    words = bounded(str(error))
    found = f"TypeError: {words}"
    if match := re.search(r"(\w+)\.?(?:__init__)?\(\) missing \d+ required", words):
        called = match[1] if match[1] != "__init__" else "the call"
        lacking = re.findall(r"'(\w+)'", words)
        return Told(
            f"{called} is not told everything: {', '.join(lacking)} is missing.",
            "; ".join(f"{n}: {ABOUT.get(n, 'give it a value')}" for n in lacking),
            found,
            f"a value for {', '.join(lacking)}",
        )
    if "indices must be integers" in words:
        return Told(
            "A list has its entries by number, and not by name.",
            "the first one is [0], the second one [1]",
            found,
            "a whole number in square brackets",
        )
    if "object is not subscriptable" in words:
        return _subscripted(statement, namespace, found)
    if match := re.search(r"'(\w+)' object is not callable", words):
        return _called(match[1], found)
    if match := re.search(
        r"unsupported operand type\(s\) for (\S+) '(\w+)' and", words
    ):
        return _operands(words, found)
    if "ufunc" in words:
        return _calculated(statement, namespace, found)
    if match := re.search(r"data type ['\"](.+?)['\"] not understood", words):
        meant = near(match[1], TYPES)
        return Told(
            f"There is no type called '{match[1]}'.",
            f"did you mean '{meant}'?" if meant else "is it spelt as in the lesson?",
            found,
            "the name of a type, in quotes",
        )
    if match := re.search(r"'(\w+)' object cannot be interpreted as an integer", words):
        return _no_integer(match[1], found)
    return None


def _subscripted(statement: ast.AST, namespace: Namespace, found: str) -> Told | None:
    for node in ast.walk(statement):
        if not isinstance(node, ast.Subscript):
            continue
        owner = value_of(node.value, namespace)
        text = shown(ast.unparse(node.value))
        records = getattr(owner.value, "history", None)
        if owner.known and isinstance(records, dict):
            key = value_of(node.slice, namespace).value
            return about_record(str(key), records, text, found)
        if owner.known and owner.value is None:
            return Told(f"{text} is None: there is nothing in it.", "", found)
        if owner.known and callable(owner.value):
            return Told(
                f"{text} is called with round brackets.",
                f"{text}(...), and not {text}[...]",
                found,
                f"{text}(...)",
            )
    return None


def _called(kind: str, found: str) -> Told:
    if kind in ("int", "float", "str", "tuple", "list"):
        return Told(
            "A bracket follows something that cannot be called.",
            "is a comma missing before it, or an operator such as *?",
            found,
        )
    return Told(
        f"A bracket follows a {kind}, which cannot be called.",
        "is a comma missing before it? Or has its name been given to something else?",
        found,
    )


def _calculated(statement: ast.AST, namespace: Namespace, found: str) -> Told | None:
    """A text or a None that something is to be calculated with."""
    for node in ast.walk(statement):
        if not isinstance(node, ast.BinOp):
            continue
        for side in (node.left, node.right):
            given = value_of(side, namespace)
            if given.known and (given.value is None or isinstance(given.value, str)):
                kind = "None" if given.value is None else "str"
                return _operands(f"'{kind}'", found, given.text)
    return None


def _operands(words: str, found: str, which: str = "One of the values") -> Told | None:
    if "None" in words:
        return Told(
            f"{which} is None: there is nothing in it.",
            "see how it was set; put your answer there",
            found,
            "two numbers",
        )
    if "'str'" in words:
        return Told(
            f"{which} is a text, and with a text nobody can calculate.",
            "write the number without quotes",
            found,
            "two numbers",
        )
    if "'list'" in words or "'tuple'" in words:
        return Told(
            "One of the values is a whole list.",
            "take a single entry of it; [-1] is the last one",
            found,
            "two numbers",
        )
    return None


def _no_integer(kind: str, found: str) -> Told:
    said = {
        "str": ("a text stands", "a number has no quotes"),
        "float": ("a number with a point stands", "write it without the point"),
        "tuple": (
            "a tuple stands",
            "all numbers side by side, in one pair of brackets; * unpacks a tuple",
        ),
        "list": ("a list stands", "one number, without square brackets"),
        "NoneType": ("None stands", "put your answer there"),
    }
    what, hint = said.get(kind, (f"a {kind} stands", "one whole number"))
    return Told(f"Where a whole number belongs, {what}.", hint, found, "a whole number")
