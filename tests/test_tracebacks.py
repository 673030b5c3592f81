"""A traceback told for another text of the program is what IPython would have said."""

from __future__ import annotations

import pytest
from ipykernel.compiler import XCachingCompiler
from IPython.core.interactiveshell import InteractiveShell

from fairgrade.cache.tracebacks import ANSI, Retelling

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
    retelling = Retelling(cells)
    told = [retelling.retold(frame) for frame in frames(ran)]
    expected = frames(other)
    assert len(expected) == len(ran)
    assert [places(frame or "") for frame in told] == [places(e) for e in expected]
    assert not any("mine" in (frame or "") for frame in told) or other == RAN


@pytest.mark.parametrize(
    ("frame", "ran", "other"),
    [
        ("Cell In[1], line 1\n", "a = 1; b = 2", "a = 1\nb = 2"),  # either of two
        ("Cell In[1], line 5\n", "a = 1", "a = 1"),
        ("Cell In[2], line 1\n", "a = 1", "a = 1"),
        ("File /lib/x.py:1\n", "a = 1", "a = 1"),
        ("Cell In[1], line 1\n", "a = 1", "b = 1"),
        ("Cell In[1], line 1\n", "a = (", "a = ("),
        ("Cell In[1], line " + "1" * 5000, "a = 1", "a = 1  # one"),
        ("Cell In[" + "1" * 5000 + "], line 1", "a = 1", "a = 1  # one"),
        ("Cell In[1], line 1\n", "a = 1", "a = 1  # " + "x" * 10_000),
    ],
)
def test_what_cannot_be_told_is_not(frame: str, ran: str, other: str) -> None:
    assert Retelling({1: (ran, other)}).retold(frame) is None


def test_a_traceback_of_very_many_frames_is_not_told_to_its_end() -> None:
    retelling = Retelling({1: ("a = 1", "a = 1  # one")})
    told = [retelling.retold("Cell In[1], line 1\n") for _ in range(10_000)]
    assert told[0] is not None and told[-1] is None
    assert sum(map(len, filter(None, told))) < 20_000
