"""Say again what of a figure belongs together: legends, bars and error bars."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
from matplotlib import collections, container, lines, patches

from fairgrade.kinds.matplotlib.read_artists import legend_entry
from fairgrade.kinds.matplotlib.read_values import positions, setting


def add_legend(owner: Any, form: Any) -> None:
    """Give axes or a figure their legend.

    Raises:
        Exception: the form is none.
    """
    texts, handles, title, place, columns = form
    if type(place) is not int or not 0 <= place <= 10:
        raise ValueError("a legend at no place")
    if len(texts) != len(handles):
        raise ValueError("a legend of texts without lines")
    made = owner.legend(
        [legend_entry(each) for each in handles],
        [setting(each) for each in texts],
        title=setting(title) or None,
        loc=place,
        ncols=max(1, min(int(columns), 100)),
    )
    if len(made.get_texts()) != len(texts):
        raise ValueError("a legend that is none")


def add_container(axes: Any, form: Any) -> None:
    """Say of bars or error bars that they belong together.

    Raises:
        Exception: the form is none.
    """
    kind, label, *parts = form
    children = axes._children

    def of(numbers: Any, wanted: type) -> list[Any]:
        found = [children[n] for n in numbers if type(n) is int and n >= 0]
        if len(found) != len(numbers) or not all(isinstance(f, wanted) for f in found):
            raise ValueError("something that is not in its axes")
        return found

    if kind == "BarContainer":
        bars, data, orientation = parts
        data = None if data is None else positions(data)
        made: Any = container.BarContainer(
            of(bars, patches.Patch), datavalues=data, orientation=orientation
        )
    elif kind == "ErrorbarContainer":
        line, caps, bars, (of_x, of_y) = parts
        own: Any = None if line is None else of([line], lines.Line2D)[0]
        ends: Any = (
            tuple(of(caps, lines.Line2D)),
            tuple(of(bars, collections.Collection)),
        )
        made = container.ErrorbarContainer((own, *ends), bool(of_x), bool(of_y))
    elif kind == "StemContainer":
        made = container.StemContainer(tuple(of(parts[0], mpl.artist.Artist)))
    else:
        raise ValueError("what belongs together as nothing")
    made.set_label(setting(label))
    axes.add_container(made)
