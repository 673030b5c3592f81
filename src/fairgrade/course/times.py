"""Times as people, course.yml and nbgrader's exchange write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

import dateutil.parser
import dateutil.tz

#: A time, then its zone as a name or as hours and minutes from UTC.
_ZONED = re.compile(
    r"(?P<time>.*?\d)\s*(?:(?P<sign>[+-])(?P<hours>\d\d?):?(?P<minutes>\d\d)?"
    r"|(?P<name>[A-Za-z][A-Za-z_/+-]{0,40}\d{0,2}))$"
)
#: Names that stand on clocks and in nbgrader's exchange, but in no time zone database.
_HOURS = {
    "WEST": 1, "BST": 1, "CEST": 2, "EEST": 3, "MSK": 3, "AEST": 10, "AEDT": 11,
    "NZST": 12, "NZDT": 13, "EDT": -4, "CDT": -5, "MDT": -6, "PDT": -7, "PST": -8,
    "AKDT": -8, "CST": -6,
}  # fmt: skip


def parse_time(text: str, *, zone: tzinfo | None = UTC) -> datetime:
    """A time with its zone, in any spelling of ISO 8601 or nbgrader's.

    nbgrader's own reader takes "+0100" for a hundred seconds, and a zone it does not
    know for UTC.

    Args:
        zone: of a text that names none; None leaves it without.

    Raises:
        ValueError: it is no time, or its zone is unknown; the message says which.
    """
    text = text.strip().replace("\N{MINUS SIGN}", "-")
    clock = re.search(r"\d:\d\d", text)  # before it, a sign belongs to the date
    zoned = _ZONED.fullmatch(text) if clock else None
    if zoned:
        zone = _zone(zoned)
    try:
        time = dateutil.parser.isoparse(_iso(zoned["time"] if zoned else text))
    except (ValueError, OverflowError) as err:
        raise ValueError(f"{text!r} is not a time, as 2026-12-18 23:59:00") from err
    return time if time.tzinfo else time.replace(tzinfo=zone)


def utc(time: datetime) -> datetime:
    """The same moment as nbgrader keeps it: in UTC, without saying so."""
    return time.astimezone(UTC).replace(tzinfo=None)


def _iso(text: str) -> str:
    return text.strip().replace(",", ".")


def _zone(zoned: re.Match[str]) -> tzinfo:
    if name := zoned["name"]:
        return _named(name)
    hours, minutes = int(zoned["hours"]), int(zoned["minutes"] or 0)
    if hours > 14 or minutes > 59:
        raise ValueError("a time zone is at most 14 hours from UTC")
    east = timedelta(hours=hours, minutes=minutes)
    return timezone(-east if zoned["sign"] == "-" else east)


def _named(name: str) -> tzinfo:
    if name.upper() in ("Z", "UTC", "GMT"):
        return UTC
    if name in _HOURS:
        return timezone(timedelta(hours=_HOURS[name]))
    zone = dateutil.tz.gettz(name)
    if zone is None:
        raise ValueError(f"the time zone {name!r} is not known")
    return zone
