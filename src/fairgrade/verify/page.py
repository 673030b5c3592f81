"""A verification as one page that needs nothing else."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from fairgrade.course.course import Course
from fairgrade.feedback.pages import render
from fairgrade.report import plots
from fairgrade.verify.judgement import Judgement, Status
from fairgrade.verify.terminal import threshold_text
from fairgrade.verify.verification import Verification, test_rows

#: Mistakes below this accuracy are far off; how far does not matter in the plot.
_FAR_OFF = 0.85


def write_page(course: Course, result: Verification) -> Path:
    """Write report/verify-<assignment>.html and return its path."""
    part = result.assignment
    names = dict.fromkeys([part.name, part.stem])
    path = course.root / "report" / f"verify-{'-'.join(names)}.html"
    path.parent.mkdir(exist_ok=True)
    path.write_text(page(course, result), encoding="utf-8")
    return path


def page(course: Course, result: Verification) -> str:
    """The page's HTML."""
    gaps: dict[str, list[Judgement]] = defaultdict(list)
    for judgement in result.mutants:
        gaps[judgement.variant.cell].append(judgement)
    spread = result.spread
    return render(
        "verify.html.j2",
        course=course.title,
        called=_called(course, result),
        result=result,
        bad=[judgement for judgement in result.judgements if not judgement.good],
        killed=sum(j.status is Status.KILLED for j in result.mutants),
        count=lambda status: sum(j.status == status for j in result.judgements),
        gaps=gaps,
        tests=test_rows(result),
        spread=threshold_text(spread) if spread else "",
        threshold_plot=_plot(result),
    )


def _called(course: Course, result: Verification) -> str:
    """The assignment's title, with the notebook's name where there are several."""
    part = result.assignment
    several = len(course.parts(course.assignment(part.name))) > 1
    return f"{part.title}: {part.stem}" if several else part.title


def _plot(result: Verification) -> str:
    if result.spread is None:
        return ""
    mistakes = [
        judgement.outcome.accuracy
        for judgement in result.mutants
        if judgement.outcome.accuracy is not None
    ]
    return plots.threshold(
        list(result.spread.accuracies), mistakes, result.spread.threshold, _FAR_OFF
    )
