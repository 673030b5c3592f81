"""The tree shows the wall: who imports whom, read from the text of every module.

What runs beside student code stands in five packages: lesson (imported by notebooks on
any machine), inside (runs in the sandbox), protocol (what both sides agree on), kinds
(what can cross, described inside and read outside) and calls (what a judge and a kernel
say to each other).
"""

from __future__ import annotations

import ast
import functools
import graphlib
from collections.abc import Iterator
from pathlib import Path

import pytest

import fairgrade

PACKAGE = Path(fairgrade.__file__).parent
BESIDE_STUDENTS = {"lesson", "inside", "protocol", "kinds", "calls"}
#: Old names for notebooks that were released; each is one import.
KEPT_NAMES = ("checks", "data", "quiet", "networks", "evidence")


def name_of(path: Path) -> str:
    parts = ("fairgrade", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts).removesuffix(".__init__")


MODULES = {
    name_of(path): path
    for path in sorted(PACKAGE.rglob("*.py"))
    if "skeletons" not in path.parts and "stand_ins" not in path.parts
}


def imported(tree: ast.AST) -> Iterator[str]:
    """Modules of this package that code imports, wherever the import stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are written in full"
            if (node.module or "").split(".")[0] == "fairgrade":
                for alias in node.names:
                    inner = f"{node.module}.{alias.name}"
                    yield inner if inner in MODULES else str(node.module)
        elif isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name in MODULES)


@functools.cache
def imports() -> dict[str, set[str]]:
    """Module -> modules of this package that it imports."""
    return {
        name: set(imported(ast.parse(path.read_text(encoding="utf-8"))))
        for name, path in MODULES.items()
    }


def edges() -> list[tuple[str, str]]:
    """Who imports whom."""
    return [
        (name, other) for name, found in imports().items() for other in sorted(found)
    ]


def room(module: str) -> str:
    """The package, or the module beside them, that a module belongs to."""
    return (module.split(".") + [""])[1]


def test_the_modules_were_read() -> None:
    assert len(MODULES) > 100
    assert {room(name) for name in MODULES} >= BESIDE_STUDENTS
    assert "fairgrade.kinds.document" in imports()["fairgrade.judge.handoff"]


def test_what_runs_beside_students_knows_nothing_of_the_course() -> None:
    allowed = BESIDE_STUDENTS | {"errors"}
    wrong = [
        f"{name} imports {other}"
        for name, other in edges()
        if room(name) in BESIDE_STUDENTS and room(other) not in allowed
    ]
    assert wrong == []


def test_the_trusted_side_imports_nothing_that_runs_inside() -> None:
    """It starts them by their module's name, in a process of their own."""
    wrong = [
        f"{name} imports {other}"
        for name, other in edges()
        if room(name) not in BESIDE_STUDENTS
        and (room(other) == "inside" or "describe" in other.split(".")[-1])
        and other != "fairgrade.kinds.keras.described"
    ]
    assert wrong == []


def test_files_import_in_no_circle() -> None:
    graphlib.TopologicalSorter(imports()).prepare()


def test_packages_import_in_no_circle() -> None:
    rooms: dict[str, set[str]] = {}
    for name, other in edges():
        if room(name) != room(other):
            rooms.setdefault(room(name), set()).add(room(other))
    graphlib.TopologicalSorter(rooms).prepare()


@pytest.mark.parametrize("name", KEPT_NAMES)
def test_an_old_name_is_one_import(name: str) -> None:
    tree = ast.parse(MODULES[f"fairgrade.{name}"].read_text(encoding="utf-8"))
    about, only = tree.body
    assert isinstance(about, ast.Expr) and "until" in ast.unparse(about)
    assert isinstance(only, ast.ImportFrom)


def test_no_other_module_stands_beside_the_packages() -> None:
    beside = {name.split(".")[1] for name in MODULES if name.count(".") == 1}
    packages = {name.split(".")[1] for name in MODULES if name.count(".") > 1}
    assert beside - packages == {
        *KEPT_NAMES,
        *("__main__", "demo", "doctor", "errors", "files"),
    }


def test_the_rules_see_what_breaks_them(tmp_path: Path) -> None:
    text = "def f():\n    from fairgrade.course import data\nimport fairgrade.errors\n"
    assert set(imported(ast.parse(text))) == {
        "fairgrade.course.data",
        "fairgrade.errors",
    }
    with pytest.raises(graphlib.CycleError):
        graphlib.TopologicalSorter({"a": {"b"}, "b": {"a"}}).prepare()
