"""What is wrong in course.yml, told with file, line and remedy."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence, Set
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from fairgrade.course.assignment import Assignment
from fairgrade.course.course_yaml import line_of
from fairgrade.course.roster import key, nearest, read_roster
from fairgrade.errors import CourseError


def check_complete(
    path: Path, said: Set[str], assignments: Sequence[Assignment], tree: yaml.Node
) -> None:
    """What a course has to say that nbgrader does not say for it.

    Args:
        said: the settings that stand in the file.

    Raises:
        CourseError: something is missing.
    """
    problems = [
        f"{path}:1: '{key}' is missing; add it."
        for key in ("id", "title", "assignments")
        if key not in said
    ]
    for index, assignment in enumerate(assignments):
        line = line_of(tree, ("assignments", index))
        problems += [
            f"{path}:{line}: 'assignments.{index}.{key}' is missing; add it."
            for key in ("title", "due", "points")
            if key not in assignment.model_fields_set
        ]
    if problems:
        raise CourseError("\n".join(problems), file=path)


def check_references(
    path: Path, assignments: Sequence[Assignment], data: Iterable[str], tree: yaml.Node
) -> None:
    """What one part of a course says of another has to be there.

    Args:
        data: the names under data:.

    Raises:
        CourseError: it is not.
    """
    there = tuple(data)
    names = [a.name for a in assignments]
    called = [a.lms_name or a.name for a in assignments]
    for index, assignment in enumerate(assignments):
        where = f"{path}:{line_of(tree, ('assignments', index, 'name'))}: assignment "
        if names.index(assignment.name) != index:
            raise CourseError(
                f"{where}'{assignment.name}' is there twice. Rename one.",
                assignment=assignment.name,
                file=path,
            )
        if called.index(called[index]) != index:
            other = names[called.index(called[index])]
            raise CourseError(
                f"{where}'{assignment.name}' is '{called[index]}' to the LMS, as is "
                f"'{other}': their grades would be one column. Change its lms_name.",
                assignment=assignment.name,
                file=path,
            )
        for name in assignment.data:
            if name not in there:
                known = ", ".join(there) or "nothing"
                raise CourseError(
                    f"{where}'{assignment.name}' uses data '{name}', "
                    f"but data: has {known}.",
                    assignment=assignment.name,
                    file=path,
                )
        if assignment.accuracy and assignment.accuracy not in assignment.thresholds:
            known = ", ".join(assignment.thresholds) or "nothing"
            raise CourseError(
                f"{where}'{assignment.name}' has accuracy '{assignment.accuracy}', "
                f"but its thresholds: has {known}.",
                assignment=assignment.name,
                file=path,
            )


def check_extensions(
    path: Path, assignments: Sequence[Assignment], file: Path | None, tree: yaml.Node
) -> None:
    """Refuse an extension for nobody: its student would be late without a word.

    Args:
        file: the roster; None where there is none.

    Raises:
        CourseError: a student who has one is not in the roster.
    """
    # Where hidden tests run there is no roster, and extensions decide nothing.
    if file is None or not file.is_file() or not any(a.extensions for a in assignments):
        return
    students = read_roster(file).students
    known = {student.id for student in students}
    by_email = {key(student.email): student.id for student in students}
    for index, assignment in enumerate(assignments):
        for student in assignment.extensions:
            if student in known:
                continue
            near = by_email.get(key(student)) or nearest(student, students)
            remedy = f"did you mean '{near}'?" if near else "remove it."
            line = line_of(tree, ("assignments", index, "extensions", student))
            raise CourseError(
                f"{path}:{line}: '{student}' has an extension, but is not in "
                f"{file.name}; {remedy}",
                student=student,
                file=path,
            )


def told(path: Path, line: int, error: Any, models: Iterable[type[BaseModel]]) -> str:
    """One pydantic error as file, line, what is wrong and what to do.

    Args:
        models: whose names there might be.
    """
    where = ".".join(map(str, error["loc"]))
    if error["type"] == "extra_forbidden":
        known = {
            field.alias or key
            for model in models
            for key, field in model.model_fields.items()
        }
        near = difflib.get_close_matches(str(error["loc"][-1]), known, 1)
        remedy = f"did you mean '{near[0]}'?" if near else "remove it."
        return f"{path}:{line}: '{where}' is not a setting; {remedy}"
    if error["type"] == "missing":
        return f"{path}:{line}: '{where}' is missing; add it."
    found = error.get("input")
    shown = f" (found {found!r})" if isinstance(found, (str, int, float)) else ""
    if error["type"] == "string_type" and shown:
        shown += "; put it into quotes"
    label = f"'{where}'" if where else f"'{error['loc'][-1]}'"
    return f"{path}:{line}: {label}: {error['msg']}{shown}."
