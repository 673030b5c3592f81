"""What of a notebook its student must not read: hidden tests and marking schemes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme
from traitlets.config import Configurable

#: The marks that nbgrader takes out, as a source has them, each with its end.
SOLUTION = ("### BEGIN SOLUTION", "### END SOLUTION")
HIDDEN_TESTS = ("### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS")
MARK_SCHEME = ("=== BEGIN MARK SCHEME ===", "=== END MARK SCHEME ===")
REMOVED = "[a line of a hidden test was removed]"
#: Shorter lines ("pass", "x = 1") say nothing of a test and are everywhere.
_SHORTEST = 12


@dataclass(frozen=True)
class Regions:
    """The pairs of marks around hidden parts, as nbgrader's configuration has them."""

    marks: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, parent: Configurable | None = None) -> Regions:
        """The marks that `parent`'s configuration gives nbgrader's preprocessors."""
        tests, scheme = ClearHiddenTests(parent=parent), ClearMarkScheme(parent=parent)
        return cls(
            (
                (tests.begin_test_delimeter, tests.end_test_delimeter),
                (
                    scheme.begin_mark_scheme_delimeter,
                    scheme.end_mark_scheme_delimeter,
                ),
            )
        )

    def split(self, source: str) -> tuple[list[str], list[str]]:
        """The lines outside and inside hidden regions; the marks are in neither.

        A region that never ends is hidden to the last line.
        """
        shown: list[str] = []
        hidden: list[str] = []
        closing = ""
        for line in source.splitlines():
            if closing:
                if closing in line:
                    closing = ""
                else:
                    hidden.append(line)
                continue
            closing = next((end for begin, end in self.marks if begin in line), "")
            if not closing:
                shown.append(line)
        return shown, hidden

    def cut(self, source: str) -> str:
        """`source` without its hidden regions."""
        return "\n".join(self.split(source)[0]).strip("\n")


class Redaction:
    """Take lines of hidden tests out of what a program printed.

    Where nbgrader runs tests in the student's kernel, that kernel can print them (its
    history holds every cell). This is a second fence only: encoded text passes it, and
    fairgrade's own grader never shows a kernel the tests.
    """

    def __init__(self, cells: Iterable[NotebookNode], regions: Regions) -> None:
        hidden: set[str] = set()
        shown: set[str] = set()
        for cell in cells:
            outside, inside = regions.split(str(cell.source))
            shown.update(line.strip() for line in outside)
            hidden.update(line.strip() for line in inside)
        lines = {line for line in hidden - shown if len(line) >= _SHORTEST}
        # As print shows a line, and as a list or dict of strings does.
        lines |= {repr(line)[1:-1] for line in lines}
        self._lines = sorted(lines, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for line in self._lines:
            text = text.replace(line, REMOVED)
        return text
