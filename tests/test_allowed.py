"""How long a cell may take once the solution's own time is known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from fairgrade.course.course import Course, Limits, load_course
from fairgrade.course.folders import verified_entry
from fairgrade.grading.allowed import LONGEST, cell_seconds
from fairgrade.run.request import RunRequest
from fairgrade.run.run import run
from tiny import NAME, make_course


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return make_course(tmp_path_factory.mktemp("tiny"))


def allowed(course: Course, **limits: object) -> float:
    assignment = course.assignment(NAME)
    changed = assignment.limits.model_copy(update=limits)
    part = assignment.model_copy(update={"limits": changed, "notebook": NAME})
    return cell_seconds(course, part)


def note(course: Course, text: str) -> None:
    part = course.assignment(NAME).model_copy(update={"notebook": NAME})
    path = verified_entry(course, part)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(
    ("longest", "seconds"), [(0.0, 20), (1.9, 20), (2.6, 26), (4.01, 41), (90, 120)]
)
def test_a_cell_may_take_ten_times_the_solutions_longest(
    longest: float, seconds: float, course: Course
) -> None:
    note(course, json.dumps({LONGEST: longest}))
    assert allowed(course, cell_seconds=120.0) == seconds
    assert allowed(course, cell_seconds=10.0) == 10
    assert allowed(course, cell_seconds=120.0, from_solution=False) == 120


@pytest.mark.parametrize(
    "text",
    ["{}", "[]", "{", '{"longest cell": null}', '{"longest cell": NaN}']
    + ['{"longest cell": -1}', '{"longest cell": "long"}'],
)
def test_without_a_measured_solution_it_is_what_is_declared(
    text: str, course: Course
) -> None:
    note(course, text)
    assert allowed(course, cell_seconds=120.0) == 120


def test_it_can_be_switched_off_in_course_yml(tmp_path: Path) -> None:
    root = make_course(tmp_path / "tiny").root
    file = root / "course.yml"
    limits = "limits: {cell_seconds: 30, from_solution: false,"
    file.write_text(file.read_text().replace("limits: {cell_seconds: 30,", limits))
    course = load_course(root)
    note(course, json.dumps({LONGEST: 0.1}))
    assert cell_seconds(course, course.assignment(NAME)) == 30


@pytest.mark.slow
def test_a_cell_is_stopped_there_and_told_why() -> None:
    busy = "import time\nwhile time.process_time() < {}: pass"
    cells = [busy.format(1.5), "while True: pass", "print(5)"]
    request = RunRequest(
        notebook=new_notebook(cells=[new_code_cell(cell) for cell in cells]),
        files={},
        data={},
        exports={},
        seed=0,
        limits=Limits(cell_seconds=60, submission_seconds=120),
        cell_seconds=4.0,
    )
    result = run(request)

    assert result.notebook.cells[2].outputs[0]["text"] == "5\n"
    assert result.notices == [
        "Cell 2 was stopped after 4 s of processor time. "
        "No cell of the solution takes a tenth of that."
    ]
    assert 3 < result.longest_cell < 12


@pytest.mark.slow
def test_time_and_memory_of_cells_are_measured() -> None:
    busy = "import time\nwhile time.process_time() < 2.5: pass"
    large = "held = b'x' * (150 * 2**20)\ntime.sleep(1)"
    sources = ("import math", busy, large, "del held")
    request = RunRequest(
        notebook=new_notebook(cells=[new_code_cell(source) for source in sources]),
        files={},
        data={},
        exports={},
        seed=0,
        limits=Limits(cell_seconds=60, submission_seconds=120),
    )
    result = run(request)
    assert 1 < result.longest_cell <= result.processor_seconds
    assert result.used is not None
    seconds = [use.seconds for use in result.used.cells.values()]
    assert seconds[1] == pytest.approx(result.longest_cell, abs=0.01)
    assert max(seconds[0], seconds[2], seconds[3]) < 0.8
    assert sum(seconds) <= result.used.whole.seconds + 0.05
    peaks = [use.peak_mb or 0 for use in result.used.cells.values()]
    assert peaks[1] > 0 and peaks[1] + 100 < peaks[2] <= peaks[3]
