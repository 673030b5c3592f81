"""Zones of time as text and back, on both sides."""

from __future__ import annotations

import importlib
import re
import zoneinfo
from datetime import UTC, timedelta, timezone, tzinfo
from typing import Any

from fairgrade.kinds.packing import NotDescribed

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]{0,30}(/[A-Za-z0-9_+-]{1,30}){0,3}")
_DAY = 86_400


def zone_form(zone: Any) -> list[Any] | None:
    """The form of a zone; None where there is none.

    Raises:
        NotDescribed: it is of another library.
    """
    if zone is None:
        return None
    if zone is UTC:
        return ["utc"]
    if type(zone) is timezone:
        return ["fixed", int(zone.utcoffset(None).total_seconds())]
    if type(zone) is zoneinfo.ZoneInfo and zone.key:
        return ["zone", zone.key]
    if type(zone).__module__.startswith("pytz") and getattr(zone, "zone", None):
        return ["pytz", zone.zone]
    raise NotDescribed(f"a time zone of the type {type(zone).__name__}")


def read_zone(form: Any) -> tzinfo | None:
    """The zone of a form.

    Raises:
        ValueError: it is none.
    """
    if form is None:
        return None
    kind, *parts = form
    if kind == "utc" and not parts:
        return UTC
    (given,) = parts
    if kind == "fixed" and type(given) is int and -_DAY < given < _DAY:
        return timezone(timedelta(seconds=given))
    if type(given) is not str or not _NAME.fullmatch(given):
        raise ValueError("no zone of time")
    if kind == "zone":
        return zoneinfo.ZoneInfo(given)
    if kind == "pytz":
        # pandas brought it before its version 3.
        found: tzinfo = importlib.import_module("pytz").timezone(given)
        return found
    raise ValueError("no zone of time")
