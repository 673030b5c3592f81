"""Messages of mistakes call samples what the course calls them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import fairgrade.lesson
from fairgrade.lesson.mistakes import explain
from fairgrade.lesson.terms import TERMS, Terms, call_samples

LESSON = Path(fairgrade.lesson.__file__).parent
#: What students call the parameter x; no message has it.
ALIASES = {"images"}


@pytest.fixture(autouse=True)
def without_a_course() -> Iterator[None]:
    before = dict(vars(TERMS))
    vars(TERMS).update(vars(Terms()))
    yield
    vars(TERMS).update(before)


def _reshaped() -> str:
    """What is told of an array that does not fit a shape."""
    source = "np.zeros(12).reshape(5)"
    with pytest.raises(ValueError, match="cannot reshape") as raised:
        np.zeros(12).reshape(5)
    told = explain(raised.value, source, {"np": np})
    assert told is not None
    return told.hint


def test_without_a_word_of_the_course_samples_are_samples() -> None:
    assert _reshaped() == "first how many samples there are, then the shape of one"


def test_a_course_says_its_word() -> None:
    call_samples("recording", "recordings")
    assert _reshaped() == "first how many recordings there are, then the shape of one"


@pytest.mark.parametrize(
    "path", sorted(LESSON.glob("*.py")), ids=lambda path: path.stem
)
def test_no_module_of_a_lesson_takes_samples_for_images(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    texts = {
        ast.get_docstring(n, clean=False)
        for n in ast.walk(tree)
        if isinstance(n, documented)
    }
    said = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert not [
        text for text in said if "image" in text and text not in (texts | ALIASES)
    ]
