"""Say again what of a figure belongs together: legends, bars and error bars."""

from __future__ import annotations

from functools import cache
from typing import Any

import matplotlib as mpl
from matplotlib import collections, container, lines, patches

from fairgrade.errors import NotMeasured
from fairgrade.kinds.matplotlib.read_artists import legend_entry
from fairgrade.kinds.matplotlib.read_values import (
    floats,
    positions,
    setting,
    within,
)
from fairgrade.kinds.matplotlib.untold import is_untold


def add_legend(owner: Any, form: Any) -> None:
    """Give axes or a figure their legend.

    Raises:
        Exception: the form is none.
    """
    texts, handles, title, (place, anchor), columns, looks, sizes = form
    if len(texts) != len(handles):
        raise ValueError("a legend of texts without lines")
    if type(place) is not int or not 0 <= place <= 10:
        place = tuple(floats(place, 2))
    entries = [legend_entry(each) for each in handles]
    shown = [lines.Line2D([], []) if is_untold(e) else e for e in entries]
    made = owner.legend(
        shown,
        [setting(each) for each in texts],
        title=setting(title) or None,
        loc=place,
        ncols=max(1, min(int(columns), 100)),
        bbox_to_anchor=None if anchor is None else tuple(floats(anchor, 4)),
    )
    if len(made.get_texts()) != len(texts):
        raise ValueError("a legend that is none")
    made.legend_handles[:] = entries
    made.set_frame_on(bool(looks[0]))
    made.set_visible(bool(looks[1]))
    *size, of_title = (within(each, 1e6) for each in sizes)
    for each in made.get_texts() if size else ():
        each.set_fontsize(size[0])
    made.get_title().set_fontsize(of_title)


def add_container(axes: Any, form: Any) -> None:
    """Say of bars or error bars that they belong together.

    Raises:
        Exception: the form is none.
    """
    kind, label, *parts = form
    children = axes._children
    if kind == "?":
        made: Any = _not_told(setting(parts[0]))()
        made._fairgrade_untold = parts[0]
        made.set_label(setting(label))
        axes.add_container(made)
        return

    def of(numbers: Any, wanted: type) -> list[Any]:
        found = [children[n] for n in numbers if type(n) is int and n >= 0]
        if len(found) != len(numbers) or not all(isinstance(f, wanted) for f in found):
            raise ValueError("something that is not in its axes")
        return found

    if kind == "BarContainer":
        bars, data, orientation = parts
        data = None if data is None else positions(data)
        made = container.BarContainer(
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


@cache
def _not_told(name: Any) -> Any:
    """A container of which nothing is known but that it is there."""
    if type(name) is not str or not name.isidentifier() or len(name) > 100:
        raise ValueError("what belongs together as nothing")
    found = getattr(container, name, container.Container)
    if not (isinstance(found, type) and issubclass(found, container.Container)):
        raise ValueError("what belongs together as nothing")

    def refuse(*_: Any) -> Any:
        raise NotMeasured(f"what a {name} in a figure holds cannot be handed over")

    asked = ("__len__", "__iter__", "__getitem__", "__contains__", "__getattr__")
    made: Any = type(found.__name__, (found,), dict.fromkeys(asked, refuse))
    made.__new__ = lambda kind: tuple.__new__(kind)
    made.__init__ = lambda self: container.Container.__init__(self, ())
    return made
