"""nbgrader's own API on a course, with its failures as one line each."""

from __future__ import annotations

import logging
from typing import Any

from nbgrader.apps import NbGraderAPI

from fairgrade.config import nbgrader_config, prepare_environment
from fairgrade.course import Course
from fairgrade.errors import FairgradeError


def api_for(course: Course) -> NbGraderAPI:
    """nbgrader's API, configured from course.yml as nbgrader_config.py does it."""
    prepare_environment(course)
    return NbGraderAPI(config=nbgrader_config(course))


def quiet_api_for(course: Course) -> NbGraderAPI:
    """The same, logging warnings only once they are errors."""
    api = api_for(course)
    api.log.setLevel(logging.ERROR)
    return api


def checked(result: dict[str, Any], doing: str) -> None:
    """Raise what nbgrader says went wrong.

    Raises:
        FairgradeError: `doing` failed; the message ends with nbgrader's last line.
    """
    if not result["success"]:
        text = result.get("error") or result.get("log") or "no reason given"
        last = [line for line in text.strip().splitlines() if line.strip()][-1]
        raise FairgradeError(f"nbgrader could not {doing}: {last.strip()}")
