"""The exchange, where every student can write: what is taken of it, and from whom."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nbformat
import pytest

import forking
from exchanging import NOTEBOOK, ODD, collect, inbound, put, reasons, stamp, submitted
from fairgrade.collect.owners import strangers
from fairgrade.collect.received import Record, Taken, receipt
from fairgrade.course.course import Course, load_course
from fairgrade.files import folder_digest
from fairgrade.intake import check_submission
from fairgrade.nbgrader_bridge.api import quiet_api_for
from tiny import NAME, make_course

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
ADA, BEN, HUB = 12001, 12002, 12003


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("made") / "course"
    make_course(root, extra="exchange: exchange")
    (root / "roster.csv").write_text("id\nada\nben\n")
    (root / "exchange" / "tiny" / "inbound").mkdir(parents=True)
    return root


@pytest.fixture
def course(made: Path, tmp_path: Path) -> Course:
    return load_course(shutil.copytree(made, tmp_path / "course"))


@pytest.mark.parametrize("make", ODD)
@pytest.mark.parametrize("place", [NOTEBOOK, "data.csv", "sub/data.csv"])
def test_only_plain_files_are_taken_and_the_rest_is_named(
    course: Course, tmp_path: Path, make, place: str
) -> None:
    outside = tmp_path / "secret" / "secret.ipynb"
    outside.parent.mkdir()
    outside.write_bytes(b"the solution")
    put(course, "ben", b"b")
    folder = put(course, "ada", None if place == NOTEBOOK else b"a")
    (folder / place).parent.mkdir(exist_ok=True)
    make(folder / place, outside)
    found = collect(course)
    taken = {} if place == NOTEBOOK else {NOTEBOOK: b"a"}
    assert submitted(course, "ada") == taken
    assert submitted(course, "ben") == {NOTEBOOK: b"b"}
    assert [place in entry for entry in found.refused] == [True]
    assert found.missing == ([] if taken else ["ada"])
    assert [student for student, _ in reasons(course)] == ["ada"]


def test_a_hand_in_that_is_a_link_is_named(course: Course) -> None:
    real = put(course, "ben", b"b")
    link = inbound(course) / f"ada+{NAME}+{stamp()}+x7Gh2kLmAbCd"
    link.symlink_to(real)
    found = collect(course)
    assert list(found.accepted) == ["ben"]
    assert found.missing == ["ada"]
    assert link.name[:20] in next(iter(found.refused))


def test_what_cannot_be_used_takes_no_earlier_work_away(course: Course) -> None:
    put(course, "ada", b"1", stamp(-5))
    collect(course)
    folder = put(course, "ada", None)
    (folder / NOTEBOOK).symlink_to("/etc/passwd")
    found = collect(course)
    assert submitted(course, "ada") == {NOTEBOOK: b"1"}
    assert found.accepted == {"ada": "unchanged"}
    assert len(found.refused) == len(reasons(course)) == 1
    shutil.rmtree(folder)  # a person has seen to it
    assert collect(course).refused == {} and not reasons(course)


def test_a_name_without_a_time_stops_nobody(course: Course) -> None:
    for name in (f"ada+{NAME}+soon+x", f"..+{NAME}+{stamp()}+x", f"ada+{NAME}", "+++"):
        (inbound(course) / name).mkdir()
    put(course, "ben", b"b")
    found = collect(course)
    assert list(found.accepted) == ["ben"]
    assert "holds no time" in next(iter(found.refused.values()))
    assert not (course.root / NAME).exists()


@pytest.mark.parametrize(
    "when", ["2026-11-20 12:30:00.000001 UTC", "2026-11-20 12:30:00 +0100"]
)
@pytest.mark.parametrize("ending", ["", "+x7Gh2kLmAbCd"])
def test_the_time_is_that_of_the_folders_name(
    course: Course, when: str, ending: str
) -> None:
    folder = put(course, "ada", when=when)
    folder = folder.rename(folder.with_name(f"ada+{NAME}+{when}{ending}"))
    (folder / "timestamp.txt").unlink()
    collect(course)
    stamped = course.root / "submitted" / "ada" / NAME / "timestamp.txt"
    assert stamped.read_text() == when


def test_a_name_may_hold_a_plus(course: Course) -> None:
    put(course, "ada+lovelace@example.org")
    assert collect(course).accepted == {"ada+lovelace@example.org": "new"}


def test_a_student_cannot_choose_a_time(course: Course) -> None:
    for student, forge in (("ada", "2020-01-01 00:00:00 UTC"), ("ben", "never")):
        folder = put(course, student, when="2026-11-20 12:30:00.000000 UTC")
        (folder / "timestamp.txt").write_text(forge)
    collect(course)
    for student in ("ada", "ben"):
        folder = course.root / "submitted" / student / NAME
        taken = Record.read(course.root, NAME).taken[student]
        assert receipt(folder, None, taken=taken).time.startswith("2026-11-20 12:30")


def test_what_was_changed_after_its_time_is_told(course: Course) -> None:
    folder = put(course, "ada", when=stamp(-1))
    due = datetime.now(UTC)
    time.sleep(0.05)
    with (folder / NOTEBOOK).open("r+b") as file:  # in place, and its time put back
        file.write(b"better")
    os.utime(folder / NOTEBOOK, (0, 0))
    put(course, "ben", when=stamp(-1))
    collect(course)
    taken = Record.read(course.root, NAME).taken
    there = course.root / "submitted"
    late = receipt(there / "ada" / NAME, None, taken=taken["ada"], limits=[due])
    assert late.time and "was changed at" in late.doubt
    later = due + timedelta(hours=1)
    for limit in (due - timedelta(minutes=5), later):  # nothing hangs on it
        fine = receipt(there / "ada" / NAME, None, taken=taken["ada"], limits=[limit])
        assert fine.time and not fine.doubt
    old = Taken("", stamp(-60), datetime.now(UTC).timestamp())
    (there / "ben" / NAME / "timestamp.txt").write_text(old.time)
    assert receipt(there / "ben" / NAME, None, taken=old, limits=[later]).doubt


@ROOT_ONLY
def test_a_hand_in_of_another_owner_is_named(course: Course) -> None:
    daemon = pwd.getpwnam("daemon").pw_uid
    for owner in (ADA, daemon):
        folder = put(course, "ada", b"not hers", owner=owner)
        found = collect(course)
        assert found.accepted == {} and found.missing == ["ada", "ben"]
        assert "its owner is" in next(iter(found.refused.values()))
        assert [student for student, _ in reasons(course)] == ["ada"]
        shutil.rmtree(folder)
    put(course, "ada", b"not hers", owner=ADA)
    assert collect(course, any_owner=True).accepted == {"ada": "new"}


@ROOT_ONLY
def test_one_owner_of_everything_says_nothing(course: Course) -> None:
    for student in ("ada", "ben"):
        put(course, student, owner=HUB)
    assert set(collect(course).accepted) == {"ada", "ben"}


@ROOT_ONLY
def test_whoever_owns_the_exchange_may_hand_in_for_anybody(course: Course) -> None:
    os.chown(inbound(course), HUB, HUB)
    put(course, "ada", owner=HUB)
    put(course, "ben", owner=0)
    assert set(collect(course).accepted) == {"ada", "ben"}


@ROOT_ONLY
def test_a_file_put_into_anothers_hand_in_is_named(course: Course) -> None:
    for student in ("ada", "ben"):
        put(course, student, owner=HUB)
    (folder,) = inbound(course).glob("ada+*")
    (folder / "extra.ipynb").write_bytes(b"slipped in")
    os.chown(folder / "extra.ipynb", BEN, BEN)
    found = collect(course)
    assert submitted(course, "ada") == {NOTEBOOK: b"{}"}
    assert "its owner is another" in next(iter(found.refused.values()))


class _Owned:
    def __init__(self, student: str, owner: int) -> None:
        self.student, self.owner, self.folder = student, owner, f"{student}{owner}"


def test_an_owner_of_the_students_name_is_the_student() -> None:
    daemon = pwd.getpwnam("daemon").pw_uid
    own = [_Owned("daemon", daemon), _Owned("ada", daemon), _Owned("ada", 0)]
    assert strangers(own, ["daemon", "ada"], {0}) == {
        f"ada{daemon}": "its owner is daemon, not ada"
    }


@pytest.mark.slow
def test_nbgraders_own_command_collects_in_the_same_way(course: Course) -> None:
    folder = put(course, "ada", None)
    (folder / NOTEBOOK).symlink_to("/etc/passwd")
    put(course, "ben", b"b")
    (course.root / "nbgrader_config.py").write_text(
        "from fairgrade.nbgrader_bridge.config import configure\n"
        "configure(get_config(), __file__)\n"
    )
    home = str(course.root)
    done = forking.run(course.root, "nbgrader", "collect", NAME, HOME=home)
    assert done.returncode == 0, done.stderr
    assert "it is a link" in done.stderr
    assert submitted(course, "ben") == {NOTEBOOK: b"b"} and not submitted(course, "ada")


def test_before_the_due_date_is_nbgraders_option(course: Course) -> None:
    put(course, "ada", b"in time", "2026-12-01 10:00:00.000000 UTC")
    put(course, "ada", b"late", "2026-12-05 10:00:00.000000 UTC")
    api = quiet_api_for(course)
    api.config.ExchangeCollect.before_duedate = True
    assert api.collect(NAME)["success"]
    assert submitted(course, "ada") == {NOTEBOOK: b"in time"}


def test_a_submission_behind_a_link_is_refused(course: Course) -> None:
    there = course.root / "submitted"
    real = there / "ben" / NAME
    real.mkdir(parents=True)
    released = course.root / "release" / NAME / NOTEBOOK
    shutil.copy(released, real)
    (there / "ada").symlink_to(there / "ben")
    (there / "eve").mkdir()
    (there / "eve" / NAME).symlink_to("/")
    blank = nbformat.read(released, as_version=4)
    for student in ("ada", "eve"):
        folder = there / student / NAME
        found = check_submission(folder, course.assignment(NAME), blank, frozenset())
        assert found.notebook is None and "is a link" in found.refusal
        assert folder_digest(folder) != folder_digest(real)
        assert receipt(folder, None) == receipt(there / "nobody" / NAME, None)


def test_a_damaged_record_is_as_good_as_none(tmp_path: Path) -> None:
    record = Record.read(tmp_path, NAME)
    record.taken["ada"] = Taken("f", "t", 1.5)
    record.named.append(("e\udcff", "ada", "it is a link"))
    record.write()
    assert Record.read(tmp_path, NAME) == record
    for text in ("[", "{}", json.dumps({"taken": {"ada": {}}, "named": 1, "last": {}})):
        record.path.write_text(text)
        assert Record.read(tmp_path, NAME).taken == {}


@pytest.mark.parametrize("student", ["jane+dl", "jane.doe", "jane@x.org", "007"])
def test_usual_login_names_hand_in(course: Course, student: str) -> None:
    (course.root / "roster.csv").write_text(f"id\n{student}\njane\ndl\n")
    put(course, student)
    assert collect(course).accepted == {student: "new"}
    assert submitted(course, student) == {NOTEBOOK: b"{}"}
