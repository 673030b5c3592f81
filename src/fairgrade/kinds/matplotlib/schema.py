"""What both sides know of forms of figures: which settings are told, in which order."""

from __future__ import annotations

from typing import Any

TAG = "matplotlib"
MAX_AXES = 400
SCALES = frozenset({"linear", "log", "symlog", "logit"})
NORMS = frozenset({"Normalize", "LogNorm", "NoNorm", "SymLogNorm"})
#: Locators and formatters that follow from limits and scale alone.
AUTOMATIC = frozenset(
    {
        ("AutoLocator", "ScalarFormatter"),
        ("LogLocator", "LogFormatterSciNotation"),
        ("SymmetricalLogLocator", "LogFormatterSciNotation"),
        ("LogitLocator", "LogitFormatter"),
        ("ThetaLocator", "ThetaFormatter"),
        ("RadialLocator", "ScalarFormatter"),
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
TEXT = (
    *("color", "fontsize", "fontweight", "fontstyle", "rotation"),
    *("horizontalalignment", "verticalalignment", "visible"),
)


def titles(axes: Any) -> list[Any]:
    """The titles above axes: in the middle, left and right."""
    return [axes.title, axes._left_title, axes._right_title]


def drawn(axes: Any) -> list[Any]:
    """What is drawn in axes, in its order, without what all axes have."""
    frame = {id(part) for part in (*axes.spines.values(), axes.xaxis, axes.yaxis)}
    frame |= {id(part) for part in (*titles(axes), axes.patch, axes.get_legend())}
    return [child for child in axes.get_children() if id(child) not in frame]
