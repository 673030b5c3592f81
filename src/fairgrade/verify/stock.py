"""Stock nbgrader on a copy of a course, in a process of its own.

python -m fairgrade.verify.stock COURSE COPY ASSIGNMENT STUDENT ... prints, as JSON, who
could not be graded and why. COURSE has the configuration, COPY the submissions and a
gradebook in which the assignment is known.
"""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from nbgrader.apps import NbGraderAPI
from sqlalchemy.exc import SAWarning

from fairgrade.course.course import load_course
from fairgrade.errors import FairgradeError
from fairgrade.nbgrader_bridge.api import QUIET, checked
from fairgrade.nbgrader_bridge.own_config import own_config, traits_of


def grade_by_stock(
    course: Path, scratch: Path, assignment: str, students: Sequence[str]
) -> dict[str, str]:
    """Grade as nbgrader does by itself; who could not be graded -> why.

    Raises:
        FairgradeError: it does not run at all.
    """
    module = [sys.executable, "-P", "-m", "fairgrade.verify.stock"]
    done = subprocess.run(
        [*module, str(course), str(scratch), assignment, *students],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        return {str(k): str(v) for k, v in json.loads(done.stdout).items()}
    except ValueError as err:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise FairgradeError(
            f"Stock nbgrader does not run: {last}", assignment=assignment
        ) from err


def main(course: str, scratch: str, assignment: str, *students: str) -> None:
    """Grade, and print who failed."""
    own, copied = load_course(Path(course)), load_course(Path(scratch))
    config = own_config(own.root)
    config.CourseDirectory.root = str(copied.root)
    config.CourseDirectory.course_id = own.id
    config.CourseDirectory.db_url = f"sqlite:///{copied.root / 'gradebook.db'}"
    for trait, value in traits_of(own.layout).items():
        config.CourseDirectory[trait] = value
    api = NbGraderAPI(config=config, log=QUIET)
    failed = {}
    for student in students:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)
            result = api.autograde(assignment, student, force=True, create=True)
        try:
            checked(result, "grade it")
        except FairgradeError as err:
            failed[student] = str(err)
    print(json.dumps(failed))


if __name__ == "__main__":
    main(*sys.argv[1:])
