"""nbgrader's own tests, as scripts/nbgrader_tests.py runs them: the table is true."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import nbgrader.tests.apps
import pytest

ROOT = Path(__file__).parents[1]
FOLDER = Path(nbgrader.tests.apps.__file__).parent
ROW = re.compile(r"^\| `(\w+)` \| (`test_.+?) \| .+? \| .+ \|$", re.MULTILINE)
#: One of each command, and one that differs.
CHOSEN = (
    "nbgrader_autograde.py::TestNbGraderAutograde::test_student_id_exclude",
    "nbgrader_autograde.py::TestNbGraderAutograde::test_grade_missing_notebook",
    "nbgrader_generate_assignment.py::TestNbGraderGenerateAssignment::test_custom_permissions",
    "nbgrader_generate_feedback.py::TestNbGraderFeedback::test_custom_permissions",
    "api.py::TestNbGraderAPI::test_collect",
    "nbgrader_collect.py::TestNbGraderCollect::test_collect_before_due_date",
    "nbgrader_releasefeedback.py::TestNbGraderReleaseFeedback::test_single_file",
    "nbgrader_validate.py::TestNbGraderValidate::test_validate_with_validating_envvar",
    "nbgrader_validate.py::TestNbGraderValidate::test_validate_subdir",
)


def test_each_name_in_the_table_is_a_test_of_nbgraders() -> None:
    rows = ROW.findall((ROOT / "docs" / "nbgrader.md").read_text(encoding="utf-8"))
    assert len(rows) > 15
    for file, tests in rows:
        path = FOLDER / f"test_{file}.py"
        if not path.is_file():
            path = FOLDER / f"test_nbgrader_{file}.py"
        text = path.read_text(encoding="utf-8")
        for name in re.findall(r"`(test_\w+)(\*?)`", tests):
            pattern = name[0] + (r"\w*" if name[1] else "")
            assert re.search(rf"def {pattern}\(", text), f"{file}: {name[0]}"


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_some_of_each_command_pass_or_fail_as_the_table_says() -> None:
    chosen = [f"{FOLDER}/test_{test}" for test in CHOSEN]
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "nbgrader_tests.py", *chosen],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert re.search(r"^\d+ passed, 1 xfailed in ", done.stdout, re.MULTILINE)
