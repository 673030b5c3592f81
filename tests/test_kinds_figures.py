"""Figures in tests that call: drawn by a student's function, into a test's axes, and
the one that is current."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pytest

from calling import talk

IMPORTED = "import matplotlib.pyplot as plt\nimport numpy as np\n"
DRAW = """
def draw(x):
    plt.figure()
    plt.plot(x, [n * 2 for n in x], 'r', label='twice')
    plt.title('Twice')
    plt.xlabel('n')
    plt.legend()
"""
INTO = """
def draw(ax, heights):
    ax.bar(['a', 'b'], heights)
    ax.set_ylim(0, 10)
    return ax
"""
BOTH = """
def draw():
    fig, ax = plt.subplots(1, 2)
    line, = ax[0].plot([1, 2], [3, 4])
    return fig, ax, line
"""


@pytest.fixture(autouse=True)
def _no_figures() -> None:
    plt.close("all")


@pytest.mark.parametrize(
    ("solution", "test"),
    [
        (
            DRAW,
            "draw([1, 2, 3])\nax = plt.gca()\nassert ax.get_title() == 'Twice'\n"
            "assert list(ax.lines[0].get_ydata()) == [2, 4, 6]\n"
            "assert ax.lines[0].get_color() in ('r', (1, 0, 0, 1))\n"
            "assert ax.get_legend().get_texts()[0].get_text() == 'twice'\n"
            "assert plt.gcf() is ax.figure and plt.get_fignums() == [1]",
        ),
        (
            INTO,
            "fig, ax = plt.subplots()\nback = draw(ax, [3, 4])\nassert back is ax\n"
            "assert [p.get_height() for p in ax.patches] == [3, 4]\n"
            "assert ax.get_ylim() == (0, 10) and plt.gca() is ax\n"
            "assert [t.get_text() for t in ax.get_xticklabels()] == ['a', 'b']",
        ),
        (
            BOTH,
            "fig, ax, line = draw()\nassert ax.shape == (2,) and ax[0].figure is fig\n"
            "assert line is ax[0].lines[0] and len(fig.axes) == 2\nplt.close(fig)",
        ),
        (
            "def draw():\n    plt.plot([1, 2])\n    plt.grid(True)",
            "plt.figure()\nplt.plot([5])\ndraw()\nassert len(plt.gca().lines) == 2",
        ),
        (
            DRAW + "fig = plt.figure()\nax = fig.add_subplot()\nax.set_title('kept')",
            "assert ax.get_title() == 'kept' and fig.axes[0] is ax\n"
            "assert plt.gcf() is fig\nplt.close('all')\ndraw([1])\n"
            "assert plt.gcf() is not fig",
        ),
        (
            "def draw(x):\n    n, bins, bars = plt.hist(x, bins=2)\n    return bars",
            "bars = draw([1, 1, 2])\n"
            "assert [b.get_height() for b in bars.patches] == [2, 1]",
        ),
    ],
)
def test_a_test_sees_what_is_drawn(solution: str, test: str) -> None:
    cells = ("solution", IMPORTED + solution), ("test", IMPORTED + test)
    with talk(*cells, apart=True) as made:
        made.test()


def test_each_cell_begins_with_the_kernels_figures() -> None:
    with talk(
        ("solution", IMPORTED + DRAW),
        ("test", IMPORTED + "draw([1])\nassert plt.gca().lines"),
        ("test", "assert plt.get_fignums() == [1]\nplt.figure()"),
        ("test", "assert plt.get_fignums() == [1]"),
        apart=True,
    ) as made:
        for _ in range(3):
            made.test()
