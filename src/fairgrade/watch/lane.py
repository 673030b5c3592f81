"""One assignment that is watched: from what arrives to grades and pages."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from fairgrade.authoring.generate import check_generated
from fairgrade.course.course import Assignment, Course, load_course
from fairgrade.course.folders import submitted_students
from fairgrade.gradebook.writer import Standing
from fairgrade.grading import head_start
from fairgrade.grading.grader import Graded, Grader
from fairgrade.nbgrader_bridge.own_limits import with_own_limits
from fairgrade.protocol.texts import one_line
from fairgrade.watch.arrivals import Arrivals
from fairgrade.watch.changes import Material, material_of
from fairgrade.watch.page_queue import PageQueue
from fairgrade.watch.patience import Patience
from fairgrade.watch.status import Done, Failed, LaneStatus

#: How often new hand-ins, the course's files, and submitted/ as a whole are looked at.
_POLL_SECONDS, _MATERIAL_SECONDS, _SCAN_SECONDS = 0.25, 2.0, 60.0
#: How long processes are kept warm after the last hand-in.
_WARM_SECONDS = 3600.0
#: What failed for no fault of the submission is tried again after so long, and longer.
_FIRST_AGAIN, _LAST_AGAIN = 30.0, 3600.0
_TURN_SECONDS, _MOST_DONE = 0.1, 50


@dataclass(frozen=True)
class Options:
    """How hand-ins are graded: see `fairgrade.grading.grader.Grader`."""

    sealed: bool = True
    workers: int | None = None


@dataclass(frozen=True)
class _Failure:
    digest: str
    reason: str
    since: float
    again: float
    pause: float


class Lane:
    """One assignment that is watched.

    What is to be done stands in submitted/, the ledger and the record of pages alone:
    whatever happens to this process, the next one finds it there.

    Args:
        say: is told what a person may want to read, a line each.
    """

    def __init__(
        self,
        root: Path,
        name: str,
        arrivals: Arrivals,
        patience: Patience,
        options: Options,
        say: Callable[[str], None],
    ) -> None:
        self._root, self._name, self._arrivals = root, name, arrivals
        self._patience, self._options, self._say = patience, options, say
        self._read()
        self._material: Material | None = None
        self._grader: Grader | None = None
        self._changed = False
        self._new: dict[str, float] = {}
        self._taken_on: dict[str, tuple[str, float]] = {}
        self._failed: dict[str, _Failure] = {}
        self._done: deque[Done] = deque(maxlen=_MOST_DONE)
        self._said: set[str] = set()
        self._poll_at = self._material_at = self._scan_at = 0.0
        self._warm_until = time.monotonic() + _WARM_SECONDS

    def _read(self) -> None:
        self._course: Course = with_own_limits(load_course(self._root))
        self._assignment: Assignment = self._course.assignment(self._name)
        self._pages = PageQueue(
            self._course, self._assignment, self._patience, self._say
        )

    @property
    def busy(self) -> bool:
        """Whether it has something to do right now."""
        return self._grader is not None and self._grader.busy

    def step(self) -> None:
        """Go on a little.

        Raises:
            Exception: it cannot just now; it may be tried again.
        """
        grader = self._renewed()
        self._look(grader)
        if not self._changed:
            self._take_on(grader)
        if grader.busy:
            graded = grader.turn(_TURN_SECONDS)
            if graded is not None:
                self._note(graded)
        self._note_failures(grader)
        self._pages.give_one(grader.ledger, {*self._new, *self._taken_on})

    def close(self) -> None:
        """Give up what runs; what was graded stays."""
        grader, self._grader = self._grader, None
        self._taken_on.clear()
        if grader is not None:
            grader.close()

    def status(self, trouble: str) -> LaneStatus:
        """What is in the queue, being graded, done and failed."""
        under_way = self._grader.under_way if self._grader is not None else set()
        waiting = dict(self._new)
        waiting |= {s: at for s, (_, at) in self._taken_on.items()}
        return LaneStatus(
            assignment=self._name,
            title=self._assignment.title,
            trouble=trouble,
            queue={s: at for s, at in waiting.items() if s not in under_way},
            grading={s: at for s, at in waiting.items() if s in under_way},
            pages=self._pages.waiting,
            done=[
                replace(done, page=self._pages.given.get(done.student, 0.0) >= done.at)
                for done in self._done
            ],
            failed=[
                Failed(s, f.reason, f.since) for s, f in sorted(self._failed.items())
            ],
        )

    def _renewed(self) -> Grader:
        """What grades by tests and settings as they are; the old one ends its work."""
        now = time.monotonic()
        if self._grader is not None and now < self._material_at:
            return self._grader
        self._material_at = now + _MATERIAL_SECONDS
        material = material_of(self._course, self._assignment)
        if self._grader is not None:
            self._changed = material != self._material
            if not self._changed or self._grader.busy:
                return self._grader
        self.close()
        self._read()
        check_generated(self._course, self._assignment)
        grader = Grader(
            self._course,
            self._assignment,
            sealed=self._options.sealed,
            workers=self._options.workers,
            writing=self._write,
        )
        self._material, self._grader, self._changed = material, grader, False
        self._poll_at = self._scan_at = 0.0
        return grader

    def _look(self, grader: Grader) -> None:
        now = time.monotonic()
        if now >= self._poll_at:
            self._poll_at = now + _POLL_SECONDS
            found = self._arrivals.collect(self._course, self._assignment)
            if found is not None:
                accepted = found.accepted.items()
                self._queue(s for s, how in accepted if how != "unchanged")
                for entry, reason in found.refused.items():
                    self._say_once(f"{self._name}: not taken: {entry}: {reason}")
                for student, err in found.failed.items():
                    self._say_once(f"{self._name}: not taken: {student}: {err}")
                for entry in found.unmatched:
                    self._say_once(f"{self._name}: nobody on the roster: {entry}")
        if now >= self._scan_at:
            self._scan_at = now + _SCAN_SECONDS
            if now < self._warm_until:
                head_start.keep_warm(self._course, self._assignment)
                grader.warm_up()
            self._queue(submitted_students(self._course, self._assignment))

    def _queue(self, students: Iterable[str]) -> None:
        for student in students:
            self._new.setdefault(student, time.time())

    def _take_on(self, grader: Grader) -> None:
        """Hand over what was not graded yet, of nobody who is being graded."""
        free = [
            student
            for student in self._new
            if student not in self._taken_on
            if not (grader.busy and student in self._failed)
        ]
        now, chosen = time.monotonic(), {}
        for student, digest in grader.digests(free).items():
            since = self._new[student]
            if grader.ledger.graded(student) == digest:
                self._failed.pop(student, None)
                self._pages.add(student, anew=False)
                continue
            before = self._failed.get(student)
            if before is None or before.digest != digest or now >= before.again:
                chosen[student] = digest
                self._taken_on[student] = digest, since
        for student in free:
            del self._new[student]
        if chosen:
            self._warm_until = now + _WARM_SECONDS
        grader.add(chosen)

    def _write(
        self, student: str, digest: str, write: Callable[[], Standing]
    ) -> Standing | None:
        """Write a result down, unless there is a newer hand-in, or it is written."""
        assert self._grader is not None, "it is what writes"
        ledger = self._grader.ledger

        def step() -> Standing | None:
            newest = ledger.digest(student)
            if newest != digest or ledger.graded(student) == digest:
                return None
            return write()

        standing = self._patience.write(self._course, step)
        if standing is None:
            self._taken_on.pop(student, None)
            self._queue([student])
        return standing

    def _note(self, graded: Graded) -> None:
        _, since = self._taken_on.pop(graded.student)
        self._failed.pop(graded.student, None)
        self._pages.add(graded.student)
        took = time.time() - since
        points = f"{graded.score:g} of {graded.maximum:g}"
        self._done.appendleft(
            Done(graded.student, graded.outcome.value, points, time.time(), took)
        )
        person = ", needs a person" if graded.needs_person else ""
        self._say(
            f"{self._name}: {graded.student}: {points}, {graded.outcome.value}{person} "
            f"({took:.1f} s)"
        )
        for alarm in graded.alarms:
            self._say_once(f"{self._name}: a hidden test is at fault: {alarm}")

    def _note_failures(self, grader: Grader) -> None:
        now = time.monotonic()
        for student, reason in list(grader.failures.now.items()):
            del grader.failures.now[student]
            digest, since = self._taken_on.pop(student, ("", time.time()))
            before = self._failed.get(student)
            pause = min(2 * before.pause, _LAST_AGAIN) if before else _FIRST_AGAIN
            failure = _Failure(digest, reason, since, now + pause, pause)
            self._failed[student] = failure
            self._say_once(f"{self._name}: {student}: no result: {reason}")

    def _say_once(self, text: str) -> None:
        line = one_line(text)
        if line not in self._said:
            self._said.add(line)
            self._say(line)
