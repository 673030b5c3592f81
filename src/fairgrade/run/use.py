"""What a run took: processor time and memory, as a whole and by cell.

Measured from outside, so that no notebook can say less than it took. Where a cell
begins and ends is what the run reports: it can put time down to another, and to none.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nbformat.notebooknode import NotebookNode

from fairgrade.nbgrader_bridge.cells import name_of

#: The cells without a name, a student's own among them, together.
OTHERS = "other cells"


@dataclass(frozen=True)
class CellUse:
    """What a cell took.

    Attributes:
        seconds: processor time, with what its test's questions took.
        peak_mb: the most memory that the run had had by the cell's end, MiB; None where
            nothing counted it.
    """

    seconds: float
    peak_mb: int | None = None

    def plus(self, other: CellUse) -> CellUse:
        """Both together."""
        peaks = [p for p in (self.peak_mb, other.peak_mb) if p is not None]
        seconds = round(self.seconds + other.seconds, 2)
        return CellUse(seconds, max(peaks, default=None))

    def data(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"seconds": self.seconds, "peak_mb": self.peak_mb}

    @classmethod
    def of(cls, data: Any) -> CellUse | None:
        """From JSON that anybody may have changed; None where it says no time."""
        if not isinstance(data, Mapping):
            return None
        seconds, peak = _number(data.get("seconds")), _number(data.get("peak_mb"))
        if seconds is None:
            return None
        return cls(seconds, None if peak is None else int(peak))


@dataclass(frozen=True)
class Use:
    """What a run took.

    Attributes:
        whole: from its start to its end, with what was between cells.
        cells: that of each cell that began, by its place in the notebook or its name.
    """

    whole: CellUse
    cells: Mapping[str, CellUse] = field(default_factory=dict)

    def named(self, notebook: NotebookNode) -> Use:
        """By the cells' names instead of their places; those without come together."""
        names = {str(n): name_of(cell) for n, cell in enumerate(notebook.cells)}
        cells: dict[str, CellUse] = {}
        for place, use in self.cells.items():
            name = names.get(place) or OTHERS
            cells[name] = cells[name].plus(use) if name in cells else use
        return Use(self.whole, cells)

    def in_order(self, notebook: NotebookNode) -> Use:
        """With named cells in a notebook's order, which files lose; then the rest."""
        names = [name_of(cell) for cell in notebook.cells]
        order = [name for name in dict.fromkeys(names) if name in self.cells]
        cells = {name: self.cells[name] for name in order}
        return Use(self.whole, cells | dict(self.cells))

    def data(self) -> dict[str, Any]:
        """As JSON has it."""
        cells = {place: use.data() for place, use in self.cells.items()}
        return {**self.whole.data(), "cells": cells}

    @classmethod
    def of(cls, data: Any) -> Use | None:
        """From JSON that anybody may have changed; None where it says no time."""
        whole = CellUse.of(data)
        if whole is None:
            return None
        found = data.get("cells")
        cells = found.items() if isinstance(found, Mapping) else ()
        uses = {str(place): CellUse.of(use) for place, use in cells}
        return cls(whole, {p: use for p, use in uses.items() if use is not None})


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if math.isfinite(value) and value >= 0 else None
