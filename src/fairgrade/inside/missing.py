"""What a cell looked for that is not there where notebooks are graded, in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

#: The name of an error -> what its text says is missing, and the notice.
_MISSING = {
    "StdinNotImplementedError": (
        re.compile("()"),
        "There is an input() in {cell}, and nobody to type: "
        "write the value into the cell.",
    ),
    "ModuleNotFoundError": (
        re.compile(r"No module named '([^']{1,80})'"),
        "There is no module {found} where notebooks are graded, and {cell} stopped "
        "there. Do without it, or ask your instructor to have it installed.",
    ),
    "FileNotFoundError": (
        re.compile(r"No such file or directory: '([^']{1,200})'"),
        "There is no {found} where notebooks are graded, and {cell} stopped there: "
        "only your notebook is there, and the files that came with the assignment.",
    ),
}


def missing_here(outputs: Iterable[Mapping[str, Any]], cell: str) -> str:
    """A notice for the student of what a cell did without; "" if of nothing.

    Args:
        outputs: the cell's, as nbformat 4 dictionaries.
        cell: what to call it.
    """
    for output in outputs:
        pattern, notice = _MISSING.get(str(output.get("ename")), (None, ""))
        match = pattern and pattern.search(str(output.get("evalue")))
        if match:
            return notice.format(found=match[1], cell=cell)
    return ""
