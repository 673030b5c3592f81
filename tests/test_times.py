"""Times in every spelling that people, LMSs and nbgrader's exchange use."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fairgrade.course.times import parse_time, utc


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [
        ("2026-11-20 12:30:00.000000 UTC", 12, 30),
        ("2026-11-20 12:30:00.000000 +0100", 11, 30),
        ("2026-11-20 12:30:00.000000 -03", 15, 30),
        ("2026-11-20 12:30:00 +01:00", 11, 30),
        ("2026-11-20T12:30:00Z", 12, 30),
        ("2026-11-20T12:30:00+01", 11, 30),
        ("2026-11-20T12:30+5:30", 7, 0),
        ("2026-11-20T12:30:00-0330", 16, 0),
        ("2026-11-20 12:30:00 \N{MINUS SIGN}03:00", 15, 30),
        ("20261120T123000Z", 12, 30),
        ("2026-W47-5T12:30Z", 12, 30),
        ("2026-11-20 12:30:00,5 +01", 11, 30),
        ("2026-11-20 12:30:00 Europe/Berlin", 11, 30),
        ("2026-11-20 12:30:00 CET", 11, 30),
        ("2026-11-20 12:30:00 CEST", 10, 30),
        ("2026-11-20 12:30:00 EDT", 16, 30),
        ("2026-11-20 12:30:00", 12, 30),
    ],
)
def test_a_time_is_the_moment_it_says(text: str, hour: int, minute: int) -> None:
    found = utc(parse_time(text)).replace(second=0, microsecond=0)
    assert found == datetime(2026, 11, 20, hour, minute)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tomorrow", "not a time"),
        ("", "not a time"),
        ("2026-13-01 10:00 UTC", "not a time"),
        ("2026-11-20 12:30:00 Middle/Earth", "zone 'Middle/Earth' is not known"),
        ("2026-11-20 12:30:00 +99", "at most 14 hours"),
    ],
)
def test_what_is_no_time_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_time(text)


def test_a_zone_is_only_added_where_one_may_be() -> None:
    assert parse_time("2026-11-20 12:30").tzinfo is UTC
    assert parse_time("2026-11-20 12:30", zone=None).tzinfo is None
