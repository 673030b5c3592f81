"""The gradebook in a real PostgreSQL server, started here for the test."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from fairgrade.feedback.publish import publish
from fairgrade.gradebook.tables import export_grades
from fairgrade.grading.autograde import autograde
from fairgrade.grading.replay import replay
from fairgrade.report.write import write_report
from tiny import NAME, hand_in, make_course


def programs() -> Path | None:
    """The folder with initdb and pg_ctl; Debian has it off the PATH."""
    found = [Path(p).parent for p in [shutil.which("initdb")] if p]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((folder for folder in found if (folder / "pg_ctl").exists()), None)


@pytest.fixture
def server() -> Iterator[str]:
    """The address of an empty database; PostgreSQL refuses to run as root."""
    folder = programs()
    if folder is None:
        pytest.skip("there is no PostgreSQL server here (Debian: postgresql)")
    place = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # sockets: short paths
    user = "nobody" if os.geteuid() == 0 else None
    if user is not None:
        os.chown(place, pwd.getpwnam(user).pw_uid, -1)

    def run(*command: object) -> None:
        subprocess.run(
            [str(part) for part in command],
            user=user,
            cwd=place,
            check=True,
            stdout=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
        )

    data, options = place / "data", f"-k {place} -c listen_addresses=''"
    run(folder / "initdb", "-D", data, "-U", "grader", "-A", "trust", "--no-sync")
    start = ("-D", data, "-l", place / "log", "-o", options, "-w", "start")
    run(folder / "pg_ctl", *start)
    try:
        yield f"postgresql://grader@/postgres?host={place}"
    finally:
        run(folder / "pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(place)


@pytest.mark.slow
def test_a_class_is_graded_into_postgresql(server: str, tmp_path: Path) -> None:
    course = make_course(tmp_path / "course", extra=f"gradebook: {server}")
    hand_in(course, {"ada": "doubled = 4", "ben": "doubled = 5"})
    assignment = course.assignment(NAME)
    graded = {found.student: found.score for found in autograde(course, assignment)}
    assert graded == {"ada": 3, "ben": 0}
    assert list(autograde(course, assignment)) == []
    assert {g.student for g in autograde(course, assignment, force=True)} == set(graded)
    assert course.gradebook is not None
    with Gradebook(course.gradebook, course.id) as gradebook:
        found = gradebook.assignment_submissions(NAME)
        assert {s.student.id: s.score for s in found} == graded
    assert replay(course, assignment, "ada").agrees
    export_grades(course, "detail", tmp_path / "grades.csv")
    assert "ada,doubling,double-test,3" in (tmp_path / "grades.csv").read_text()
    assert publish(course, assignment) and write_report(course, assignment).is_file()
    # Stock nbgrader reads the same configuration.
    shutil.copy(Path(__file__).parents[1] / "nbgrader_config.py", course.root)
    nbgrader = Path(sys.executable).with_name("nbgrader")
    subprocess.run(
        [nbgrader, "export", "--to", str(tmp_path / "stock.csv")],
        cwd=course.root,
        check=True,
        capture_output=True,
    )
    assert "ada" in (tmp_path / "stock.csv").read_text()
    assert not (course.root / "gradebook.db").exists()
