"""What a watch does just now: as JSON for scripts, and as a page for people.

.fairgrade/watch/lock          held while one runs
.fairgrade/watch/status.json   written whole each time
.fairgrade/watch/status.html   the same as a page, which looks again by itself
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from fairgrade.course.course import Course
from fairgrade.course.folders import own_folder
from fairgrade.course.lock import only_one
from fairgrade.errors import FairgradeError
from fairgrade.feedback.pages import render
from fairgrade.files import write_whole
from fairgrade.protocol.texts import one_line

#: How often the status is written where nothing happens, s.
_STILL_SECONDS, _SOONEST_SECONDS = 15.0, 0.5


@dataclass(frozen=True)
class Done:
    """A submission that was graded.

    Attributes:
        at: when, seconds since 1970.
        seconds: from its arrival here to the gradebook.
        page: whether its page went out.
    """

    student: str
    outcome: str
    points: str
    at: float
    seconds: float
    page: bool = False


@dataclass(frozen=True)
class Failed:
    """A submission without a result, for no fault of its own; it is tried again."""

    student: str
    reason: str
    at: float


@dataclass(frozen=True)
class LaneStatus:
    """One assignment.

    Attributes:
        trouble: why nothing goes on just now, or "".
        queue, grading: student -> since when, seconds since 1970.
        pages: student -> when the page may go out, or why it does not.
        done: the newest first.
    """

    assignment: str
    title: str
    trouble: str = ""
    queue: Mapping[str, float] = field(default_factory=dict)
    grading: Mapping[str, float] = field(default_factory=dict)
    pages: Mapping[str, float | str] = field(default_factory=dict)
    done: Sequence[Done] = ()
    failed: Sequence[Failed] = ()


class StatusFile:
    """Where others read what a watch does."""

    def __init__(self, course: Course) -> None:
        self._folder, self._course = _folder(course), course
        self._written, self._at = "", 0.0
        self._began = time.time()

    def show(self, lanes: Sequence[LaneStatus], *, last: bool = False) -> None:
        """Write it, where it is another one, or an old one; a full disk has no status.

        Args:
            last: the watch ends.
        """
        now = time.monotonic()
        if not last and now < self._at + _SOONEST_SECONDS:
            return
        plain = [asdict(lane) for lane in lanes]
        text = json.dumps([plain, last])
        if text == self._written and now < self._at + _STILL_SECONDS:
            return
        self._written, self._at = text, now
        found = {
            "running": not last,
            "process": os.getpid(),
            "since": self._began,
            "at": time.time(),
            "assignments": plain,
        }
        with contextlib.suppress(OSError):
            write_whole(self._folder / "status.json", json.dumps(found, indent=1))
            page = render(
                "watch.html.j2",
                course=self._course.title,
                running=not last,
                at=found["at"],
                lanes=lanes,
                clock=clock,
            )
            write_whole(self._folder / "status.html", page)


def read_status(course: Course) -> dict[str, Any]:
    """What the watch of a course does, or did at last; keys as in docs/watch.md.

    Raises:
        FairgradeError: there was none yet, or its file cannot be read.
    """
    path = _folder(course) / "status.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as err:
        raise FairgradeError(
            "No watch ran in this course yet. Run: fairgrade watch"
        ) from err
    except (OSError, ValueError) as err:
        raise FairgradeError(f"{path} cannot be read: {err}.", file=path) from err
    found["running"] = not _is_free(course)
    return found


@contextlib.contextmanager
def only_watch(course: Course) -> Iterator[None]:
    """Keep a second watch out of a course.

    Raises:
        FairgradeError: there is one.
    """
    with only_one(_folder(course) / "lock") as free:
        if not free:
            raise FairgradeError(
                "A watch is at work in this course. See: fairgrade watch --status"
            )
        yield


def clock(at: float) -> str:
    """A time of this day as people read it, another day's with its date."""
    then, now = time.localtime(at), time.localtime()
    same = then[:3] == now[:3]
    return time.strftime("%H:%M:%S" if same else "%Y-%m-%d %H:%M", then)


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The status as lines to read."""
    state = "A watch runs" if found["running"] else "No watch runs; the last one"
    yield f"{state}, process {found['process']}, as of {clock(found['at'])}."
    for lane in found["assignments"]:
        numbers = {
            "waiting": len(lane["queue"]),
            "being graded": len(lane["grading"]),
            "without a result": len(lane["failed"]),
            "pages to come": len(lane["pages"]),
        }
        told = ", ".join(f"{n} {what}" for what, n in numbers.items())
        yield one_line(f"{lane['assignment']}: {told}. {lane['trouble']}").strip()
        for name, since in {**lane["grading"], **lane["queue"]}.items():
            what = "being graded" if name in lane["grading"] else "waits"
            yield one_line(f"  {name}: {what} since {clock(since)}")
        for name, when in lane["pages"].items():
            told = when if isinstance(when, str) else f"at {clock(when)}"
            yield one_line(f"  {name}: page {told}")
        for failed in lane["failed"]:
            yield one_line(f"  {failed['student']}: no result: {failed['reason']}")
        for done in lane["done"][:10]:
            page = ", page given" if done["page"] else ""
            yield one_line(
                f"  {done['student']}: {done['points']}, {done['outcome']}, "
                f"at {clock(done['at'])} after {done['seconds']:.1f} s{page}"
            )


def _folder(course: Course) -> Path:
    return own_folder(course.root, "watch")


def _is_free(course: Course) -> bool:
    with only_one(_folder(course) / "lock") as free:
        return free
