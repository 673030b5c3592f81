"""What course.yml declares for verifying: it has to fit, and grades do not see it."""

from __future__ import annotations

import pytest
import yaml

from fairgrade.authoring.generate import read_source
from fairgrade.course.course import Course, load_course
from fairgrade.errors import CourseError
from fairgrade.verify.variants import all_variants


def declare(course: Course, **declared: object) -> Course:
    """The course with other declarations for dense-network."""
    path = course.root / "course.yml"
    raw = yaml.safe_load(path.read_text())
    chosen = next(a for a in raw["assignments"] if a["name"] == "dense-network")
    for key in ("mutants", "equivalents", "accepted"):
        chosen.pop(key, None)
    path.write_text(yaml.safe_dump(raw | {"assignments": [chosen | declared]}))
    return load_course(course.root)


@pytest.mark.parametrize(
    ("cell", "before", "message"),
    [
        ("output", "x", "the answer cells are flatten, hidden-layer"),
        ("output-layer", "sofmax", "has no text 'sofmax'"),
    ],
)
def test_a_declared_change_has_to_fit(
    course: Course, cell: str, before: str, message: str
) -> None:
    mutant = {"name": "x", "cell": cell, "from": before, "to": "", "loses": 7}
    changed = declare(course, mutants=[mutant])
    assignment = changed.assignment("dense-network")
    source = read_source(changed, assignment)
    with pytest.raises(CourseError, match=message):
        all_variants(assignment, source, source, seeds=1)


@pytest.mark.parametrize(
    ("kind", "declared", "message"),
    [
        (
            "mutants",
            {"name": "x", "cell": "fit", "from": "a", "to": "b"},
            "loses' is missing",
        ),
        ("mutants", {"nam": "x"}, "did you mean 'name'"),
        (
            "equivalents",
            {"name": "x", "cell": "fit", "from": "", "to": "b"},
            "at least 1 char",
        ),
        ("accepted", {"cell": "fit"}, "reason' is missing"),
    ],
)
def test_what_is_declared_is_checked(
    course: Course, kind: str, declared: dict[str, str], message: str
) -> None:
    with pytest.raises(CourseError, match=message):
        declare(course, **{kind: [declared]})


def test_a_grade_does_not_depend_on_what_is_declared_for_verify(
    course: Course,
) -> None:
    bare = declare(course).assignment("dense-network")
    more = declare(course, accepted=[{"cell": "fit", "reason": "none"}])
    assignment = more.assignment("dense-network")
    assert assignment.accepted
    assert assignment.model_dump_json() == bare.model_dump_json()
