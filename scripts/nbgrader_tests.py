"""nbgrader's own tests of its commands, with two lines in each course's configuration.

    python scripts/nbgrader_tests.py [PYTEST OPTIONS]

The tests come with nbgrader; each makes a course of its own, in which the commands
meet fairgrade. What differs, and why, is in docs/nbgrader.md.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nbgrader.tests.apps
import pytest

FILES = (
    *("autograde", "generate_assignment", "generate_feedback"),
    *("collect", "zip_collect", "export", "validate"),
)
LINES = "\nfrom fairgrade.nbgrader_bridge import seal\nseal(c)\n"


class Sealed:
    """A plugin of pytest's that seals every course the tests make."""

    @pytest.fixture(autouse=True)
    def sealed(self, temp_cwd: str) -> None:
        """Add the two lines."""
        with Path(temp_cwd, "nbgrader_config.py").open("a", encoding="utf-8") as file:
            file.write(LINES)


def main() -> int:
    """Run them; pytest's exit code."""
    folder = Path(nbgrader.tests.apps.__file__).parent
    files = [str(folder / f"test_nbgrader_{name}.py") for name in FILES]
    options = ["-q", "-p", "no:cacheprovider", "-W", "ignore", "--no-header"]
    chosen = [a for a in sys.argv[1:] if a.endswith(".py") or "::" in a]
    return pytest.main(
        [*options, *(chosen or files), *(a for a in sys.argv[1:] if a not in chosen)],
        plugins=[Sealed()],
    )


if __name__ == "__main__":
    sys.exit(main())
