"""Why something cannot be called, calculated with, or looked into: by its type."""

from __future__ import annotations

import ast
import builtins
import re
from typing import Any

from fairgrade.lesson.amounts import about
from fairgrade.lesson.arguments import explain_arguments
from fairgrade.lesson.calls import value_of
from fairgrade.lesson.names import Namespace, about_record, owner_of
from fairgrade.lesson.spelling import TYPES, near
from fairgrade.lesson.told import Told, bounded, shown


def explain_type(
    error: TypeError, statement: ast.AST, namespace: Namespace
) -> Told | None:
    """Why a cell stopped with a TypeError; None if its own words are the best."""
    if told := explain_arguments(statement, namespace):
        return told
    words = bounded(str(error))
    found = f"TypeError: {words}"
    if told := _wrongly_called(statement, namespace, found):
        return told
    if match := re.search(
        r"(\w+)\.?(?:__init__)?\(\) missing (?:\d+ )?required", words
    ):
        called = match[1] if match[1] != "__init__" else "the call"
        lacking = re.findall(r"'(\w+)'", words)
        return Told(
            f"{called} is not told everything: {', '.join(lacking)} is missing.",
            "; ".join(f"{n}: {about(n, 'give it a value')}" for n in lacking),
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
    if "as a data type" in words or "data type ''" in words:
        return Told(
            "That is no type of numbers.",
            "its name is a text, in quotes, as in the lesson",
            found,
            "the name of a type, in quotes",
        )
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


def _wrongly_called(
    statement: ast.AST, namespace: Namespace, found: str
) -> Told | None:
    """What is called that cannot be, or that takes other brackets."""
    for node in ast.walk(statement):
        if not isinstance(node, ast.Call):
            continue
        called, text = value_of(node.func, namespace), shown(ast.unparse(node.func))
        if isinstance(node.func, ast.Name):
            owner = owner_of(text, statement, namespace)
            if owner and text not in namespace and hasattr(builtins, text):
                right = f"{owner}.{text}(...)"
                return Told(
                    f"{text} alone is Python's own.", f"write {right}", found, right
                )
        if isinstance(node.func, ast.Attribute):
            holder = value_of(node.func.value, namespace)
            if isinstance(holder.value, type) and "missing" in found:
                of = shown(ast.unparse(node.func.value))
                return Told(
                    f"{of} is a kind, {holder.value.__name__}, and not one of them.",
                    f"where {of} is set, brackets are missing: "
                    f"{holder.value.__name__}()",
                    found,
                    f"{of} = {holder.value.__name__}()",
                )
        if not called.known or callable(called.value):
            continue
        if isinstance(called.value, (list, dict, str)) or axes_of(called.value):
            return Told(
                f"{text} is no function: its entries stand in square brackets.",
                f"{text}[...], and not {text}(...)",
                found,
                f"{text}[...]",
            )
        if isinstance(called.value, tuple) and not isinstance(node.func, ast.Attribute):
            return Told(
                f"{text} is a tuple, and no function.",
                f"is a = missing, or a comma? {text}=...",
                found,
                f"{text}=(...)",
            )
        if isinstance(node.func, ast.Attribute):
            names = [
                n for n in dir(holder.value) if n[:1] != "_" and n != node.func.attr
            ]
            ways = [n for n in names if callable(getattr(holder.value, n, None))]
            meant = near(node.func.attr, ways) if holder.known else ""
            return Told(
                f"{text} is no function, so no bracket follows it.",
                f"did you mean {meant}?" if meant else "is another name meant?",
                found,
                f"{meant}(...)" if meant else "the name of a function",
            )
    return None


def axes_of(value: Any) -> int:
    """How many axes an array has; 0 for anything else."""
    shape = getattr(value, "shape", ())
    return len(shape) if isinstance(shape, tuple) else 0


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
    if "'tuple'" in words:
        return Told(
            f"{which} is a tuple: several numbers, with commas between them.",
            "a number with a fraction has a point, as 0.98, and no comma",
            found,
            "two numbers",
        )
    if "'list'" in words:
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
