"""Build figures again from data, as if a student had forged it.

Real figures, which no window shows. Each type and setting is one of those that
`describe` tells; Matplotlib checks the values, and counts are bounded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from matplotlib.figure import Figure

from fairgrade.errors import NotMeasured
from fairgrade.kinds.matplotlib import untold
from fairgrade.kinds.matplotlib.read_artists import set_text
from fairgrade.kinds.matplotlib.read_axes import (
    axes_for,
    fill_axes,
    fill_colour_bars,
    set_autoscale,
)
from fairgrade.kinds.matplotlib.read_groups import add_legend
from fairgrade.kinds.matplotlib.read_values import setting, within
from fairgrade.kinds.matplotlib.schema import (
    LOOSE,
    MAX_AXES,
    all_axes,
    drawn,
    sides,
    titles,
)

_MAX_INCHES, _MAX_DPI = 500, 2400


def read(tag: str, parts: Any) -> Any:
    """The figure of a form, or the part of one that the form names.

    Raises:
        Exception: it is none; whatever Matplotlib raises for forged parts.
    """
    kind, *given = parts
    if kind == "figure":
        figure = Figure()
        try:
            fill(figure, given)
        except NotMeasured as err:  # of a forged part that is told of as not told
            raise ValueError("a figure that is none") from err
        return figure
    if kind != "part":
        raise ValueError("no part of a figure")
    figure, number, *path = given
    if type(figure) is not Figure or type(number) is not int or number < 0:
        raise ValueError("a part of no figure")
    axes = all_axes(figure)[number]
    if untold.is_untold(axes) and path:
        raise ValueError("a part of axes that are not told")
    if not path:
        return axes
    name, place = path
    if name == "axis":
        return sides(axes)[place]
    if type(place) is not int or place < 0:
        raise ValueError("a part of no place")
    return _PARTS[name](axes)[place]


_PARTS: dict[str, Callable[[Any], Any]] = {
    "container": lambda axes: axes.containers,
    "drawn": drawn,
    "title": titles,
    "label": lambda axes: [axis.label for axis in sides(axes).values()],
    "colorbar": lambda axes: [axes._colorbar],
    "legend": lambda axes: [axes.get_legend()],
    "frame": lambda axes: [axes.patch],
}


def fill(figure: Figure, parts: Any) -> None:
    """Make a figure what a form says; axes that it has already are kept.

    Raises:
        Exception: the form is none.
    """
    size, dpi, face, label, above, texts, legends, axes, loose = parts
    if len(axes) > MAX_AXES:
        raise ValueError("more axes than a figure may have")
    width, height = (within(n, _MAX_INCHES) for n in size)
    for old in [*figure.texts, *figure.legends]:
        old.remove()
    figure._suptitle = None  # type: ignore[attr-defined]
    figure.set_size_inches(width, height)
    figure.set_dpi(within(dpi, _MAX_DPI))
    figure.set_facecolor(face)
    figure.set_label(label)
    made = axes_for(figure, axes)
    for own, form in zip(made, axes, strict=True):
        fill_axes(own, form)
    for own, form in zip(made, axes, strict=True):  # as some share theirs
        set_autoscale(own, form)
    fill_colour_bars(made, axes)
    if above is not None:
        figure.suptitle("")
        set_text(figure._suptitle, above)  # type: ignore[attr-defined]
    for form in texts:
        set_text(figure.text(0, 0, ""), form)
    for form in legends:
        add_legend(figure, form)
    for name, forms in zip(LOOSE, loose, strict=True):
        _fill_loose(figure, name, forms)


def _fill_loose(figure: Figure, name: str, forms: Any) -> None:
    """Put what is drawn in no axes into one of a figure's lists, as not told."""
    there = getattr(figure, name)
    if len(there) == len(forms):
        return  # a kernel's own are still there
    there[:] = []
    for mark, (label,), family, kind in forms:
        made = untold.stand_in(family, kind)
        if mark != "?":
            raise ValueError("something drawn that is none")
        made.set_label(setting(label))
        made.set_figure(figure)
        there.append(made)
