"""Whatever is handed in or put out is taken or refused, and shown; nothing breaks."""

from __future__ import annotations

import copy
import json
import tempfile
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook

from bounded import nested, run_record, run_request
from fairgrade.cache.records import may_be_shown
from fairgrade.course.course import Assignment, Limits, load_course
from fairgrade.feedback.formgrader import SafeNotebook
from fairgrade.feedback.notebook import blocks_of
from fairgrade.feedback.results import results_of
from fairgrade.inside.outputs import Outputs
from fairgrade.intake import check_submission
from fairgrade.nbgrader_bridge.regions import Regions
from fairgrade.plan.program import run_keys
from fairgrade.protocol.frames import Kind, write_frame
from fairgrade.protocol.kept_outputs import (
    whole,
)
from fairgrade.run.collector import Collector

ROOT = Path(__file__).parents[1]
MANY = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

#: Text with what no encoding can write, what terminals obey, and long numbers.
TEXT = st.one_of(
    st.text(max_size=40),
    st.text(st.characters(categories=["Cs", "Cc", "Lu"]), max_size=10),
    st.sampled_from(
        [
            "\ud800",
            "!true\n" * 600,
            "In[" + "1" * 5_000 + "]",
            "Cell In[" + "1" * 5_000 + "], line 1",
            "Cell In[1], line 1\n----> 1 x",
            "x = " + "(" * 300,
            "x = 1" + " + 1" * 3_000,
            "-" * 5_000 + "1",
            "\n " * 3_000,
            "%%bash\nls",
            "x?",
            "# ### END HIDDEN TESTS",
            "[" * 3_000,
            "\x1b[2J\r\b",
            "__import__('os')",
        ]
    ),
)
SCALAR = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), TEXT, st.just(10**400)
)
JSON = st.recursive(
    SCALAR,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(TEXT, inner, max_size=4)
    ),
    max_leaves=12,
)


FORMS = st.dictionaries(
    st.one_of(
        TEXT,
        st.sampled_from(
            ["text/plain", "image/png", "application/json", "application/x+json"]
        ),
    ),
    st.one_of(JSON, st.just(nested(150))),
    max_size=4,
)
OUTPUT = st.one_of(
    JSON,
    st.fixed_dictionaries(
        {"output_type": st.just("stream"), "name": TEXT, "text": st.one_of(TEXT, JSON)}
    ),
    st.fixed_dictionaries(
        {
            "output_type": st.sampled_from(["display_data", "execute_result"]),
            "data": FORMS,
            "metadata": st.one_of(JSON, FORMS),
            "execution_count": JSON,
        }
    ),
    st.fixed_dictionaries(
        {
            "output_type": st.just("error"),
            "ename": TEXT,
            "evalue": TEXT,
            "traceback": st.lists(TEXT, max_size=4),
        }
    ),
)
CELL = st.one_of(
    JSON,
    st.fixed_dictionaries(
        {
            "cell_type": st.one_of(st.sampled_from(["code", "markdown", "raw"]), JSON),
            "source": st.one_of(TEXT, st.lists(TEXT, max_size=3), JSON),
            "metadata": st.one_of(
                st.fixed_dictionaries(
                    {
                        "nbgrader": st.fixed_dictionaries(
                            {
                                "grade_id": st.one_of(
                                    st.sampled_from(["scale", "scale-test"]), JSON
                                )
                            }
                        )
                    }
                ),
                JSON,
            ),
        },
        optional={
            "outputs": st.lists(OUTPUT, max_size=3),
            "execution_count": JSON,
            "attachments": st.one_of(JSON, st.dictionaries(TEXT, FORMS, max_size=3)),
        },
    ),
)
NOTEBOOK = st.one_of(
    JSON,
    st.fixed_dictionaries(
        {
            "nbformat": st.one_of(st.sampled_from([3, 4]), JSON),
            "cells": st.one_of(st.lists(CELL, max_size=5), JSON),
        },
        optional={"metadata": JSON, "nbformat_minor": JSON, "worksheets": JSON},
    ),
)


def _released() -> nbformat.NotebookNode:
    cells = [new_code_cell("scale = None", id="a"), new_code_cell("1 / scale", id="b")]
    for cell, name, locked in zip(
        cells, ("scale", "scale-test"), (False, True), strict=True
    ):
        cell.metadata.nbgrader = {
            "grade_id": name,
            "grade": locked,
            "solution": not locked,
            "locked": locked,
            "points": 1,
            "schema_version": 3,
            "task": False,
        }
    return new_notebook(cells=cells)


@pytest.fixture(scope="module")
def assignment() -> Assignment:
    return load_course(ROOT).assignments[0]


def _page(notebook: nbformat.NotebookNode) -> None:
    """What feedback, the report and formgrader do with a graded notebook."""
    text = nbformat.writes(notebook)
    text.encode()  # as it is written to disk
    again = nbformat.reads(text, as_version=4)
    nbformat.validate(again)
    regions = Regions.of()
    blocks_of(again, regions)
    results_of(again, regions)
    SafeNotebook().preprocess(copy.deepcopy(again), {})


@MANY
@given(handed_in=NOTEBOOK)
def test_any_notebook_is_taken_or_refused(
    assignment: Assignment, handed_in: Any
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "s", assignment.name, f"{assignment.name}.ipynb")
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(handed_in))
        intake = check_submission(path.parent, assignment, _released())
    if intake.notebook is None:
        assert intake.refusal
        return
    assert "could not be read" not in (intake.refusal or "")
    run_keys(run_request(intake.notebook), isolation="full", environment="e")
    _page(intake.notebook)


@MANY
@given(sources=st.lists(TEXT, min_size=1, max_size=4), outputs=st.lists(OUTPUT))
def test_any_outputs_are_kept_shared_or_not_and_shown(
    sources: list[str], outputs: list[Any]
) -> None:
    cells = [new_code_cell(whole(source)) for source in sources]
    notebook = new_notebook(cells=cells)
    with tempfile.TemporaryFile() as file:
        body = json.dumps(outputs).encode()
        write_frame(file.fileno(), Kind.OUTPUTS, body, cell=0, execution_count=1)
        file.seek(0)
        Collector(notebook, Limits(), ()).take(file.read())
    found = notebook.cells[0].outputs
    record = run_record(notebook.cells[0].source, [dict(output) for output in found])
    other = copy.deepcopy(notebook)
    other.cells[0].source += "\n# another comment"
    if may_be_shown(record, other):
        _page(record.notebook(other))
    _page(notebook)


@MANY
@given(
    messages=st.lists(
        st.tuples(
            st.sampled_from(
                ["stream", "display_data", "execute_result", "error", "clear_output"]
            ),
            st.one_of(FORMS, st.fixed_dictionaries({"data": FORMS, "text": TEXT})),
        ),
        max_size=6,
    )
)
def test_a_kernel_may_send_anything(messages: list[tuple[str, dict]]) -> None:
    outputs = Outputs(10_000)
    for kind, content in messages:
        outputs.take(kind, content)
    json.dumps(outputs.items).encode()
