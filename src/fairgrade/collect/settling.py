"""What becomes of claims that meet: one person's newest attempt, or nobody's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from fairgrade.collect.claims import Claim
from fairgrade.collect.downloads import Entry
from fairgrade.course.roster import Student


@dataclass
class Settled:
    """The files of a download.

    Attributes:
        given: those that are somebody's, each with its students.
        refused: entry -> why nobody gets it.
        unmatched: entries that belong to nobody on the roster.
        near: of these, whose name is like that.
    """

    given: list[tuple[Entry, Claim]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    unmatched: list[str] = field(default_factory=list)
    near: dict[str, str] = field(default_factory=dict)


def settle(claims: Iterable[tuple[Entry, Claim]]) -> Settled:
    """Let everybody have what is surely theirs.

    Where several people's work fits one student, it is that person's whose name is
    spelled as in the roster; of several such, nobody's.
    """
    result, claimed = Settled(), _Claimed()
    sure = []
    for entry, claim in claims:
        name = str(entry.path)
        if not claim.students and entry.problem:
            result.refused[name] = entry.problem
        elif not claim.students:
            result.unmatched.append(name)
            if claim.near:
                near = (f"{s.id} ({s.name})" for s in claim.near)
                result.near[name] = ", ".join(near)
        elif claim.unsure:
            ids = ", ".join(s.id for s in claim.students)
            result.refused[name] = f"it may belong to several students: {ids}"
        else:
            sure.append((entry, claim))
            claimed.add(claim)
    for entry, claim in sure:
        problems = {s: claimed.problem(s, claim) for s in claim.students}
        students = tuple(s for s, problem in problems.items() if not problem)
        if len(students) < len(problems):
            reasons = filter(None, problems.values())
            result.refused[str(entry.path)] = "; ".join(reasons)
        if students:
            result.given.append((entry, replace(claim, students=students)))
    return result


class _Claimed:
    """By student: whose work fits, how well, and of which attempts."""

    def __init__(self) -> None:
        self._exact: dict[str, dict[str, bool]] = {}
        self._times: dict[tuple[str, str], set[str]] = {}

    def add(self, claim: Claim) -> None:
        for student in claim.students:
            senders = self._exact.setdefault(student.id, {})
            exact = senders.get(claim.sender, False) or claim.exact
            senders[claim.sender] = exact
            times = self._times.setdefault((student.id, claim.sender), set())
            times.add(claim.time)

    def problem(self, student: Student, claim: Claim) -> str:
        """Why a file is not this student's, or ""."""
        senders = self._exact[student.id]
        best = [s for s, exact in senders.items() if exact] or list(senders)
        times = self._times[student.id, claim.sender]
        if claim.sender not in best:
            return f"it may be {student.id}'s, but another's name fits better"
        if len(best) > 1:
            return f"the work of {len(best)} people fits {student.id}"
        if len(times) > 1 and any(time[:1] in ("", "?") for time in times):
            return f"{student.id} has several, and which is the newest is not known"
        if claim.time != max(times):
            return f"{student.id} has a newer attempt"
        return ""
