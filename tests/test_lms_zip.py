"""Feedback pages and comments under the names and in the columns that LMSs read."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import pytest

from fairgrade.collect.worksheet import OURS, read_worksheet
from fairgrade.course.course import Course, load_course
from fairgrade.errors import FairgradeError
from fairgrade.feedback.causes import Cause, Kind
from fairgrade.feedback.lms_zip import pack
from fairgrade.report.comments import plain_comment
from fairgrade.report.gather import Result

NAME = "dense-network"
IN_MOODLE = "_assignfeedback_file_feedback-dense-network.html"
ROSTER = """id,first_name,last_name,email,lms_user_id
ada,Ada,Lovelace,ada@example.org,1001
jose,José,Núñez_Pérez,jose@example.org,1002
zoe,Zoé,Müller,zoe@example.org,1004
"""
WORKSHEET = (
    "Identifier,Full name,ID number,Email address,Status,Grade,Maximum Grade,"
    "Grade can be changed,Last modified (submission),Last modified (grade),"
    "Feedback comments\r\n"
    "Participant 71,Ada Lovelace,ada,,Submitted,,25.00,Yes,-,-,\r\n"
    "Participant 72,José Núñez_Pérez,jose,,Submitted,,25.00,Yes,-,-,Well done\r\n"
    "Participant 73,Zoé Müller,zoe,,Submitted,,25.00,Yes,-,-,"
    f'"<p>{OURS} 1 of 25.</p>"\r\n'
)


@pytest.fixture
def pages(course: Course) -> tuple[Course, list[Path]]:
    (course.root / "roster.csv").write_text(ROSTER, encoding="utf-8")
    course = load_course(course.root)
    made = []
    for student in ("ada", "jose", "zoe"):
        page = course.folder("feedback", NAME, student) / f"{NAME}.html"
        page.parent.mkdir(parents=True)
        page.write_text(f"page of {student}")
        made.append(page)
    return course, made


def packed(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def download(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "{}")
    return path


@pytest.mark.parametrize(
    ("names", "expected", "left"),
    [
        # Canvas reads the first two numbers between underscores: user and file.
        (
            [
                "lovelaceada_1001_5551_dense-network.ipynb",
                "nunezperezjose_LATE_1002_5552_3_tries_7.ipynb",
            ],
            {
                "lovelaceada_1001_5551_feedback-dense-network.html": "ada",
                "nunezperezjose_LATE_1002_5552_feedback-dense-network.html": "jose",
            },
            ["zoe"],
        ),
        # Moodle reads the second part between underscores.
        (
            [
                "Ada Lovelace_71_assignsubmission_file/work.ipynb",
                "José Núñez Pérez_72_assignsubmission_file_work.ipynb",
                "Zoé Müller_73_assignsubmission_file/a/b.ipynb",
            ],
            {
                f"Ada Lovelace_71{IN_MOODLE}": "ada",
                f"José Núñez Pérez_72{IN_MOODLE}": "jose",
                f"Zoé Müller_73{IN_MOODLE}": "zoe",
            },
            [],
        ),
        # No LMS's names: a folder a student.
        (
            ["ada.ipynb", "zoe/x.ipynb", "__MACOSX/._jose.ipynb"],
            {
                "ada/feedback-dense-network.html": "ada",
                "zoe/feedback-dense-network.html": "zoe",
            },
            ["jose"],
        ),
    ],
)
def test_pages_go_back_under_the_downloads_own_names(
    pages: tuple[Course, list[Path]],
    tmp_path: Path,
    names: list[str],
    expected: dict[str, str],
    left: list[str],
) -> None:
    course, made = pages
    like = download(tmp_path / "download.zip", *names)
    path = tmp_path / "out" / "pages.zip"
    assert pack(course, course.assignment(NAME), made, path, like=like) == left
    assert packed(path) == {k: f"page of {v}" for k, v in expected.items()}


def test_moodles_numbers_come_from_the_worksheet(
    pages: tuple[Course, list[Path]], tmp_path: Path
) -> None:
    course, made = pages
    sheet = tmp_path / "Grades.csv"
    sheet.write_text(WORKSHEET, encoding="utf-8", newline="")
    path = tmp_path / "pages.zip"
    assert pack(course, course.assignment(NAME), made, path, worksheet=sheet) == []
    assert set(packed(path)) == {
        f"Ada Lovelace_71{IN_MOODLE}",
        f"José Núñez Pérez_72{IN_MOODLE}",
        f"Zoé Müller_73{IN_MOODLE}",
    }


def test_without_an_lms_each_page_lies_in_its_students_folder(
    pages: tuple[Course, list[Path]], tmp_path: Path
) -> None:
    course, made = pages
    path = tmp_path / "pages.zip"
    assert pack(course, course.assignment(NAME), made, path) == []
    assert "ada/feedback-dense-network.html" in packed(path)
    with pytest.raises(FairgradeError, match="Correct the path"):
        pack(course, course.assignment(NAME), made, path, like=tmp_path / "no.zip")


def test_a_comment_takes_no_persons_place(course: Course, tmp_path: Path) -> None:
    (course.root / "roster.csv").write_text(ROSTER, encoding="utf-8")
    students = load_course(course.root).students()
    sheet = tmp_path / "Grades.csv"
    sheet.write_text(WORKSHEET, encoding="utf-8", newline="")
    grades = dict.fromkeys(("ada", "jose", "zoe"), 20.0)
    comments = {
        "ada": f"<p>{OURS} 20 of 25 points.</p>",
        "jose": f"<p>{OURS} other</p>",
        "zoe": f"<p>{OURS} 20 of 25;=cmd</p>",
    }
    data = read_worksheet(sheet).filled(grades, 25, students, comments)
    rows = list(csv.reader(data.decode("utf-8-sig").splitlines()))
    assert [row[-1] for row in rows[1:]] == [
        f"<p>{OURS} 20 of 25 points.</p>",
        "Well done",
        f"<p>{OURS} 20 of 25;'=cmd</p>",
    ]
    without = tmp_path / "plain.csv"
    without.write_text(WORKSHEET.replace("Feedback comments", "x"), encoding="utf-8")
    with pytest.raises(FairgradeError, match="switch on 'Feedback comments'"):
        read_worksheet(without).check_comments()


def test_a_comment_says_what_points_were_lost_for() -> None:
    causes = (
        Cause(Kind.CHECK, 4, "b", "One epoch", "3", "1", "Train longer.", points=1),
        Cause(Kind.GAP, 3, "a", "Step 2 is not filled in", points=3),
    )
    result = Result("ada", "Ada", 14, 2, 20, None, False, False, (), (), causes)
    assert plain_comment(result).splitlines() == [
        f"{OURS} 14 of 20 points, 2 taken off for handing in late.",
        "-3: Step 2 is not filled in",
        "-1: One epoch (expected 3, found 1). Train longer.",
    ]
