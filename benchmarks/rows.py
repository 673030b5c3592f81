"""What was measured, read from results/ as the rows of tables."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: The kinds of class, in the page's order.
KINDS = ("core", "plain", "mixed")


@dataclass(frozen=True)
class Row:
    """A class that both graded; times in s, memory in MiB.

    Attributes:
        stock: for all of it; scaled where stock nbgrader graded a sample.
        again: after a changed hidden test; None where that was not measured.
        lessons: what was measured of each lesson.
        result: all of it.
    """

    kind: str
    size: int
    distinct: int
    stock: float
    scaled: bool
    first: float
    again: float | None
    peak_stock: float
    peak_ours: float
    lessons: tuple[LessonRow, ...]
    result: dict[str, Any]

    @property
    def measured(self) -> dict[str, Any]:
        """When, in which run, and on what machine."""
        found: dict[str, Any] = self.result["measured"]
        return found

    @property
    def sample(self) -> int:
        """How many submissions stock nbgrader graded, of all lessons."""
        return sum(lesson.sample for lesson in self.lessons)


@dataclass(frozen=True)
class LessonRow:
    """The same of one lesson that the class handed in."""

    name: str
    distinct: int
    sample: int
    stock: float
    first: float
    again: float | None
    agree: int
    right: int
    differing: tuple[str, ...]


@dataclass(frozen=True)
class Results:
    """All that was measured.

    Attributes:
        rows: by kind of class and size.
        watch: of hand-ins while a watch was at work.
        programs: how many different ones there are in larger classes, by size.
    """

    rows: tuple[Row, ...]
    watch: dict[str, Any]
    programs: dict[int, int]

    def of(self, kind: str) -> list[Row]:
        """The rows of a kind, the smallest class first."""
        return [row for row in self.rows if row.kind == kind]

    def row(self, kind: str, size: int) -> Row:
        """A row that has to be there.

        Raises:
            SystemExit: it is not.
        """
        for row in self.rows:
            if (row.kind, row.size) == (kind, size):
                return row
        raise SystemExit(f"results/ has no {kind} class of {size}: run all.py")

    @property
    def run(self) -> str:
        """The newest run."""
        return max(row.measured["run"] for row in self.rows)

    @property
    def simulated(self) -> Iterator[tuple[int, int, float, float, float]]:
        """(size, programs, stock's s, ours, ours after a changed test), by model.

        Each program costs what one cost in the largest core class measured, each
        submission what one without a new program cost.
        """
        largest = self.of("core")[-1]
        assert largest.again is not None
        a_submission = largest.again / largest.size
        a_program = (largest.first - largest.again) / largest.distinct
        for size, programs in sorted(self.programs.items()):
            again = size * a_submission
            stock = largest.stock * size / largest.size
            yield size, programs, stock, again + programs * a_program, again


def read(folder: Path) -> Results:
    """Read what all.py writes."""
    results = [json.loads(path.read_text("utf-8")) for path in folder.glob("*-*.json")]
    results.sort(key=lambda result: (KINDS.index(result["class"]), result["size"]))
    counted = json.loads((folder / "programs.json").read_text("utf-8"))
    return Results(
        tuple(_row(result, results) for result in results),
        json.loads((folder / "watch.json").read_text("utf-8")),
        {int(size): programs for size, programs in counted.items()},
    )


def _row(result: dict[str, Any], results: Sequence[dict[str, Any]]) -> Row:
    parts = result["lessons"]
    run = result["measured"]["run"]
    same = [other for other in results if other["measured"]["run"] == run]
    pool = [part for other in same for part in other["lessons"]]
    lessons = tuple(_lesson(part, pool) for part in parts)
    again = [lesson.again for lesson in lessons if lesson.again is not None]
    return Row(
        kind=result["class"],
        size=result["size"],
        distinct=sum(lesson.distinct for lesson in lessons),
        stock=sum(lesson.stock for lesson in lessons),
        scaled=any(lesson.sample < result["size"] for lesson in lessons),
        first=sum(lesson.first for lesson in lessons),
        again=sum(again) if len(again) == len(lessons) else None,
        peak_stock=max(part["nbgrader"]["peak MiB"] for part in parts),
        peak_ours=max(part["fairgrade"]["peak MiB"] for part in parts),
        lessons=lessons,
        result=result,
    )


def _lesson(part: dict[str, Any], pool: Sequence[dict[str, Any]]) -> LessonRow:
    scores = part["scores"]
    return LessonRow(
        name=part["lesson"],
        distinct=part["distinct"],
        sample=part["stock sample"],
        stock=_stock(part, pool),
        first=part["fairgrade"]["seconds"],
        again=part.get("fairgrade, changed test", {}).get("seconds"),
        agree=scores["agree"],
        right=scores["where stock is right"],
        differing=tuple(scores["differing"]),
    )


def _stock(part: dict[str, Any], pool: Sequence[dict[str, Any]]) -> float:
    """Stock nbgrader's time for a class, s.

    Where it graded a sample, that is scaled from the largest sample of the same run and
    lesson that it graded of no larger class: one endless loop more or less in a small
    one would say too much. What its start takes is not scaled.
    """
    if part["stock sample"] == part["size"]:
        return float(part["nbgrader"]["seconds"])
    alike = (p for p in pool if p["lesson"] == part["lesson"])
    smaller = (p for p in alike if p["size"] <= part["size"])
    largest = max(smaller, key=lambda p: (p["stock sample"], p["size"]))
    start = largest["nbgrader"]["start, s"]
    seconds = largest["nbgrader"]["seconds"] - start
    return float(start + seconds / largest["stock sample"] * part["size"])
