"""What is collected from the exchange."""

from __future__ import annotations

import pytest

from collecting import NAME, in_the_way, submitted
from fairgrade.collect.exchange import collect_exchange
from fairgrade.course.course import Course
from fairgrade.errors import FairgradeError


def submit(course: Course, student: str, time: str, content: bytes) -> None:
    """What `nbgrader submit` leaves in the exchange."""
    inbound = course.root / course.exchange / course.id / "inbound"
    folder = inbound / f"{student}+{NAME}+{time} UTC+x7Gh2kLm"
    folder.mkdir(parents=True)
    (folder / "timestamp.txt").write_text(f"{time} UTC")
    (folder / f"{NAME}.ipynb").write_bytes(content)


def test_the_exchange_gives_the_newest_of_each(term: Course) -> None:
    assignment = term.assignment(NAME)
    submit(term, "ada", "2026-12-01 10:00:00.000000", b"1")
    submit(term, "zoe", "2026-12-01 11:00:00.000000", b"z")
    submit(term, "eve", "2026-12-01 12:00:00.000000", b"?")
    found = collect_exchange(term, assignment)
    assert found.accepted == {"ada": "new", "zoe": "new", "eve": "new"}
    assert found.unmatched == ["eve"]  # kept, and named: she is not on the roster
    assert found.missing == ["jo1", "jo2"]
    submit(term, "ada", "2026-12-02 10:00:00.000000", b"2")
    found = collect_exchange(term, assignment)
    assert (found.accepted["ada"], found.accepted["zoe"]) == ("newer", "unchanged")
    assert submitted(term, "ada")["dense-network.ipynb"] == b"2"


def test_without_a_release_the_exchange_says_so(term: Course) -> None:
    with pytest.raises(FairgradeError, match="not released.*fairgrade release"):
        collect_exchange(term, term.assignment(NAME))
    submit(term, "ada", "2026-12-01 10:00:00.000000", b"1")
    other = next(a for a in term.assignments if a.name != NAME)
    with pytest.raises(FairgradeError, match=f"{other.name}: it was not released"):
        collect_exchange(term, other)
    (term.root / term.exchange / term.id / "outbound" / other.name).mkdir(parents=True)
    assert collect_exchange(term, other).accepted == {}  # nobody handed in yet


def test_without_an_exchange_it_says_what_to_do(term: Course) -> None:
    none = term.model_copy(update={"exchange": None})
    with pytest.raises(FairgradeError, match="names no exchange"):
        collect_exchange(none, none.assignment(NAME))


def test_what_is_in_the_way_of_one_stops_no_other_in_the_exchange(
    term: Course,
) -> None:
    in_the_way(term, "ada")
    submit(term, "ada", "2026-12-01 10:00:00.000000", b"1")
    submit(term, "zoe", "2026-12-01 11:00:00.000000", b"z")
    found = collect_exchange(term, term.assignment(NAME))
    assert found.accepted == {"zoe": "new"}
    assert "could not be put" in " ".join(found.refused.values())
