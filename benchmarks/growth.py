"""How time and memory grow with what a student hands in: `python benchmarks/growth.py`.

For each stage outside the sandbox and each kind of input, the input is doubled some
times; each size is handled in a process of its own. A factor of 2 a doubling is linear.
A factor of 1 is a bound: beyond it nothing more is read. Writes docs/limits.md.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from growth_inputs import STAGES, Handle, fill

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "limits.md"
DOUBLINGS = 4
#: The most that one size may take, s of processor time; then it is called endless.
MOST_SECONDS = 60
#: Times below this say nothing about growth, s.
_NOISE = 0.02


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


def bounds() -> str:
    """The table of what a submission may take, as the code has it."""
    from fairgrade.collect.archives import MAX_FILE_BYTES
    from fairgrade.feedback import notebook, sanitise
    from fairgrade.inside import warned
    from fairgrade.intake import find, parse, read
    from fairgrade.plan.cells import MAX_PROGRAM
    from fairgrade.protocol import exports
    from fairgrade.protocol import kept_outputs as kept

    text = parse.MAX_TEXT // 2**20
    rows = [
        ("a notebook's file", f"{MAX_FILE_BYTES // 2**20} MiB", "refused by name"),
        ("its text without outputs", f"{text} Mi characters", "same"),
        ("cells", f"{read.MAX_CELLS:,}", "same"),
        ("files of a submission", f"{find._MAX_ENTRIES:,}", "same"),
        ("read as a program", f"{MAX_PROGRAM:,} characters", "runs by itself"),
        (
            "outputs of a cell",
            f"{kept.MAX_OUTPUTS:,}",
            "dropped, with a notice",
        ),
        ("outputs of a notebook", f"{kept.MAX_ALL_OUTPUTS:,}", "same"),
        ("forms of an output", f"{kept.MAX_FORMS}", "left out"),
        ("levels of an output's data", f"{kept.MAX_DEPTH}", "left out"),
        ("values in an output's data", f"{kept.MAX_VALUES:,}", "left out"),
        ("files handed over", f"{exports.MAX_FILES:,}", "the name is refused"),
        ("warnings of one call", f"{warned.MAX_WARNINGS:,}", "not measured"),
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
    text = _HEAD.format(bounds=bounds(), doublings=given.doublings)
    with tempfile.TemporaryDirectory(prefix="growth-") as folder:
        fill(Path(folder))
        for row in _rows(given.doublings):
            text += f"| {' | '.join(row)} |\n"
            print("  ".join(row), flush=True)
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
