"""Runs of notebooks, and values, of any size and depth."""

from __future__ import annotations

from typing import Any

import nbformat

from fairgrade.cache.records import RunRecord
from fairgrade.course.course import Limits
from fairgrade.run.request import RunRequest


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = {"a": [value]}
    return value


def run_request(notebook: nbformat.NotebookNode) -> RunRequest:
    return RunRequest(notebook, {}, {}, {}, 0, Limits())


def run_record(source: str, outputs: list[dict[str, Any]]) -> RunRecord:
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
