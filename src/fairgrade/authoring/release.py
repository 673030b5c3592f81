"""release/ to students, through nbgrader's exchange or as a zip, if nothing leaks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from nbformat.notebooknode import NotebookNode

from fairgrade.authoring.generate import check_generated
from fairgrade.course.course import Assignment, Course
from fairgrade.course.folders import released_notebook, source_notebook
from fairgrade.course.notebooks import read_notebook
from fairgrade.errors import FairgradeError
from fairgrade.files import write_zip
from fairgrade.nbgrader_bridge.api import checked, quiet_api_for
from fairgrade.nbgrader_bridge.blanks import MARK
from fairgrade.nbgrader_bridge.cells import name_of
from fairgrade.nbgrader_bridge.regions import HIDDEN_TESTS, MARK_SCHEME, SOLUTION
from fairgrade.protocol.texts import command

_REGIONS = dict((SOLUTION, HIDDEN_TESTS, MARK_SCHEME))
#: Shorter lines, such as `)`, stand anywhere.
_TELLING = 12


def release(course: Course, assignment: Assignment) -> None:
    """Hand the release to nbgrader's exchange.

    Raises:
        FairgradeError: no exchange is set up, or the release would leak.
    """
    check_release(course, assignment)
    if course.exchange is None:
        raise FairgradeError(
            "course.yml names no exchange. Add 'exchange: FOLDER', or use --zip.",
            assignment=assignment.name,
        )
    (course.root / course.exchange).mkdir(parents=True, exist_ok=True)
    result = quiet_api_for(course).release_assignment(assignment.name)
    checked(result or {"success": False}, f"release {assignment.name}")


def release_zip(course: Course, assignment: Assignment, path: Path) -> None:
    """Write the release as a zip for an LMS, one folder with the notebook's files.

    Raises:
        FairgradeError: there is no release, or it would leak.
    """
    folder = check_release(course, assignment)
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    names = (f"{assignment.name}/{p.relative_to(folder).as_posix()}" for p in files)
    write_zip(path, dict(zip(names, files, strict=True)))


def check_release(course: Course, assignment: Assignment) -> Path:
    """Make sure that nothing of solutions or hidden tests is in a release.

    Looks at sources, metadata, outputs and attachments, for the marks and for lines
    that stand only inside a solution or a hidden test.

    Returns:
        The release's folder.

    Raises:
        FairgradeError: there is no release, it is not the source's, or a cell gives
            something away.
    """
    check_generated(course, assignment)
    for part in course.parts(assignment):
        _check_secrets(course, part)
    return course.folder("release", assignment.name)


def _check_secrets(course: Course, part: Assignment) -> None:
    source = read_notebook(source_notebook(course, part))
    secrets = set(_secret_lines(source))
    for cell in read_notebook(released_notebook(course, part)).cells:
        text = json.dumps(cell, ensure_ascii=False)
        for secret in (*_REGIONS, *secrets):
            if json.dumps(secret, ensure_ascii=False)[1:-1] in text:
                name = name_of(cell) or cell.get("id")
                raise FairgradeError(
                    f"release/{part.name}: cell '{name}' gives away '{secret}'. "
                    "Mend the source and run: "
                    f"{command('fairgrade', 'generate', part.name)}",
                    assignment=part.name,
                )


def _secret_lines(notebook: NotebookNode) -> Iterator[str]:
    """Lines that stand in a hidden region, and nowhere that students see."""
    hidden: set[str] = set()
    shown: list[str] = []
    for cell in notebook.cells:
        end = ""
        for line in map(str.strip, cell.source.splitlines()):
            opening = next((e for b, e in _REGIONS.items() if b in line), "")
            if opening and not end:
                end = opening
            elif end and end in line:
                end = ""
            elif end and not line.startswith(MARK):
                hidden.add(line)
            else:
                shown.append(line.removeprefix(MARK))
    everything = "\n".join(shown)
    for line in hidden:
        if len(line) >= _TELLING and line not in everything:
            yield line
