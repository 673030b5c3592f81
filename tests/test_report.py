"""What the class report says of causes and checks, from results that are known."""

from __future__ import annotations

import base64
import math
from dataclasses import replace

import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_output

from fairgrade.feedback.causes import Cause, Follow, Kind
from fairgrade.feedback.results import CellResult
from fairgrade.feedback.rows import Row, Status, rows_of
from fairgrade.lesson.checks import Grading
from fairgrade.report import plots
from fairgrade.report.by_cause import by_cause
from fairgrade.report.gather import Result
from fairgrade.report.items import SURE_FROM, analyse
from fairgrade.report.use_by_cell import use_by_cell
from fairgrade.run.use import OTHERS, CellUse


def cell(place: str, *earned: float | None, whole: float | None = None) -> CellResult:
    """A test cell of checks worth 1 point each; None where one was not measured."""
    rows = tuple(
        Row(
            f"{place} {number}",
            Status.UNMEASURED
            if got is None
            else Status.PASSED
            if got >= 1
            else Status.LOST,
            1.0,
            got,
        )
        for number, got in enumerate(earned)
    )
    points = float(len(rows)) or 2.0
    score = math.fsum(got or 0 for got in earned) if whole is None else whole
    status = Status.PASSED if score >= points else Status.LOST
    return CellResult(1, place, f"Title of {place}", "", points, score, status, rows)


def result(
    student: str, *cells: CellResult, causes: tuple[Cause, ...] = (), **more: bool
) -> Result:
    return Result(
        student=student,
        name="",
        score=math.fsum(c.score for c in cells),
        late=0.0,
        maximum=math.fsum(c.points for c in cells),
        accuracy=None,
        person=False,
        refused=more.get("refused", False),
        notices=(),
        cells=cells,
        causes=causes,
    )


def cause(kind: Kind, what: str, points: float, **more: object) -> Cause:
    values = {"cell": 4, "place": "answer", **more}
    return Cause(kind, what=what, points=points, **values)  # type: ignore[arg-type]


def test_a_cause_of_several_students_is_one_row() -> None:
    wrong = {"place": "check", "hint": "count again"}
    slip = "stops with NameError: name 'relu' is not defined"
    rows = by_cause(
        [
            result(
                "ada", causes=(cause(Kind.CHECK, "differs", 2, found="15", **wrong),)
            ),
            result(
                "ben",
                causes=(
                    cause(Kind.CHECK, "differs", 3, found="20", **wrong),
                    cause(Kind.ERROR, "in cell 4", 4, short=slip),
                ),
            ),
            # The same error, in a notebook with a cell of the student's own above it.
            result("cleo", causes=(cause(Kind.ERROR, "in cell 5", 4, short=slip),)),
            result("dan", causes=(cause(Kind.CHECK, "no points", 0, **wrong),)),
        ]
    )
    assert [(row.points, list(row.students), row.what) for row in rows] == [
        (8, ["ben", "cleo"], slip),
        (5, ["ada", "ben"], "differs"),
    ]
    assert rows[1].values == "15, 20"


def test_different_causes_are_never_one_row() -> None:
    first = cause(Kind.CHECK, "differs", 1, hint="count again")
    others = [
        cause(Kind.CHECK, "differs", 1, hint="count again", place="elsewhere"),
        cause(Kind.CHECK, "differs", 1, hint="it is the other way round"),
        cause(Kind.CHECK, "is missing", 1, hint="count again"),
        cause(Kind.FINDING, "differs", 1, hint="count again"),
    ]
    rows = by_cause(
        [result(str(n), causes=(c,)) for n, c in enumerate([first, *others])]
    )
    assert len(rows) == 5


def test_follow_ons_are_in_the_row_of_their_cause() -> None:
    follows = [Follow(5, "own test", 2.0), Follow(7, "a plot"), Follow(9, "later", 3.0)]
    (row,) = by_cause(
        [result("ada", causes=(cause(Kind.ERROR, "stops", 5, follows=follows),))]
    )
    assert (row.points, row.elsewhere) == (5, 3)


def _class(size: int = 40) -> tuple[list[Result], np.ndarray]:
    """Checks of one ability, and a last one that is right where others are wrong."""
    ability = np.linspace(0, 1, size)
    good = [ability > least for least in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7)]
    table = np.stack([*good, ability < 0.6], axis=1).astype(float)
    return [
        result(f"s{n:04}", cell("a", *row[:3]), cell("b", *row[3:]))
        for n, row in enumerate(table)
    ], table


def test_difficulty_and_discrimination() -> None:
    results, table = _class()
    found = analyse(results)
    assert [item.name for item in found.items] == [
        "a 0",
        "a 1",
        "a 2",
        *(f"b {n}" for n in range(4)),
    ]
    assert [item.share for item in found.items] == pytest.approx(table.mean(axis=0))
    for column, item in enumerate(found.items):
        rest = np.delete(table, column, axis=1).sum(axis=1)
        wanted = np.corrcoef(table[:, column], rest)[0, 1]
        assert item.discrimination == pytest.approx(wanted)
    assert found.items[6].discrimination < -0.5
    assert all(item.discrimination > 0.4 for item in found.items[:6])
    assert [item.fails_the_strong for item in found.items] == [False] * 6 + [True]
    assert found.sure and not analyse(results[: SURE_FROM - 1]).sure


def test_alpha_is_cronbachs() -> None:
    # Worked out by hand: variances 1/3, 1/4 and 1/3 (n - 1), of the sums 5/3.
    table = [(1, 1, 1), (1, 1, 1), (0, 1, 0), (0, 0, 0)]
    found = analyse([result(str(n), cell("a", *row)) for n, row in enumerate(table)])
    variances = [1 / 3, 1 / 4, 1 / 3]
    whole = np.var([3, 3, 1, 0], ddof=1)
    assert found.alpha == pytest.approx(3 / 2 * (1 - sum(variances) / whole))
    same = analyse([result(str(n), cell("a", 1, 1)) for n in range(4)])
    assert same.alpha is None and same.items[0].discrimination is None


def test_denominators_are_honest() -> None:
    found = analyse(
        [
            result("all", cell("a", 1, 1), cell("plain", whole=2)),
            result("half", cell("a", 1, 0), cell("plain", whole=1)),
            # Its test found nothing to check: one row, for all of the cell.
            result("nothing", cell("a", 0), cell("plain", whole=0)),
            result("unmeasured", cell("a", None, 1), cell("plain", whole=2)),
            result("refused", cell("a", 0, 0), refused=True),
        ]
    )
    told = [(item.name, item.passed, item.total) for item in found.items]
    assert told == [("a 0", 2, 3), ("a 1", 2, 4), ("Title of plain", 2, 4)]
    assert (found.submissions, found.complete) == (4, 3)
    assert found.items[2].share == pytest.approx(5 / 8)


@pytest.mark.parametrize("size", [1, 10, 3000])
def test_pictures_hold_for_any_class(size: int) -> None:
    values = np.random.default_rng(0).uniform(0, 1, size)
    for picture in (
        plots.scores([*(20 * values)], 20),
        plots.scores([*(200 * values)], 200),
        plots.accuracies([*values], 0.93),
    ):
        svg = base64.b64decode(picture.partition(",")[2])
        assert len(svg) < 120_000


def test_a_class_of_thousands_is_analysed_in_seconds() -> None:
    results, _ = _class(3000)
    assert analyse(results).items[0].total == 3000


def test_a_check_says_itself_what_accuracy_it_measured() -> None:
    grading = Grading()
    grading.check("Half of it", True, points=1, found="93.1%", accuracy=0.931)
    grading.check("Accuracy in words", True, points=1, found="12%")
    grading.check("Out of reach", True, points=1, accuracy=93.1)
    cell = new_code_cell(
        outputs=[new_output("execute_result", data=grading.score()._repr_mimebundle_())]
    )
    assert [row.accuracy for row in rows_of(cell, "", 3, 3)] == [0.931, None, None]


def used(student: str, whole: float | None = None, **cells: float) -> Result:
    """A submission whose cells took so long, and a MiB for each second."""
    return replace(
        result(student),
        used={name: CellUse(s, int(s)) for name, s in cells.items()},
        whole=None if whole is None else CellUse(whole, int(whole)),
    )


def test_what_cells_take_is_told_of_those_who_ran_them() -> None:
    others = {OTHERS: 2.0}
    found = use_by_cell(
        [
            used("stopped", 3, first=3),
            used("ada", 8, first=1, second=0.5, **others),
            used("ben", 9, first=2, second=0.25, **others),
            used("from an earlier version"),
        ]
    )
    assert [(row.place, row.total, row.seconds) for row in found.rows] == [
        ("first", 3, (2, 3)),
        ("second", 2, (0.375, 0.5)),
        (OTHERS, 2, (2, 2)),
    ]
    assert [row.noted for row in found.rows] == [True, False, True]
    assert found.rows[0].peaks == (2, 3)
    (whole,) = found.whole
    assert (whole.total, whole.seconds, found.measured) == (3, (8, 9), 3)
    assert use_by_cell([used("x")]).rows == use_by_cell([]).rows == ()


def test_far_above_is_who_takes_many_times_the_median_and_long() -> None:
    quick = [used(f"s{n}", cell=0.1) for n in range(40)]
    (row,) = use_by_cell([*quick, used("five", cell=5.0), used("six", cell=6.0)]).rows
    assert [(who.student, seconds) for who, seconds in row.far] == [("six", 6.0)]
    slow = [used(f"s{n}", cell=10.0) for n in range(3)]
    (row,) = use_by_cell([*slow, used("a", cell=50.0), used("b", cell=51.0)]).rows
    assert [who.student for who, _ in row.far] == ["b"]
    many = [used(f"f{n:02}", cell=7.0 + n) for n in range(15)]
    (row,) = use_by_cell([*quick, *many]).rows
    assert row.named[0][0].student == "f14" and (len(row.named), row.unnamed) == (12, 3)
    unknown = replace(result("x"), used={"cell": CellUse(1.0)})
    assert use_by_cell([unknown]).rows[0].peaks is None
