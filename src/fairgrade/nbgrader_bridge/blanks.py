"""Gaps in a lesson: a solution region becomes the blank that its author wrote for it.

### BEGIN SOLUTION
# BLANK: model.add(Flatten(input_shape=todo("Step 2: the shape of one image")))
model.add(Flatten(input_shape=input_shape))
### END SOLUTION
"""

from __future__ import annotations

from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import ClearSolutions

from fairgrade.nbgrader_bridge.regions import SOLUTION

MARK = "# BLANK: "


class ClearBlanks(ClearSolutions):
    """nbgrader's ClearSolutions, with a stub of its own for each region that has one.

    A region without `# BLANK: ` lines gets nbgrader's stub, as always.
    """

    def _replace_solution_region(self, cell: NotebookNode, language: str) -> bool:
        lines: list[str] = []
        region: list[str] | None = None
        blanks: list[str] = []
        for line in cell.source.split("\n"):
            if self.begin_solution_delimeter in line and region is None:
                region, blanks = [line], []
            elif region is None:
                lines.append(line)
            else:
                region.append(line)
                if line.lstrip().startswith(MARK):
                    indent = line[: len(line) - len(line.lstrip())]
                    blanks.append(indent + line.lstrip()[len(MARK) :])
                if self.end_solution_delimeter in line:
                    lines += blanks or region
                    region = None
        filled = len(lines) != len(cell.source.split("\n"))
        # What is left, an unclosed region included, is nbgrader's to replace or refuse.
        cell.source = "\n".join(lines + (region or []))
        return super()._replace_solution_region(cell, language) or filled


def solution_only(source: str) -> str:
    """A solution cell as a student would write it: without markers and blanks."""
    lines = source.split("\n")
    marks = (*SOLUTION, MARK)
    return "\n".join(line for line in lines if not line.lstrip().startswith(marks))
