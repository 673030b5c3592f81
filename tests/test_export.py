"""Tables of grades in the layouts that Canvas and Moodle read, and for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

import forking
from conftest import copy_course
from fairgrade.authoring.generate import generate
from fairgrade.collect.worksheet import read_worksheet
from fairgrade.course.course import Course, load_course
from fairgrade.errors import FairgradeError
from fairgrade.gradebook.accepting import accept
from fairgrade.gradebook.tables import export_grades
from fairgrade.gradebook.worksheets import fill_worksheet

PREPARING, IMPROVING = "preparing-data", "improving-your-network"
ROSTER = """id,first_name,last_name,email,lms_user_id
ada,Ada,Lovelace,ada@example.org,1001
ben,Ben,=HYPERLINK("http://x"),ben@example.org,
eve,Eve,"O'Neill, jr.",eve@example.org,1003
zoe,Zoé,Müller,zoe@example.org,1004
"""


def read(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Ada has 5.33 of 10, Zoé 0; Eve's essay waits for a person; Ben has nothing."""
    course = copy_course(tmp_path_factory.mktemp("course"))
    (course.root / "roster.csv").write_text(ROSTER, encoding="utf-8")
    text = (course.root / "course.yml").read_text()
    (course.root / "course.yml").write_text(
        text.replace("- name: preparing-data\n", "- name: preparing-data\n    "
                     'lms_name: "Preparing data (4711)"\n')
    )  # fmt: skip
    course = load_course(course.root)
    for name in (PREPARING, IMPROVING):
        generate(course, course.assignment(name))
    with Gradebook(f"sqlite:///{course.root}/gradebook.db", course.id) as gradebook:
        for student, assignment, points in (
            ("ada", PREPARING, {"one-hot-test": 3, "scale-test": 2.334}),
            ("zoe", PREPARING, {}),
            ("eve", IMPROVING, {"gap-test": 1}),
        ):
            submission = gradebook.add_submission(assignment, student)
            gradebook.db.flush()
            for grade in submission.notebooks[0].grades:
                grade.auto_score = points.get(grade.name, 0)
                grade.needs_manual_grade = grade.name == "reflection"
        gradebook.db.commit()
    return course


def test_canvas_gets_its_own_columns(graded: Course, tmp_path: Path) -> None:
    path = tmp_path / "canvas.csv"
    waiting = export_grades(graded, "canvas", path).waiting
    rows = read(path)
    assert rows[0][:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert rows[1][:5] == ["    Points Possible", "", "", "", ""]
    column = rows[0].index("Preparing data (4711)")
    assert rows[1][column] == "10.0"
    by_id = {row[3]: row for row in rows[2:]}
    assert by_id["ada"][:4] == ["Lovelace, Ada", "1001", "ada", "ada"]
    assert by_id["ada"][column] == "5.33"
    assert by_id["zoe"][column] == "0.0"
    assert waiting == ["eve (improving-your-network)"]


def test_what_is_not_graded_is_empty_and_not_0(graded: Course, tmp_path: Path) -> None:
    path = tmp_path / "canvas.csv"
    export_grades(graded, "canvas", path)
    header, _, *rows = read(path)
    cells = {row[3]: dict(zip(header, row, strict=True)) for row in rows}
    assert cells["ben"]["Preparing data (4711)"] == ""  # nothing handed in
    assert cells["eve"][IMPROVING] == ""  # a person has yet to mark a part


def test_no_name_is_a_formula(graded: Course, tmp_path: Path) -> None:
    for style in ("canvas", "moodle", "detail"):
        path = tmp_path / f"{style}.csv"
        export_grades(graded, style, path)
        cells = [cell for row in read(path) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]
    assert any("'=HYPERLINK" in cell for row in read(tmp_path / "moodle.csv")
               for cell in row)  # fmt: skip


def test_moodle_gets_a_column_an_assignment(graded: Course, tmp_path: Path) -> None:
    path = tmp_path / "moodle.csv"
    export_grades(graded, "moodle", path)
    header, *rows = read(path)
    assert header[:4] == ["First name", "Last name", "ID number", "Email address"]
    column = header.index("Assignment: Preparing data (4711) (Real)")
    by_id = {row[2]: row for row in rows}
    assert by_id["zoe"][:4] == ["Zoé", "Müller", "zoe", "zoe@example.org"]
    assert (by_id["ada"][column], by_id["ben"][column]) == ("5.33", "")


def test_detail_has_a_row_a_graded_cell(graded: Course, tmp_path: Path) -> None:
    path = tmp_path / "detail.csv"
    export_grades(graded, "detail", path)
    header, *rows = read(path)
    table = [dict(zip(header, row, strict=True)) for row in rows]
    scale = next(r for r in table if (r["student"], r["cell"]) == ("ada", "scale-test"))
    assert (scale["automatic"], scale["manual"], scale["of"]) == ("2.334", "", "3.0")
    reflection = next(r for r in table if r["cell"] == "reflection")
    assert (reflection["student"], reflection["needs_person"]) == ("eve", "True")


WORKSHEET = (
    "\ufeffIdentifier,Full name,ID number,Email address,Status,Grade,Maximum Grade,"
    "Grade can be changed,Last modified (submission),Last modified (grade),"
    "Feedback comments\r\n"
    'Participant 7,Ada Lovelace,ada,,Submitted,,"10,00",Yes,"Friday, 11 May",-,\r\n'
    "Participant 8,Zoé Müller,,zoe@example.org,Submitted,4.00,10.00,Yes,-,-,"
    '"a ""b"""\r\n'
    "Participant 9,Ben Nobody,ben,,No submission,,10.00,Yes,-,-,\r\n"
)


def test_moodles_worksheet_is_filled_and_otherwise_left_alone(
    graded: Course, tmp_path: Path
) -> None:
    given = tmp_path / "Grades-DL-Preparing data-4711.csv"
    given.write_text(WORKSHEET, encoding="utf-8", newline="")
    path = tmp_path / "filled.csv"
    told = fill_worksheet(graded, PREPARING, read_worksheet(given), path)
    assert told.left == []
    before = list(csv.reader(WORKSHEET.splitlines()))
    after = read(path)
    assert [row[5] for row in after] == ["Grade", "5.33", "0.00", ""]
    assert [row[:5] + row[6:] for row in after] == [r[:5] + r[6:] for r in before]


def test_who_is_not_in_the_worksheet_is_named(graded: Course, tmp_path: Path) -> None:
    given = tmp_path / "worksheet.csv"
    given.write_text("\r\n".join(WORKSHEET.splitlines()[:2]), encoding="utf-8")
    told = fill_worksheet(
        graded, PREPARING, read_worksheet(given), tmp_path / "filled.csv"
    )
    assert told.left == ["zoe"]


@pytest.mark.parametrize(
    ("encoding", "separator", "line_end"),
    [("utf-8", ";", "\r\n"), ("utf-16", "\t", "\r\n"), ("cp1252", ",", "\n")],
)
def test_a_worksheet_is_written_as_it_was(
    graded: Course, tmp_path: Path, encoding: str, separator: str, line_end: str
) -> None:
    rows = list(csv.reader(WORKSHEET.removeprefix("\ufeff").splitlines()))
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator=line_end).writerows(rows)
    given, path = tmp_path / "worksheet.csv", tmp_path / "filled.csv"
    given.write_bytes(text.getvalue().encode(encoding))
    fill_worksheet(graded, PREPARING, read_worksheet(given), path)
    expected = text.getvalue().replace("4.00", "0.00")
    submitted = f"Submitted{separator}"
    expected = expected.replace(submitted + separator, f"{submitted}5.33{separator}")
    assert path.read_bytes() == expected.encode(encoding)


def test_a_worksheet_of_another_maximum_is_refused_or_scaled(
    graded: Course, tmp_path: Path
) -> None:
    given, path = tmp_path / "worksheet.csv", tmp_path / "filled.csv"
    text = WORKSHEET.replace('"10,00"', "100").replace("10.00", "100.00")
    given.write_text(text, encoding="utf-8")
    with pytest.raises(FairgradeError, match="maximum grade of 100, preparing-data"):
        fill_worksheet(graded, PREPARING, read_worksheet(given), path)
    assert not path.exists()
    fill_worksheet(graded, PREPARING, read_worksheet(given), path, scale=True)
    assert [row[5] for row in read(path)[1:3]] == ["53.34", "0.00"]
    given.write_text(text.replace(",100,", ",Satisfactory,"), encoding="utf-8")
    for scale in (False, True):
        with pytest.raises(FairgradeError, match="Satisfactory"):
            fill_worksheet(graded, PREPARING, read_worksheet(given), path, scale=scale)


def test_a_worksheet_of_what_was_not_generated_says_so(
    graded: Course, tmp_path: Path
) -> None:
    given = tmp_path / "worksheet.csv"
    given.write_text(WORKSHEET, encoding="utf-8")
    with pytest.raises(FairgradeError, match="Run: fairgrade generate dense-network"):
        sheet = read_worksheet(given)
        fill_worksheet(graded, "dense-network", sheet, tmp_path / "filled.csv")


def test_two_of_one_name_in_a_worksheet_are_not_guessed(
    graded: Course, tmp_path: Path
) -> None:
    given, path = tmp_path / "worksheet.csv", tmp_path / "filled.csv"
    head, *_ = WORKSHEET.splitlines(keepends=True)
    row = "Participant {},Ada Lovelace,{},,Submitted,,10.00,Yes,-,-,\r\n"
    given.write_text(head + row.format(7, "") + row.format(8, ""), newline="")
    told = fill_worksheet(graded, PREPARING, read_worksheet(given), path)
    assert [row[5] for row in read(path)[1:]] == ["", ""]
    assert "ada" in told.left
    given.write_text(head + row.format(7, "") + row.format(8, "ada"), newline="")
    fill_worksheet(graded, PREPARING, read_worksheet(given), path)
    assert [row[5] for row in read(path)[1:]] == ["", "5.33"]


def test_what_is_in_review_is_in_no_table_for_an_lms(
    graded: Course, tmp_path: Path
) -> None:
    folder = graded.root / "autograded" / "ada" / PREPARING
    folder.mkdir(parents=True)
    notebook = json.loads(
        (graded.root / "release" / PREPARING / f"{PREPARING}.ipynb").read_text()
    )
    notebook["metadata"]["fairgrade"] = {"findings": ["Its optimizer counted 0 steps."]}
    (folder / f"{PREPARING}.ipynb").write_text(json.dumps(notebook))
    given, path = tmp_path / "worksheet.csv", tmp_path / "table.csv"
    given.write_text(WORKSHEET, encoding="utf-8")
    try:
        for style in ("canvas", "moodle"):
            told = export_grades(graded, style, path)
            assert f"ada ({PREPARING})" in told.waiting
            assert "5.33" not in path.read_text()
        told = fill_worksheet(graded, PREPARING, read_worksheet(given), path)
        assert (told.waiting, told.left) == ([f"ada ({PREPARING})"], [])
        assert [row[5] for row in read(path)[1:]] == ["", "0.00", ""]
        export_grades(graded, "detail", path)
        header, *rows = read(path)
        table = [dict(zip(header, row, strict=True)) for row in rows]
        assert {r["outcome"] for r in table if r["student"] == "ada"} == {"review"}
        accept(graded, graded.assignment(PREPARING), "ada")
        assert f"ada ({PREPARING})" not in export_grades(graded, "canvas", path).waiting
        assert "5.33" in path.read_text()
    finally:
        shutil.rmtree(folder)


@pytest.mark.slow
def test_nbgraders_own_command_writes_the_same(graded: Course, tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.csv", tmp_path / "theirs.csv"
    export_grades(graded, "canvas", ours)
    exporter = "--exporter=fairgrade.gradebook.tables.CanvasExporter"
    command = ["nbgrader", "export", exporter, f"--to={theirs}"]
    forking.run(graded.root, *command).check_returncode()
    assert theirs.read_bytes() == ours.read_bytes()


def test_a_table_is_written_whole_or_not_at_all(graded: Course, tmp_path: Path) -> None:
    path = tmp_path / "missing" / "grades.csv"
    with pytest.raises(FairgradeError, match="cannot be written"):
        export_grades(graded, "canvas", path)
    assert not path.parent.exists()


def test_without_a_gradebook_it_says_what_to_run(
    course: Course, tmp_path: Path
) -> None:
    with pytest.raises(FairgradeError, match="Run: fairgrade generate"):
        export_grades(course, "canvas", tmp_path / "grades.csv")
