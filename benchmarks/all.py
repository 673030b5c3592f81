"""Measure everything that docs/benchmarks.md tells, in one run, and write that page.

    python benchmarks/all.py
    python benchmarks/all.py --quick

It says before each part about how long that takes on this machine, and leaves out what
would not fit into --minutes. The result of each part is kept whatever becomes of the
others; of what failed or was left out the page shows an earlier run's result and says
so. With --quick classes are tiny, and results and page go into a new folder: that shows
whether all of it runs, not how fast.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from measure import import_seconds
from page import RESULTS

HERE = Path(__file__).parent
#: For the minutes below, TensorFlow's import took this long, s.
_IMPORT_SECONDS = 4.0


@dataclass(frozen=True)
class Part:
    """A program that writes one result.

    Attributes:
        name: of the result.
        minutes: what it takes, about.
    """

    name: str
    minutes: float
    command: tuple[str, ...]


def _class(program: str, kind: str, size: int, minutes: float, *sample: int) -> Part:
    """A class, and how many of it stock nbgrader grades, of its core lesson apart."""
    names = ("--stock-sample", "--core-sample")
    samples = [
        word
        for name, number in zip(names, sample, strict=False)
        for word in (name, str(number))
    ]
    command = (program, "--size", str(size), *samples)
    return Part(f"{kind}-{size:04}", minutes, command)


#: The dearest last, so that they are left out first. Samples keep stock nbgrader's part
#: bounded: one of the core lesson's submissions takes it 20 s.
PARTS = (
    Part("programs", 0.5, ("classroom.py", "3000", "10000")),
    _class("side_by_side.py", "core", 1, 3),
    _class("side_by_side.py", "core", 10, 4),
    _class("side_by_side.py", "core", 100, 8.5, 16),
    _class("plain.py", "plain", 10, 0.7),
    _class("plain.py", "plain", 40, 1.7),
    _class("plain.py", "plain", 100, 1.1, 12),
    Part("watch", 3, ("watching.py",)),
    _class("mixed.py", "mixed", 10, 2.5, 6, 2),
    _class("mixed.py", "mixed", 100, 5, 12, 3),
    _class("plain.py", "plain", 1000, 4.5, 12),
    _class("side_by_side.py", "core", 1000, 7, 6),
    _class("mixed.py", "mixed", 1000, 12, 12, 2),
)
QUICK = (
    Part("programs", 0.5, ("classroom.py", "20", "30")),
    _class("side_by_side.py", "core", 2, 1.5, 1),
    _class("plain.py", "plain", 3, 0.5, 2),
    _class("mixed.py", "mixed", 2, 2.5, 2, 1),
    Part("watch", 1.5, ("watching.py", "--size", "1")),
)


def main() -> None:
    """Measure part by part, then write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="tiny, into a new folder")
    parser.add_argument("--minutes", type=float, default=45, help="no more than about")
    asked = parser.parse_args()
    results, page = RESULTS, [sys.executable, str(HERE / "page.py")]
    if asked.quick:
        folder = Path(tempfile.mkdtemp(prefix="fairgrade-quick-"))
        results = shutil.copytree(RESULTS, folder / "results")
        page += ["--results", str(results), "--docs", str(folder / "docs")]
    missing = list(_measure(QUICK if asked.quick else PARTS, results, asked.minutes))
    subprocess.run(page, check=True)
    print("\nThe page is written" + (f": {folder / 'docs'}" if asked.quick else "."))
    if missing:
        sys.exit("Not measured: " + ", ".join(missing))


def _measure(parts: Iterable[Part], results: Path, limit: float) -> Iterable[str]:
    """Measure, and yield the names of what was not."""
    begun = time.monotonic()
    run = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    import_seconds()  # the first reads files that are not in memory
    seconds = import_seconds()
    print(f"Importing TensorFlow takes {seconds:.1f} s here.")
    parts = tuple(parts)
    for number, part in enumerate(parts, 1):
        minutes = part.minutes * seconds / _IMPORT_SECONDS
        used = (time.monotonic() - begun) / 60
        about = f"{part.name} ({number} of {len(parts)}), about {minutes:.1f} min"
        print(f"\n== {about}; {used:.1f} of {limit:.0f} min are over", flush=True)
        if used + minutes > limit:
            print("It is left out: it would not fit.")
            yield part.name
            continue
        program, *arguments = part.command
        command = [sys.executable, str(HERE / program), *arguments]
        command += ["--out", str(results / f"{part.name}.json")]
        if part.name != "programs":
            command += ["--run", run]
        if subprocess.run(command).returncode:
            print(f"It failed: {part.name} keeps the result it had.")
            yield part.name


if __name__ == "__main__":
    main()
