"""Collecting from nbgrader's exchange, where every student can write.

A hand-in is a folder that its student made: STUDENT+ASSIGNMENT+TIME+RANDOM. Whose it is
its owner says, when it came its name together with what the system noted of its files,
and only plain files are taken. What is not taken is named, and waits for a person; the
others are collected.

This is a plugin of nbgrader's, so that `nbgrader collect` and formgrader do the same.
"""

from __future__ import annotations

import contextlib
import fnmatch
import os
import re
import shutil
import stat
import tempfile
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

from nbgrader.exchange.default import ExchangeCollect
from traitlets import Bool

from fairgrade.collect.channels import Collected
from fairgrade.collect.finished import STILL_WRITTEN, unfinished
from fairgrade.collect.hand_ins import HandIn, time_in
from fairgrade.collect.owners import strangers
from fairgrade.collect.placing import put_in_place
from fairgrade.collect.plain_copy import Copied, copy_plain, opened_folder
from fairgrade.collect.received import STAMP, Record, Taken, stamp_of
from fairgrade.course.course import FILE_NAME, Assignment, Course, load_course
from fairgrade.course.folders import submitted_students
from fairgrade.course.times import parse_time
from fairgrade.errors import FairgradeError
from fairgrade.nbgrader_bridge.api import checked, quiet_api_for
from fairgrade.protocol.texts import command, one_line, shown

#: Names that may become folders in submitted/.
_STUDENT = r"(?P<student>[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}?)"
#: How many hand-ins of one student are looked at, the newest first.
_TRIES = 3


def collect_exchange(
    course: Course,
    assignment: Assignment,
    *,
    any_owner: bool = False,
    waits: bool = True,
) -> Collected:
    """Take what students submitted through nbgrader's exchange, the newest of each.

    Args:
        any_owner: take a hand-in whoever owns its folder.
        waits: a little for what is still being written, and names what then still is.

    Raises:
        FairgradeError: there is no exchange, the assignment was not released there, or
            nbgrader could not collect; its reason is the message.
    """
    if course.exchange is None:
        raise FairgradeError(
            "course.yml names no exchange. Name a zip or a folder to collect from, or "
            "add 'exchange: FOLDER'.",
            assignment=assignment.name,
            file=course.root / FILE_NAME,
        )
    api = quiet_api_for(course)
    if any_owner:
        api.config.ExchangeCollect.check_owner = False
    api.config.PlainCollect.waits = waits
    try:
        checked(api.collect(assignment.name, update=True), f"collect {assignment.name}")
    except FairgradeError as err:
        if "Course not found" not in str(err):
            raise
        raise _not_released(assignment) from err
    record = Record.read(course.root, assignment.name)
    collected = Collected(accepted=dict(sorted(record.last.items())))
    known = {s.id for s in course.students()}
    collected.unmatched = [name for name in collected.accepted if name not in known]
    for entry, _, reason in record.named:
        collected.refused[entry] = reason
    given_out = course.root / course.exchange / course.id / "outbound"
    if not (record.last or record.named or (given_out / assignment.name).is_dir()):
        raise _not_released(assignment)
    there = set(submitted_students(course, assignment))
    collected.missing = [s.id for s in course.students() if s.id not in there]
    return collected


def _not_released(assignment: Assignment) -> FairgradeError:
    return FairgradeError(
        f"nbgrader could not collect {assignment.name}: it was not released through "
        f"the exchange yet. Run: {command('fairgrade', 'release', assignment.name)}, "
        "or name a zip or a folder to collect from."
    )


class PlainCollect(ExchangeCollect):
    """nbgrader's collecting, of plain files, each from a folder of its student's."""

    waits = Bool(True, help="a little for what is still being written").tag(config=True)

    def init_src(self) -> None:
        if not self.coursedir.course_id:
            self.fail("No course id specified. Re-run with --course flag.")
        self.inbound_path = os.path.join(self.root, self.coursedir.course_id, "inbound")
        if not os.path.isdir(self.inbound_path):
            self.fail(f"Course not found: {self.inbound_path}")
        if not os.access(self.inbound_path, os.R_OK | os.X_OK):
            self.fail(f"You have no read permissions for: {self.inbound_path}")

    def its_course(self) -> Course:
        return load_course(Path(self.coursedir.root))

    def copy_files(self) -> None:
        name = self.coursedir.assignment_id
        try:
            self.course = self.its_course()
            self.assignment = self.course.assignment(name)
        except FairgradeError as err:
            self.fail(one_line(err))
        self.record = Record.read(self.course.root, name)
        self.record.start()
        with opened_folder(Path(self.inbound_path).resolve()) as inbound:
            found = self._owned(inbound, self._whole(self._listed(inbound)))
            for student in sorted(found):
                newest = self._in_order(found[student])
                try:
                    self._collect(inbound, newest)
                except OSError as err:  # what is in the way of one stops no other
                    reason = f"it could not be put into submitted/: {err.strerror}"
                    self._name(newest[0].folder, student, reason)
        self.record.write()

    def _listed(self, inbound: int) -> list[tuple[str, HandIn]]:
        """Every hand-in of the course, with its assignment."""
        names = "|".join(re.escape(a.name) for a in self.course.assignments)
        hand_in_of = re.compile(
            rf"{_STUDENT}\+(?P<assignment>{names})\+(?P<rest>.+)", re.DOTALL
        )
        found = []
        for folder in sorted(os.listdir(inbound)):
            named = hand_in_of.fullmatch(folder)
            if named is None:
                continue
            student, assignment, rest = named.groups()
            try:
                status = os.stat(folder, dir_fd=inbound, follow_symlinks=False)
            except OSError:  # it is gone
                continue
            ours = assignment == self.coursedir.assignment_id
            time = time_in(rest)
            try:
                at = parse_time(time)
            except ValueError as err:
                at = datetime.min.replace(tzinfo=UTC)
                if ours:
                    self._name(folder, student, f"its name holds no time: {err}")
                    continue
            if ours and not stat.S_ISDIR(status.st_mode):
                self._name(folder, student, "it is a link or a file, not a folder")
                continue
            node = status.st_dev, status.st_ino
            hand_in = HandIn(folder, student, time, at, node, status.st_uid)
            found.append((assignment, hand_in))
        return found

    def _whole(self, listed: list[tuple[str, HandIn]]) -> list[tuple[str, HandIn]]:
        """What is not being written on; the rest is named and there the next time."""
        name = self.coursedir.assignment_id
        ours = {h.folder: h.student for assignment, h in listed if assignment == name}
        left = unfinished(Path(self.inbound_path), ours, waits=self.waits)
        for folder in sorted(left) if self.waits else ():
            self._name(folder, ours[folder], STILL_WRITTEN)
        return [(assignment, h) for assignment, h in listed if h.folder not in left]

    def _owned(
        self, inbound: int, listed: list[tuple[str, HandIn]]
    ) -> dict[str, list[HandIn]]:
        """This assignment's hand-ins by student, without those of somebody else."""
        refused = {}
        if self.check_owner:
            roster = {student.id for student in self.course.students()}
            everybody = [hand_in for _, hand_in in listed]
            refused = strangers(everybody, roster, self._machine(inbound))
        found = defaultdict(list)
        for assignment, hand_in in listed:
            if assignment != self.coursedir.assignment_id:
                continue
            if self.coursedir.student_id not in ("*", hand_in.student):
                continue
            if hand_in.folder in refused:
                reason = refused[hand_in.folder]
                self._name(hand_in.folder, hand_in.student, reason)
            else:
                found[hand_in.student].append(hand_in)
        return found

    def _machine(self, inbound: int) -> set[int]:
        """The users that run the course: what they own, no student made."""
        return {0, os.geteuid(), os.fstat(inbound).st_uid, os.stat(self.root).st_uid}

    def _in_order(self, hand_ins: list[HandIn]) -> list[HandIn]:
        """The newest first; with `before_duedate`, those in time before the others."""
        newest = sorted(hand_ins, key=lambda hand_in: hand_in.at, reverse=True)
        if self.before_duedate:
            due = self.due() or datetime.max.replace(tzinfo=UTC)
            newest.sort(key=lambda hand_in: hand_in.at > due)
        return newest

    def due(self) -> datetime | None:
        """When the assignment is due, if that is known."""
        return self.assignment.due

    def _collect(self, inbound: int, hand_ins: list[HandIn]) -> None:
        for hand_in in hand_ins[:_TRIES]:
            name = self.assignment.name
            target = self.course.folder("submitted", name, hand_in.student)
            if target.exists() and not self._wanted(self._time_of(target), hand_in):
                self.record.last[hand_in.student] = "unchanged"
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=target.parent))
            try:
                copied = self._copied(inbound, hand_in, fresh)
                if copied is None:
                    continue
                self._settle(fresh, hand_in)
                student = hand_in.student
                came = put_in_place(self.course, name, student, fresh)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
                with contextlib.suppress(OSError):  # nothing else is in it
                    target.parent.rmdir()
            self.record.last[student] = came
            self.record.taken[student] = Taken(
                hand_in.folder, hand_in.time, copied.newest
            )
            doing = "Collecting" if came == "new" else "Updating"  # as nbgrader does
            self.log.info("%s submission: %s %s", doing, student, name)
            return

    def _copied(self, inbound: int, hand_in: HandIn, fresh: Path) -> Copied | None:
        """Copy a hand-in; None, with a reason named, where nothing can be graded."""
        machine = self._machine(inbound)
        try:
            with opened_folder(hand_in.folder, inbound) as folder:
                status = os.fstat(folder)
                if (status.st_dev, status.st_ino) != hand_in.node:
                    raise OSError("it was changed while it was collected")
                copied = copy_plain(
                    folder,
                    fresh,
                    most=1000 * self.coursedir.max_dir_size,
                    ignored=self._ignored,
                    owners=frozenset({hand_in.owner, *machine}),
                )
        except OSError as err:
            reason = err.strerror or str(err)
            self._name(hand_in.folder, hand_in.student, reason)
            return None
        for path, reason in copied.refused.items():
            entry = f"{hand_in.folder}/{path}"
            self._name(entry, hand_in.student, f"{shown(path)}: {reason}")
        notebooks = [f for f in copied.files if ".ipynb" in f.lower()]
        return copied if notebooks or not copied.refused else None

    def _ignored(self, name: str) -> bool:
        stamp = name == STAMP  # its time is the folder's
        return stamp or any(fnmatch.fnmatch(name, p) for p in self.coursedir.ignore)

    def _settle(self, fresh: Path, hand_in: HandIn) -> None:
        """Write the exchange's own time, and let people of the course read it."""
        (fresh / STAMP).write_text(hand_in.time)
        shared = self.coursedir.groupshared
        for path in (fresh, *fresh.rglob("*")):
            if path.is_dir():
                path.chmod(0o2775 if shared else 0o755)
            else:
                path.chmod(0o664 if shared else 0o644)

    def _wanted(self, before: datetime | None, hand_in: HandIn) -> bool:
        if self.update and (before is None or hand_in.at > before):
            return True
        return self.before_duedate and before != hand_in.at

    def _time_of(self, target: Path) -> datetime | None:
        try:
            return parse_time(stamp_of(target))
        except (OSError, ValueError):
            return None

    def _name(self, entry: str, student: str, reason: str) -> None:
        self.record.named.append((shown(entry), student, reason))
        self.log.warning("Not collected: %s: %s", shown(entry), reason)
