"""What students hand in of each kind, in any size, and what is done with it outside.

A stage's work imports what it needs itself, so that what is measured is that stage.
"""

from __future__ import annotations

import contextlib
import functools
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

Handle = Callable[[], object]
#: stage -> kind of input -> (least size, what makes the work for a size)
STAGES: dict[str, dict[str, tuple[int, Callable[[int], Handle]]]] = {}


def kind(
    stage: str, name: str, least: int
) -> Callable[[Callable[[int], Handle]], Callable[[int], Handle]]:
    """Add a kind of input to a stage; the function prepares what is then measured."""

    def keep(make: Callable[[int], Handle]) -> Callable[[int], Handle]:
        STAGES.setdefault(stage, {})[name] = (least, make)
        return make

    return keep


def _add(stage: str, least: int, make: Callable[[Any], Handle], **inputs: Any) -> None:
    """Several kinds of one stage: a text is repeated, a function is called."""
    for name, piece in inputs.items():

        def of(size: int, piece: Any = piece) -> Handle:
            if callable(piece):
                return make(piece(size))
            return make(piece * (size // len(piece)))

        kind(stage, name.replace("_", " "), least)(of)


def _notebook(*cells: dict[str, Any]) -> dict[str, Any]:
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def _cell(source: str, **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "source": source, **more}


def _folder(folder: Path, size: int) -> Handle:
    from fairgrade.files import folder_digest

    root = Path(tempfile.mkdtemp(dir=folder))
    for number in range(size):
        (root / f"f{number}").write_text("x")
    return lambda: folder_digest(root)


def _sparse(folder: Path, size: int) -> Handle:
    from fairgrade.files import folder_digest

    root = Path(tempfile.mkdtemp(dir=folder))
    with (root / "big").open("wb") as file:
        file.truncate(size * 2**20)
    return lambda: folder_digest(root)


def _intake(folder: Path, text: str) -> Handle:
    from fairgrade.errors import IntakeError
    from fairgrade.intake.read import read_cells

    path = Path(tempfile.mkdtemp(dir=folder), "n.ipynb")
    path.write_text(text)

    def read() -> None:
        with contextlib.suppress(IntakeError):
            read_cells(path)

    return read


def _program(source: str) -> Handle:
    from nbformat.v4 import new_code_cell, new_notebook

    from fairgrade.course.course import Limits
    from fairgrade.plan.cells import may_take_long
    from fairgrade.plan.program import run_keys
    from fairgrade.run.request import RunRequest

    notebook = new_notebook(cells=[new_code_cell(source)])
    request = RunRequest(notebook, {}, {}, {}, 0, Limits())

    def keys() -> None:
        run_keys(request, isolation="full", environment="")
        may_take_long(notebook)

    return keys


def _outputs(outputs: list[dict[str, Any]]) -> Handle:
    from nbformat.v4 import new_code_cell, new_notebook

    from fairgrade.course.course import Limits
    from fairgrade.protocol.frames import FrameError, Kind, write_frame
    from fairgrade.run.collector import Collector

    with tempfile.TemporaryFile() as file:
        body = json.dumps(outputs).encode()
        write_frame(file.fileno(), Kind.OUTPUTS, body, cell=0, execution_count=1)
        file.seek(0)
        data = file.read()

    def take() -> None:
        notebook = new_notebook(cells=[new_code_cell("x")])
        with contextlib.suppress(FrameError):
            Collector(notebook, Limits(), ()).take(data)

    return take


def _sharing(given: tuple[str, str, list[dict[str, Any]]]) -> Handle:
    from nbformat.v4 import new_code_cell, new_notebook

    from fairgrade.cache.shared_outputs import outputs_for

    ran, other, outputs = given
    cells = {"0": {"source": ran, "outputs": outputs, "execution_count": 1}}
    notebook = new_notebook(cells=[new_code_cell(other)])
    return lambda: outputs_for(cells, [], notebook)


def _page(cells: list[dict[str, Any]]) -> Handle:
    import nbformat

    from fairgrade.feedback.notebook import blocks_of
    from fairgrade.feedback.points_lost import causes_of
    from fairgrade.feedback.results import results_of
    from fairgrade.nbgrader_bridge.regions import Regions

    whole = [
        {"outputs": [], "execution_count": None, "id": f"c{n}", **cell}
        if cell["cell_type"] == "code"
        else {"id": f"c{n}", **cell}
        for n, cell in enumerate(cells)
    ]
    notebook = nbformat.from_dict(_notebook(*whole))

    def page() -> None:
        regions = Regions.of()
        blocks_of(notebook, regions)
        causes_of(notebook, results_of(notebook, regions), {})

    return page


def _stream(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def _shown(**data: Any) -> dict[str, Any]:
    forms = {name.replace("_", "/"): value for name, value in data.items()}
    return {"output_type": "display_data", "data": forms, "metadata": {}}


def _nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


def _one(source: str) -> list[dict[str, Any]]:
    return [_cell(source)]


def _prose(text: str) -> list[dict[str, Any]]:
    return [{"cell_type": "markdown", "metadata": {}, "source": text}]


def _printed(text: str) -> list[dict[str, Any]]:
    return [_cell("x", outputs=[_stream(text)])]


def fill(folder: Path) -> None:
    """Put every kind of input into STAGES.

    Args:
        folder: where files are written for it; it is the caller's to remove.
    """
    kind("folder", "files", 1_000)(functools.partial(_folder, folder))
    kind("folder", "MiB of one sparse file", 128)(functools.partial(_sparse, folder))
    _add(
        "intake",
        100_000,
        functools.partial(_intake, folder),
        brackets="[]",
        open_brackets="[",
        quotes='"',
        spaces=" ",
        blank_lines="\n",
        cells=lambda n: json.dumps(_notebook(*[_cell("x")] * (n // 60))),
        own_text=lambda n: json.dumps(_notebook(_cell("x = 1\n" * (n // 6)))),
        old_format=lambda n: json.dumps(
            {
                "nbformat": 3,
                "nbformat_minor": 0,
                "metadata": {},
                "worksheets": [
                    {
                        "cells": [
                            {"cell_type": "code", "input": "x", "outputs": []},
                        ]
                        * (n // 60)
                    }
                ],
            }
        ),
    )
    _add(
        "plan",
        25_000,
        _program,
        lines="x = 1\n",
        blank_lines="\n",
        blank_lines_with_a_space="\n ",
        literal=lambda n: "x = [" + "1," * (n // 2) + "]",
        open_brackets="(",
        operators=lambda n: "x = 1" + "+1" * (n // 2),
        minus="-",
        shell_lines="!true\n",
        questions=lambda n: "a" * n + " ?",
        one_text=lambda n: "x = '" + "__a" * (n // 3) + "'",
    )
    _add(
        "outputs",
        100_000,
        _outputs,
        text=lambda n: [_stream("x" * n)],
        displays=lambda n: [_shown(text_plain="x")] * (n // 70),
        forms=lambda n: [_shown(**{f"a_{i}": "x" for i in range(n // 15)})],
        nested=lambda n: [_shown(application_json=_nested(min(n // 400, 900)))],
        values=lambda n: [_shown(application_json=[1] * (n // 3))],
        half_a_sign=lambda n: [_stream("\ud800" * (n // 6))],
        traceback=lambda n: [
            {
                "output_type": "error",
                "ename": "E",
                "evalue": "",
                "traceback": ["x"] * (n // 5),
            }
        ],
    )
    _add(
        "sharing",
        25_000,
        _sharing,
        comments_and_output=lambda n: (
            "x = 1\n" + "".join(f"# comment {i}\n" for i in range(n // 14)),
            "x = 1",
            [_stream("y" * n)],
        ),
        frames=lambda n: (
            "x = 1",
            "x = 1 # mine",
            [
                {
                    "output_type": "error",
                    "ename": "E",
                    "evalue": "",
                    "traceback": ["Cell In[1], line 1\n"] * (n // 20),
                }
            ],
        ),
        digits=lambda n: ("x = 1", "x = 1 # a", [_stream("In[" + "1" * n + "]")]),
        cell_names=lambda n: ("x = 1", "x = 1 # a", [_stream("In[2] " * (n // 6))]),
    )
    _add(
        "feedback",
        10_000,
        lambda given: _page(_one(given) if isinstance(given, str) else given),
        code="x = f(1, 'a')\n",
        blank_lines_with_a_space="\n ",
        spaces=" ",
        quotes='"',
        open_brackets="(",
        many_cells=lambda n: [_cell("x = 1")] * (n // 6),
        markdown=lambda n: _prose("*a* [b](http://c) " * (n // 18)),
        open_links=lambda n: _prose("[" * n),
        stars=lambda n: _prose("*a **b" * (n // 6)),
        table=lambda n: _prose("|a|b\n|-|-\n" + "|1|2\n" * (n // 5)),
        many_texts=lambda n: _prose("*a* `b`") * (n // 7),
        escapes=lambda n: _printed("\x1b[" * (n // 2)),
        backspaces=lambda n: _printed("a\b" * (n // 2)),
        carriage_returns=lambda n: _printed("a\r" * (n // 2)),
        outputs=lambda n: [_cell("x", outputs=[_stream("a")] * (n // 10))],
        many_outputs=lambda n: (
            [_cell("x", outputs=[_shown(text_plain="a" * 5_000)] * 20)] * (n // 1_000)
        ),
    )
