"""nbgrader's own API on a course, with its failures as one line each."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

from nbgrader.apps import NbGraderAPI
from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from traitlets.log import get_logger

from fairgrade.course.course import FILE_NAME, Course
from fairgrade.course.enrolment import enrol
from fairgrade.errors import FairgradeError
from fairgrade.nbgrader_bridge.config import nbgrader_config, prepare_environment

#: The last line of a traceback.
_ERROR = re.compile(r"[A-Za-z_][\w.]*(Error|Exception|Entry|Warning)\b: ")
QUIET = logging.getLogger("fairgrade.nbgrader")
QUIET.addHandler(logging.NullHandler())
QUIET.propagate = False
QUIET.setLevel(logging.ERROR)


def quiet_api_for(course: Course) -> NbGraderAPI:
    """nbgrader's API, configured from course.yml as nbgrader_config.py does it.

    It logs nothing but errors, and those only to who captures them. Where there is a
    gradebook, its students are as in the roster afterwards.

    Raises:
        CourseError: the roster cannot be used.
        FairgradeError: the database of `gradebook:` cannot be reached.
    """
    prepare_environment(course)
    if course.gradebook is not None:
        _check_database(course.gradebook, course.root / FILE_NAME)
    shared: Any = get_logger()  # maybe that of a command or server which called us
    level = shared.level
    try:
        api = NbGraderAPI(config=nbgrader_config(course), log=QUIET)
    finally:
        shared.setLevel(level)
    enrol(course, api.coursedir.db_url)
    return api


def _check_database(url: str, file: Path) -> None:
    """Connect once: nbgrader would fail later, and at length.

    Args:
        file: where the address stands.
    """
    try:
        shown = make_url(url).render_as_string(hide_password=True)
    except ArgumentError as err:
        raise FairgradeError(
            "gradebook: in course.yml is not a database's address. "
            "Write it as postgresql://user@host/name, or leave it out.",
            file=file,
        ) from err
    try:
        engine = create_engine(url)
        engine.connect().close()
        engine.dispose()
    except ImportError as err:
        raise FairgradeError(
            f"The gradebook {shown} needs {err.name}. "
            'Install it: pip install "fairgrade[postgresql]"',
            file=file,
        ) from err
    except SQLAlchemyError as err:
        reason = str(err).strip().splitlines()[0]
        raise FairgradeError(
            f"The gradebook {shown} cannot be opened: {reason} "
            "Start its server, or correct gradebook: in course.yml.",
            file=file,
        ) from err


def checked(result: dict[str, Any], doing: str) -> None:
    """Raise what nbgrader says went wrong.

    Raises:
        FairgradeError: `doing` failed; the message ends with the last error that
            nbgrader speaks of, and all it says is among the error's notes.
    """
    if result["success"]:
        return
    said = "\n".join(result.get(key, "") for key in ("log", "error")).strip()
    found = [x.strip() for x in said.splitlines() if x.strip()] or ["no reason given"]
    causes = [x for x in found if _ERROR.match(x) and "above failures" not in x]
    err = FairgradeError(f"nbgrader could not {doing}: {(causes or found)[-1]}")
    err.add_note(said)
    raise err
