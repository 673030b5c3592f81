"""What students leave in an exchange, plain and odd, and what is taken of it."""

from __future__ import annotations

import os
import shutil
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fairgrade.collect.channels import Collected
from fairgrade.collect.exchange import collect_exchange
from fairgrade.course.course import Course
from fairgrade.gradebook.queue import waiting
from tiny import NAME

NOTEBOOK = f"{NAME}.ipynb"


def stamp(minutes: float = 0) -> str:
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    return at.strftime("%Y-%m-%d %H:%M:%S.%f UTC")


def inbound(course: Course) -> Path:
    return course.root / "exchange" / "tiny" / "inbound"


def put(
    course: Course,
    student: str,
    content: bytes | None = b"{}",
    when: str = "",
    owner: int | None = None,
) -> Path:
    """What `nbgrader submit` leaves in the exchange."""
    when = when or stamp()
    folder = inbound(course) / f"{student}+{NAME}+{when}+x7Gh2kLmAbCd"
    folder.mkdir()
    (folder / "timestamp.txt").write_text(when)
    if content is not None:
        (folder / NOTEBOOK).write_bytes(content)
    (folder / "submission_secret.txt").write_text("a" * 64)
    folder.chmod(0o777)
    for path in (folder, *folder.iterdir()) if owner is not None else ():
        os.chown(path, owner, owner)
    return folder


def collect(course: Course, **options: bool) -> Collected:
    return collect_exchange(course, course.assignment(NAME), **options)


def submitted(course: Course, student: str) -> dict[str, bytes]:
    folder = course.root / "submitted" / student / NAME
    files = (p for p in folder.rglob("*") if p.is_file())
    found = {str(p.relative_to(folder)): p.read_bytes() for p in files}
    for name in ("timestamp.txt", "submission_secret.txt"):
        found.pop(name, None)
    return found


def reasons(course: Course) -> list[tuple[str, str]]:
    found = waiting(course, course.assignment(NAME))
    return [(item.student, item.text) for item in found if item.reason == "exchange"]


def a_link(path: Path, outside: Path) -> None:
    path.symlink_to(outside)


def a_hard_link(path: Path, outside: Path) -> None:
    path.hardlink_to(outside)


def a_pipe(path: Path, _: Path) -> None:
    os.mkfifo(path)


def a_socket(path: Path, _: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        here = os.open(path.parent, os.O_RDONLY)  # a socket's path may not be long
        try:
            made.bind(f"/proc/self/fd/{here}/{path.name}")
        finally:
            os.close(here)


def with_owners_rights(path: Path, outside: Path) -> None:
    shutil.copy(outside, path)
    path.chmod(0o4755)


def a_linked_folder(path: Path, outside: Path) -> None:
    path.symlink_to(outside.parent)


ODD = [a_link, a_hard_link, a_pipe, a_socket, with_owners_rights, a_linked_folder]
