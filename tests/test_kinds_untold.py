"""Figures that hold something without a form: the rest is as it is, and only what looks
at that thing waits for a person."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib import lines, patches, projections, quiver
from matplotlib.axes import Axes
from matplotlib.colorbar import Colorbar
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MultipleLocator

from calling import talk
from carrying import Pair, exported
from fairgrade.errors import NotMeasured
from samples_matplotlib import drawn, same

IMPORTED = "import matplotlib.pyplot as plt\nimport numpy as np\n"
#: Draws two things that have no form, between and after others.
DRAW = """
def draw(ax):
    line, = ax.plot([1, 2], [3, 4], label='seen')
    ax.barbs([0, 1], [0, 1], [10, 50], [0, 20])
    class Own(type(line)):
        def get_color(self):
            return 'anything'
    own = Own([1, 2], [1, 1], label='own')
    ax.add_line(own)
    ax.scatter([1], [2])
    ax.set_title('Wind')
    ax.legend()
    return line
"""


@pytest.fixture(autouse=True)
def _no_figures() -> None:
    plt.close("all")


def _wind() -> Figure:
    names: dict[str, Any] = {}
    exec(IMPORTED + DRAW, names)
    return drawn(names["draw"])


@pytest.mark.parametrize("way", [exported, Pair().answer, Pair().ask])
def test_what_has_no_form_keeps_its_place(way: Callable[[Any], Any]) -> None:
    ax = way(_wind()).axes[0]
    assert ax.get_title() == "Wind"
    assert list(ax.lines[0].get_ydata()) == [3, 4]
    assert len(ax.lines) == 2 and len(ax.collections) == 2 and not ax.patches
    assert isinstance(ax.collections[0], quiver.Barbs)
    assert isinstance(ax.lines[1], lines.Line2D)
    assert ax.lines[1].get_label() == "own"
    assert list(ax.collections[1].get_offsets()[0]) == [1, 2]
    words = [text.get_text() for text in ax.get_legend().get_texts()]
    assert words == ["seen", "own"]


LOOKS: list[Callable[[Any], Any]] = [
    lambda ax: ax.collections[0].get_offsets(),
    lambda ax: ax.collections[0].u,
    lambda ax: ax.collections[0]._length,
    lambda ax: ax.lines[1].get_color(),
    lambda ax: ax.lines[1].get_ydata(),
    lambda ax: [line.get_xdata() for line in ax.lines],
    lambda ax: hasattr(ax.lines[1], "own_name"),
    lambda ax: ax.get_figure().savefig("nothing.png"),
]


@pytest.mark.parametrize("look", LOOKS)
def test_who_looks_at_it_measures_nothing(look: Callable[[Any], Any]) -> None:
    ax = Pair().answer(_wind()).axes[0]
    with pytest.raises(NotMeasured, match="a figure holds a (Barbs|Own)"):
        look(ax)


def test_a_test_changes_the_rest_and_the_students_own_things_stay() -> None:
    solution = (
        IMPORTED + DRAW + "def kinds(ax):\n"
        "    return [type(c).__name__ for c in (*ax.lines, *ax.collections)]\n"
    )
    test = (
        IMPORTED + "fig, ax = plt.subplots()\ndraw(ax)\nax.set_title('changed')\n"
        "assert kinds(ax) == ['Line2D', 'Own', 'Barbs', 'PathCollection']\n"
        "assert ax.get_title() == 'changed' and len(ax.collections) == 2\n"
    )
    with talk(("solution", solution), ("test", test), apart=True) as made:
        made.test()


def test_what_waits_in_a_test_is_no_fail() -> None:
    test = (
        IMPORTED + "fig, ax = plt.subplots()\ndraw(ax)\n"
        "assert ax.get_title() == 'Wind'\nassert ax.collections[0].get_sizes()"
    )
    with (
        talk(("solution", IMPORTED + DRAW), ("test", test), apart=True) as made,
        pytest.raises(NotMeasured, match="Barbs"),
    ):
        made.test()


def test_axes_without_a_form_stand_among_others() -> None:
    figure = Figure()
    first, second, third = figure.subplots(1, 3)
    first.set_title("one")
    second.set_yscale("function", functions=(np.sqrt, np.square))
    third.set_title("three")
    found = Pair().answer(figure)
    assert [found.axes[n].get_title() for n in (0, 2)] == ["one", "three"]
    assert len(found.axes) == 3 and isinstance(found.axes[1], Axes)
    with pytest.raises(NotMeasured, match="a figure holds a Axes"):
        found.axes[1].get_yscale()
    assert same(found, figure)


def test_projections_of_ones_own_are_not_taken_for_known_ones() -> None:
    class Own(Axes):
        name = "own of a test"

    projections.register_projection(Own)
    figure = Figure()
    figure.add_subplot(projection="own of a test")
    assert len(Pair().answer(figure).axes) == 1
    with pytest.raises(NotMeasured, match="a figure holds a Own"):
        Pair().answer(figure).axes[0].get_title()


def test_bars_of_which_some_are_gone() -> None:
    def draw(ax: Any) -> None:
        ax.bar([1, 2], [3, 4])[0].remove()

    ax = Pair().answer(drawn(draw)).axes[0]
    assert len(ax.patches) == 1 and isinstance(ax.containers[0], BarContainer)
    for look in (len, list, lambda c: c.patches, lambda c: c[0]):
        with pytest.raises(NotMeasured, match="BarContainer"):
            look(ax.containers[0])


def test_ticks_keep_their_class() -> None:
    def draw(ax: Any) -> None:
        ax.plot([0, 2], [0, 1])
        ax.xaxis.set_major_locator(MultipleLocator(0.5))
        ax.yaxis.set_major_formatter(lambda value, at: f"<{value:.1f}>")

    ax = Pair().answer(drawn(draw)).axes[0]
    locator, formatter = (
        ax.xaxis.get_major_locator(),
        ax.yaxis.get_major_formatter(),
    )
    assert isinstance(locator, MultipleLocator)
    assert isinstance(formatter, FuncFormatter)
    assert {0.0, 0.5, 1.0} <= set(ax.get_xticks())
    assert "<0.2>" in [text.get_text() for text in ax.get_yticklabels()]
    with pytest.raises(NotMeasured, match="MultipleLocator"):
        _ = locator._edge


def test_a_colour_bar_is_told() -> None:
    figure = Figure()
    ax = figure.subplots()
    shown = ax.imshow(np.eye(2))
    bar = figure.colorbar(shown, label="how much", orientation="horizontal")
    found = Pair().answer((figure, bar, shown))
    assert type(found[1]).__name__ == "Colorbar" and isinstance(found[1], Colorbar)
    assert found[1].mappable is found[2] and found[2].colorbar is found[1]
    assert found[1].ax is found[0].axes[1]
    assert found[1].ax.get_xlabel() == "how much"
    assert found[1].orientation == "horizontal"
    with pytest.raises(NotMeasured, match="a colour bar"):
        _ = found[1].dividers


def test_many_that_are_told_nothing_of_are_bounded() -> None:
    def draw(ax: Any) -> None:
        for _ in range(2000):
            ax.add_patch(patches.Arrow(0, 0, 1, 1))

    found = Pair().answer(drawn(draw))
    assert len(found.axes[0].patches) == 2000
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert same(found, found)
