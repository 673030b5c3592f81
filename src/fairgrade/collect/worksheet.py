"""Moodle's offline grading worksheet: one assignment's table, to fill in and send back.

Moodle finds its rows by participant number, a number of this assignment alone, which
only this file connects with people. What stands in it beside grades stays as it was,
but for names that a spreadsheet would take for a formula.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from fairgrade.course.people import People
from fairgrade.course.roster import Student, key
from fairgrade.course.sheets import Form, read_sheet
from fairgrade.errors import FairgradeError
from fairgrade.protocol.texts import table_cell

ID, GRADE, MAXIMUM = "Identifier", "Grade", "Maximum Grade"
COMMENTS = "Feedback comments"
#: How a comment of ours begins, so that it is known when it comes back.
OURS = "Automatic feedback:"
#: Without these three Moodle does not take a worksheet.
NEEDED = (ID, GRADE, "Last modified (grade)")
#: What Moodle reads back, if it is there; the others are for people to look at.
_READ_BACK = {*NEEDED, MAXIMUM, COMMENTS}


@dataclass(frozen=True)
class Worksheet:
    """A worksheet as downloaded: its header, a list a row, and how it was written."""

    path: Path
    header: list[str]
    rows: list[list[str]]
    form: Form

    def owners(self, students: list[Student]) -> dict[str, Student]:
        """Participant number -> student, by ID number, e-mail or, last, full name.

        A row that fits nobody, or several, is left out; so are rows that fit the same
        student equally well.
        """
        return {
            participant: student
            for row, student in self._owned(students)
            if (participant := "".join(filter(str.isdigit, self._cell(row, ID))))
        }

    def named(self, students: list[Student]) -> dict[str, tuple[str, str]]:
        """Student id -> the participant number and full name that Moodle has."""
        return {
            student.id: (number, self._cell(row, "Full name"))
            for row, student in self._owned(students)
            if (number := "".join(filter(str.isdigit, self._cell(row, ID))))
        }

    def filled(
        self,
        grades: Mapping[str, float],
        maximum: float,
        students: list[Student],
        comments: Mapping[str, str] | None = None,
    ) -> bytes:
        """The worksheet as a file, with the grades that there are in it.

        Args:
            comments: HTML by student id; they take the place of none, or of one that
                was written by this before. A person's comment stays.
            grades: by student id; whoever is missing keeps the grade of the download.
            maximum: what the grades are of; where Moodle's maximum is another, they
                are scaled.
        """
        column = self.header.index(GRADE)
        owners = {id(row): student for row, student in self._owned(students)}
        rows: list[list[object]] = [list(self.header)]
        for row in self.rows:
            student = owners.get(id(row))
            if student and comments and student.id in comments:
                row = self._commented(row, comments[student.id])
            if student and student.id in grades:
                scale = (self._maximum(row) or maximum) / maximum
                grade = f"{grades[student.id] * scale:.2f}"
                row = [*row[:column], grade, *row[column + 1 :]]
            rows.append(
                [
                    cell if name in _READ_BACK else table_cell(cell)
                    for name, cell in zip_longest(self.header, row, fillvalue="")
                ]
            )
        return self.form.write(rows)

    def check_comments(self) -> None:
        """See that it has a column for comments.

        Raises:
            FairgradeError: it has none.
        """
        if COMMENTS not in self.header:
            raise FairgradeError(
                f"{self.path} has no column '{COMMENTS}'. In the assignment's settings "
                "in Moodle switch on 'Feedback comments', then download it again.",
                file=self.path,
            )

    def _commented(self, row: list[str], comment: str) -> list[str]:
        column = self.header.index(COMMENTS)
        row = [*row, *[""] * (column + 1 - len(row))]
        if row[column].strip() and OURS not in row[column]:
            return row
        return [*row[:column], str(table_cell(comment)), *row[column + 1 :]]

    def check_maximum(self, maximum: float, name: str) -> None:
        """Compare Moodle's maximum with the assignment's.

        Raises:
            FairgradeError: they differ, so that a grade would mean something else.
        """
        for row in self._participants():
            text = self._cell(row, MAXIMUM)
            if text and self._maximum(row) != maximum:
                raise FairgradeError(
                    f"{self.path} has a maximum grade of {text}, {name} has "
                    f"{maximum:g} points. Set Moodle's maximum grade to {maximum:g}, "
                    "or add --scale to convert the grades.",
                    file=self.path,
                )

    def check_scalable(self) -> None:
        """See that Moodle's maximum is a number.

        Raises:
            FairgradeError: it is not, as where Moodle grades in words.
        """
        for row in self._participants():
            text = self._cell(row, MAXIMUM)
            if text and not self._maximum(row):
                raise FairgradeError(
                    f"{self.path} has a maximum grade of '{text}', which is no number. "
                    "Let Moodle grade by points.",
                    file=self.path,
                )

    def _participants(self) -> list[list[str]]:
        """The rows that are somebody's, without sums and notes of a spreadsheet."""
        return [r for r in self.rows if any(map(str.isdigit, self._cell(r, ID)))]

    def _maximum(self, row: list[str]) -> float | None:
        text = self._cell(row, MAXIMUM)
        if "." in text and "," in text:  # the first one parts thousands
            text = text.replace(min(".,", key=text.index), "")
        try:
            number = float(text.replace(",", "."))
        except ValueError:
            return None
        return number if 0 < number < math.inf else None

    def _owned(self, students: list[Student]) -> list[tuple[list[str], Student]]:
        """The rows that are one student's, each with its student."""
        people = People(students)
        best: dict[str, tuple[int, list[list[str]]]] = {}
        for row in self.rows:
            rank, student = self._owner(row, students, people)
            if student is not None:
                former, rows = best.get(student.id, (rank, []))
                if rank < former:
                    rows = []
                if rank <= former:
                    best[student.id] = rank, [*rows, row]
        by_id = {student.id: student for student in students}
        return [
            (rows[0], by_id[name]) for name, (_, rows) in best.items() if len(rows) == 1
        ]

    def _owner(
        self, row: list[str], students: list[Student], people: People
    ) -> tuple[int, Student | None]:
        """Whose a row is, and by what: the lower, the surer."""
        number = key(self._cell(row, "ID number"))
        email = key(self._cell(row, "Email address"))
        called = people.called(self._cell(row, "Full name"))
        for rank, fits in enumerate(
            (
                [s for s in students if number and key(s.id) == number],
                [s for s in students if email and key(s.email) == email],
                list(called.students),
            )
        ):
            if fits:
                spelling = 0 if rank < 2 or called.exact else 1
                return rank + spelling, fits[0] if len(fits) == 1 else None
        return 0, None

    def _cell(self, row: list[str], name: str) -> str:
        column = self.header.index(name) if name in self.header else len(row)
        return row[column].strip() if column < len(row) else ""


def read_worksheet(path: Path) -> Worksheet:
    """Read a worksheet as Moodle gives it out, in English, or as it was saved again.

    Raises:
        FairgradeError: it cannot be read, or lacks a column that Moodle needs.
    """
    sheet = read_sheet(path)
    header = [name.strip() for name in sheet.header.cells]
    for name in NEEDED:
        if name not in header:
            raise FairgradeError(
                f"{path} has no column '{name}', so it is no grading worksheet. In "
                "Moodle, with the language set to English, choose 'Download grading "
                "worksheet'.",
                file=path,
            )
        if header.count(name) > 1:
            raise FairgradeError(
                f"{path} has two columns '{name}', and which is Moodle's is not known. "
                "Remove the other.",
                file=path,
            )
    return Worksheet(path, header, [row.cells for row in sheet.rows], sheet.form)
