"""What both sides know of forms of figures: which settings are told, in which order."""

from __future__ import annotations

from typing import Any

TAG = "matplotlib"
MAX_AXES = 400
SCALES = frozenset({"linear", "log", "symlog", "logit"})
#: How numbers become colours, and what each way has beside its limits.
NORMS = {
    "Normalize": (),
    "LogNorm": (),
    "NoNorm": (),
    "SymLogNorm": ("linthresh", "_scale.linscale", "_scale.base"),
    "AsinhNorm": ("_scale.linear_width",),
    "PowerNorm": ("gamma",),
    "TwoSlopeNorm": ("vcenter",),
    "CenteredNorm": ("vcenter", "halfrange"),
    "BoundaryNorm": ("boundaries", "Ncmap", "clip", "extend"),
}
#: Modules of Matplotlib's whose classes a thing without a form may be of.
FAMILIES = frozenset(
    [
        "artist",
        "axes",
        "collections",
        "contour",
        "image",
        "inset",
        "legend",
        "lines",
        "offsetbox",
        "patches",
        "quiver",
        "spines",
        "table",
        "text",
        "axes._axes",
        "axes._base",
        "axes._secondary_axes",
        "tri._tricontour",
    ]
)
#: Lists of a figure's of what is drawn in no axes.
LOOSE = ("lines", "patches", "images", "artists")
#: Settings of ticks that are told, as `tick_params` takes them.
TICKS = frozenset(
    [
        "labelsize",
        "labelcolor",
        "labelfontfamily",
        "pad",
        "length",
        "width",
        "direction",
        "color",
        "left",
        "right",
        "top",
        "bottom",
        "labelleft",
        "labelright",
        "labeltop",
        "labelbottom",
        "grid_color",
        "grid_alpha",
        "grid_linewidth",
        "grid_linestyle",
    ]
)
PROJECTIONS = frozenset({"rectilinear", "polar", "3d"})
#: Locators and formatters that follow from limits and scale alone.
AUTOMATIC = frozenset(
    {
        ("AutoLocator", "ScalarFormatter"),
        ("LogLocator", "LogFormatterSciNotation"),
        ("SymmetricalLogLocator", "LogFormatterSciNotation"),
        ("LogitLocator", "LogitFormatter"),
        ("ThetaLocator", "ThetaFormatter"),
        ("RadialLocator", "ScalarFormatter"),
        ("StrCategoryLocator", "StrCategoryFormatter"),
        ("AutoDateLocator", "AutoDateFormatter"),
    }
)
#: Containers that only say what belongs together; what is in them crosses by itself.
ONLY_TOGETHER = frozenset({"BoxPlotContainer", "ViolinPlotContainer", "PieContainer"})
#: Settings of everything that is drawn.
COMMON = ("label", "alpha", "zorder", "visible", "gid")
LINE = (
    *("color", "linewidth", "linestyle", "drawstyle"),
    *("marker", "markersize", "markerfacecolor", "markeredgecolor", "markeredgewidth"),
)
PATCH = ("facecolor", "edgecolor", "linewidth", "linestyle", "hatch", "fill")
#: How a field of arrows is drawn, as its class takes it.
ARROWS = (
    *("scale", "width", "units", "angles", "pivot", "scale_units"),
    *("headwidth", "headlength", "headaxislength", "minshaft", "minlength"),
)
MAX_CELLS = 10_000
TEXT = (
    *("color", "fontsize", "fontweight", "fontstyle", "rotation"),
    *("horizontalalignment", "verticalalignment", "visible"),
)


def titles(axes: Any) -> list[Any]:
    """The titles above axes: in the middle, left and right."""
    return [axes.title, axes._left_title, axes._right_title]


def drawn(axes: Any) -> list[Any]:
    """What is drawn in axes, in its order, without what all axes have."""
    return [*axes._children]


def sides(axes: Any) -> dict[str, Any]:
    """The axis of each direction, by its name."""
    return {name: getattr(axes, f"{name}axis") for name in axes._axis_names}


def all_axes(figure: Any) -> list[Any]:
    """The axes of a figure, then those that lie within them."""
    own = [*figure.axes]
    return own + [each for axes in own for each in vars(axes).get("child_axes", ())]
