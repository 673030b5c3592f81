"""What is drawn in axes, as data: runs in the student's own kernel, untrusted."""

from __future__ import annotations

import sys
from typing import Any

from fairgrade.kinds.matplotlib import untold
from fairgrade.kinds.matplotlib.describe_colours import colours
from fairgrade.kinds.matplotlib.describe_more import MORE
from fairgrade.kinds.matplotlib.describe_values import (
    given,
    is_plain,
    numbers,
    paths,
    plain,
    settings,
    text,
)
from fairgrade.kinds.matplotlib.schema import COMMON, LINE, PATCH
from fairgrade.kinds.packing import NotDescribed

_OURS = ("matplotlib.", "mpl_toolkits.mplot3d.")


def artist(child: Any, axes: Any) -> list[Any]:
    """The form of one thing that is drawn: its type, what all have, what it has.

    One that has no form keeps its place.
    """
    mpl: Any = sys.modules["matplotlib"]
    kind = type(child).__name__
    known = _SAME.get(kind, kind)
    common = _common(child, axes)
    own = type(child).__module__.startswith(_OURS) and not untold.is_untold(child)
    if known in _FORMS and own:
        try:
            return [kind, common, *_FORMS[known](mpl, child)]
        except NotDescribed:
            pass
    return untold.form(child, common)


def _common(child: Any, axes: Any) -> list[Any]:
    values = [plain(getattr(child, f"get_{name}")()) for name in COMMON]
    return [*values, _transform(child, axes)]


def _transform(child: Any, axes: Any) -> str:
    """In which coordinates it stands."""
    mpl: Any = sys.modules["matplotlib"]
    if axes is None:
        return "figure"
    found = mpl.artist.Artist.get_transform(child)
    if isinstance(child, mpl.text.Annotation) or found is axes.transData:
        return "data"
    known = {
        "axes": axes.transAxes,
        "x": axes.get_xaxis_transform(),
        "y": axes.get_yaxis_transform(),
    }
    return next((name for name, t in known.items() if t == found), "data")


def _line(mpl: Any, child: Any) -> list[Any]:
    drawn = [numbers(child.get_xdata(orig=False)), numbers(child.get_ydata(orig=False))]
    origin = [given(child.get_xdata()), given(child.get_ydata())]
    return [drawn, origin, settings(child, LINE)]


def _patch(names: tuple[str, ...]) -> Any:
    def form(mpl: Any, child: Any) -> list[Any]:
        return [
            [plain(getattr(child, name)) for name in names],
            settings(child, PATCH),
        ]

    return form


def _rectangle(mpl: Any, child: Any) -> list[Any]:
    place = [child.get_x(), child.get_y(), child.get_width(), child.get_height()]
    return [[float(n) for n in [*place, child.get_angle()]], settings(child, PATCH)]


def _polygon(mpl: Any, child: Any) -> list[Any]:
    return [[numbers(child.get_xy())], settings(child, PATCH)]


def _path_patch(mpl: Any, child: Any) -> list[Any]:
    return [paths([child.get_path()]), settings(child, PATCH)]


def _image(mpl: Any, child: Any) -> list[Any]:
    place = plain(tuple(child.get_extent()))
    looks = [place, str(child.origin), plain(child.get_interpolation())]
    return [looks, colours(mpl, child)]


def _text(mpl: Any, child: Any) -> list[Any]:
    return [text(child)]


def _annotation(mpl: Any, child: Any) -> list[Any]:
    ends, given_for = [child.xy, child.xyann], [child.xycoords, child.anncoords]
    if any(len(end) != 2 for end in ends):
        raise NotDescribed("a note without a place")
    arrow = child.arrowprops
    if arrow is not None:
        arrow = [[*arrow], [plain(value) for value in arrow.values()]]
        if any(type(name) is not str for name in arrow[0]):
            raise NotDescribed("an arrow of a note")
    if any(not is_plain(each) for each in (*given_for, *(arrow or [[], []])[1])):
        raise NotDescribed("a note at a place of one's own")
    looks = [plain(each) for each in given_for]
    return [text(child), [given(end) for end in ends], looks, arrow]


_FORMS: dict[str, Any] = {
    "Line2D": _line,
    "Rectangle": _rectangle,
    "Wedge": _patch(("center", "r", "theta1", "theta2", "width")),
    "Polygon": _polygon,
    "Ellipse": _patch(("center", "width", "height", "angle")),
    "Arc": _patch(("center", "width", "height", "angle", "theta1", "theta2")),
    "Circle": _patch(("center", "radius")),
    "RegularPolygon": _patch(("xy", "numvertices", "radius", "orientation")),
    "PathPatch": _path_patch,
    "AxesImage": _image,
    "Annotation": _annotation,
    "Text": _text,
    **MORE,
}
#: Types that draw as another one does and add only other ways to be made.
_SAME = {
    "FillBetweenPolyCollection": "PolyCollection",
    "EventCollection": "LineCollection",
    "StepPatch": "PathPatch",
    "FancyArrow": "Polygon",
}
