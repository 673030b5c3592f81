"""Whose each file of a download is: by ids, names and numbers as an LMS writes them."""

from __future__ import annotations

import unicodedata
import zipfile

import pytest
from typer.testing import CliRunner

from collecting import MOODLE, NAME, ROSTER, WORKSHEET, submitted, take
from fairgrade.cli import app
from fairgrade.collect.channels import collect_zip
from fairgrade.course.course import Course
from fairgrade.errors import FairgradeError


def test_canvas_finds_students_by_its_user_ids(term: Course) -> None:
    found = take(
        term,
        {
            "lovelaceada_1001_5551_dense-network.ipynb": b"a",
            "darczoé_LATE_1002_5552_dense-network-2.ipynb": b"z",
            "guestann_7777_5553_dense-network.ipynb": b"?",
            "anon_x7Gh2_5554_dense-network.ipynb": b"?",
            "smithjo_1003_5555_photo.jpg": b"?",
        },
    )
    assert found.accepted == {"ada": "new", "zoe": "new"}
    assert submitted(term, "ada") == {"dense-network.ipynb": b"a"}
    # Canvas numbers what is handed in again: that is no name of the student's.
    assert submitted(term, "zoe") == {"dense-network.ipynb": b"z"}
    assert found.late == ["zoe"]
    assert found.unmatched == [
        "guestann_7777_5553_dense-network.ipynb",
        "anon_x7Gh2_5554_dense-network.ipynb",
    ]
    assert found.refused == {
        "smithjo_1003_5555_photo.jpg": "it is a .jpg file, not a notebook"
    }
    assert found.missing == ["jo1", "jo2"]


def test_a_canvas_name_with_numbers_of_its_own_belongs_to_its_student(
    term: Course,
) -> None:
    found = take(term, {"van_der_berg_LATE_1001_9_week_3_4_try.ipynb": b"a"})
    assert found.accepted == {"ada": "new"}
    assert found.late == ["ada"]
    assert submitted(term, "ada") == {"week_3_4_try.ipynb": b"a"}


@pytest.mark.parametrize(
    "entry",
    [
        "evil_1001_1003_5551_work.ipynb",  # jo1 calls himself "evil_1001"
        "smithjo_1003_5551_x_1001_7_work.ipynb",  # or puts ada's id into his file's
    ],
)
def test_nobody_hands_in_for_another(term: Course, entry: str) -> None:
    found = take(term, {entry: b"!"})
    assert found.accepted == {}
    assert "several students" in found.refused[entry]


@pytest.mark.parametrize(
    "entry",
    [
        "Ada Lovelace_71_assignsubmission_file/dense-network.ipynb",
        "Ada Lovelace_71_assignsubmission_file_/dense-network.ipynb",
        "Ada Lovelace_71_assignsubmission_file_dense-network.ipynb",
        "Lovelace Ada_71_assignsubmission_file/dense-network.ipynb",
        "course-71/ADA  LOVELACE_71_assignsubmission_file/dense-network.ipynb",
    ],
)
def test_moodle_names_folders_or_files(term: Course, entry: str) -> None:
    assert take(term, {entry: b"a"}).accepted == {"ada": "new"}
    assert submitted(term, "ada") == {"dense-network.ipynb": b"a"}


def test_a_name_may_be_written_as_a_mac_writes_it(term: Course) -> None:
    name = unicodedata.normalize("NFD", "Zoé d'Arc")
    assert name != "Zoé d'Arc"
    found = take(term, {f"{name}_72_assignsubmission_file/dense-network.ipynb": b"z"})
    assert found.accepted == {"zoe": "new"}


def test_a_file_called_like_anothers_folder_is_not_theirs(term: Course) -> None:
    entry = "Zoé d'Arc_72_assignsubmission_file_Ada Lovelace_71_assignsubmission_file_"
    found = take(term, {f"{entry}x.ipynb": b"z"})
    assert found.accepted == {"zoe": "new"}


def test_two_students_of_one_name_need_the_worksheet(term: Course) -> None:
    files = {
        "Jo Smith_73_assignsubmission_file/dense-network.ipynb": b"1",
        "Jo Smith_74_assignsubmission_file/dense-network.ipynb": b"2",
    }
    found = take(term, files)
    assert found.accepted == {}
    assert set(found.refused.values()) == {
        "it may belong to several students: jo1, jo2"
    }
    found = take(term, files, WORKSHEET)
    assert found.accepted == {"jo1": "new", "jo2": "new"}
    assert submitted(term, "jo1") == {"dense-network.ipynb": b"1"}
    assert submitted(term, "jo2") == {"dense-network.ipynb": b"2"}


def test_blind_moodle_work_is_found_by_its_participant_number(term: Course) -> None:
    files = {"Participant_71_assignsubmission_file/dense-network.ipynb": b"a"}
    assert take(term, files).unmatched == list(files)
    assert take(term, files, WORKSHEET).accepted == {"ada": "new"}


def test_a_resubmission_replaces_and_the_former_one_is_kept(term: Course) -> None:
    entry = "lovelaceada_1001_5551_dense-network.ipynb"
    assert take(term, {entry: b"first"}).accepted == {"ada": "new"}
    assert take(term, {entry: b"first"}).accepted == {"ada": "unchanged"}
    assert take(term, {entry: b"second"}).accepted == {"ada": "newer"}
    assert submitted(term, "ada") == {"dense-network.ipynb": b"second"}
    earlier = (term.root / ".fairgrade" / "earlier" / NAME / "ada").rglob("*.ipynb")
    assert [path.read_bytes() for path in earlier] == [b"first"]


def test_two_files_of_one_name_are_both_kept(term: Course) -> None:
    folder = "Ada Lovelace_71_assignsubmission_file"
    take(term, {f"{folder}/a/work.ipynb": b"1", f"{folder}/b/work.ipynb": b"2"})
    assert submitted(term, "ada") == {"work.ipynb": b"1", "2-work.ipynb": b"2"}


FIRST = "Dense network_{}_attempt_2026-12-01-10-00-00_work.ipynb"
SECOND = "Dense network_{}_attempt_2026-12-02-09-00-00_work.ipynb"


def test_of_several_attempts_the_newest_counts(term: Course) -> None:
    files = {SECOND.format("ada"): b"2", FIRST.format("ada"): b"1"}
    found = take(term, files)
    assert submitted(term, "ada") == {"work.ipynb": b"2"}
    assert found.refused == {FIRST.format("ada"): "ada has a newer attempt"}
    day = "12-34 - Zoé d'Arc - {}/work.ipynb"
    files = {day.format(f"Dec {n}, 2026 {n}02 AM"): b"%d" % n for n in (9, 10, 2)}
    take(term, files)
    assert submitted(term, "zoe") == {"work.ipynb": b"10"}


def test_which_is_newest_is_not_guessed(term: Course) -> None:
    day = "12-34 - Zoé d'Arc - {}/work.ipynb"
    found = take(term, {day.format("1 de marzo 2026"): b"1", day.format("2026"): b"2"})
    assert found.accepted == {}
    assert all("which is the newest" in why for why in found.refused.values())


def test_a_login_in_an_assignments_name_is_not_guessed(term: Course) -> None:
    text = ROSTER.replace("zoe,", "week_ada,")
    (term.root / "roster.csv").write_text(text, encoding="utf-8")
    found = take(term, {FIRST.format("week_ada"): b"?", FIRST.format("jo1"): b"1"})
    assert found.accepted == {"jo1": "new"}
    assert "several students" in found.refused[FIRST.format("week_ada")]


def test_two_peoples_work_for_one_name_is_nobodys(term: Course) -> None:
    files = {
        MOODLE.format("Ada Lovelace", 71): b"1",
        MOODLE.format("Lovelace Ada", 72): b"2",
    }
    found = take(term, files)
    assert found.accepted == {}
    assert set(found.refused.values()) == {"the work of 2 people fits ada"}
    files = {
        MOODLE.format("Ada Lovelace", 71): b"1",
        MOODLE.format("Ada B. Lovelace", 72): b"2",
    }
    found = take(term, files)
    assert submitted(term, "ada") == {"work.ipynb": b"1"}
    assert "another's name fits better" in found.refused[list(files)[1]]


def test_who_has_a_name_like_it_is_named(term: Course) -> None:
    entry = MOODLE.format("Ada Lovelase", 71)
    found = take(term, {entry: b"1"})
    assert found.unmatched == [entry]
    assert found.near == {entry: "ada (Ada Lovelace)"}


def test_a_hyphen_is_a_groups_only_where_all_are_in_groups(term: Course) -> None:
    files = {
        MOODLE.format("Eva-Ada Lovelace", 71): b"1",
        MOODLE.format("Zoé d'Arc", 72): b"2",
    }
    found = take(term, files)
    assert found.accepted == {"zoe": "new"}
    assert found.unmatched == [MOODLE.format("Eva-Ada Lovelace", 71)]
    files = {
        MOODLE.format("Team Rot-Ada Lovelace", 71): b"1",
        MOODLE.format("Default group-Zoé d'Arc", 72): b"2",
        MOODLE.format("Team Rot-Guest Ann", 73): b"3",
    }
    found = take(term, files)
    assert sorted(found.accepted) == ["ada", "zoe"]
    assert found.unmatched == [MOODLE.format("Team Rot-Guest Ann", 73)]


def test_a_groups_file_is_every_members(term: Course) -> None:
    path = term.root / "download.zip"
    entry = "teamrot_1001_5551_work.ipynb"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, b"1")
    groups = term.root / "groups.csv"
    groups.write_text("group_name;login_id\nTeam Rot;ada\nTeam Rot;zoe\nBlau;jo1\n")
    found = collect_zip(term, term.assignment(NAME), path, groups=groups)
    assert found.accepted == {"ada": "new", "zoe": "new"}
    assert "all of the group teamrot: ada, zoe" in found.notices[entry]
    found = collect_zip(term, term.assignment(NAME), path)
    assert found.accepted == {"ada": "unchanged"}
    assert "--groups" in found.notices[entry]
    groups.write_text("group,email\nTeam Rot,zoe@example.org\n")
    found = collect_zip(term, term.assignment(NAME), path, groups=groups)
    assert "several students: ada, zoe" in found.refused[entry]
    groups.write_text("group,id\nTeam Rot,nobody\n")
    with pytest.raises(FairgradeError, match="groups.csv:2: nobody is on no roster"):
        collect_zip(term, term.assignment(NAME), path, groups=groups)
    groups.write_text("team\nRot\n")
    with pytest.raises(FairgradeError, match="no columns 'group' and 'id'"):
        collect_zip(term, term.assignment(NAME), path, groups=groups)


def test_a_canvas_number_that_the_roster_lacks_is_found_by_name(term: Course) -> None:
    text = ROSTER.replace("1002", "")
    (term.root / "roster.csv").write_text(text, encoding="utf-8")
    files = {
        "darczoé_1002_3_work.ipynb": b"z",
        "lovelaceada_2001_1_work.ipynb": b"?",  # another one of her name
        "smithjo_7_1_work.ipynb": b"?",
    }
    found = take(term, files)
    assert found.accepted == {"zoe": "new"}
    assert found.near["lovelaceada_2001_1_work.ipynb"] == "ada (Ada Lovelace)"


def test_the_command_names_every_file_and_says_what_is_missing(
    term: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = term.root / "download.zip"
    names = ["lovelaceada_1001_1_work.ipynb", "darczoé_1002_2_work.pdf", "x\x1b[2J.doc"]
    names += ["__MACOSX/._x", "guest_7_7_work.ipynb"]
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, b"{}")
    monkeypatch.chdir(term.root)
    said = CliRunner().invoke(app, ["collect", NAME, str(path)])
    assert said.exit_code == 0
    assert [n for n in names[1:] if n.replace("\x1b", "?") not in said.output] == []
    assert "\x1b" not in said.output
    assert f"{NAME} has no release yet. Run: fairgrade generate {NAME}" in said.output
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("darczoé_1002_2_work.pdf", b"%PDF")
    said = CliRunner().invoke(app, ["collect", NAME, str(path)])
    assert "refused darczoé_1002_2_work.pdf: it is a PDF" in said.output
    assert isinstance(said.exception, FairgradeError)
