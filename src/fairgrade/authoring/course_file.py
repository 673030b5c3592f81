"""Entries added to course.yml as text, so that an instructor's comments stay."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from fairgrade.course.course import FILE_NAME, Course, load_course
from fairgrade.errors import CourseError


def add_entries(course: Course, assignment: str, data: str) -> None:
    """Add entries at the ends of their lists, and leave all else as it is.

    Args:
        assignment: one item of `assignments:`, as YAML.
        data: one entry of `data:`, as YAML, or "".

    Raises:
        CourseError: the file cannot take them; it is as before.
    """
    path = course.root / FILE_NAME
    before = path.read_text(encoding="utf-8")
    text = _inserted(path, before, "assignments", assignment)
    if data and course.data:
        text = _inserted(path, text, "data", data)
    elif data:
        start = re.search(r"^assignments:", text, re.MULTILINE)
        assert start is not None  # it has one now
        entry = "data:\n" + _indented(data, 2) + "\n"
        text = text[: start.start()] + entry + text[start.start() :]
    path.write_text(text, encoding="utf-8")
    try:
        load_course(course.root)
    except CourseError:
        path.write_text(before, encoding="utf-8")
        raise


def drop_gradebook(path: Path) -> None:
    """Take the class's database out of a copy of course.yml: the copy has its own."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    own = [line for line in lines if not line.startswith("gradebook:")]
    path.write_text("".join(own), encoding="utf-8")


def _inserted(path: Path, text: str, key: str, entry: str) -> str:
    """A YAML text with an entry behind the last of the list or mapping `key`."""
    tree: Any = yaml.compose(text, yaml.SafeLoader)
    node = next(value for name, value in tree.value if name.value == key)
    if not node.value and isinstance(node, yaml.SequenceNode):  # the first of all
        before, after = text[: node.start_mark.index], text[node.end_mark.index :]
        return f"{before.rstrip()}\n{_indented(entry, 2)}{after.lstrip()}"
    if node.flow_style:
        raise CourseError(
            f"{path}:{node.start_mark.line + 1}: write '{key}:' with an entry a line, "
            "not in brackets; then run this again.",
            file=path,
        )
    lines = text.splitlines(keepends=True)
    last = node.value[-1]
    if isinstance(node, yaml.MappingNode):
        last = last[1]
    end = last.end_mark.line
    # The end of a block is where the next begins: comments between belong to that.
    while end > 0 and not lines[end - 1].split("#")[0].strip():
        end -= 1
    if end and not lines[end - 1].endswith("\n"):
        lines[end - 1] += "\n"
    new = _indented(entry, node.start_mark.column)
    gap = "\n" if key == "assignments" else ""
    return "".join([*lines[:end], gap, new, *lines[end:]])


def _indented(text: str, columns: int) -> str:
    return "".join(
        " " * columns + line if line.strip() else line
        for line in text.splitlines(keepends=True)
    )
