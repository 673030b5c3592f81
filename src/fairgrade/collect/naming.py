"""How LMSs name what a student handed in: whose it is, and what is a student's in it.

Each style is read from the name of a folder or of a file in a download. What stands
there was written by the LMS, but for the name that a student gave the file, which comes
last and decides nothing.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePosixPath

from fairgrade.collect.contents import NOTEBOOK

#: Moodle: "Full Name_12345_assignsubmission_file", with the file behind or inside. The
#: number is the participant's, this assignment's own; in names _ has become a space.
_MOODLE = re.compile(
    r"(?P<name>[^_]+)_(?P<participant>\d+)_assignsubmission_(?P<kind>[a-z]+)"
    r"(?:_(?P<file>.*))?"
)
#: Canvas: lastfirst_LATE_userid_fileid_name; LATE only where it was. Names of people
#: and of files may hold more numbers, so there may be more than one way to read it.
_CANVAS = re.compile(r"_(?P<late>LATE_)?(?=(?P<user>\d+)_\d+_(?P<file>.+)$)")
#: Canvas: what was typed or linked, and is no file.
_CANVAS_TEXT = re.compile(r"_(?P<late>LATE_)?(?=(?P<user>\d+)_(?:text|link)\.html$)")
#: Blackboard: Assignment_user_attempt_2026-12-01-10-00-00_file; its own has no file.
_BLACKBOARD = re.compile(
    r"(?P<before>.+?)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_(?P<file>.+)|\.txt)"
)
#: Brightspace: "12345-678 - Full Name - Dec 1, 2026 1002 AM", then a file or " - file".
_BRIGHTSPACE = re.compile(
    r"\d+-\d+ - (?P<name>.+?) - (?P<time>[^-]*\b\d{4}\b[^-]*?)(?: - (?P<file>.+))?"
)
_BRIGHTSPACE_TIMES = ("%b %d, %Y", "%B %d, %Y", "%d %b, %Y", "%d %B, %Y", "%d %B %Y")
#: Sakai: "Last, First(login)", with a folder of attachments inside.
_SAKAI = re.compile(r"(?P<name>[^()]+)\((?P<login>[^()]+)\)")
_SAKAI_WORK = "submission attachment"
_SAKAI_OWN = re.compile(
    r"(?i)(timestamp|comments)\.txt|.*_submissiontext\.html|feedback attachment.*"
)
_TYPED = "what was typed or linked in Canvas, not a file"
#: Longer names are no LMS's.
_LONGEST = 2_000


@dataclass(frozen=True)
class Hand:
    """A name as an LMS writes it.

    Attributes:
        lms: which one's style it is.
        keys: ids, e-mail addresses or user numbers that may be the student's.
        name: the person's name, as far as it is there.
        number: Moodle's participant number.
        file: what the student called the file.
        other: what it is, if it is no file that was handed in.
        late: whether the LMS says so; it does not say by how much.
        time: of the attempt, for comparison; "" where it is not there.
    """

    lms: str
    keys: tuple[str, ...] = ()
    name: str = ""
    number: str = ""
    file: str = ""
    other: str = ""
    late: bool = False
    time: str = ""


def read_name(path: PurePosixPath) -> list[Hand]:
    """What the first part that an LMS has named says; there may be choices."""
    for index, part in enumerate(path.parts):
        rest = path.parts[index + 1 :]
        if len(part) > _LONGEST:
            continue
        hands = _moodle(part) or _blackboard(part) or _brightspace(part)
        hands = hands or (_sakai(part, rest) if rest else _canvas(part))
        if hands:
            return [replace(h, file=path.name) for h in hands] if rest else hands
    return []


def own_names(path: PurePosixPath, assignment: str) -> list[str]:
    """What the first part of a path may be a student's id, address or name in.

    That is the whole of it, then without the endings of a file, without the number
    that a browser adds, and without the assignment's name.
    """
    text = path.parts[0]
    names = [text]
    if len(path.parts) == 1:
        for ending in sorted(NOTEBOOK, key=len, reverse=True):
            if text.lower().endswith(ending):
                names.append(text[: -len(ending)])
                break
        else:
            names.append(PurePosixPath(text).stem)
        names.append(re.sub(r"\s*\(\d+\)$", "", names[-1]))
        place = names[-1].casefold().find(assignment.casefold())
        if place >= 0:
            stem = names[-1]
            without = stem[:place] + " " + stem[place + len(assignment) :]
            names.append(without.strip(" -_.()[]"))
    return list(dict.fromkeys(filter(None, names)))


def _moodle(part: str) -> list[Hand]:
    found = _MOODLE.fullmatch(part)
    if not found:
        return []
    other = "" if found["kind"] == "file" else f"Moodle's {found['kind']}, not a file"
    file, number = found["file"] or "", found["participant"]
    return [Hand("Moodle", (), found["name"], number, file, other)]


def _canvas(part: str) -> list[Hand]:
    return [
        Hand("Canvas", (m["user"],), part[: m.start()], "", m["file"], late=_late(m))
        for m in _CANVAS.finditer(part)
    ] or [
        Hand("Canvas", (m["user"],), part[: m.start()], "", part, _TYPED, _late(m))
        for m in _CANVAS_TEXT.finditer(part)
    ]


def _late(found: re.Match[str]) -> bool:
    return bool(found["late"])


def _blackboard(part: str) -> list[Hand]:
    found = _BLACKBOARD.fullmatch(part)
    if not found:
        return []
    pieces = found["before"].split("_")[-8:]
    logins = tuple("_".join(pieces[index:]) for index in range(len(pieces)))
    other = "" if found["file"] else "Blackboard's own note"
    file, time = found["file"] or part, found["time"]
    return [Hand("Blackboard", logins, "", "", file, other, time=time)]


def _brightspace(part: str) -> list[Hand]:
    found = _BRIGHTSPACE.fullmatch(part)
    if not found:
        return []
    time = _brightspace_time(found["time"])
    return [Hand("Brightspace", (), found["name"], "", found["file"] or "", time=time)]


def _brightspace_time(text: str) -> str:
    """A time that can be compared, or "?" first where it is in no known form."""
    found = re.fullmatch(r"(.*\d{4})\s+(\d{1,2})(\d\d)\s*([AP]M)?", text.strip(), re.I)
    if found:
        day, hour, minute, half = found.groups()
        clock = f"{hour}:{minute} {half}" if half else f"{hour}:{minute}"
        for form in _BRIGHTSPACE_TIMES:
            whole = f"{form} %I:%M %p" if half else f"{form} %H:%M"
            with contextlib.suppress(ValueError):
                return datetime.strptime(f"{day} {clock}", whole).isoformat()
    return f"?{text.strip()}"


def _sakai(part: str, rest: tuple[str, ...]) -> list[Hand]:
    found = _SAKAI.fullmatch(part)
    if not found:
        return []
    inside = rest[0].casefold().startswith(_SAKAI_WORK)
    own = not inside and _SAKAI_OWN.fullmatch(rest[0])
    other = "Sakai's own note" if own else ""
    return [Hand("Sakai", (found["login"],), found["name"], other=other)]
