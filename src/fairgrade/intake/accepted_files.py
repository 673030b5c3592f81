"""Files that students hand in beside the notebook, as far as course.yml has it."""

from __future__ import annotations

import stat
from pathlib import Path

from fairgrade.course.course import Assignment
from fairgrade.intake.find import entries_of
from fairgrade.protocol.texts import shown

_MIB = 2**20


def files_beside(
    folder: Path, assignment: Assignment, companions: frozenset[str]
) -> tuple[dict[str, Path], list[str]]:
    """The files to run beside a notebook, by path within, and notices for the student.

    Args:
        folder: what was handed in, as `find_notebook` has looked through it.
        companions: names of the course's files, which are never a student's.
    """
    files: dict[str, Path] = {}
    notices = []
    for entry in entries_of(folder) if assignment.accept_files else ():
        most = assignment.accepts(entry.path)
        name = str(entry.path)
        if most is None or entry.is_notebook or entry.path.name in companions:
            continue
        if not stat.S_ISREG(entry.mode):
            notices.append(f"{shown(name)} is no ordinary file and was not used.")
            continue
        size = (folder / entry.path).lstat().st_size
        if size > most * _MIB:
            mib = size / _MIB
            notices.append(
                f"{shown(name)} has {mib:.1f} MiB, at most {most:g} MiB are taken: "
                "it was not used."
            )
            continue
        files[name] = folder / entry.path
    for pattern in assignment.accept_files:
        if not set(pattern) & {*"*?["} and not {pattern} & {*map(_name, files), *files}:
            notices.append(f"You handed in no {shown(pattern)} that could be used.")
    return files, notices


def _name(path: str) -> str:
    return path.rpartition("/")[2]
