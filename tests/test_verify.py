"""An assignment tried out before release: what passes, what survives, what is held."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook
from typer.testing import CliRunner

from conftest import copy_course
from fairgrade.authoring.generate import generate, read_source
from fairgrade.authoring.new import new_assignment
from fairgrade.cli import app
from fairgrade.course.course import Course, load_course
from fairgrade.errors import FairgradeError
from fairgrade.grading.allowed import cell_seconds
from fairgrade.judge.attempt import Attempt
from fairgrade.judge.verdict import CellVerdict
from fairgrade.lesson.checks import Grading
from fairgrade.verify.judgement import Judgement, Layout, Status, judge_variant
from fairgrade.verify.outcome import Outcome, outcome_of
from fairgrade.verify.page import page
from fairgrade.verify.record import check_verified
from fairgrade.verify.trial import Trial
from fairgrade.verify.variants import Variant, all_variants
from fairgrade.verify.verification import Verification, verify

NAME = "first-steps"
TWO = Layout(
    order=("gap-a", "check-a", "test-a", "gap-b", "check-b", "test-b"),
    gaps=frozenset({"gap-a", "gap-b"}),
    visible=frozenset({"check-a", "check-b"}),
    hidden=frozenset({"test-a", "test-b"}),
)
STOPS = "NotImplementedError: Step 1 is not filled in yet."


OPEN = {"test-a": "could not be measured"}
HOSTILE = Variant(
    "hostile",
    "it lies",
    cell="gap-a",
    nothing=frozenset({"test-a"}),
    less=frozenset({"test-b"}),
)


def outcome(a: float, b: float, **more: object) -> Outcome:
    """What came of a notebook with two tests worth 2 points each."""
    return Outcome({"test-a": 2, "test-b": 2}, {"test-a": a, "test-b": b}, **more)


def status(variant: Variant, found: Outcome) -> Status:
    judgement = judge_variant(variant, found, TWO)
    assert bool(judgement.reasons) is not judgement.good
    return judgement.status


def mutant(cell: str, **more: object) -> Variant:
    return Variant("mutant", "a mistake", cell=cell, **more)


@pytest.mark.parametrize(
    ("variant", "found", "expected"),
    [
        (Variant("solution", "s"), outcome(2, 2), Status.RIGHT),
        (Variant("solution", "s"), outcome(2, 1), Status.FALSE_ALARM),
        (
            Variant("equivalent", "e"),
            outcome(2, 2, errors={"check-a": "CheckFailed: no"}),
            Status.FALSE_ALARM,
        ),
        (
            Variant("solution", "s"),
            outcome(2, 2, noisy=("check-a",)),
            Status.FALSE_ALARM,
        ),
        (
            Variant("blank", "b"),
            outcome(0, 0, errors=dict.fromkeys(TWO.order, STOPS)),
            Status.RIGHT,
        ),
        (
            Variant("blank", "b"),
            outcome(0, 1, errors=dict.fromkeys(TWO.order, STOPS)),
            Status.POINTS_FOR_NOTHING,
        ),
        (
            Variant("blank", "b"),
            outcome(0, 0, errors=dict.fromkeys(("gap-a", "gap-b", "check-a"), STOPS)),
            Status.POINTS_FOR_NOTHING,
        ),
        (mutant("gap-a"), outcome(0, 2), Status.KILLED),
        (mutant("gap-a"), outcome(2, 0), Status.KILLED),  # what it does shows later
        (mutant("gap-a"), outcome(2, 2), Status.SURVIVED),
        (mutant("gap-a", accepted="no mistake"), outcome(2, 2), Status.ACCEPTED),
        (mutant("gap-a"), outcome(2, 2, unmeasured=OPEN), Status.UNMEASURED),
        (
            mutant("gap-a", accepted="a person looks at it"),
            outcome(2, 2, unmeasured=OPEN),
            Status.ACCEPTED,
        ),
        (HOSTILE, outcome(0, 0), Status.KILLED),
        (HOSTILE, outcome(0, 0, unmeasured=OPEN), Status.KILLED),
        (HOSTILE, outcome(0.5, 0), Status.POINTS_FOR_NOTHING),
        (HOSTILE, outcome(0, 1), Status.KILLED),  # what else it asks for is right
        (HOSTILE, outcome(0, 2), Status.POINTS_FOR_NOTHING),
        (replace(HOSTILE, accepted="it is easy"), outcome(2, 2), Status.ACCEPTED),
        (mutant("gap-b"), outcome(0, 1), Status.OTHER_POINTS),
        (mutant("gap-b", loses=("test-b",)), outcome(2, 1), Status.KILLED),
        (mutant("gap-b", loses=("test-b",)), outcome(1, 1), Status.OTHER_POINTS),
        (mutant("gap-b", loses=0.5), outcome(2, 1.5), Status.KILLED),
        (mutant("gap-b", loses=0.5), outcome(2, 1), Status.OTHER_POINTS),
        (mutant("gap-b", loses=0.5), outcome(2, 2), Status.SURVIVED),
        (
            mutant("gap-a"),
            outcome(0, 2, faults={"test-a": "KeyError"}),
            Status.TEST_FAULT,
        ),
        (
            Variant("gap left blank", "g", cell="gap-b"),
            outcome(2, 0, errors={"gap-b": STOPS, "check-b": "NameError: b"}),
            Status.KILLED,
        ),
        (
            Variant("gap left blank", "g", cell="gap-b"),
            outcome(2, 0, errors={"gap-b": STOPS}),  # its check passes
            Status.SURVIVED,
        ),
        (
            Variant("gap left blank", "g", cell="gap-b"),
            outcome(2, 0, errors={"gap-b": "NameError: b", "check-b": "NameError: b"}),
            Status.SURVIVED,
        ),
    ],
)
def test_what_an_outcome_says_of_the_tests(
    variant: Variant, found: Outcome, expected: Status
) -> None:
    assert status(variant, found) is expected


SHOWN = replace(TWO, visible=frozenset(), shown=frozenset({"test-a"}))


def test_a_test_that_students_can_run_tells_them_what_is_wrong() -> None:
    mistake = mutant("gap-a")
    assert judge_variant(mistake, outcome(0, 2), SHOWN).told
    assert not judge_variant(mistake, outcome(2, 0), SHOWN).told
    assert not judge_variant(mistake, outcome(0, 2), TWO).told


@pytest.mark.parametrize(("shown", "good"), [({"test-a"}, True), (set(), False)])
def test_a_gap_whose_shown_test_stops_needs_no_word_of_its_own(
    shown: set[str], good: bool
) -> None:
    layout = replace(SHOWN, shown=frozenset(shown))
    found = outcome(0, 0, errors={"gap-b": STOPS})
    for kind in ("blank", "gap left blank"):
        judgement = judge_variant(Variant(kind, "g", cell="gap-a"), found, layout)
        assert judgement.good is good, judgement.reasons


def test_an_outcome_has_the_accuracy_that_was_measured_last() -> None:
    grading = Grading()
    for accuracy in (0.5, 0.75, None):
        grading.check("any", True, points=1, found="99%", accuracy=accuracy)
    verdict = CellVerdict("test-a", 3, 3, list(grading.score().checks))
    attempt = Attempt(new_notebook(), [verdict], [], None, {})
    assert outcome_of(attempt, (0.0, 0.0)).accuracy == 0.75


def test_the_layout_of_a_notebook() -> None:
    def cell(name: str, **own: object):
        return new_code_cell(metadata={"nbgrader": {"grade_id": name, **own}})

    gap = {"solution": True, "grade": False}
    test = {"solution": False, "grade": True}
    notebook = new_notebook(
        cells=[
            cell("gap-a", **gap),
            cell("check-a", **test, points=0),
            cell("test-a", **test, points=2),
            cell("gap-b", **gap),
            cell("essay", solution=True, grade=True, points=5),
        ]
    )
    released = copy.deepcopy(notebook)
    shown = Layout.of(notebook, released).shown
    notebook.cells[2].source = "### BEGIN HIDDEN TESTS\nassert a\n### END HIDDEN TESTS"
    assert shown == {"test-a"} and not Layout.of(notebook, released).shown
    layout = Layout.of(notebook, released)
    assert layout.gaps == {"gap-a", "gap-b"}
    assert (layout.visible, layout.hidden) == ({"check-a"}, {"test-a"})
    assert layout.own_checks("gap-a") == ["check-a"] and not layout.own_checks("gap-b")


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, Verification]:
    """A course with a new assignment, verified."""
    course = copy_course(tmp_path_factory.mktemp("course"))
    new_assignment(course, NAME)
    course = load_course(course.root)
    return course, verify(course, course.assignment(NAME), seeds=2)


@pytest.mark.slow
def test_a_skeleton_passes_at_once(tried: tuple[Course, Verification]) -> None:
    course, result = tried
    assert result.passed, [j.reasons for j in result.judgements if not j.good]
    assert len(result.of("solution")) == 2 and len(result.of("blank")) == 1
    assert {j.variant.cell for j in result.mutants} == {"mean", "centred"}
    assert all(j.status is Status.KILLED for j in result.mutants)
    assert len(result.of("equivalent")) >= 3
    check_verified_and_generated(course)
    (part,) = course.parts(course.assignment(NAME))
    assert part.limits.cell_seconds > 20
    assert 20 <= cell_seconds(course, part) < 30  # its cells take less than a second


def check_verified_and_generated(course: Course) -> None:
    """A release goes out only if it is what was verified."""
    assignment = course.assignment(NAME)
    with pytest.raises(FairgradeError, match="is not what was verified"):
        check_verified(course, assignment)
    generate(course, assignment)
    check_verified(course, assignment)


@pytest.mark.slow
def test_a_weak_test_is_found_and_its_release_refused(
    tried: tuple[Course, Verification], monkeypatch: pytest.MonkeyPatch
) -> None:
    course, _ = tried
    assignment = course.assignment(NAME)
    tests = course.root / "grader_tests" / "first_steps.py"
    whole = tests.read_text()
    weak = whole.replace("right and bool(np.allclose(given + number, VALUES))", "right")
    assert weak != whole
    tests.write_text(weak)
    monkeypatch.chdir(course.root)
    asked = ["release", NAME, "--zip", "first-steps.zip"]

    refused = CliRunner().invoke(app, asked)
    assert "has changed since it was verified" in str(refused.exception)

    result = verify(course, assignment, seeds=2)
    survivors = [j for j in result.judgements if not j.good]
    assert {j.status for j in survivors} == {Status.SURVIVED}
    assert any("values + mean" in line for j in survivors for line in j.variant.diff)
    html = page(course, result)
    assert "Not ready" in html and "+centred = values + mean" in html

    refused = CliRunner().invoke(app, asked)
    assert "did not pass its verification" in str(refused.exception)
    assert not Path("first-steps.zip").exists()
    generate(course, assignment)
    assert CliRunner().invoke(app, [*asked, "--anyway"]).exit_code == 0
    assert Path("first-steps.zip").is_file()


@pytest.mark.slow
def test_mistakes_in_the_first_network(course: Course) -> None:
    assignment = course.assignment("dense-network")
    source = read_source(course, assignment)
    trial = Trial(
        course,
        assignment,
        course.root / "tree",
        course.root / "times.json",
        sealed=True,
        workers=None,
    )
    everything = all_variants(assignment, source, trial.released, seeds=1)
    chosen = [
        variant
        for variant in everything
        if variant.name in ("a slip in a name", "acc for accuracy", "linear output")
    ]
    assert len(chosen) == 3
    layout = Layout.of(source, trial.released)
    for place, found in trial.outcomes(chosen):
        judgement = judge_variant(chosen[place], found, layout)
        assert judgement.good, judgement.reasons


def test_a_page_counts_as_killed_what_is_a_mutant(course: Course) -> None:
    assignment = course.assignment("preparing-data")
    hostile = Variant("hostile", "h", cell="gap-a")
    killed = [
        Judgement(v, outcome(0, 2), Status.KILLED) for v in (mutant("gap-a"), hostile)
    ]
    html = page(course, Verification(assignment, tuple(killed), (), None, 1.0, False))
    assert '<td class="number" data-label="killed">1</td>' in html
