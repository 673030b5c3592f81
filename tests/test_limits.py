"""Any notebook ends in a result or a named failure, and in no more than its share."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from fairgrade.cache.records import RunRecord, may_be_shown
from fairgrade.course.course import Assignment, Limits, load_course
from fairgrade.feedback.formgrader import SafeNotebook
from fairgrade.feedback.notebook import MAX_FORMATTED, MAX_PICTURES, blocks_of
from fairgrade.feedback.results import results_of
from fairgrade.files import folder_digest
from fairgrade.inside.outputs import Outputs
from fairgrade.intake import check_submission
from fairgrade.nbgrader_bridge.regions import Regions
from fairgrade.plan.cells import MAX_PROGRAM
from fairgrade.plan.program import run_keys
from fairgrade.protocol.frames import FrameError, FrameReader, Kind, write_frame
from fairgrade.protocol.kept import (
    MAX_ALL_OUTPUTS,
    MAX_DEPTH,
    MAX_FORMS,
    MAX_OUTPUTS,
    MAX_VALUES,
    whole,
)
from fairgrade.run.collector import Collector
from fairgrade.run.request import RunRequest

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


def _deep(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = {"a": [value]}
    return value


FORMS = st.dictionaries(
    st.one_of(
        TEXT,
        st.sampled_from(
            ["text/plain", "image/png", "application/json", "application/x+json"]
        ),
    ),
    st.one_of(JSON, st.just(_deep(150))),
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


def _request(notebook: nbformat.NotebookNode) -> RunRequest:
    return RunRequest(notebook, {}, {}, {}, 0, Limits())


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
    run_keys(_request(intake.notebook), isolation="full", environment="e")
    _page(intake.notebook)


def _record(source: str, outputs: list[dict[str, Any]]) -> RunRecord:
    """A run of a notebook of one cell."""
    cell = {"source": source, "outputs": outputs, "execution_count": 1}
    return RunRecord(
        owner="ada",
        cells={"0": cell},
        last={},
        places={},
        notices=[],
        isolation="full",
    )


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
    record = _record(notebook.cells[0].source, [dict(output) for output in found])
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


def _taken(outputs: list[dict[str, Any]], cells: int = 1) -> nbformat.NotebookNode:
    notebook = new_notebook(cells=[new_code_cell("x") for _ in range(cells)])
    collector = Collector(notebook, Limits(output_mb=16), ())
    for index in range(cells):
        with tempfile.TemporaryFile() as file:
            body = json.dumps(outputs).encode()
            write_frame(file.fileno(), Kind.OUTPUTS, body, cell=index)
            file.seek(0)
            collector.take(file.read())
    return notebook


def _display(**data: Any) -> dict[str, Any]:
    forms = {name.replace("_", "/"): value for name, value in data.items()}
    return {"output_type": "display_data", "data": forms, "metadata": {}}


def test_outputs_are_so_many_and_an_error_at_the_end_stays() -> None:
    error = {"output_type": "error", "ename": "E", "evalue": "", "traceback": []}
    many = [_display(text_plain="x")] * (3 * MAX_OUTPUTS)
    (cell,) = _taken([*many, error]).cells
    assert len(cell.outputs) == MAX_OUTPUTS + 1
    assert cell.outputs[-1].ename == "E"
    cells = _taken(many, cells=10).cells
    assert sum(len(cell.outputs) for cell in cells) == MAX_ALL_OUTPUTS

    outputs = Outputs(2**20)
    for _ in range(3 * MAX_OUTPUTS):
        outputs.take("display_data", {"data": {"text/plain": "x"}})
    outputs.take("error", error)
    assert len(outputs.items) == MAX_OUTPUTS + 1 and outputs.dropped == 2 * MAX_OUTPUTS


def test_an_output_has_so_many_forms_levels_and_values() -> None:
    (cell,) = _taken(
        [
            _display(**{f"a_{i}": "x" for i in range(1_000)}),
            _display(application_json=_deep(MAX_DEPTH), text_plain="x"),
            _display(application_json=[1] * 2 * MAX_VALUES),
            _display(application_json={"a": [1, "x"]}, text_plain="\ud800"),
        ]
    ).cells
    forms, deep, large, fine = cell.outputs
    assert len(forms.data) == MAX_FORMS
    assert set(deep.data) == {"text/plain"}
    assert "left out" in large.data["text/plain"]
    assert fine.data == {"application/json": {"a": [1, "x"]}, "text/plain": "\ufffd"}


def test_frames_are_so_many() -> None:
    with tempfile.TemporaryFile() as file:
        write_frame(file.fileno(), Kind.NOTICE, text="x")
        file.seek(0)
        frame = file.read()
    reader = FrameReader(100)
    with pytest.raises(FrameError, match="frames"):
        reader.feed(frame * 200_000)


@pytest.mark.parametrize(
    "source",
    [
        "x = [" + "1," * MAX_PROGRAM + "]",
        "!true\n" * 10_000,
        "x = 1  # " + "c" * MAX_PROGRAM,
    ],
)
def test_what_is_no_program_or_too_long_has_the_key_of_its_text(source: str) -> None:
    keys = [
        run_keys(
            _request(new_notebook(cells=[new_code_cell(text)])),
            isolation="full",
            environment="e",
        )
        for text in (source, source + "\n")
    ]
    assert keys[0].program != keys[1].program


def test_many_lines_are_not_looked_for_in_much_output() -> None:
    comments = "".join(f"# comment {i}\n" for i in range(5_000))
    output = {"output_type": "stream", "name": "stdout", "text": "y" * 100_000}
    record = _record(comments + "x = 1", [output])
    assert not may_be_shown(record, new_notebook(cells=[new_code_cell("x = 1")]))
    same = new_notebook(cells=[new_code_cell(comments + "x = 1")])
    assert may_be_shown(record, same)


def test_a_page_formats_so_much_and_shows_so_many_pictures() -> None:
    pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="  # noqa: E501
    code = "x = 1\n" * 6_000
    cells = [new_code_cell(code) for _ in range(MAX_FORMATTED // len(code) + 3)]
    picture = _display(image_png=pixel)
    pictures = [nbformat.from_dict(picture) for _ in range(25)]
    cells += [new_code_cell("x", outputs=copy.deepcopy(pictures)) for _ in range(2)]
    text = new_markdown_cell("![p](attachment:a.png)" * 400)
    text.attachments = {"a.png": {"image/png": pixel}}
    cells.append(text)
    blocks = blocks_of(new_notebook(cells=cells), Regions.of())
    assert "<span" in blocks[0].html and "<span" not in blocks[-5].html
    shown = [o for block in blocks for o in block.outputs if o.kind == "picture"]
    assert len(shown) == MAX_PICTURES
    assert blocks[-1].html.count("<img") <= 1


def test_files_beyond_the_bound_are_not_read(tmp_path: Path) -> None:
    folder = tmp_path / "s" / "a"
    folder.mkdir(parents=True)
    big = folder / "big.bin"
    with big.open("wb") as file:
        file.truncate(20 * 2**30)
    before = folder_digest(folder)
    with big.open("r+b") as file:
        file.truncate(20 * 2**30 + 1)
    assert folder_digest(folder) != before
    place = folder
    for _ in range(1_500):  # deeper than Python may recurse
        place = place / "d"
        try:
            place.mkdir()
        except OSError:
            break
    folder_digest(folder)
    subprocess.run(["rm", "-rf", folder], check=True)  # pytest's way recurses


@pytest.mark.slow
@pytest.mark.parametrize(
    "work",
    [
        # blank lines, with and without a space
        "programs.may_take_long(nb('x' + '\\n' * 10**6))",
        "sanitise.code_html('\\n ' * 10**5)",
        "sanitise.code_html('    \\n\\t' * 10**5)",
        "sanitise.terminal_text('\\x1b[' * 10**7)",
    ],
)
def test_long_texts_take_linear_time(work: str) -> None:
    """By the square of their length these would take minutes or years."""
    program = (
        "import resource; resource.setrlimit(resource.RLIMIT_CPU, (60, 60))\n"
        "from fairgrade.plan import cells as programs\n"
        "from fairgrade.feedback import sanitise\n"
        "from nbformat.v4 import new_code_cell as c, new_notebook as n\n"
        "nb = lambda text: n(cells=[c(text)])\n" + work
    )
    done = subprocess.run([sys.executable, "-c", program], check=False)
    assert done.returncode == 0
