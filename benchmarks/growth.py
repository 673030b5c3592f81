"""How time and memory grow with what a student hands in: `python benchmarks/growth.py`.

For each stage outside the sandbox and each kind of input, the input is doubled some
times; each size is handled in a process of its own. A factor of 2 a doubling is linear.
A factor of 1 is a bound: beyond it nothing more is read. Writes docs/limits.md.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "limits.md"
DOUBLINGS = 4
#: The most that one size may take, s of processor time; then it is called endless.
MOST_SECONDS = 60
#: Times below this say nothing about growth, s.
_NOISE = 0.02

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


def _folder(size: int) -> Handle:
    from fairgrade.files import folder_digest

    root = Path(tempfile.mkdtemp(dir=_TEMPORARY))
    for number in range(size):
        (root / f"f{number}").write_text("x")
    return lambda: folder_digest(root)


def _sparse(size: int) -> Handle:
    from fairgrade.files import folder_digest

    root = Path(tempfile.mkdtemp(dir=_TEMPORARY))
    with (root / "big").open("wb") as file:
        file.truncate(size * 2**20)
    return lambda: folder_digest(root)


def _intake(text: str) -> Handle:
    from fairgrade.errors import IntakeError
    from fairgrade.intake.read import read_cells

    path = Path(tempfile.mkdtemp(dir=_TEMPORARY), "n.ipynb")
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

    from fairgrade.cache.sharing import outputs_for

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


def _fill() -> None:
    kind("folder", "files", 1_000)(_folder)
    kind("folder", "MiB of one sparse file", 128)(_sparse)
    _add(
        "intake",
        100_000,
        _intake,
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


def measured(stage: str, name: str, size: int) -> dict[str, float] | None:
    """Seconds of processor time and MiB of one size, in a process of its own.

    Returns:
        None where it took more than MOST_SECONDS, or more memory than there is.
    """
    make = STAGES[stage][name][1]
    make(20)()  # so that what is imported on the way does not count
    gc.collect()
    gc.freeze()
    ours, theirs = os.pipe()
    if os.fork() == 0:
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
            os.write(theirs, json.dumps(_measured_here(make(size))).encode())
        finally:
            os._exit(0)
    os.close(theirs)
    with os.fdopen(ours) as pipe:
        said = pipe.read()
    os.wait()
    return json.loads(said) if said else None


def _measured_here(handle: Handle) -> dict[str, float]:
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    before = _status("VmRSS")
    started = time.process_time()
    handle()
    seconds = time.process_time() - started
    return {"seconds": seconds, "mb": (_status("VmHWM") - before) / 1024}


def _status(name: str) -> int:
    """A line of this process's status, KiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1])


def _rows(doublings: int) -> Iterator[list[str]]:
    for stage, kinds in STAGES.items():
        for name, (least, _) in kinds.items():
            sizes = [least * 2**step for step in range(doublings + 1)]
            found = [measured(stage, name, size) for size in sizes]
            times = [f["seconds"] if f else None for f in found]
            memory = [f["mb"] if f else None for f in found]
            yield [
                stage,
                name,
                f"{sizes[0]:,} to {sizes[-1]:,}",
                _factors(times, _NOISE),
                "endless"
                if None in times
                else f"{max(filter(None, times), default=0):.2f}",
                _factors(memory, 4.0),
                f"{_most(memory):.0f}",
            ]


def _most(values: list[float | None]) -> float:
    return max((value for value in values if value is not None), default=0.0)


def _factors(values: list[float | None], noise: float) -> str:
    """Growth by each doubling; a dash where it is too little to tell."""
    told = []
    for before, after in zip(values, values[1:], strict=False):
        if before is None or after is None:
            told.append("!")
        elif after < noise or before < noise / 4:
            told.append("–")
        else:
            told.append(f"{after / before:.1f}")
    return " ".join(told)


_HEAD = """\
# What a submission may take

All that is done outside the sandbox with a student's bytes takes time and memory that
grow no faster than their size, and is bounded for each submission. What is over a bound
is never dropped in silence: it is said to the student, or waits for a person.

| what | bound | beyond it |
|---|---|---|
{bounds}

Where equal programs are looked for, text is read as Python only up to that length. A
longer notebook, or one that Python cannot read, is graded as any other; it only runs by
itself, even where an equal program has run.

## Growth, measured

`python benchmarks/growth.py` doubles an input {doublings} times for each stage and each
kind of input and writes this page. It tells the factor by each doubling, for processor
time and for the memory that was needed beyond what the process had: 2 is linear, 1 is
a bound that was reached, a dash is too little to tell.

| stage | input | size | time, factors | most, s | memory, factors | most, MiB |
|---|---|---|---|---|---|---|
"""


def _bounds() -> str:
    from fairgrade.collect.archives import MAX_FILE_BYTES
    from fairgrade.feedback import notebook, sanitise
    from fairgrade.intake import find, read
    from fairgrade.plan.cells import MAX_PROGRAM
    from fairgrade.protocol import exports, kept

    rows = [
        ("a notebook's file", f"{MAX_FILE_BYTES // 2**20} MiB", "refused by name"),
        ("its text without outputs", f"{read.MAX_TEXT // 2**20} Mi characters", "same"),
        ("cells", f"{read.MAX_CELLS:,}", "same"),
        ("files of a submission", f"{find._MAX_ENTRIES:,}", "same"),
        ("read as a program", f"{MAX_PROGRAM:,} characters", "runs by itself"),
        ("outputs of a cell", f"{kept.MAX_OUTPUTS:,}", "dropped, with a notice"),
        ("outputs of a notebook", f"{kept.MAX_ALL_OUTPUTS:,}", "same"),
        ("forms of an output", f"{kept.MAX_FORMS}", "left out"),
        ("levels of an output's data", f"{kept.MAX_DEPTH}", "left out"),
        ("values in an output's data", f"{kept.MAX_VALUES:,}", "left out"),
        ("files handed over", f"{exports.MAX_FILES:,}", "the name is refused"),
        ("code of a cell on a page", f"{sanitise.MAX_SOURCE:,}", "the middle is cut"),
        (
            "formatted on a page",
            f"{notebook.MAX_FORMATTED:,} characters",
            "shown as plain text",
        ),
        (
            "outputs on a page",
            f"{notebook.MAX_PAGE_TEXT:,} characters",
            "left out, with a note",
        ),
        ("pictures on a page", f"{notebook.MAX_PICTURES}", "left out, with a note"),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def main() -> None:
    """Measure everything and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--doublings", type=int, default=DOUBLINGS)
    given = parser.parse_args()
    _fill()
    text = _HEAD.format(bounds=_bounds(), doublings=given.doublings)
    for row in _rows(given.doublings):
        text += f"| {' | '.join(row)} |\n"
        print("  ".join(row), flush=True)
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="growth-") as _TEMPORARY:
        main()
