"""Artists that Matplotlib makes in ways of their own are of their class."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pytest
from matplotlib import collections, patches
from matplotlib.figure import Figure

from carrying import Pair, exported
from fairgrade.errors import NotMeasured


@pytest.fixture(params=["at a test's place", "in an answer"])
def crossed(request: pytest.FixtureRequest) -> Figure:
    figure, axes = plt.subplots()
    axes.arrow(0, 0, 1, 1)
    axes.stairs([1, 2, 3])
    axes.eventplot([1, 2, 3])
    axes.fill_between([0, 1, 2], [1, 2, 1])
    try:
        cross = exported if request.param == "at a test's place" else Pair().answer
        return cross(figure)
    finally:
        plt.close(figure)


def test_each_is_of_its_class_and_of_the_one_above(crossed: Figure) -> None:
    arrow, stairs, events, area = crossed.axes[0]._children
    assert isinstance(arrow, patches.FancyArrow) and isinstance(arrow, patches.Polygon)
    assert isinstance(stairs, patches.StepPatch)
    assert isinstance(events, collections.EventCollection)
    assert isinstance(area, collections.FillBetweenPolyCollection)
    assert not isinstance(events, collections.FillBetweenPolyCollection)
    assert len(events.get_segments()) == 3
    crossed.canvas.draw()


def test_how_it_was_made_could_not_be_measured(crossed: Figure) -> None:
    arrow, stairs, events, _ = crossed.axes[0]._children
    for ask in (stairs.get_data, events.get_lineoffset, events.get_positions):
        with pytest.raises(NotMeasured, match="was made does not cross"):
            ask()
    with pytest.raises(AttributeError):
        arrow.no_such_name  # noqa: B018
    assert not hasattr(arrow, "no_such_name")


def test_it_crosses_again_as_it_is(crossed: Figure) -> None:
    again = exported(crossed)
    kinds = [type(child).__name__ for child in again.axes[0]._children]
    names = ["FancyArrow", "StepPatch", "EventCollection", "FillBetweenPolyCollection"]
    assert kinds == names
