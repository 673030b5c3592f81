"""Whose a hand-in in the exchange is, by who owns its folder.

A folder's owner is who made it: nobody else can give it that owner. So a hand-in counts
as its student's if it belongs to a user of that name. Two kinds of owners say nothing
about who handed in, and are taken: whoever runs the course (root, the user who collects
and the one who owns the exchange), since no student is that user; and, on hubs where
everybody's work belongs to one account, that account.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Protocol

try:
    import pwd
except ImportError:  # Windows, where there is no exchange either
    pwd = None  # type: ignore[assignment]


class Owned(Protocol):
    """A hand-in: the folder, whom it names, and the number of its owner."""

    @property
    def folder(self) -> str: ...
    @property
    def student(self) -> str: ...
    @property
    def owner(self) -> int: ...


def owner_of(number: int) -> str:
    """The name of a user, or its number where the machine knows none."""
    try:
        return str(pwd.getpwuid(number).pw_name)
    except KeyError:
        return f"user {number}"


def strangers(
    hand_ins: Iterable[Owned], roster: Collection[str], machine: Collection[int]
) -> dict[str, str]:
    """The hand-ins that belong to somebody else than the student they name.

    Args:
        hand_ins: all of a course, whatever the assignment: they show whether owners
            tell students apart.
        roster: the ids of students.
        machine: the users that run the course.

    Returns:
        Folder -> what a person should know.
    """
    hand_ins = [h for h in hand_ins if h.owner not in machine]
    names = {number: owner_of(number) for number in {h.owner for h in hand_ins}}
    students = {h.student for h in hand_ins}
    if len(names) == 1 and len(students) > 1 and not {*names.values()} & {*roster}:
        return {}
    return {
        h.folder: f"its owner is {names[h.owner]}, not {h.student}"
        for h in hand_ins
        if names[h.owner] != h.student
    }
