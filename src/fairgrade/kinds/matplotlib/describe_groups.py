"""What of a figure belongs together, as data: runs in the student's own kernel."""

from __future__ import annotations

from typing import Any

from fairgrade.kinds.matplotlib.describe_artists import artist
from fairgrade.kinds.matplotlib.describe_values import numbers, plain


def legend(value: Any) -> list[Any]:
    """Title, place, looks, and for each entry its text and what stands for it."""
    words, title = value.get_texts(), value.get_title()
    handles = [artist(handle, None) for handle in value.legend_handles]
    place = value._loc
    if not isinstance(place, int):
        place = [float(n) for n in place]
    return [
        [text.get_text() for text in words],
        handles,
        title.get_text(),
        [place, _anchor(value)],
        int(value._ncols),
        [bool(value.get_frame_on()), bool(value.get_visible())],
        [float(text.get_fontsize()) for text in (*words[:1], title)],
    ]


def _anchor(value: Any) -> list[float] | None:
    """The box at which it stands, in its axes or figure; None for all of that."""
    if value._bbox_to_anchor is None:
        return None
    around = value.parent
    moved = around.transAxes if hasattr(around, "transAxes") else around.transFigure
    box = value.get_bbox_to_anchor().transformed(moved.inverted())
    return [round(float(n), 9) for n in box.bounds]


def container(value: Any, children: list[Any]) -> list[Any]:
    """Bars and error bars that belong together, by their places among the children."""
    numbers_of = {id(child): n for n, child in enumerate(children)}

    def places(parts: Any) -> list[int]:
        return [numbers_of[id(part)] for part in parts]

    kind, label = type(value).__name__, plain(value.get_label())
    if "_fairgrade_untold" in vars(value):
        return ["?", label, vars(value)["_fairgrade_untold"]]
    try:
        if kind == "BarContainer":
            data = None if value.datavalues is None else numbers(value.datavalues)
            return [kind, label, places(value), data, value.orientation]
        if kind == "ErrorbarContainer":
            line, caps, bars = value.lines
            own = None if line is None else places([line])[0]
            ways = [bool(value.has_xerr), bool(value.has_yerr)]
            return [kind, label, own, places(caps), places(bars), ways]
        if kind == "StemContainer":
            return [kind, label, places([*value])]
    except KeyError:  # some of them are not in the axes any more
        pass
    return ["?", label, kind if kind.isidentifier() else "Container"]
