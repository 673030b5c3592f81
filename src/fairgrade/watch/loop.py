"""All watched assignments in turn, until somebody asks for an end.

One thread does everything that decides or writes, so no two steps meet; sandboxes and
judges are waited for by others. What is wrong with one assignment stops no other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fairgrade.course.course import Course
from fairgrade.course.failures import explained
from fairgrade.course.folders import own_folder
from fairgrade.errors import EngineError, FairgradeError
from fairgrade.protocol.texts import one_line
from fairgrade.sandbox.probe import isolation
from fairgrade.watch.arrivals import Arrivals, ExchangeArrivals, FolderArrivals
from fairgrade.watch.lane import Lane, Options
from fairgrade.watch.patience import Patience, Stop, passes_by_itself
from fairgrade.watch.status import LaneStatus, StatusFile, only_watch

_IDLE_SECONDS = 0.25
#: How long an assignment rests where something is wrong; one that waits only, less.
_TROUBLE_SECONDS, _WAITING_SECONDS = 20.0, 2.0
Say = Callable[[str], None]


@dataclass
class _Resting:
    """A lane, and until when it rests for which reason."""

    lane: Lane
    until: float = 0.0
    reason: str = ""


def watch(
    course: Course,
    names: Sequence[str],
    stop: Stop,
    say: Say,
    *,
    folder: Path | None = None,
    any_owner: bool = False,
    options: Options,
) -> None:
    """Collect, grade and publish what is handed in, until `stop` asks for an end.

    Args:
        names: of assignments; all that have a release if there are none.
        say: is told what a person may want to read, a line each.
        folder: where hand-ins arrive; of several assignments, each in a folder of its
            name there. The exchange when None.
        any_owner: from the exchange, whoever owns a hand-in's folder.

    Raises:
        FairgradeError: there is nothing to watch, or another watch runs.
        SandboxError: student code cannot be run safely.
    """
    chosen = _chosen(course, names)
    if folder is None and course.exchange is None:
        raise FairgradeError(
            "course.yml names no exchange. Add 'exchange: FOLDER', or name a folder "
            "to watch: --from FOLDER."
        )
    if options.sealed:
        isolation()
    with only_watch(course):
        patience, status = Patience(stop, say), StatusFile(course)
        lanes = []
        for name in chosen:
            arrivals = _arrivals(folder, name, chosen, any_owner=any_owner)
            lane = Lane(course.root, name, arrivals, patience, options, say)
            lanes.append(_Resting(lane))
        say(f"Watching {', '.join(chosen)}: {folder or 'the exchange'}.")
        try:
            while True:
                stop.check()
                for each in lanes:
                    _step(each, course, say)
                    status.show(_shown(lanes))
                if not any(each.lane.busy for each in lanes):
                    stop.sleep(_IDLE_SECONDS)
        except KeyboardInterrupt:
            pass
        finally:
            for each in lanes:
                each.lane.close()
            status.show(_shown(lanes), last=True)


def _step(each: _Resting, course: Course, say: Say) -> None:
    """Let one assignment go on a little; where it cannot, it rests and says so once."""
    if time.monotonic() < each.until:
        return
    try:
        each.lane.step()
    except Exception as err:
        waiting = passes_by_itself(err)
        reason = waiting or _reason(err, course)
        if reason != each.reason:
            say(one_line(reason))
        rest = _WAITING_SECONDS if waiting else _TROUBLE_SECONDS
        each.reason, each.until = reason, time.monotonic() + rest
        if isinstance(err, EngineError) or not isinstance(err, FairgradeError):
            each.lane.close()
        return
    if each.reason:
        say("It goes on.")
    each.reason = ""


def _reason(err: Exception, course: Course) -> str:
    if isinstance(err, FairgradeError):
        return err.told()
    return explained(err, own_folder(course.root, "log"))


def _shown(lanes: Sequence[_Resting]) -> list[LaneStatus]:
    return [each.lane.status(each.reason) for each in lanes]


def _chosen(course: Course, names: Sequence[str]) -> list[str]:
    """The assignments to watch, each once.

    Raises:
        FairgradeError: there is none, or no such one.
    """
    if names:
        return [course.assignment(name).name for name in dict.fromkeys(names)]
    there = [a.name for a in course.assignments]
    found = [name for name in there if course.folder("release", name).is_dir()]
    if not found:
        raise FairgradeError(
            "No assignment has a release yet. Run: fairgrade generate ASSIGNMENT"
        )
    return found


def _arrivals(
    folder: Path | None, name: str, chosen: Sequence[str], *, any_owner: bool
) -> Arrivals:
    if folder is None:
        return ExchangeArrivals(any_owner=any_owner)
    return FolderArrivals(folder if len(chosen) == 1 else folder / name)
