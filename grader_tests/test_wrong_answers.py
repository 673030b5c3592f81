"""What the visible checks say to wrong answers, all of them run in one kernel.

The lessons see fewer images here, and networks train for two epochs.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from fairgrade.nbgrader_bridge.blanks import solution_only
from grader_tests import lessons
from grader_tests.wrong_answers import LESSONS, WRONG, Wrong

pytestmark = pytest.mark.slow  # a kernel that trains

#: The check below each gap, where it is not called after the gap.
CHECKS = {"one-hot": "train-labels-check", "save": "reload"}
#: What a gap needs to be run before it, besides the gaps above it.
BEFORE = {"fit": ("watch-fit",), "answers": ("probabilities",)}
#: The last gap for which a new network is made with each answer.
LAST_OF_A_NETWORK = "fit"
FEW = """
raw_train_images, train_images = raw_train_images[:1000], train_images[:1000]
raw_train_labels, train_labels = raw_train_labels[:1000], train_labels[:1000]
raw_test_labels = raw_test_labels[:500]
test_images, test_labels = test_images[:500], test_labels[:500]
checks.TRAINING_IMAGES, checks.ENOUGH_BATCHES = len(train_images), 60
"""
IMAGES, TESTS = 6000, 1000  # as preparing-data takes of them


def _cells(lesson: str) -> dict[str, str]:
    return {
        cell.metadata.nbgrader["grade_id"]: solution_only(cell.source)
        for cell in lessons.read(lesson).cells
        if cell.cell_type == "code"
    }


def _program(lesson: str) -> Iterator[tuple[str, Wrong | None]]:
    """Cells for a kernel that may have run other lessons; a check's with its case."""
    cells = _cells(lesson)
    cases = [wrong for wrong in WRONG if wrong.lesson == lesson]
    gaps = list(dict.fromkeys(wrong.gap for wrong in cases))
    yield f"import sys\nsys.path[0] = {str(lessons.folder(lesson))!r}", None
    yield "sys.modules.pop('checks', None)\n%reset -f", None
    for name in ("setup", "data", "load", "first"):
        if source := cells.get(name):
            # The first network is only looked at: a single epoch will do.
            source = source.replace("epochs=10", "epochs=1")
            yield source.replace("[:10_000]", "[:1000]"), None
    if lesson == "dense-network":
        yield FEW, None
    anew = "epochs" in cells  # that cell makes an empty network
    for wrong in cases:
        above = gaps[: gaps.index(wrong.gap)]
        if anew and LAST_OF_A_NETWORK not in above:
            yield cells["epochs"], None
            yield "epochs = 2", None
        elif wrong is not next(case for case in cases if case.gap == wrong.gap):
            above = []
        else:
            above = above[-1:]
        for gap in above:
            yield cells[gap].replace("epochs=20", "epochs=10"), None
        for name in BEFORE.get(wrong.gap, ()):
            if name in cells:
                yield cells[name], None
        yield wrong.answer, None
        yield cells[CHECKS.get(wrong.gap, f"{wrong.gap}-check")], wrong


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[Wrong, list[NotebookNode]]:
    """Wrong answer -> the cell with it, and the check's cell, both as they ended."""
    folder = tmp_path_factory.mktemp("wrong")
    with np.load(lessons.ROOT / "data" / "mnist.npz") as digits:
        few = {name: digits[name] for name in digits.files}
    for name in few:
        few[name] = few[name][: IMAGES if "train" in name else TESTS]
    np.savez(folder / "mnist.npz", **few)
    program = [step for lesson in LESSONS for step in _program(lesson)]
    notebook = new_notebook(
        cells=[new_code_cell(source) for source, _ in program],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    client = NotebookClient(
        notebook,
        timeout=600,
        allow_errors=True,
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute(env=_environment(folder))
    return {
        wrong: notebook.cells[place - 1 : place + 1]
        for place, (_, wrong) in enumerate(program)
        if wrong is not None
    }


def _environment(folder: Path) -> dict[str, str]:
    settings = {"FAIRGRADE_DATA": str(folder), "MPLBACKEND": "agg"}
    return {**os.environ, **settings, **lessons.ONE_THREAD}


def _error(cell: NotebookNode) -> NotebookNode | None:
    return next((o for o in cell.outputs if o.output_type == "error"), None)


def plain(output: NotebookNode) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(output.traceback))


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_the_check_says_what_is_wrong_and_passes_what_is_right(
    wrong: Wrong, said: dict[Wrong, list[NotebookNode]]
) -> None:
    answer, check = said[wrong]
    error = _error(check)
    if not wrong.told:
        assert error is None and _error(answer) is None, error and plain(error)
        return
    assert error is not None, [o.get("text") for o in check.outputs]
    message = " ".join(plain(error).split())
    for words in wrong.told:
        assert words in message
    if error.ename == "CheckFailed":
        parts = dict(re.findall(r"(expected|found): +(.*)", error.evalue))
        assert parts["expected"] != parts["found"]
    _is_short(answer, check)


def _is_short(answer: NotebookNode, check: NotebookNode) -> None:
    """The check shows its message alone; the answer's cell no page of a traceback."""
    error, own = _error(check), _error(answer)
    assert error is not None
    lines = plain(error).splitlines()
    assert len(lines) <= 12 and "Traceback" not in lines[0] and "checks.py" not in lines
    assert max(map(len, lines)) <= 79
    if own is not None:
        assert len(plain(own).splitlines()) <= 25
    assert len(json.dumps(answer.outputs)) < 8_000


def test_the_table_has_all_lessons() -> None:
    assert len([wrong for wrong in WRONG if wrong.told]) >= 60
    assert {wrong.lesson for wrong in WRONG} == set(LESSONS)
