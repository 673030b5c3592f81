"""A small roster, downloads to collect, and what came of them."""

from __future__ import annotations

import zipfile

from fairgrade.collect.channels import Collected, collect_zip
from fairgrade.collect.worksheet import read_worksheet
from fairgrade.course.course import Course

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
#: A file's path in Moodle's download, of a name and a participant number.
MOODLE = "{}_{}_assignsubmission_file/work.ipynb"


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


def in_the_way(course: Course, student: str) -> None:
    (course.root / "submitted").mkdir()
    (course.root / "submitted" / student).write_text("a file where a folder goes")
