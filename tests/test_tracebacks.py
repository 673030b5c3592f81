"""A traceback told for another text of the program is what IPython would have said."""

from __future__ import annotations

import pytest
from ipykernel.compiler import XCachingCompiler
from IPython.core.interactiveshell import InteractiveShell

from fairgrade.tracebacks import ANSI, retold

RAN = [
    "\n# mine\ndef half(a):\n    # by two\n    return a / 0\n",
    "# secret\nhalf(\n    a=1,\n)  # call",
]
OTHER = [
    "def half(a):\n    return a / 0",
    "\n\nhalf(\n    a=1,\n)\n",
]
#: One line each: the frame shows all of it.
RAISED = ["raise ValueError('x')  # mine", "# theirs\n\nraise ValueError('x')"]


def frames(cells: list[str]) -> list[str]:
    """The frames of the error of the last cell, as IPython shows it."""
    shell = InteractiveShell.instance(compiler_class=XCachingCompiler)  # as in kernels
    shell.history_manager.enabled = False
    traceback: list[str] = []
    shell._showtraceback = lambda kind, value, text: traceback.extend(text)
    for cell in cells:
        shell.run_cell(cell, store_history=True)
    InteractiveShell.clear_instance()
    return [frame for frame in traceback if ANSI.sub("", frame).startswith("Cell In")]


def places(frame: str) -> list[str]:
    """Its first line, and the line it points to."""
    lines = ANSI.sub("", frame).splitlines()
    return [lines[0], *(line.strip() for line in lines if line.startswith("--"))]


@pytest.mark.parametrize(
    ("ran", "other"), [(RAN, OTHER), (OTHER, RAN), (RAISED[:1], RAISED[1:])]
)
def test_it_points_where_ipython_would(ran: list[str], other: list[str]) -> None:
    cells = dict(enumerate(zip(ran, other, strict=True), start=1))
    told = [retold(frame, cells) for frame in frames(ran)]
    expected = frames(other)
    assert len(expected) == len(ran)
    assert [places(frame or "") for frame in told] == [places(e) for e in expected]
    assert not any("mine" in (frame or "") for frame in told) or other == RAN


def test_what_cannot_be_told_is_not() -> None:
    cells = {1: ("a = 1; b = 2", "a = 1\nb = 2")}
    assert retold("Cell In[1], line 1\n", cells) is None  # either of two lines
    assert retold("Cell In[1], line 5\n", cells) is None
    assert retold("Cell In[2], line 1\n", cells) is None
    assert retold("File /lib/x.py:1\n", cells) is None
    assert retold("Cell In[1], line 1\n", {1: ("a = 1", "b = 1")}) is None
    assert retold("Cell In[1], line 1\n", {1: ("a = (", "a = (")}) is None
