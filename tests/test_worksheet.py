"""Moodle's grading worksheet, as it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from collecting import take
from fairgrade.collect.worksheet import Worksheet, read_worksheet
from fairgrade.course.course import Course
from fairgrade.course.roster import Student
from fairgrade.errors import FairgradeError


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
