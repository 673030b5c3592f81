"""Names are judged as they stand where their test stands, as under stock nbgrader."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

import tiny
from fairgrade.course.course import Limits
from fairgrade.grading.autograde import autograde
from fairgrade.inside.outbox import Outbox
from fairgrade.judge.handoff import read_handoff
from fairgrade.protocol.exports import files_at
from fairgrade.run.request import RunRequest, RunResult
from fairgrade.run.run import run

pytestmark = pytest.mark.slow
DECLARED = {"x": "value", "values": "array"}
#: A test cell, as it is when its hidden tests are taken out.
TEST = "# The test of this answer."
#: Its export ends the kernel.
ODD = "class Odd:\n    def __array__(self):\n        import os; os._exit(1)\n"


def ran(
    *sources: str, tests: Sequence[int] = (), given: Sequence[int] = (), **limits: Any
) -> RunResult:
    """Run cells; those at `tests` are tests, at `given` the course's, others own."""
    cells = []
    for index, source in enumerate(sources):
        cell = new_code_cell(source)
        if index in tests or index in given:
            own = {"grade_id": f"t{index}", "grade": index in tests, "solution": False}
            cell.metadata.nbgrader = {**own, "locked": True, "points": 1}
        cells.append(cell)
    limits = {"cell_seconds": 20, "submission_seconds": 60, "memory_mb": 512} | limits
    request = RunRequest(
        new_notebook(cells=cells), {}, {}, DECLARED, 0, Limits(**limits)
    )
    return run(request)


def seen(result: RunResult, test: int) -> dict[str, Any]:
    """What the test at this index finds: values, or why there is none."""
    exports = result.exports
    files = files_at(f"t{test}", None, exports.last, exports.places)
    content = {file: exports.content[digest] for file, digest in files.items()}
    handoff = read_handoff(content, DECLARED, max_bytes=2**30)
    return handoff.values() | handoff.refusals


def test_a_name_is_seen_as_it_stands_at_each_test() -> None:
    result = ran(
        *("x = 1", "x += 1", TEST, TEST, "x = 'mine'", TEST, "del x", TEST, "x = 5"),
        tests=(2, 3, 5, 7),
    )
    assert [seen(result, test) for test in (2, 3, 5, 7)] == [
        *({"x": 2}, {"x": 2}, {"x": "mine"}, {}),
    ]


def test_a_visible_check_of_the_test_itself_comes_after_its_place() -> None:
    rebinds = "x = round(x)\nassert x == 3"
    result = ran("x = 2.7", rebinds, "x += 1", TEST, tests=(1, 3))
    assert (seen(result, 1), seen(result, 3)) == ({"x": 2.7}, {"x": 4})


def test_given_cells_between_an_answer_and_its_test_count() -> None:
    result = ran("x = 1", "x = x * 10", "", tests=(2,), given=(1,))
    assert seen(result, 2) == {"x": 10}


def test_values_changed_in_place_are_seen_before_and_after() -> None:
    result = ran(
        "import numpy as np\nvalues = np.arange(3)",
        *(TEST, "values *= 0", TEST, "values += np.arange(3)", TEST),
        tests=(1, 3, 5),
    )
    found = [seen(result, test)["values"].tolist() for test in (1, 3, 5)]
    assert found == [[0, 1, 2], [0, 0, 0], [0, 1, 2]]
    assert result.exports.places["t1"] == result.exports.places["t5"]
    assert len(result.exports.content) == 3  # a document, and two states


@pytest.mark.parametrize(
    "end",
    [
        "%reset -f",
        "raise SystemExit",
        "import os\nos._exit(1)",
        "while True: pass",
        ODD + "x = Odd()",
        "values = [bytearray(2**24) for _ in range(99)]",
    ],
)
def test_nothing_after_the_last_test_takes_anything_away(end: str) -> None:
    result = ran("x = 1", TEST, end, "x = 2", tests=(1,), cell_seconds=3)
    assert seen(result, 1) == {"x": 1}


def test_work_before_a_crash_counts_at_places_never_reached() -> None:
    result = ran("x = 1", "import os\nx = 2\nos._exit(1)", TEST, "x = 3", tests=(2,))
    assert seen(result, 2) == {"x": 1}
    assert result.exports.places == {}


def test_a_name_of_the_same_export_as_a_crash_counts_as_well() -> None:
    result = ran("x = 1", ODD + "x = 2\nvalues = Odd()", TEST, tests=(2,))
    assert seen(result, 2) == {"x": 2}
    assert result.outcome == "killed"


def test_all_places_together_may_hand_over_so_much() -> None:
    fill = "import numpy as np\nvalues = np.full(75_000, {})"  # 0.57 MiB
    result = ran(
        *("x = 1", fill.format(1), TEST, fill.format(2), TEST, fill.format(1)),
        *("x = 2", TEST),
        tests=(2, 4, 7),
        export_mb=1,
    )
    assert seen(result, 2)["values"][0] == 1
    assert seen(result, 4) == {
        "x": 1,
        "values": "values was not handed over, for it is too large: "
        "all results together may have 1 MiB.",
    }
    assert seen(result, 7)["x"] == 2
    assert seen(result, 7)["values"][0] == 1  # what is known already costs nothing
    assert result.notices == [
        "values was too large to be handed over: all results together may have 1 MiB."
    ]


def test_files_that_nobody_asked_for_stay_inside() -> None:
    litter = "for n in range(20_000):\n    open(f'/out/{n}', 'w').close()\n"
    litter += "for n in range(5000):\n    open(f'/out/values.{n}.npy', 'w').close()\n"
    result = ran(litter + "x = 1", TEST, tests=(1,), submission_seconds=120)
    assert seen(result, 1) == {"x": 1}
    assert list(result.exports.last) == ["x.json"]


def test_the_outbox_follows_no_link_and_reads_no_endless_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "x.json").symlink_to(tmp_path / "secret")
    with (tmp_path / "values.json").open("wb") as file:
        file.truncate(2**40)
    outbox, sent = Outbox(str(tmp_path), DECLARED, 1), []
    outbox.take(lambda _, data: sent.append(data))
    assert list(outbox.files) == ["values.json"] and outbox.refused == ["values"]
    assert len(sent) == 1 and b"too large" in sent[0]


def test_content_of_equal_values_is_sent_once(tmp_path: Path) -> None:
    outbox, sent = Outbox(str(tmp_path), DECLARED, 1), []

    def take(text: str) -> None:
        (tmp_path / "x.json").write_text(text)
        outbox.take(lambda _, data: sent.append(data))

    for text in ("one", "one", "two", "one"):
        take(text)
    assert sent == [b"one", b"two", b"one"]  # forgotten: it stood at no place
    outbox.place()
    take("two")
    take("one")
    assert sent[3:] == [b"two"]


def test_a_class_is_graded_at_each_tests_place(tmp_path: Path) -> None:
    course = tiny.make_course(tmp_path / "course")
    tiny.hand_in(course, dict.fromkeys(("ada", "ben", "cleo"), "doubled = 2 * n"))
    for student, after, own in (
        ("ada", 2, "doubled = 'used again'"),
        ("ben", 1, "doubled = 'used before its test'"),
        ("cleo", 1, "del doubled"),
    ):
        path = course.root / "submitted" / student / tiny.NAME / f"{tiny.NAME}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        notebook.cells.insert(after + 1, new_code_cell(own))
        nbformat.write(notebook, path)
    (course.root / "roster.csv").write_text("id\nada\nben\ncleo\n")
    grades = list(autograde(course, course.assignment(tiny.NAME)))
    assert {grade.student: grade.score for grade in grades} == {
        **{"ada": 3, "ben": 0, "cleo": 0}
    }
