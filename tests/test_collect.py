"""Students' work from folders and from zips named as Canvas and Moodle name them."""

from __future__ import annotations

import contextlib
import os
import unicodedata
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fairgrade.cli import app
from fairgrade.cli.collected import lines
from fairgrade.collect.channels import Collected, collect_folder, collect_zip
from fairgrade.collect.exchange import collect_exchange
from fairgrade.collect.worksheet import Worksheet, read_worksheet
from fairgrade.course.course import Course
from fairgrade.course.roster import Student
from fairgrade.errors import FairgradeError

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


MOODLE = "{}_{}_assignsubmission_file/work.ipynb"


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


@pytest.mark.parametrize("encoding", ["utf-8", "cp437", "cp850", "cp1252"])
def test_names_in_a_zip_of_an_old_program(term: Course, encoding: str) -> None:
    raw = MOODLE.format("Zoé d'Arc", 72).encode(encoding)
    path = term.root / "download.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x" * len(raw), b"z")
    path.write_bytes(path.read_bytes().replace(b"x" * len(raw), raw))
    assert collect_zip(term, term.assignment(NAME), path).accepted == {"zoe": "new"}


def test_a_name_that_no_disk_takes_is_shortened(term: Course) -> None:
    long = "深度学习作业" * 30
    files = {
        f"lovelaceada_1001_1_{long}.ipynb": b"a",
        f"lovelaceada_1001_2_{long}.ipynb": b"b",
        "darczoé_1002_3_work.ipynb": b"z",
    }
    assert sorted(take(term, files).accepted) == ["ada", "zoe"]
    assert sorted(submitted(term, "ada").values()) == [b"a", b"b"]
    assert set(take(term, files).accepted.values()) == {"unchanged"}


def test_what_cannot_be_read_is_named_whosever_it_is(term: Course) -> None:
    found = take(term, {"../x.ipynb": b"1", "darczoé_1002_3_work.ipynb": b"z"})
    assert found.accepted == {"zoe": "new"}
    assert found.refused == {"../x.ipynb": "its path leads out of the archive"}


@pytest.mark.parametrize("name", [".ipynb", "...ipynb", "$$$.ipynb", "-.ipynb"])
def test_a_file_without_a_name_gets_one(term: Course, name: str) -> None:
    assert take(term, {f"lovelaceada_1001_1_{name}": b"a"}).accepted == {"ada": "new"}
    (stored,) = submitted(term, "ada")
    assert stored in {"notebook.ipynb", "___.ipynb"}


def test_an_entry_that_is_there_twice_is_taken_once(term: Course) -> None:
    path = term.root / "download.zip"
    with zipfile.ZipFile(path, "w") as archive, pytest.warns(UserWarning):
        for content in (b"1", b"1"):
            archive.writestr("lovelaceada_1001_1_work.ipynb", content)
    found = collect_zip(term, term.assignment(NAME), path)
    assert found.accepted == {"ada": "new"}
    assert submitted(term, "ada") == {"work.ipynb": b"1"}


def test_one_students_thousand_files_leave_the_others(term: Course) -> None:
    files = {f"lovelaceada_1001_{n}_{n}.ipynb": b"%d" % n for n in range(150)}
    found = take(term, {**files, "darczoé_1002_3_work.ipynb": b"z"})
    assert sorted(found.accepted) == ["ada", "zoe"]
    assert len(submitted(term, "ada")) + len(found.refused) == 150


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


def in_the_way(course: Course, student: str) -> None:
    (course.root / "submitted").mkdir()
    (course.root / "submitted" / student).write_text("a file where a folder goes")


def test_what_is_in_the_way_of_one_stops_no_other(
    term: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    in_the_way(term, "ada")
    for student in ("ada", "zoe"):
        (tmp_path / f"{student}.ipynb").write_bytes(b"{}")
    found = collect_folder(term, term.assignment(NAME), tmp_path)
    assert found.accepted == {"zoe": "new"} and [*found.failed] == ["ada"]
    (told,) = [line for line in lines(found) if "not put into submitted/" in line]
    assert "ada" in told and "Remove it" in told


def test_what_is_in_the_way_of_one_stops_no_other_in_the_exchange(
    term: Course,
) -> None:
    in_the_way(term, "ada")
    submit(term, "ada", "2026-12-01 10:00:00.000000", b"1")
    submit(term, "zoe", "2026-12-01 11:00:00.000000", b"z")
    found = collect_exchange(term, term.assignment(NAME))
    assert found.accepted == {"zoe": "new"}
    assert "could not be put" in " ".join(found.refused.values())


@pytest.mark.parametrize("stop", [KeyboardInterrupt, OSError(28, "full")])
def test_a_collection_that_is_cut_off_leaves_what_was_there(
    term: Course, monkeypatch: pytest.MonkeyPatch, stop: BaseException
) -> None:
    take(term, {"ada.ipynb": b"1"})
    moved = Path.rename

    def cut_off(path: Path, target: Path) -> None:
        raise stop

    monkeypatch.setattr(Path, "rename", cut_off)
    with contextlib.suppress(KeyboardInterrupt):
        take(term, {"ada.ipynb": b"2"})
    monkeypatch.setattr(Path, "rename", moved)
    assert list(submitted(term, "ada").values()) == [b"1"]
    assert [p.name for p in (term.root / "submitted" / "ada").iterdir()] == [NAME]


def worksheet(folder: Path, rows: str, grade: str = "Grade") -> Worksheet:
    path = folder / "worksheet.csv"
    header = f"Identifier,Full name,{grade},Maximum Grade,Last modified (grade)\n"
    path.write_text(header + rows)
    return read_worksheet(path)


@pytest.mark.parametrize(
    ("maximum", "grade"),
    [("20.00", "10.00"), ('"20,0"', "10.00"), ('"1.000,00"', "500.00")],
)
def test_a_maximum_is_read_as_it_is_written(
    tmp_path: Path, maximum: str, grade: str
) -> None:
    table = worksheet(tmp_path, f"Participant 7,Ada Lovelace,,{maximum},-\nSum,,,99,\n")
    table.check_scalable()  # a row that a spreadsheet added says nothing
    ada = Student(id="ada", first_name="Ada", last_name="Lovelace")
    assert f",{grade}," in table.filled({"ada": 5}, 10, [ada]).decode()


@pytest.mark.parametrize("maximum", ["0", "inf", "nan", "-5", "50 %", "Good"])
def test_what_is_no_maximum_is_not_scaled_to(tmp_path: Path, maximum: str) -> None:
    table = worksheet(tmp_path, f"Participant 7,Ada Lovelace,,{maximum},-\n")
    with pytest.raises(FairgradeError, match="is no number"):
        table.check_scalable()


def test_two_columns_for_the_grade_are_not_guessed(tmp_path: Path) -> None:
    with pytest.raises(FairgradeError, match="two columns 'Grade'"):
        worksheet(tmp_path, "Participant 7,Ada Lovelace,,,20,-\n", "Grade,Grade")


def test_a_table_that_is_no_worksheet_says_so(term: Course) -> None:
    with pytest.raises(FairgradeError, match="no column 'Identifier'"):
        take(term, {}, "Student,ID\nx,1\n")
