"""Classes and coroutines that hidden tests use: carried, or a person is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

import samples_classes
import samples_coroutines
from calling import place_of, talk
from fairgrade.authoring.generate import generate
from fairgrade.course.course import load_course
from fairgrade.grading.autograde import autograde
from fairgrade.judge.cell import judge_cell
from fairgrade.judge.handoff import read_handoff
from samples_classes import BESIDE
from tiny import NAME, graded_cell, hand_in_cells, make_course

CARRIED = samples_classes.CARRIED | samples_coroutines.CARRIED
TOLD = samples_classes.TOLD | samples_coroutines.TOLD


def record_of(own: str, solution: str, test: str, kinds: Any = None) -> dict[str, Any]:
    """What the judge finds in the solution; with `kinds` as if a student wrote it."""
    handoff = read_handoff({}, {}, max_bytes=10**6, known={})
    given = ("own", own), ("solution", solution), ("test", test)
    student = None if kinds is None else solution
    with talk(*given, student=student, kinds=kinds) as made:
        cell = {"points": 1, "source": test, "place": place_of(made)}
        return judge_cell(cell, handoff, Path("/nowhere"), made.examinee)


@pytest.mark.parametrize("name", [*CARRIED, *BESIDE])
def test_it_is_carried(name: str) -> None:
    own, solution, test = BESIDE.get(name) or ("pass", *CARRIED[name])
    found = record_of(own, solution, test)
    assert (found["message"], found["earned"]) == ("", 1.0)
    again = record_of(own, solution, test, found["kinds"])
    assert (again["message"], again["earned"]) == ("", 1.0)


@pytest.mark.parametrize("name", TOLD)
def test_what_is_not_carried_is_so_with_the_solution_too(name: str) -> None:
    found = record_of("pass", *TOLD[name])
    assert found["earned"] == 0 and found["message"]


def test_an_abstract_object_that_cannot_be_is_nonsense() -> None:
    solution, test = CARRIED["abc"]
    lie = solution + "\nShape.__abstractmethods__ = frozenset()\nodd = Shape()"
    lie += "\nShape.__abstractmethods__ = frozenset({'area'})"
    found = record_of("pass", lie, "assert odd.area() is None")
    assert found["earned"] == 0 and "nonsense" in found["message"]


@pytest.mark.slow
def test_they_are_carried_out_of_a_real_kernel(tmp_path: Path) -> None:
    make_course(tmp_path)
    settings = tmp_path / "course.yml"
    text = settings.read_text().replace("    exports: {doubled: value}\n", "")
    forms = {f"form-{number}": CARRIED[name] for number, name in enumerate(CARRIED)}
    odd = {f"odd-{number}": TOLD[name] for number, name in enumerate(TOLD)}
    cells, answers = [], {}
    for name, (solution, test) in (forms | odd).items():
        answers[name] = solution
        answer = f"### BEGIN SOLUTION\n{solution}\n### END SOLUTION"
        hidden = f"### BEGIN HIDDEN TESTS\n{test}\n### END HIDDEN TESTS"
        cells += [
            graded_cell(name, answer),
            graded_cell(f"{name}-test", hidden, locked=True, points=1),
        ]
    settings.write_text(text.replace("points: 3", f"points: {len(forms | odd)}"))
    path = tmp_path / "source" / NAME / f"{NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1:] = cells
    nbformat.write(notebook, path)
    course = load_course(tmp_path)
    generate(course, course.assignment(NAME))
    hand_in_cells(course, NAME, "ada", answers)
    (found,) = autograde(course, course.assignment(NAME))
    assert found.score == len(forms)
    assert found.needs_person
    assert len(found.alarms) + len(found.unmeasured) == len(odd)
