"""What is collected from the exchange, and what is still being written anywhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from collecting import NAME, in_the_way, submitted
from fairgrade.cli import app
from fairgrade.collect import finished
from fairgrade.collect.exchange import collect_exchange
from fairgrade.collect.finished import STILL_WRITTEN
from fairgrade.course.course import Course
from fairgrade.errors import FairgradeError
from fairgrade.gradebook.queue import waiting


def submit(course: Course, student: str, time: str, content: bytes) -> Path:
    """What `nbgrader submit` leaves in the exchange; its folder."""
    inbound = course.root / course.exchange / course.id / "inbound"
    folder = inbound / f"{student}+{NAME}+{time} UTC+x7Gh2kLm"
    folder.mkdir(parents=True)
    (folder / "timestamp.txt").write_text(f"{time} UTC")
    (folder / f"{NAME}.ipynb").write_bytes(content)
    (folder / "submission_secret.txt").write_text("a" * 64)
    folder.chmod(0o777)
    return folder


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


def test_what_is_still_being_written_is_named_and_there_the_next_time(
    term: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finished, "_PATIENCE_SECONDS", 0.3)
    monkeypatch.setattr(finished, "QUIET_SECONDS", 60.0)
    assignment = term.assignment(NAME)
    submit(term, "ada", "2026-12-01 10:00:00.000000", b"1")
    half = submit(term, "ada", "2026-12-02 10:00:00.000000", b"2")
    (half / "submission_secret.txt").unlink()
    found = collect_exchange(term, assignment)
    assert found.accepted == {"ada": "new"}
    assert found.refused == {half.name: STILL_WRITTEN}
    assert submitted(term, "ada")["dense-network.ipynb"] == b"1"
    (why,) = [item for item in waiting(term, assignment) if item.reason == "exchange"]
    assert STILL_WRITTEN in why.text
    monkeypatch.setattr(finished, "QUIET_SECONDS", 0.0)
    found = collect_exchange(term, assignment)
    assert (found.accepted, found.refused) == ({"ada": "newer"}, {})
    assert submitted(term, "ada")["dense-network.ipynb"] == b"2"
    assert not [i for i in waiting(term, assignment) if i.reason == "exchange"]


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


def test_what_is_still_being_written_into_a_folder_is_named(
    term: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(term.root)
    monkeypatch.setattr(finished, "_PATIENCE_SECONDS", 0.3)
    monkeypatch.setattr(finished, "QUIET_SECONDS", 60.0)
    folder = tmp_path / "download"
    folder.mkdir()
    (folder / "ada.ipynb").write_bytes(b"{")
    said = CliRunner().invoke(app, ["collect", NAME, str(folder)])
    assert f"refused ada.ipynb: {STILL_WRITTEN}" in said.stdout
    assert not (term.root / "submitted" / "ada").exists()
    monkeypatch.setattr(finished, "_PATIENCE_SECONDS", 60.0)
    monkeypatch.setattr(finished, "QUIET_SECONDS", 0.5)
    (folder / "ada.ipynb").write_bytes(b"{}")  # it is waited for
    said = CliRunner().invoke(app, ["collect", NAME, str(folder)])
    assert "Collected 1 submissions: 1 new" in said.stdout
    assert "refused" not in said.stdout
    assert list(submitted(term, "ada").values()) == [b"{}"]
