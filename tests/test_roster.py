"""The roster as people, spreadsheets and LMSs save it; what is in it counts at once."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

import tiny
from fairgrade.course.course import Course
from fairgrade.course.enrolment import strangers
from fairgrade.course.roster import read_roster
from fairgrade.errors import CourseError
from fairgrade.gradebook.queue import waiting
from fairgrade.gradebook.tables import export_grades
from fairgrade.nbgrader_bridge.api import quiet_api_for

TEXT = """id,first_name,last_name,email,lms_user_id
ada,Ada,Lovelace,ada@example.org,1001
zoe,Zoé,"Müller, jr.",zoe@example.org,0042
"""


def write(folder: Path, data: str | bytes) -> Path:
    path = folder / "roster.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def as_rows(path: Path) -> list[tuple[str, ...]]:
    return [
        (s.id, s.first_name, s.last_name, s.email, s.lms_user_id)
        for s in read_roster(path).students
    ]


ROWS = [
    ("ada", "Ada", "Lovelace", "ada@example.org", "1001"),
    ("zoe", "Zoé", "Müller, jr.", "zoe@example.org", "0042"),
]
OTHER = (
    TEXT.replace('"Müller, jr."', "\0").replace(",", ";").replace("\0", "Müller, jr.")
)


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.encode("cp1252"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        OTHER.encode(),
        OTHER.replace(";", "\t").encode("utf-16"),
        b"sep=;\r\n" + OTHER.encode("cp1252"),
        b"sep=,\n" + TEXT.encode(),
        TEXT.replace(",", ", ").replace(', "', ',"').encode(),
        TEXT.replace("ada,Ada", " ada ,\tAda ").encode(),
        TEXT.replace("\n", "\n,,,,\n  , ,,,\n\n").encode(),
        TEXT.replace("id,first_name", "ID,First Name").encode(),
        TEXT.replace("last_name,email", "SURNAME,E-Mail address").encode(),
        TEXT.replace("lms_user_id", "lms_user_id,section").replace("01\n", "01,A\n"),
        TEXT.replace(",1001", ",1001.0").encode(),
        TEXT.replace(",0042", ',"=""0042"""').encode(),
        TEXT.replace("ada,", '"ada",').encode(),
        "\n\n" + TEXT,
    ],
)
def test_a_roster_is_read_however_it_was_saved(
    tmp_path: Path, data: str | bytes
) -> None:
    assert as_rows(write(tmp_path, data)) == ROWS


@pytest.mark.parametrize(
    ("data", "row"),
    [
        (  # Moodle, the list of participants
            "First name,Last name,ID number,Email address,Groups\n"
            'Ada,Lovelace,s1234567,ada@x.org,"Rot, Blau"\n',
            ("s1234567", "Ada", "Lovelace", "ada@x.org", ""),
        ),
        (  # Canvas, the gradebook
            "Student,ID,SIS User ID,SIS Login ID,Section,Work (4711)\n"
            ",,,,,Manual Posting\n    Points Possible,,,,,10\n"
            '"Lovelace, Ada",1001,S-7,ada@x.org,DL,\n"Student, Test",999,,,DL,\n',
            ("ada@x.org", "Ada", "Lovelace", "", "1001"),
        ),
        (  # Blackboard
            '"Last Name"\t"First Name"\t"Username"\t"Student ID"\n'
            '"Lovelace"\t"Ada"\t"ada.l"\t"00123"\n',
            ("00123", "Ada", "Lovelace", "", ""),
        ),
        (  # Brightspace
            "OrgDefinedId,Username,Last Name,First Name,Email,"
            "End-of-Line Indicator\n#00123,#ada,Lovelace,Ada,ada@x.org,#\n",
            ("ada", "Ada", "Lovelace", "ada@x.org", ""),
        ),
        (  # Sakai
            'Student ID,Student Name,Section\nada,"Lovelace, Ada",\n',
            ("ada", "Ada", "Lovelace", "", ""),
        ),
    ],
)
def test_what_an_lms_exports_is_a_roster(
    tmp_path: Path, data: str, row: tuple[str, ...]
) -> None:
    assert as_rows(write(tmp_path, data)) == [row]


def test_columns_left_out_and_equal_names_are_told(tmp_path: Path) -> None:
    text = "id,first_name,last_name,Section\na,Jo,Li,1\nb,JO,Li,2\n"
    assert read_roster(write(tmp_path, text)).notices == [
        "columns that are not used: Section",
        "of one name: a, b",
    ]
    notices = read_roster(write(tmp_path, TEXT.encode("cp1252"))).notices
    assert notices == ["it is not in UTF-8, and was read as Windows-1252"]


@pytest.mark.parametrize(
    "name",
    ["jane.doe", "jane@uni.example", "s1234567", "00123", "jane+dl", "a_b-c", "Q"],
)
def test_usual_login_names_are_ids(tmp_path: Path, name: str) -> None:
    assert as_rows(write(tmp_path, f"id\n{name}\n"))[0][0] == name


@pytest.mark.parametrize(
    "name",
    ["..", ".", "a/b", "a\\b", ".hidden", "-x", "+x", "a b", "a*", "a?", "[a]", "a,b"]
    + ["\x1b[2J", "a\x00b", "a" * 101, "ends.", "é", "a:b"],
)
def test_what_is_no_folders_name_is_no_id(tmp_path: Path, name: str) -> None:
    with pytest.raises(CourseError) as caught:
        read_roster(write(tmp_path, f'id\nada\n"{name}"\n'))
    assert "roster.csv:3: id" in str(caught.value) or "is no CSV" in str(caught.value)
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        ("ada,a@x.org,1\nben,b@x.org,2\nada,c@x.org,3", ("line 2", "line 4", "'ada'")),
        ("ada,a@x.org,1\nben,b@x.org,2\nADA,c@x.org,3", ("line 2", "line 4", "'ADA'")),
        ("ada,a@x.org,1\nben,A@X.org,2", ("line 2", "line 3", "e-mail address")),
        ("ada,a@x.org,1\nben,b@x.org,1.0", ("line 2", "line 3", "lms_user_id")),
        ("ada,a@x.org,1\nA@x.org,b@x.org,2", ("line 2", "line 3", "'A@x.org'")),
    ],
)
def test_two_lines_that_could_be_taken_for_each_other_are_refused(
    tmp_path: Path, lines: str, named: tuple[str, ...]
) -> None:
    with pytest.raises(CourseError) as caught:
        read_roster(write(tmp_path, f"id,email,lms_user_id\n{lines}\n"))
    assert [text for text in named if text not in str(caught.value)] == []


def test_nothing_shared_but_blanks_and_an_id_that_is_the_address(
    tmp_path: Path,
) -> None:
    text = "id,email,lms_user_id\na@x.org,A@x.org,\nben,,\ncleo,,\n"
    assert len(read_roster(write(tmp_path, text)).students) == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("\n,,\n", "is empty"),
        ("name,phone\nAda,1\n", "roster.csv:1: no column has the students' ids"),
        ("id,first_name\n,Ada\n", "roster.csv:2: has no id"),
        ("id,ID\na,b\n", "roster.csv:1: two columns are called 'ID'"),
        ("id,last_name\na,Lovelace, Ada\n", "roster.csv:2: has more cells"),
        ("id\n1.23457E+11\n", "roster.csv:2: id '1.23457E\\+11' is a number that"),
        ("id,lms_user_id\na,1,2E+05\n", "roster.csv:2"),
        ("id,first_name\na," + "x" * 129 + "\n", "longer than 128"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(CourseError, match=message):
        read_roster(write(tmp_path, text))


def test_columns_that_nobody_reads_may_be_called_alike(tmp_path: Path) -> None:
    text = "id,Feedback,first_name,Feedback\nada,a,Ada,b\n"
    (ada,) = read_roster(write(tmp_path, text)).students
    assert (ada.id, ada.first_name) == ("ada", "Ada")


def test_all_that_is_wrong_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(CourseError) as caught:
        read_roster(write(tmp_path, "id\na b\n..\nada\nada\n"))
    assert len(str(caught.value).splitlines()) == 3


def test_a_picture_is_no_roster(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="Save it as CSV in UTF-8"):
        read_roster(write(tmp_path, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\x81"))
    (tmp_path / "roster.csv").unlink()
    with pytest.raises(CourseError, match="is missing"):
        read_roster(tmp_path / "roster.csv")


@pytest.fixture
def enrolled(tmp_path: Path) -> Course:
    course = tiny.make_course(tmp_path / "course")
    write(course.root, TEXT)
    return course


def canvas(course: Course) -> dict[str, list[str]]:
    path = course.root / "canvas.csv"
    export_grades(course, "canvas", path)
    with path.open(newline="", encoding="utf-8") as file:
        return {row[3]: row[:2] for row in list(csv.reader(file))[2:]}


def hand_in_for(course: Course, student: str) -> None:
    """An entry of the gradebook, as grading makes it."""
    with Gradebook(f"sqlite:///{course.root}/gradebook.db", course.id) as gradebook:
        gradebook.update_or_create_student(student)
        gradebook.update_or_create_submission(tiny.NAME, student)


@pytest.mark.slow
def test_enrolment_and_corrections_count_at_the_next_command(
    enrolled: Course,
) -> None:
    assert canvas(enrolled)["ada"] == ["Lovelace, Ada", "1001"]
    late = "emmy,Emmy,Noether,emmy@example.org,1005\n"
    write(enrolled.root, TEXT.replace("1001", "2001").replace("Ada,", "Ada B.,") + late)
    assert canvas(enrolled) == {
        "ada": ["Lovelace, Ada B.", "2001"],
        "zoe": ["Müller, jr., Zoé", "0042"],
        "emmy": ["Noether, Emmy", "1005"],
    }
    write(enrolled.root, TEXT.replace("ada@example.org", ""))
    quiet_api_for(enrolled)
    with Gradebook(f"sqlite:///{enrolled.root}/gradebook.db", "tiny") as gradebook:
        assert gradebook.find_student("ada").email is None


def test_who_left_keeps_grades_and_a_mistyped_id_goes(enrolled: Course) -> None:
    canvas(enrolled)
    hand_in_for(enrolled, "zoe")
    write(enrolled.root, TEXT.replace("zoe,", "zoey,").replace("ada,", "adal,"))
    found = canvas(enrolled)
    # Zoe's work stays, and the LMS would not take it for the one she is now.
    assert found == {
        "adal": ["Lovelace, Ada", "1001"],
        "zoe": ["Müller, jr., Zoé", ""],
        "zoey": ["Müller, jr., Zoé", "0042"],
    }


def test_a_column_that_is_not_there_changes_nothing(enrolled: Course) -> None:
    canvas(enrolled)
    write(enrolled.root, "id\nada\nzoe\n")
    assert canvas(enrolled)["zoe"] == ["Müller, jr., Zoé", "0042"]


def test_who_is_on_no_roster_is_named(enrolled: Course) -> None:
    assignment = enrolled.assignment(tiny.NAME)
    tiny.hand_in(enrolled, {"ada": "doubled = 4", "Zoe": "doubled = 4.0", "Max M": ""})
    write(enrolled.root, TEXT)
    assert strangers(enrolled, assignment) == {"Zoe": "zoe", "Max M": ""}
    found = [item for item in waiting(enrolled, assignment) if item.reason == "roster"]
    assert [item.student for item in found] == ["Max M", "Zoe"]
    assert "Is it zoe's?" in found[1].text
    hand_in_for(enrolled, "Zoe")
    exported = export_grades(enrolled, "canvas", enrolled.root / "canvas.csv")
    assert exported.strangers == ["Zoe"]
