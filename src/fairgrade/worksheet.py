"""Moodle's offline grading worksheet: one assignment's table, to fill in and send back.

Moodle finds its rows by participant number, a number of this assignment alone, which
only this file connects with people. What stands in it beside grades stays as it was,
but for names that a spreadsheet would take for a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from fairgrade.course import Student
from fairgrade.errors import FairgradeError
from fairgrade.texts import table_cell

ID, GRADE = "Identifier", "Grade"
#: Without these three Moodle does not take a worksheet.
NEEDED = (ID, GRADE, "Last modified (grade)")
#: What Moodle reads back, if it is there; the others are for people to look at.
_READ_BACK = {*NEEDED, "Maximum Grade", "Feedback comments"}


@dataclass(frozen=True)
class Worksheet:
    """A worksheet as downloaded: its header, and a list a row."""

    header: list[str]
    rows: list[list[str]]

    def owners(self, students: list[Student]) -> dict[str, Student]:
        """Participant number -> student, by ID number, e-mail or, last, full name.

        A row that fits nobody, or several, is left out.
        """
        found = {}
        for row in self.rows:
            participant = "".join(filter(str.isdigit, self._cell(row, ID)))
            student = self._owner(row, students)
            if participant and student:
                found[participant] = student
        return found

    def filled(self, grades: Mapping[str, float], students: list[Student]) -> str:
        """The worksheet as CSV, with the grades that there are in it.

        Args:
            grades: by student id; whoever is missing keeps the grade of the download.
        """
        column = self.header.index(GRADE)
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(self.header)
        for row in self.rows:
            student = self._owner(row, students)
            if student and student.id in grades:
                row = [*row[:column], f"{grades[student.id]:.2f}", *row[column + 1 :]]
            writer.writerow(
                cell if name in _READ_BACK else table_cell(cell)
                for name, cell in zip_longest(self.header, row, fillvalue="")
            )
        return text.getvalue()

    def _owner(self, row: list[str], students: list[Student]) -> Student | None:
        number = self._cell(row, "ID number")
        email = self._cell(row, "Email address").lower()
        name = self._cell(row, "Full name")
        for fits in (
            [s for s in students if number and s.id == number],
            [s for s in students if email and s.email.lower() == email],
            [s for s in students if s.is_called(name)],
        ):
            if fits:
                return fits[0] if len(fits) == 1 else None
        return None

    def _cell(self, row: list[str], name: str) -> str:
        column = self.header.index(name) if name in self.header else len(row)
        return row[column].strip() if column < len(row) else ""


def read_worksheet(path: Path) -> Worksheet:
    """Read a worksheet as Moodle gives it out, in English.

    Raises:
        FairgradeError: it cannot be read, or lacks a column that Moodle needs.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [row for row in csv.reader(file) if row]
    except (OSError, UnicodeError, csv.Error) as err:
        raise FairgradeError(f"{path} cannot be read as a CSV file: {err}.") from err
    header = [name.strip() for name in rows[0]] if rows else []
    for name in NEEDED:
        if name not in header:
            raise FairgradeError(
                f"{path} has no column '{name}', so it is no grading worksheet. In "
                "Moodle, with the language set to English, choose 'Download grading "
                "worksheet'."
            )
    return Worksheet(header, rows[1:])
