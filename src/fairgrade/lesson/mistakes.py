"""Why a cell stopped, in the lesson's terms, from the error's kind and the cell."""

from __future__ import annotations

import ast
import os
import re
import sys
import traceback
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from fairgrade.lesson.arguments import explain_arguments
from fairgrade.lesson.calls import calls_in, value_of
from fairgrade.lesson.names import Namespace, explain_attribute, explain_name, quoted
from fairgrade.lesson.spelling import near
from fairgrade.lesson.syntax import explain_syntax
from fairgrade.lesson.terms import TERMS
from fairgrade.lesson.told import Told, bounded, shortened, shown
from fairgrade.lesson.wrong_types import axes_of, explain_type

#: What `todo` says after the name of the step; feedback knows a gap by it.
STILL_OPEN = "is not filled in yet"
_LIBRARIES = ("site-packages", "dist-packages")
_OWN = str(Path(__file__).parents[1])


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
    if not re.search(r"\w \w", step) or not any(map(str.isalpha, step)):
        return Told(  # an answer, and no words of the lesson
            "todo(...) still stands round the answer.",
            f"the answer takes the place of all of todo(...): {shown(step)}",
            f"todo({shown(step)})",
            "your answer in place of todo(...)",
        )
    return Told(
        f"{step} is still open.",
        "replace todo(...) by your answer, and run that cell",
        "todo(...)",
        "your answer in place of todo(...)",
    )


def _value(error: ValueError, statement: ast.AST, namespace: Namespace) -> Told | None:
    words = bounded(str(error))
    found = f"ValueError: {words.partition(chr(10))[0]}"
    if match := re.search(r"cannot reshape array of size (\d+) into shape (.+)", words):
        return _no_room(int(match[1]), match[2], found)
    if "target" in words and "output" in words and "same" in words:
        labels = [
            call.given["y"]
            for call in calls_in(statement, namespace)
            if "y" in call.given
        ]
        which = f", not {labels[0].text}" if labels else ""
        return Told(
            "The labels have another form than the network's answers.",
            f"a row of numbers for each {TERMS.sample}: the prepared labels{which}",
            found,
            "one-hot labels",
        )
    if "call `compile()`" in words:
        return Told(
            "The network is not compiled, so it cannot learn or be measured.",
            "run the cell with compile first",
            found,
            "a network that is compiled",
        )
    if ".weights.h5" in words:
        return Told(
            "save_weights writes the parameters alone.",
            "save writes the whole network",
            found,
            "save(...)",
        )
    if "truth value of an array" in words:
        return explain_arguments(statement, namespace) or Told(
            "A whole array stands where a single value is needed.",
            "arrays have methods of their own, as array.max(...), array.argmax(...)",
            found,
            "a single value, or a method of the array",
        )
    if "filepath" in words and "extension" in words:
        named = next(iter(re.findall(r"Received: filepath=(.+?)\.?$", str(error))), "")
        return Told(
            "The name of the file does not say which kind it is.",
            "it ends in .h5 or .keras, as in the text above",
            shown(named) or found,
            "a name with an ending",
        )
    if "cardinality" in words:
        sizes = re.findall(r"sizes: (\d+)", words)
        return Told(
            f"There are not as many labels as {TERMS.samples}.",
            f"{TERMS.samples} and labels come from the same set, training or test",
            " and ".join(sizes) or found,
            f"as many labels as {TERMS.samples}",
        )
    return None


def _no_room(size: int, shape: str, found: str) -> Told:
    room = 1
    for number in re.findall(r"-?\d+", shape):
        room *= int(number)
    return Told(
        f"The shape {shape.strip()} has room for {room:,} numbers, the array has "
        f"{size:,}.",
        f"first how many {TERMS.samples} there are, then the shape of one",
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
    if match := re.search(r"axis (-?\d+) is out of bounds .*dimension (\d+)", words):
        last = int(match[2]) - 1
        return Told(
            f"There is no axis {match[1]}: the array has {match[2]}.",
            f"axes are counted from 0; the last one here is axis {last}",
            f"AxisError: {words}",
            f"an axis from 0 to {last}" if last else "axis 0",
        )
    for call in calls_in(statement, namespace):
        encoded = call.given.get("x")
        if call.name == "to_categorical" and encoded and axes_of(encoded.value) > 1:
            return Told(
                f"{encoded.text} are no labels: one label is one number.",
                f"to_categorical encodes labels, and no {TERMS.samples}",
                encoded.text,
                f"an array of labels, one for each {TERMS.sample}",
            )
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
    name = error.name or quoted(str(error))
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
    (NameError, explain_name),
    (AttributeError, explain_attribute),
    (TypeError, explain_type),
    (ValueError, _value),
    (KeyError, _key),
    (IndexError, _index),
    (ImportError, _module),
    (OSError, _file),
    (ZeroDivisionError, _zero),
)
