"""The whole verification of one assignment, from lint to threshold."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fairgrade.authoring.generate import read_source
from fairgrade.authoring.release import check_release
from fairgrade.course.course import Assignment, Course, load_course
from fairgrade.course.folders import own_folder
from fairgrade.errors import FairgradeError
from fairgrade.verify.judgement import Judgement, Layout, Status, judge_variant
from fairgrade.verify.lint import Problem, lint
from fairgrade.verify.nothing import points_for_nothing
from fairgrade.verify.record import source_key, write_record
from fairgrade.verify.threshold import Spread
from fairgrade.verify.trial import Trial
from fairgrade.verify.variants import all_variants

#: Of the time limit, what the solution may use before a student's machine is too slow.
ROOM = 0.5


@dataclass(frozen=True)
class Verification:
    """What verification found.

    Attributes:
        judgements: of every variant tried, in the order of `all_variants`.
        problems: of the notebook and its release.
        spread: of the solution's accuracy, where the assignment has a threshold.
        seconds: wall time of all of it.
        quick: not everything was tried; no release rests on it.
    """

    assignment: Assignment
    judgements: tuple[Judgement, ...]
    problems: tuple[Problem, ...]
    spread: Spread | None
    seconds: float
    quick: bool

    @property
    def passed(self) -> bool:
        return not self.errors and all(j.good for j in self.judgements)

    @property
    def errors(self) -> list[Problem]:
        """The problems that stand in the way of a release."""
        return [problem for problem in self.problems if problem.serious]

    def of(self, *kinds: str) -> list[Judgement]:
        """The judgements of some kinds of variants."""
        return [j for j in self.judgements if j.variant.kind in kinds]

    @property
    def mutants(self) -> list[Judgement]:
        """The judgements of all mistakes."""
        return self.of("mutant", "gap left blank")

    def summary(self) -> str:
        """One line: how many mutants, how many killed, what is wrong."""
        mutants, others = self.mutants, self.of("equivalent")
        killed = sum(j.status is Status.KILLED for j in mutants)
        accepted = sum(j.status is Status.ACCEPTED for j in mutants)
        parts = [f"{killed} of {len(mutants)} mutants killed"]
        if accepted:
            parts.append(f"{accepted} accepted")
        hostile = self.of("hostile")
        if hostile:
            good = sum(j.good for j in hostile)
            parts.append(f"{good} of {len(hostile)} hostile answers get nothing")
        parts.append(
            f"{sum(j.good for j in others)} of {len(others)} other right spellings pass"
        )
        bad = sum(not j.good for j in self.judgements)
        if bad or self.errors:
            parts.append(f"{bad + len(self.errors)} to mend")
        return ", ".join(parts)


@dataclass(frozen=True)
class TestRow:
    """How many mistakes a test cell takes points for."""

    __test__ = False  # no test class, whatever pytest makes of its name

    name: str
    points: float
    catches: int
    alone: int


def verify(
    course: Course,
    assignment: Assignment,
    *,
    seeds: int = 3,
    quick: bool = False,
    sealed: bool = True,
    workers: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Verification:
    """Try an assignment out before students do, and note the result.

    Nothing outside .fairgrade/ is written.

    Args:
        seeds: how many seeds the solution is tried with.
        quick: one seed and one automatic mutant for each gap; notes nothing.
        workers: how many notebooks run at once; one for each core when None.
        progress: called with how many variants are done, of how many.

    Raises:
        FairgradeError: the assignment cannot be generated, or course.yml declares
            something that does not fit it.
        SandboxError: student code cannot be run safely on this machine.
    """
    started = time.monotonic()
    key = source_key(course, assignment)
    problems = lint(course, assignment)
    source = read_source(course, assignment)
    own = own_folder(course.root, "verify")
    own.mkdir(parents=True, exist_ok=True)
    trial = Trial(
        course,
        assignment,
        own / "tree" / assignment.name / assignment.stem,
        own / f"times-{assignment.name}-{assignment.stem}.json",
        sealed=sealed,
        workers=workers,
    )
    problems += _leaks(trial.root, assignment)
    variants = all_variants(
        assignment,
        source,
        trial.released,
        seeds=1 if quick else seeds,
        quick=quick,
        asked=trial.asked,
    )
    layout, found = Layout.of(source, trial.released), {}
    for place, outcome in trial.outcomes(variants):
        found[place] = judge_variant(variants[place], outcome, layout)
        progress(len(found), len(variants))
    judgements = tuple(found[place] for place in sorted(found))
    problems += _time(assignment, judgements)
    if judgements[0].good:  # else there is nothing to compare with
        with trial.judging() as judging:
            problems += points_for_nothing(*trial.solution(), judging)
    result = Verification(
        assignment,
        judgements,
        tuple(problems),
        _spread(assignment, judgements),
        time.monotonic() - started,
        quick,
    )
    if not quick:
        write_record(
            course,
            assignment,
            course.layout.folder(trial.root, "release", assignment.name),
            key=key,
            passed=result.passed,
            summary=result.summary(),
            longest=_longest(judgements),
        )
    return result


def _longest(judgements: tuple[Judgement, ...]) -> float | None:
    """The time of the solution's longest cell, where each seed's was measured."""
    solutions = [j.outcome for j in judgements if j.variant.kind == "solution"]
    known = [each.longest for each in solutions if each.longest is not None]
    return max(known) if len(known) == len(solutions) else None


def test_rows(result: Verification) -> list[TestRow]:
    """The test cells in the notebook's order."""
    rows = []
    for name, points in result.judgements[0].outcome.points.items():
        catches = [j for j in result.mutants if name in j.outcome.lost]
        alone = sum(len(j.outcome.lost) == 1 for j in catches)
        rows.append(TestRow(name, points, len(catches), alone))
    return rows


def _leaks(root: Path, assignment: Assignment) -> list[Problem]:
    """What the release made from the present source gives away."""
    try:
        check_release(load_course(root), assignment)
    except FairgradeError as err:
        return [Problem("", str(err))]
    return []


def _time(assignment: Assignment, judgements: tuple[Judgement, ...]) -> list[Problem]:
    limit = assignment.limits.submission_seconds
    longest = max(
        (j.outcome.seconds for j in judgements if j.variant.kind == "solution"),
        default=0.0,
    )
    if longest <= ROOM * limit:
        return []
    return [
        Problem(
            "",
            f"The solution took {longest:.0f} s of the {limit:g} s of processor time "
            "that course.yml allows. Raise submission_seconds, or make it lighter.",
            serious=longest > limit,
        )
    ]


def _spread(assignment: Assignment, judgements: tuple[Judgement, ...]) -> Spread | None:
    threshold = assignment.accuracy_threshold
    accuracies = tuple(
        j.outcome.accuracy
        for j in judgements
        if j.variant.kind == "solution" and j.outcome.accuracy is not None
    )
    return Spread(threshold, accuracies) if threshold and accuracies else None
