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
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from bounded import nested, run_record, run_request
from fairgrade.cache.records import may_be_shown
from fairgrade.course.course import Limits
from fairgrade.feedback.notebook import MAX_FORMATTED, MAX_PICTURES, blocks_of
from fairgrade.files import folder_digest
from fairgrade.inside.outputs import Outputs
from fairgrade.nbgrader_bridge.regions import Regions
from fairgrade.plan.cells import MAX_PROGRAM
from fairgrade.plan.program import run_keys
from fairgrade.protocol.frames import FrameError, FrameReader, Kind, write_frame
from fairgrade.protocol.kept_outputs import (
    MAX_ALL_OUTPUTS,
    MAX_DEPTH,
    MAX_FORMS,
    MAX_OUTPUTS,
    MAX_VALUES,
)
from fairgrade.run.collector import Collector


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
            _display(application_json=nested(MAX_DEPTH), text_plain="x"),
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
            run_request(new_notebook(cells=[new_code_cell(text)])),
            isolation="full",
            environment="e",
        )
        for text in (source, source + "\n")
    ]
    assert keys[0].program != keys[1].program


def test_many_lines_are_not_looked_for_in_much_output() -> None:
    comments = "".join(f"# comment {i}\n" for i in range(5_000))
    output = {"output_type": "stream", "name": "stdout", "text": "y" * 100_000}
    record = run_record(comments + "x = 1", [output])
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
