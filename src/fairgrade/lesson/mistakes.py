"""Why a cell stopped, in the lesson's terms, from the error's kind and the cell."""

from __future__ import annotations

import ast
import builtins
import os
import re
import sys
import traceback
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from fairgrade.lesson.arguments import (
    ABOUT,
    FILES,
    calls_in,
    explain_arguments,
    value_of,
)
from fairgrade.lesson.spelling import (
    TYPES,
    defined,
    near,
    place_in_keras,
    word_anywhere,
    words_for,
)
from fairgrade.lesson.syntax import explain_syntax
from fairgrade.lesson.told import Told, bounded, shortened, shown

#: What `todo` says after the name of the step; feedback knows a gap by it.
STILL_OPEN = "is not filled in yet"
_LIBRARIES = ("site-packages", "dist-packages")
_OWN = str(Path(__file__).parents[1])
_CONSTANTS = {"true": "True", "false": "False", "none": "None", "null": "None"}
_MODULES = {
    "np": "import numpy as np",
    "plt": "import matplotlib.pyplot as plt",
    "pd": "import pandas as pd",
    "tf": "import tensorflow as tf",
}

Namespace = Mapping[str, Any]


def explain(error: BaseException, source: str, namespace: Namespace) -> Told | None:
    """What a student should read of an error in a cell of theirs.

    Args:
        source: the cell's text.
        namespace: the notebook's names; nothing of it is called.

    Returns:
        None if the error's own words are the best that is known.
    """
    try:
        if isinstance(error, SyntaxError):
            return explain_syntax(error, source)
        statement = _statement(error, source)
        for kind, explains in _KINDS:
            if isinstance(error, kind) and (
                told := explains(error, statement, namespace)
            ):
                return told
        if isinstance(error, Exception):
            return explain_arguments(statement, namespace)
    except Exception:  # a help that fails must not hide the error it is for
        return None
    return None


def explain_call(source: str, namespace: Namespace) -> Told | None:
    """What is wrong with the values of a cell's calls, though none of them stopped."""
    try:
        return explain_arguments(ast.parse(source), namespace)
    except Exception:  # as above
        return None


def is_of_the_course(error: BaseException) -> bool:
    """Whether an error comes out of the course's own files, as a test that fails."""
    if hasattr(error, "_render_traceback_"):
        return False
    frames = traceback.walk_tb(error.__traceback__)
    return any(_is_course_file(frame.f_code.co_filename) for frame, _ in frames)


@lru_cache(maxsize=1000)
def _is_course_file(name: str) -> bool:
    if name.startswith(("<", _OWN)) or any(part in name for part in _LIBRARIES):
        return False
    if name.startswith((sys.prefix, sys.base_prefix, os.path.dirname(os.__file__))):
        return False
    return os.path.exists(name)  # a cell's is only a name


def _statement(error: BaseException, source: str) -> ast.AST:
    """The statement of the cell that stopped; all of the cell where it is not known."""
    tree = ast.parse(source)
    lines = [
        line
        for frame, line in traceback.walk_tb(error.__traceback__)
        if not os.path.exists(frame.f_code.co_filename)
        and frame.f_code.co_name == "<module>"
    ]
    found: ast.AST = tree
    for node in ast.walk(tree):  # the innermost one comes last
        if not isinstance(node, ast.stmt) or not lines:
            continue
        if node.lineno <= lines[0] <= (node.end_lineno or node.lineno):
            found = node
    return found


def is_gap(error: BaseException) -> bool:
    """Whether a cell stopped at a gap that nobody has filled in yet."""
    return isinstance(error, NotImplementedError) and STILL_OPEN in str(error)


def _open_gap(error: BaseException, _: ast.AST, __: Namespace) -> Told | None:
    step, said, _rest = str(error).partition(f" {STILL_OPEN}")
    if not said:
        return None
    return Told(
        f"{step} is still open.",
        "replace todo(...) by your answer, and run that cell",
        "todo(...)",
        "your answer in place of todo(...)",
    )


def _name(error: NameError, statement: ast.AST, namespace: Namespace) -> Told:
    name = getattr(error, "name", None) or _quoted(str(error))
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
    if meant := near(name, dir(builtins)):
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


def _attribute(
    error: AttributeError, statement: ast.AST, namespace: Namespace
) -> Told | None:
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
    if isinstance(records := getattr(owner, "history", None), dict):
        return _record(name, records, used or "history", found)
    meant = near(name, (n for n in dir(owner) if not n.startswith("_")))
    if meant:
        return Told(
            f"{used or type(owner).__name__} has nothing called {name}.",
            f"did you mean {meant}?",
            found,
            meant,
        )
    return None


def _record(name: str, records: dict[str, Any], used: str, found: str) -> Told:
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


def _quoted(message: str) -> str:
    found = re.search(r"'(\w+)'", message)
    return found[1] if found else ""


def _type(error: TypeError, statement: ast.AST, namespace: Namespace) -> Told | None:
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
            return _record(str(key), records, text, found)
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


def _value(error: ValueError, statement: ast.AST, namespace: Namespace) -> Told | None:
    words = bounded(str(error))
    found = f"ValueError: {words.partition(chr(10))[0]}"
    if match := re.search(r"cannot reshape array of size (\d+) into shape (.+)", words):
        return _no_room(int(match[1]), match[2], found)
    if "target" in words and "output" in words and "same" in words:
        return Told(
            "The labels have another form than the network's answers.",
            "a row of numbers for each image: the prepared labels, without raw_",
            found,
            "one-hot labels",
        )
    if "filepath" in words and "extension" in words:
        return Told(
            "The name of the file does not say which kind it is.",
            "it ends in .h5 or .keras, as in the text above",
            found,
            "a name with an ending",
        )
    if "cardinality" in words:
        sizes = re.findall(r"sizes: (\d+)", words)
        return Told(
            "There are not as many labels as images.",
            "images and labels come from the same set, training or test",
            " and ".join(sizes) or found,
            "as many labels as images",
        )
    return None


def _no_room(size: int, shape: str, found: str) -> Told:
    room = 1
    for number in re.findall(r"-?\d+", shape):
        room *= int(number)
    return Told(
        f"The shape {shape.strip()} has room for {room:,} numbers, the array has "
        f"{size:,}.",
        "first how many images there are, then the shape of one",
        found,
        f"a shape for {size:,} numbers",
    )


def _key(error: KeyError, statement: ast.AST, namespace: Namespace) -> Told | None:
    for node in ast.walk(statement):
        if isinstance(node, ast.Subscript):
            owner = value_of(node.value, namespace)
            key = error.args[0] if error.args else None
            if isinstance(owner.value, dict) and key not in owner.value:
                known = [str(name) for name in owner.value]
                meant = near(str(key), known)
                listed = shortened(", ".join(known))
                return Told(
                    f"{shown(ast.unparse(node.value))} has no entry {key!r}.",
                    f"did you mean {meant!r}?" if meant else f"it has: {listed}",
                    f"KeyError: {key!r}",
                    f"one of: {listed}",
                )
    return None


def _index(error: IndexError, statement: ast.AST, namespace: Namespace) -> Told | None:
    words = bounded(str(error))
    for call in calls_in(statement, namespace):
        classes = call.given.get("num_classes")
        if classes is not None:
            return Told(
                "There are more different labels than classes.",
                "count them: the first label is 0, so the last one counts, too",
                f"num_classes={classes.text}",
                "a column for every label",
            )
    if match := re.search(r"index (-?\d+) is out of bounds .*size (\d+)", words):
        return Told(
            f"There is no entry number {match[1]}: there are {match[2]}.",
            "the first entry is number 0, the last one number -1",
            f"IndexError: {words}",
        )
    return Told(
        "There is no entry of that number.",
        "the first entry is number 0, the last one number -1",
        f"IndexError: {words}",
    )


def _file(error: OSError, _: ast.AST, __: Namespace) -> Told | None:
    words = str(error)
    named = error.filename or next(
        iter(re.findall(r"(?:name|filepath) ?= ?'?([^',]+)", words)), ""
    )
    if not (isinstance(error, FileNotFoundError) or "o such file" in words):
        return None
    name = os.path.basename(str(named)) or "that name"
    meant = near(name, sorted(os.listdir())[:1000])
    return Told(
        f"There is no file {name} here.",
        f"did you mean {meant}?" if meant else "it has to be written before it is read",
        f"{type(error).__name__}: {shortened(words)}",
        "a file that is there",
    )


def _module(error: ImportError, _: ast.AST, __: Namespace) -> Told | None:
    name = error.name or _quoted(str(error))
    meant = near(name.partition(".")[0], sys.modules)
    return Told(
        f"{shortened(str(error))}.".replace("..", "."),
        f"did you mean {meant}?"
        if meant and meant != name
        else "is it installed here?",
        type(error).__name__,
        "a module that is there",
    )


def _zero(error: ZeroDivisionError, _: ast.AST, __: Namespace) -> Told:
    return Told(
        "Something is divided by 0.", "see what stands behind /", str(error), "a number"
    )


_Explains = Callable[[Any, ast.AST, Namespace], Told | None]
_KINDS: tuple[tuple[type[BaseException], _Explains], ...] = (
    (NotImplementedError, _open_gap),
    (NameError, _name),
    (AttributeError, _attribute),
    (TypeError, _type),
    (ValueError, _value),
    (KeyError, _key),
    (IndexError, _index),
    (ImportError, _module),
    (OSError, _file),
    (ZeroDivisionError, _zero),
)
