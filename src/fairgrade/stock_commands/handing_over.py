"""What nbgrader's converters were asked for, done by fairgrade's own commands.

A converter takes earlier results away, copies files and runs code before anything that
the configuration names could stop it, but one: first of all it makes its exporter, of
the class `exporter_class`. Here the work is done when it does, and nothing is left for
it to convert.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from nbgrader.converters.base import BaseConverter, NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Application, Config

from fairgrade.authoring.adopt import adopt
from fairgrade.course.course import FILE_NAME, Assignment, Course, load_course
from fairgrade.course.failures import explained
from fairgrade.course.folders import own_folder
from fairgrade.errors import FailedSubmissions, FairgradeError
from fairgrade.nbgrader_bridge.config import nbgrader_config
from fairgrade.nbgrader_bridge.own_config import (
    CONFIG_FILE,
    layout_of,
    traits_of,
)
from fairgrade.nbgrader_bridge.own_limits import with_own_limits
from fairgrade.protocol.texts import one_line

#: Called with the converter, the course and the assignment; yields lines for the log.
Work = Callable[[Any, Course, Assignment], Generator[str]]

#: Where things lie is course.yml's to say; nbgrader's options cannot move them.
_FIXED = (
    *("course_id", "db_url", "directory_structure", "source_directory"),
    *("release_directory", "submitted_directory", "autograded_directory"),
    "feedback_directory",
)
#: What it is asked for: each step says that itself.
_ASKED = ("assignment_id", "student_id", "student_id_exclude", "notebook_id")


def hand_over(converter: BaseConverter, work: Work) -> None:
    """Let `work` do all that a converter was asked for, and leave it nothing to do.

    Raises:
        NbGraderException: what nbgrader's commands expect; the reason is in the log.
    """
    if not do(converter, work):
        raise NbGraderException("The log says why.")
    converter.assignments = {}


def do(asked: Any, work: Work) -> bool:
    """Do `work`, and say in nbgrader's log what came of it; whether all went well.

    Args:
        asked: nbgrader's converter, or another of its steps with a `coursedir`.
    """
    log, root = asked.log, Path(asked.coursedir.root)
    try:
        course = course_of(asked)
        assignment = course.assignment(asked.coursedir.assignment_id)
        _check_options(asked, course, assignment)
        with closing(work(asked, course, assignment)) as lines:
            for line in lines:
                log.info("%s", one_line(line))
    except FailedSubmissions as err:
        for student, reason in err.failures.items():
            log.error("%s", one_line(f"{student}: {reason}"))
        return False
    except FairgradeError as err:
        log.error("%s", one_line(err))
        return False
    except Exception as err:
        reason = explained(err, own_folder(root, "log"))
        log.error("%s", one_line(f"fairgrade stopped: {reason}"))
        return False
    return True


def course_of(asked: Any) -> Course:
    """The course; one of nbgrader's own is taken in first, where it was not yet.

    Its places are those that nbgrader was given, by whatever option.

    Args:
        asked: as for `do`.

    Raises:
        FairgradeError: it cannot be used.
    """
    root = Path(asked.coursedir.root)
    if not (root / FILE_NAME).is_file():
        course, _ = adopt(root)
        asked.log.info("Wrote %s", root / FILE_NAME)
    course, coursedir = load_course(root), asked.coursedir
    course = course.model_copy(update={"given": _command_line(asked)})
    if course.nbgrader is None:
        return course
    here = Path.cwd()
    own = {"configured": here} if (here / CONFIG_FILE).is_file() else {}
    course = with_own_limits(course.model_copy(update=own))
    given = {"gradebook": coursedir.db_url, "id": coursedir.course_id}
    if (exchange := _exchange_of(asked.config)) is not None:
        given["exchange"] = exchange
    return course.model_copy(
        update={
            **given,
            "nbgrader": layout_of(
                Config(
                    CourseDirectory={
                        trait: getattr(coursedir, trait)
                        for trait in traits_of(course.layout)
                    }
                )
            ),
        }
    )


def _command_line(asked: Any) -> Config:
    """What nbgrader's command line sets; nothing where a button was pressed."""
    app = asked if isinstance(asked, Application) else asked.parent
    said = Config(getattr(app, "cli_config", {}))
    places = {trait: said.CourseDirectory.get(trait) for trait in said.CourseDirectory}
    for trait in (*_ASKED, *_FIXED, "root"):
        places.pop(trait, None)
    said.CourseDirectory = Config(places)
    return said


def _exchange_of(config: Config) -> Path | None:
    root = config.Exchange.get("root", None)
    return None if root is None else Path(str(root)).absolute()


def chosen_students(
    coursedir: CourseDirectory, students: list[str], *, missing: str
) -> list[str]:
    """Those of `students` that nbgrader's options name.

    Args:
        missing: what to say and do if there is none.

    Raises:
        FairgradeError: there is none.
    """
    wanted = coursedir.student_id or "*"  # the exchange's commands have ""
    left_out = coursedir.student_id_exclude.split(",")
    chosen = [
        student
        for student in students
        if fnmatchcase(student, wanted) and student not in left_out
    ]
    if not chosen:
        raise FairgradeError(missing)
    return chosen


def _check_options(asked: Any, course: Course, assignment: Assignment) -> None:
    """Refuse options of nbgrader that would have another meaning here.

    Raises:
        FairgradeError: naming the option to leave out.
    """
    coursedir, parts = asked.coursedir, course.parts(assignment)
    if not all(fnmatchcase(part.stem, coursedir.notebook_id) for part in parts):
        raise FairgradeError(
            f"All notebooks of {assignment.name} are graded together. "
            "Leave out --notebook.",
            assignment=assignment.name,
        )
    config = nbgrader_config(course)
    ours = CourseDirectory(config=config)
    for trait in _FIXED:
        if getattr(coursedir, trait) != getattr(ours, trait):
            raise _fixed(f"CourseDirectory.{trait}", getattr(ours, trait))
    fixed = _exchange_of(config)
    if course.exchange is not None and _exchange_of(asked.config) != fixed:
        raise _fixed("Exchange.root", fixed)


def _fixed(trait: str, value: object) -> FairgradeError:
    return FairgradeError(
        f"In this course {trait} is {value}. "
        "Leave that option out, or change course.yml."
    )
