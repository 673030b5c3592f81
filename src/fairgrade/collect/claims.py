"""Whose each file of a download is; what fits two people is nobody's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from fairgrade.collect.contents import NOTEBOOK
from fairgrade.collect.naming import Hand, own_names, read_name
from fairgrade.collect.worksheet import Worksheet
from fairgrade.course.people import People, orders, run_together
from fairgrade.course.roster import Student, key

#: So many hyphens are looked at where a group's name may stand before a person's.
_HYPHENS = 20


@dataclass(frozen=True)
class Claim:
    """Whom a file may belong to, and why.

    Attributes:
        students: one, the members of a group, or several that it may be.
        unsure: it may be one of `students` alone, and nobody knows which.
        sender: the same for all that one person has handed in.
        exact: it names its student as the roster does.
        file: what the student called the file.
        near: students with a name like this one, where nobody has it.
        notice: what a person should look at.
        lms, other, late, time: see `fairgrade.collect.naming.Hand`.
    """

    students: tuple[Student, ...] = ()
    unsure: bool = False
    sender: str = ""
    exact: bool = True
    file: str = ""
    near: tuple[Student, ...] = ()
    notice: str = ""
    lms: str = ""
    other: str = ""
    late: bool = False
    time: str = ""


class Owners:
    """Whose a file is, by how it is named.

    Args:
        assignment: its name, which may be a part of a file's.
        worksheet: whose each of Moodle's participant numbers is.
        paths: all of the download, without what is no student's.
    """

    def __init__(
        self,
        students: list[Student],
        assignment: str,
        worksheet: Worksheet | None,
        paths: Iterable[PurePosixPath],
    ) -> None:
        self._students, self._assignment = students, assignment
        self._people = People(students)
        self._participants = worksheet.owners(students) if worksheet else {}
        self._keys: dict[str, list[Student]] = {}
        self._groups: dict[str, list[Student]] = {}
        for student in students:
            for name in {key(student.id), key(student.email), key(student.lms_user_id)}:
                self._keys.setdefault(name, []).append(student)
            for group in student.groups:
                self._groups.setdefault(run_together(group), []).append(student)
        self._keys.pop("", None)
        paths = list(paths)
        self._wrapper = self._common_folders(paths)
        moodle = [h.name for p in paths for h in read_name(p) if h.lms == "Moodle"]
        #: Where groups hand in, Moodle puts one before every name.
        self._in_groups = all("-" in name for name in moodle)

    def claim(self, paths: tuple[PurePosixPath, ...]) -> Claim:
        """Whose a file is.

        Args:
            paths: its path, in every way that it may be read.
        """
        claims = [self._claim(path) for path in paths]
        sure = [c for c in claims if c.students and not c.unsure]
        if not sure:
            return next((c for c in claims if c.students), claims[0])
        best = [c for c in sure if c.exact] or sure
        if any(c.students != best[0].students for c in best):
            everybody = dict.fromkeys(s for c in best for s in c.students)
            return Claim(tuple(everybody), unsure=True)
        return best[0]

    def _claim(self, path: PurePosixPath) -> Claim:
        within = PurePosixPath(*path.parts[self._wrapper :])
        hands = read_name(within)
        top = PurePosixPath(within.parts[0], "x")
        if len(within.parts) > 1 and not read_name(top):
            own = self._by_own_name(within)  # decides before what lies deeper
        else:
            own = None if hands else self._by_own_name(within)
        if own:
            return own
        if hands:
            return self._by_lms(hands)
        words = own_names(within, self._assignment)[-1]
        return Claim(file=path.name, near=tuple(self._people.like(words)))

    def _common_folders(self, paths: list[PurePosixPath]) -> int:
        """How many folders all the others lie in, that are no student's."""
        depth = 0
        while paths:
            first = {path.parts[depth] for path in paths if len(path.parts) > depth + 1}
            inside = all(len(path.parts) > depth + 1 for path in paths)
            if len(first) != 1 or not inside:
                break
            probe = PurePosixPath(*first, "x")
            if read_name(probe) or self._by_own_name(probe):
                break
            depth += 1
        return depth

    def _by_own_name(self, path: PurePosixPath) -> Claim | None:
        """Of a file or folder called by a student's id, address, number or name."""
        file = path.name
        if len(path.parts) == 1:
            named = file.lower().endswith(NOTEBOOK)
            file = self._assignment + (".ipynb" if named else path.suffix)
        names = own_names(path, self._assignment)
        for name in names:
            if keyed := self._keys.get(key(name)):
                return _claim(keyed, file=file, sender="its name")
        called = [(name, self._people.called(name)) for name in names]
        fits = [c for c in called if c[1].students]
        if not fits:
            return None
        name, found = next((c for c in fits if c[1].exact), fits[0])
        sender, notice = "its name", ""
        if not found.exact:
            sender, notice = key(name), _spelled(name, found.students)
        return _claim(
            found.students, file=file, sender=sender, exact=found.exact, notice=notice
        )

    def _by_lms(self, hands: list[Hand]) -> Claim:
        lms = hands[0].lms
        if lms == "Moodle":
            hand, claim = hands[0], self._moodle(hands[0])
        elif lms == "Canvas":
            hand, claim = self._canvas(hands)
        else:
            hand, claim = hands[0], self._keyed(hands[0])
        return Claim(
            claim.students, claim.unsure, f"{lms} {claim.sender}", claim.exact,
            hand.file, claim.near, claim.notice, lms, hand.other, hand.late, hand.time,
        )  # fmt: skip

    def _keyed(self, hand: Hand) -> Claim:
        """By a login; without one, or where nobody has it, by the name."""
        found = [s for name in hand.keys for s in self._keys.get(key(name), [])]
        found = list({s.id: s for s in found}.values())
        if found or not hand.name:
            return _claim(found, sender=" ".join(hand.keys[-1:]))
        return self._named(hand.name, sender=key(hand.name))

    def _moodle(self, hand: Hand) -> Claim:
        if owner := self._participants.get(hand.number):
            return _claim([owner], sender=hand.number)
        claim = self._named(hand.name, sender=hand.number)
        if claim.students:
            return claim
        if members := self._groups.get(run_together(hand.name)):
            return _group(members, hand.name, hand.number)
        cuts = [i for i, sign in enumerate(hand.name) if sign == "-"][:_HYPHENS]
        for cut in cuts:
            group, name = hand.name[:cut], hand.name[cut + 1 :]
            found = self._people.called(name)
            known = run_together(group) in self._groups
            if found.students and (known or self._in_groups):
                notice = f"taken as {_ids(found.students)}'s, of the group {group}"
                return _claim(
                    found.students, sender=hand.number, exact=found.exact, notice=notice
                )
            if found.students:
                return Claim(sender=hand.number, near=found.students)
        return claim

    def _canvas(self, hands: list[Hand]) -> tuple[Hand, Claim]:
        """By the user's number, and by the name whether it is a group's."""
        numbers = {s.lms_user_id: s for s in self._students if s.lms_user_id}
        known = [hand for hand in hands if hand.keys[0] in numbers]
        if not known:
            return hands[0], self._canvas_name(hands[0])
        hand, student = known[0], numbers[known[0].keys[0]]
        if len({h.keys[0] for h in known}) > 1:
            return hand, _claim(numbers[h.keys[0]] for h in known)
        sender, written = hand.keys[0], run_together(hand.name)
        own = {"", *map(run_together, orders(student))}
        if not student.name or written in own:
            return hand, _claim([student], sender=sender)
        if members := self._groups.get(written):
            if student in members:
                return hand, _group(members, hand.name, sender)
            return hand, _claim([student, *members])
        notice = (
            f"taken as {student.id}'s by the number {sender}, though it says "
            f"{hand.name}. If that is a group, name its members (--groups)"
        )
        return hand, _claim([student], sender=sender, notice=notice)

    def _canvas_name(self, hand: Hand) -> Claim:
        """By the name alone, among those whose number is not in the roster."""
        written = run_together(hand.name)
        fits = [
            student
            for student in self._students
            if written and written in {run_together(name) for name in orders(student)}
        ]
        open_ = [student for student in fits if not student.lms_user_id]
        if not open_:
            return Claim(sender=hand.keys[0], near=tuple(fits))
        notice = (
            f"taken as {_ids(open_)}'s by the name; add Canvas's number to the roster"
        )
        return _claim(open_, sender=hand.keys[0], exact=False, notice=notice)

    def _named(self, name: str, sender: str) -> Claim:
        found = self._people.called(name)
        if not found.students:
            return Claim(sender=sender, near=tuple(self._people.like(name)))
        notice = "" if found.exact else _spelled(name, found.students)
        return _claim(found.students, sender=sender, exact=found.exact, notice=notice)


def _claim(
    students: Iterable[Student],
    *,
    sender: str = "",
    exact: bool = True,
    file: str = "",
    notice: str = "",
) -> Claim:
    students = tuple(students)
    unsure = len(students) > 1
    return Claim(students, unsure, sender, exact, file, notice="" if unsure else notice)


def _group(members: list[Student], name: str, sender: str) -> Claim:
    notice = f"given to all of the group {name}: {_ids(members)}"
    return Claim(tuple(members), sender=sender, notice=notice)


def _ids(students: Iterable[Student]) -> str:
    return ", ".join(student.id for student in students)


def _spelled(name: str, students: Iterable[Student]) -> str:
    known = ", ".join(f"{s.id}'s ({s.name})" for s in students)
    return f"taken as {known}, though it says {name}"
