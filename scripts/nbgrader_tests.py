"""nbgrader's own tests of its commands, with two lines in each course's configuration.

    python scripts/nbgrader_tests.py [--stock] [PYTEST OPTIONS]

The tests come with nbgrader; each makes a course of its own, in which the commands meet
fairgrade. Those that the table in docs/nbgrader.md names have to fail, and all others
to pass; with --stock all of them are nbgrader's alone.
"""

from __future__ import annotations

import functools
import getpass
import os
import re
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import nbgrader.api
import nbgrader.tests.apps
import pytest
from nbgrader.apps import NbGraderAPI
from nbgrader.exchange import ExchangeFactory
from nbgrader.tests import run_nbgrader
from nbgrader.tests.apps.base import BaseTestApp
from traitlets.config import Config

from fairgrade.nbgrader_bridge import seal

FOLDER = Path(nbgrader.tests.apps.__file__).parent
TABLE = Path(__file__).parents[1] / "docs" / "nbgrader.md"
LINES = "\nfrom fairgrade.nbgrader_bridge import seal\nseal(c)\n"
# A process of seconds for every gradebook; what it says is always the same.
nbgrader.api.get_alembic_version = functools.cache(nbgrader.api.get_alembic_version)


def differing(text: str) -> dict[str, str]:
    """Tests that the table names -> why they fail; as FILE::TEST, with `*` in it."""
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| .+? \| (.+) \|$", text, re.MULTILINE)
    return {
        f"{file}::{test}": why
        for file, tests, why in rows
        for test in re.findall(r"`(test_[\w*]+)`", tests)
    }


def _without(left_out: str, args: list[str], **kw: Any) -> str:
    return str(run_nbgrader([a for a in args if a != left_out], **kw))


class Sealed:
    """A plugin of pytest's that seals every course the tests make."""

    def __init__(self) -> None:
        self.differing = differing(TABLE.read_text(encoding="utf-8"))

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Expect those that the table names to fail, each of them."""
        for item in items:
            file = item.path.stem.removeprefix("test_").removeprefix("nbgrader_")
            name = f"{file}::{getattr(item, 'originalname', item.name)}"
            for pattern, why in self.differing.items():
                if fnmatchcase(name, pattern):
                    item.add_marker(pytest.mark.xfail(reason=why, strict=True))

    @pytest.fixture(autouse=True)
    def sealed(
        self,
        request: pytest.FixtureRequest,
        temp_cwd: str,
        course_dir: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Add the two lines; make a release of what the tests put there unfinished."""
        for name in ("PATH", "PYTHONPATH", "JUPYTER_PATH", "FAIRGRADE_DATA"):
            # What a course sets for nbgrader and kernels is forgotten with it.
            monkeypatch.setenv(name, os.environ.get(name, ""))
        monkeypatch.delenv("FAIRGRADE_DATA")
        with Path(temp_cwd, "nbgrader_config.py").open("a", encoding="utf-8") as file:
            file.write(LINES)
        if "api" in request.fixturenames:
            api: NbGraderAPI = request.getfixturevalue("api")
            config = Config(api.config)
            seal(config)
            api.update_config(config)
            api.exchange = ExchangeFactory(parent=api)  # it was made without that
            # There it saves time; elsewhere it is refused.
            executing = functools.partial(_without, "--no-execute")
            monkeypatch.setattr(request.module, "run_nbgrader", executing)
        copy = BaseTestApp._copy_file

        def generated(test: BaseTestApp, src: str, dest: str) -> None:
            path = Path(dest).absolute()
            if path.parents[1] != Path(course_dir, "release"):
                return copy(test, src, dest)
            source = Path(course_dir, "source", path.parent.name, path.name)
            copy(test, src, str(source))
            run_nbgrader(["generate_assignment", path.parent.name, "--force"])

        monkeypatch.setattr(BaseTestApp, "_copy_file", generated)


def main() -> int:
    """Run them; pytest's exit code."""
    given = sys.argv[1:]
    stock = "--stock" in given
    given = [option for option in given if option != "--stock"]
    programs = Path(sys.executable).parent  # alembic among them
    os.environ["PATH"] = os.pathsep.join([str(programs), os.environ.get("PATH", "")])
    os.environ.setdefault("USER", getpass.getuser())  # the tests ask for it
    options = ["-q", "-p", "no:cacheprovider", "-W", "ignore", "--no-header"]
    options += ["-c", os.devnull, f"--rootdir={FOLDER}"]
    chosen = [a for a in given if a.partition("::")[0].endswith(".py")]
    files = chosen or sorted(map(str, FOLDER.glob("test_*.py")))
    return pytest.main(
        [*options, *files, *(a for a in given if a not in chosen)],
        plugins=[] if stock else [Sealed()],
    )


if __name__ == "__main__":
    sys.exit(main())
