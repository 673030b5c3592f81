"""Hostile answers: what lies gets no points, and a test that gives some is named."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from calling import check
from conftest import copy_course
from fairgrade.authoring.generate import read_source
from fairgrade.authoring.new import new_assignment
from fairgrade.course.course import Course, load_course
from fairgrade.errors import CallFailed, NotMeasured
from fairgrade.verify.gaps import Gap, find_gaps
from fairgrade.verify.hostile import Hostility, hostilities
from fairgrade.verify.judgement import Judgement, Layout, Status, judge_variant
from fairgrade.verify.trial import Trial
from fairgrade.verify.variants import all_variants
from fairgrade.verify.verification import verify

NAME = "calls"
SOLUTION = """
def f(x): return x + 2
def words(t): return t.split()
def bad(x): raise ValueError(x)
def scaled(a): return a * 2
class V:
    def __init__(self, x): self.x = x
    def __eq__(self, o): return isinstance(o, V) and self.x == o.x
    def size(self): return abs(self.x)
size = 3
"""
TESTS = {
    "f": "assert f(2) == 4",
    "words": "assert words('a b') == ['a', 'b']",
    "bad": "try:\n    bad(1)\n    assert False, 'no error'\nexcept ValueError as e:\n"
    "    assert e.args == (1,)",
    "scaled": "import numpy as np\nassert np.allclose(scaled(np.ones(3)), 2)",
    "V": "assert V(-3).size() == 3 and V(1) == V(1) and V(1) != V(2)",
    "size": "assert size == 3 and isinstance(size, int)",
}
GAP = Gap("answer", 0, SOLUTION, frozenset({1}))


def answers() -> list[Hostility]:
    return list(hostilities([GAP], {name: {name} for name in TESTS}))


@pytest.mark.parametrize(
    ("hostility", "name"),
    [(each, line.split()[0]) for each in answers() for line in each.lines],
    ids=lambda value: value if isinstance(value, str) else value.lines[0][-20:],
)
def test_what_lies_gets_nothing(hostility: Hostility, name: str) -> None:
    with pytest.raises((CallFailed, NotMeasured, Exception)):
        check(SOLUTION, TESTS[name], student=hostility.code)


def test_a_hostile_answer_takes_the_place_of_what_tests_ask_for() -> None:
    other = Gap("other", 1, "table = {}", frozenset({1}))
    asked = {"test-f": {"f"}, "test-both": {"f", "table"}, "test-none": {"np"}}
    found = list(hostilities([GAP, other], asked))
    assert {each.gap.grade_id for each in found} == {"answer", "other"}
    for each in found:
        ast.parse(each.code)
        name = "f" if each.gap is GAP else "table"
        assert [line.split(" = ")[0] for line in each.lines] == [name]
        # What is asked beside it may be right, and get points.
        assert "test-both" in each.less and "test-both" not in each.nothing
        assert "test-none" not in each.less | each.nothing
    assert any(each.nothing == {"test-f"} for each in found)
    of_values = [each.what for each in found if each.gap is other]
    assert not any("every call" in what or "error" in what for what in of_values)


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course with a new assignment of a function and a class."""
    course = copy_course(tmp_path_factory.mktemp("course"))
    new_assignment(course, NAME, kind="function")
    return load_course(course.root)


@pytest.mark.slow
def test_the_skeleton_of_functions_passes_at_once(calls: Course) -> None:
    result = verify(calls, calls.assignment(NAME), seeds=1)
    assert result.passed, [j.reasons for j in result.judgements if not j.good]
    hostile = result.of("hostile")
    assert {j.variant.cell for j in hostile} == {"chunks", "tally"}
    assert {j.status for j in hostile} == {Status.KILLED}
    assert f"{len(hostile)} of {len(hostile)} hostile answers" in result.summary()
    operators = {j.variant.operator for j in result.mutants}
    assert {"bound", "type", "printed", "exception", "shared", "self"} <= operators


def tried(course: Course, folder: Path) -> dict[str, Judgement]:
    """The hostile answers to the step with a function, by what they are."""
    part = course.assignment(NAME)
    times = folder / "times.json"
    trial = Trial(course, part, folder / "tree", times, sealed=True, workers=None)
    source = read_source(course, part)
    assert find_gaps(source)
    everything = all_variants(part, source, trial.released, seeds=1, asked=trial.asked)
    chosen = [v for v in everything if v.kind == "hostile" and v.cell == "chunks"]
    layout = Layout.of(source, trial.released)
    return {
        chosen[place].name: judge_variant(chosen[place], outcome, layout)
        for place, outcome in trial.outcomes(chosen)
    }


@pytest.mark.slow
def test_a_test_that_takes_anything_is_named(calls: Course, tmp_path: Path) -> None:
    tests = calls.root / "grader_tests" / f"{NAME}.py"
    whole, file = tests.read_text(), calls.root / "course.yml"
    weak = (
        "    for each in chunks([1, 2, 3], 2):\n"
        "        assert each in ([1, 2], [3])\n"
        "    return 3\n"
    )
    head = "def grade_chunks(chunks: Any) -> Score:\n"
    tests.write_text(whole.replace(head, head + weak))
    try:
        found = tried(calls, tmp_path / "weak")
        named = {what for what, j in found.items() if not j.good}
        assert len(found) == 6 and any("of the right class" in w for w in named)
        assert all("chunks-test gives 3 points" in found[w].reasons[0] for w in named)
        before = file.read_text()
        accepted = "accepted: [{cell: chunks, operators: [hostile], reason: easy}]"
        exports = "    exports: {}\n"
        assert before.count(exports) == 1
        file.write_text(before.replace(exports, f"{exports}    {accepted}\n"))
        found = tried(load_course(calls.root), tmp_path / "accepted")
        assert all(found[what].status is Status.ACCEPTED for what in named)
        file.write_text(before)
    finally:
        tests.write_text(whole)
