"""Numbers that colours stand for, as data: runs in the student's own kernel."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

import numpy as np

from fairgrade.kinds.matplotlib.describe_values import numbers, plain
from fairgrade.kinds.matplotlib.schema import NORMS
from fairgrade.kinds.packing import NotDescribed


def colours(mpl: Any, child: Any) -> list[Any]:
    """Numbers that colours stand for, and how: the map's name or colours, and norm.

    Raises:
        NotDescribed: they become colours by a way of one's own.
    """
    array, norm = child.get_array(), child.norm
    kind = type(norm).__name__
    if type(norm) is not getattr(mpl.colors, kind, None) or kind not in NORMS:
        if array is not None:
            raise NotDescribed(f"colours by {kind}")
        norm, kind = mpl.colors.Normalize(), "Normalize"
    cmap = child.get_cmap()
    listed = None
    if cmap.name not in mpl.colormaps or cmap.N != mpl.colormaps[cmap.name].N:
        listed = np.asarray(cmap(np.arange(cmap.N)), float)
    limits = [None if end is None else float(end) for end in child.get_clim()]
    more = [plain(attrgetter(name)(norm)) for name in NORMS[kind]]
    held = None if array is None else numbers(array)
    return [held, cmap.name, listed, kind, limits, more]
