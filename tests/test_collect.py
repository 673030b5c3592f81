"""Students' work from folders and from zips named as Canvas and Moodle name them."""

from __future__ import annotations

import os
import unicodedata
import zipfile

import pytest

from fairgrade.collect import Collected, collect_folder, collect_zip
from fairgrade.course import Course
from fairgrade.errors import FairgradeError
from fairgrade.exchange import collect_exchange
from fairgrade.worksheet import read_worksheet

NAME = "dense-network"
ROSTER = """id,first_name,last_name,email,lms_user_id
ada,Ada,Lovelace,ada@example.org,1001
zoe,Zoé,d'Arc,zoe@example.org,1002
jo1,Jo,Smith,jo1@example.org,1003
jo2,Jo,Smith,jo2@example.org,1004
"""
WORKSHEET = (
    "\ufeffIdentifier,Full name,Email address,Status,Grade,Maximum Grade,"
    "Grade can be changed,Last modified (submission),Last modified (grade),"
    "Feedback comments\n"
    'Participant 71,Ada Lovelace,ada@example.org,"Submitted for grading",,20.00,Yes,'
    '"Friday, 11 December 2026, 10:02 PM",-,\n'
    "Participant 73,Jo Smith,JO1@example.org,Submitted for grading,,20.00,Yes,-,-,\n"
    "Participant 74,Jo Smith,jo2@example.org,Submitted for grading,3.00,20.00,Yes,-,-,"
    '"kept, as it is"\n'
)


@pytest.fixture
def term(course: Course) -> Course:
    (course.root / "roster.csv").write_text(ROSTER, encoding="utf-8")
    return course


def take(course: Course, files: dict[str, bytes], worksheet: str = "") -> Collected:
    path = course.root / "download.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    table = None
    if worksheet:
        sheet = course.root / "worksheet.csv"
        sheet.write_text(worksheet, encoding="utf-8")
        table = read_worksheet(sheet)
    return collect_zip(course, course.assignment(NAME), path, table)


def submitted(course: Course, student: str) -> dict[str, bytes]:
    folder = course.root / "submitted" / student / NAME
    return {path.name: path.read_bytes() for path in folder.iterdir()}


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


def test_names_of_files_keep_out_of_other_folders(term: Course) -> None:
    take(term, {"lovelaceada_1001_5_..\\..\\autograded.ipynb": b"a"})
    assert not (term.root / "autograded").exists()
    take(term, {"lovelaceada_1001_5_.; rm -rf ~ $(x).ipynb": b"a"})
    (name,) = submitted(term, "ada")
    assert not set(name) & set(";~$/\\") and not name.startswith((".", "-"))


def test_a_member_that_cannot_be_read_is_named_and_the_rest_goes_on(
    term: Course,
) -> None:
    path = term.root / "download.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("lovelaceada_1001_1_bomb.ipynb", bytes(40 * 2**20))
        archive.writestr("darczoé_1002_2_dense-network.ipynb", b"z")
    found = collect_zip(term, term.assignment(NAME), path)
    assert list(found.refused) == ["lovelaceada_1001_1_bomb.ipynb"]
    assert found.accepted == {"zoe": "new"}


def test_a_zip_of_something_else_says_so(term: Course) -> None:
    found = take(term, {"slides.pdf": b"%PDF"})
    assert found.unmatched == ["slides.pdf"]
    assert not found.has_notebooks


def test_a_folder_holds_a_file_or_a_folder_a_student(term: Course) -> None:
    handed_in = term.root / "handed-in"
    (handed_in / "jo1@example.org").mkdir(parents=True)
    (handed_in / "jo1@example.org" / "mine.ipynb").write_bytes(b"1")
    (handed_in / "Ada.ipynb").write_bytes(b"a")
    (handed_in / "zoe").mkdir()
    (handed_in / "readme.txt").write_text("?")
    found = collect_folder(term, term.assignment(NAME), handed_in)
    assert found.accepted == {"ada": "new", "jo1": "new"}
    assert submitted(term, "ada") == {"dense-network.ipynb": b"a"}
    assert submitted(term, "jo1") == {"mine.ipynb": b"1"}
    assert found.refused == {"zoe": "there is no notebook in it"}
    assert found.unmatched == ["readme.txt"]
    assert found.missing == ["zoe", "jo2"]


def test_links_and_pipes_in_a_folder_are_not_followed(term: Course) -> None:
    handed_in = term.root / "handed-in"
    handed_in.mkdir()
    (handed_in / "ada.ipynb").symlink_to("/etc/passwd")
    os.mkfifo(handed_in / "zoe.ipynb")
    found = collect_folder(term, term.assignment(NAME), handed_in)
    assert found.accepted == {}
    assert found.refused == {
        "ada.ipynb": "it is a link, or cannot be read",
        "zoe.ipynb": "it is not a regular file",
    }


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
    with pytest.raises(FairgradeError, match="could not collect dense-network"):
        collect_exchange(term, term.assignment(NAME))


def test_a_table_that_is_no_worksheet_says_so(term: Course) -> None:
    with pytest.raises(FairgradeError, match="no column 'Identifier'"):
        take(term, {}, "Student,ID\nx,1\n")
