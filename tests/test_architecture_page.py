"""docs/architecture.md says what the tree says, and names that may be imported hold."""

from __future__ import annotations

import ast
import importlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import fairgrade
from test_walls import MODULES, edges, room

#: Stands for a module that does its work when it is imported.
_WHOLE = "(importing it)"
#: Modules that import TensorFlow.
HEAVY = {"fairgrade.lesson.quiet"}
ROOT = Path(__file__).parents[1]
PACKAGE = Path(fairgrade.__file__).parent
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading of the page, without its head."""
    part = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


PACKAGES = [(name.strip("`"), what) for name, what in rows("The packages")]
NAMES = [
    (module.strip("`"), name.strip("`"))
    for module, names in rows("Names that stay")
    for name in names.split(", ")
]


def test_the_page_has_every_package_in_its_own_words() -> None:
    found = {
        path.parent.name: (ast.get_docstring(ast.parse(path.read_text())) or "")
        for path in PACKAGE.glob("*/__init__.py")
    }
    assert dict(PACKAGES) == {
        name: text.partition("\n")[0].rstrip(".") for name, text in found.items()
    }


def test_each_package_imports_only_what_stands_below_it() -> None:
    place = {name: number for number, (name, _) in enumerate(PACKAGES)}
    wrong = {
        f"{room(name)} imports {room(other)}"
        for name, other in edges()
        if room(name) in place
        and room(other) in place
        and place[room(name)] > place[room(other)]
    }
    assert wrong == set()
    assert len(place) > 20


def test_the_picture_shows_packages_in_the_order_of_a_submission() -> None:
    picture = (ROOT / "docs" / "images" / "way.svg").read_text("utf-8")
    bold = picture.partition('font-weight="600"')[2].partition("</g>")[0]
    shown = re.findall(r">([a-z, ]+)</text>", bold)
    names = [name for text in shown for name in text.split(", ")]
    assert len(names) == 9 and set(names) <= set(dict(PACKAGES))
    way = PAGE.partition("## The way of a submission")[2].partition("\n## ")[0]
    told = [n for n in re.findall(r"\*\*(\w+)\*\*", way) if n in names]
    assert told == ["intake", "plan", "run", "inside", "judge"] + [
        *("grading", "gradebook", "feedback", "report"),
    ]


@pytest.mark.parametrize(
    ("module", "name"),
    [
        pytest.param(module, name, marks=pytest.mark.slow if module in HEAVY else ())
        for module, name in NAMES
    ],
)
def test_a_name_that_stays_is_there(module: str, name: str) -> None:
    found = importlib.import_module(module)
    if name != _WHOLE:
        assert hasattr(found, name)


_IMPORT = r"^(?:from fairgrade\S* import (?:\([^)]*\)|.*)|import fairgrade.*)$"


def _imported(text: str) -> Iterator[tuple[str, str]]:
    """Modules and names that a program has from fairgrade."""
    plain = re.sub(r"^[ \t]*[%!].*$", "", text, flags=re.M)
    for node in ast.walk(ast.parse(plain)):
        if isinstance(node, ast.ImportFrom) and (node.module or "") in MODULES:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                if inner in MODULES:
                    yield inner, _WHOLE
                else:
                    yield str(node.module), alias.name
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name in MODULES:
                    yield alias.name, _WHOLE


def _programs() -> Iterator[tuple[str, str]]:
    """Everything that a course holds: file -> program."""
    files = [
        *ROOT.glob("source/*/*.py"),
        *ROOT.glob("grader_tests/*.py"),
        ROOT / "nbgrader_config.py",
        *PACKAGE.glob("skeletons/*/*.txt"),
    ]
    for path in files:
        if "test_" in path.name:
            continue
        text = path.read_text("utf-8")
        if path.suffix == ".txt":  # a template: its imports are whole
            pattern = (
                r"^(?:from fairgrade\S* import (?:\([^)]*\)|.*)|import fairgrade.*)$"
            )
            text = "\n".join(re.findall(pattern, text, re.M))
        yield str(path.relative_to(ROOT)), text
    for path in ROOT.glob("source/*/*.ipynb"):
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                yield path.name, "".join(cell["source"])


def test_a_course_imports_only_names_that_stay() -> None:
    found = {(file, *names) for file, text in _programs() for names in _imported(text)}
    stay = {*NAMES, *((module, _WHOLE) for module, _ in NAMES)}
    assert sorted(entry for entry in found if entry[1:] not in stay) == []
    assert len(found) > 40


def test_types_are_for_others_too() -> None:
    assert (PACKAGE / "py.typed").is_file()
