"""Why there is nothing of a name, and what stands there instead of an attribute."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from fairgrade.lesson.arguments import FILES
from fairgrade.lesson.calls import OTHER_NAMES, calls_in
from fairgrade.lesson.spelling import (
    defined,
    near,
    place_in_keras,
    word_anywhere,
    words_for,
)
from fairgrade.lesson.told import Told, bounded, shown

_CONSTANTS = {"true": "True", "false": "False", "none": "None", "null": "None"}
_MODULES = {
    "np": "import numpy as np",
    "plt": "import matplotlib.pyplot as plt",
    "pd": "import pandas as pd",
    "tf": "import tensorflow as tf",
}

Namespace = Mapping[str, Any]


def explain_name(error: NameError, statement: ast.AST, namespace: Namespace) -> Told:
    """Why there is nothing of a name, and what may be meant."""
    name = getattr(error, "name", None) or quoted(str(error))
    found = f"NameError: {bounded(str(error))}"
    parameter = _parameter_of(name, statement, namespace)
    words = words_for(parameter)
    known = defined(namespace)
    if parameter in FILES:
        return Told(
            f"{name} has no quotes, so Python takes it for a variable.",
            "the name of a file goes in quotes",
            found,
            "a text, in quotes",
        )
    written = near(name, words)
    if parameter and written and (written == name or not near(name, known)):
        spelt = "" if written == name else f" (did you mean '{written}'?)"
        return Told(
            f"{name} has no quotes, so Python takes it for a variable.",
            f"{parameter} is a word: {_as_argument(parameter, written)}{spelt}",
            found,
            "a text, in quotes",
        )
    if name.lower() in _CONSTANTS and _CONSTANTS[name.lower()] != name:
        right = _CONSTANTS[name.lower()]
        return Told(
            f"Python writes it {right}.", f"{right}, with a capital", found, right
        )
    if (word := word_anywhere(name)) == name:
        return Told(
            f"{name} has no quotes, so Python takes it for a variable.",
            f'a word goes in quotes: "{word}"',
            found,
            "a text, in quotes",
        )
    if owner := owner_of(name, statement, namespace):
        right = f"{owner}.{name}"
        return Told(
            f"{name} does not stand alone.",
            f"write {right}(...)",
            found,
            f"{right}(...)",
        )
    if meant := near(name, known):
        return Told(
            f"There is nothing called {name}.", f"did you mean {meant}?", found, meant
        )
    if name in _MODULES:
        return Told(f"{name} is not imported.", _MODULES[name], found)
    if place := place_in_keras(name):
        return Told(
            f"{name} is not imported by itself.", f"write {place}", found, place
        )
    if len(name) > 4 and (meant := near(name, dir(builtins))):
        return Told(
            f"There is nothing called {name}.", f"did you mean {meant}?", found, meant
        )
    return Told(
        f"There is nothing called {name}.",
        "is it spelt right? Is it a text, without its quotes? Or has the cell that "
        "makes it not been run? Run all cells from the top",
        found,
        "a name that a cell above has set",
    )


def owner_of(name: str, statement: ast.AST, namespace: Namespace) -> str:
    """What has a method of that name which a statement calls as if it stood alone."""
    called = (
        node
        for node in ast.walk(statement)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == name
    )
    node = next(called, None)
    if node is None:
        return ""
    used = [arg.id for arg in node.args if isinstance(arg, ast.Name)]
    for owner in dict.fromkeys((*used, *defined(namespace))):
        value = namespace.get(owner)
        kind = type(value)
        keras = any(base.__name__ == "Model" for base in kind.__mro__)
        numpy = kind.__name__ == "ndarray" and owner in used
        if (keras or numpy) and callable(getattr(value, name, None)):
            return owner
    return ""


def _as_argument(parameter: str, word: str) -> str:
    return f'["{word}"]' if parameter == "metrics" else f'{parameter}="{word}"'


def _parameter_of(name: str, statement: ast.AST, namespace: Namespace) -> str:
    """The parameter for which a name is given, itself or in a list; "" if none."""
    for call in calls_in(statement, namespace):
        for parameter, given in call.given.items():
            if any(
                isinstance(node, ast.Name) and node.id == name
                for node in ast.walk(given.node)
                if not any(isinstance(n, ast.Call) for n in ast.walk(given.node))
            ):
                return parameter
    return ""


def explain_attribute(
    error: AttributeError, statement: ast.AST, namespace: Namespace
) -> Told | None:
    """Why something has no such attribute; None if nothing better is known."""
    owner, name = getattr(error, "obj", None), getattr(error, "name", None)
    if not name:
        return None
    found = f"AttributeError: {bounded(str(error))}"
    used = _holder(statement, name)
    if owner is None and used and used in namespace and namespace[used] is None:
        return Told(
            f"{used} is None: there is nothing in it.",
            f"what sets {used} gives nothing back, as add does; {used}.add(...) stands "
            "alone, without =; run again from where it was made",
            found,
            f"something that has {name}",
        )
    if used and not isinstance(namespace.get(used), type(owner)):
        used = ""
    records = getattr(owner, "history", None)
    if isinstance(records, dict) and (name in records or near(name, records)):
        return about_record(name, records, used or "history", found)
    text = used or _written(statement, name) or f"a {type(owner).__name__}"
    if isinstance(owner, dict):
        entry = near(name, map(str, owner))
        return Told(
            f"A dictionary has its entries in square brackets, not as .{name}.",
            f'{text}["{entry or "..."}"]',
            found,
            f"{text}[...]",
        )
    if isinstance(owner, (list, tuple)):
        return Told(
            f"A list has its entries by number, and not as .{name}.",
            "the first one is [0], the second one [1]",
            found,
            f"{text}[...]",
        )
    if isinstance(owner, ModuleType) and (place := place_in_keras(name)):
        return Told(
            f"{text} has nothing called {name}.", f"write {place}", found, place
        )
    if callable(namespace.get(name)):
        hint, expected = f"it stands alone: {name}({text}, ...)", f"{name}(...)"
        return Told(f"{text} has nothing called {name}.", hint, found, expected)
    other = OTHER_NAMES.get(name, "")
    names = [n for n in dir(owner) if not n.startswith("_")]
    meant = other if other in names else near(name, names)
    return Told(
        f"{text} has nothing called {name}.",
        f"did you mean {meant}?" if meant else "is it spelt as in the lesson?",
        found,
        meant or "something that it has",
    )


def _written(statement: ast.AST, attribute: str) -> str:
    """How that is written of which an attribute is asked for."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Attribute) and node.attr == attribute:
            return shown(ast.unparse(node.value))
    return ""


def about_record(name: str, records: dict[str, Any], used: str, found: str) -> Told:
    """That the numbers of each epoch are in a dictionary of the history."""
    meant = near(name, records) or next(iter(records), "accuracy")
    return Told(
        f"The numbers of each epoch are not in {used} itself.",
        f'they are in its dictionary: {used}.history["{meant}"]',
        found,
        f"{used}.history[...]",
    )


def _holder(statement: ast.AST, attribute: str) -> str:
    """The name of which an attribute is asked for."""
    for node in ast.walk(statement):
        if not isinstance(node, ast.Attribute) or node.attr != attribute:
            continue
        if isinstance(node.value, ast.Name):
            return node.value.id
    return ""


def quoted(message: str) -> str:
    """The first word in quotes of a message."""
    found = re.search(r"'(\w+)'", message)
    return found[1] if found else ""
