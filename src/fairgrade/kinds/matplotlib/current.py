"""The figures that pyplot knows and which of them is the current one, on both sides.

As a notebook's kernel has them: its inline backend closes all figures at the end of
each cell, so a test sees those that it makes itself, or that it lets code make.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

from matplotlib.figure import Figure

#: Figures with their numbers, and the number of the current one.
State = tuple[tuple[tuple[int, Any], ...], int | None]
_MOST = 200


def current() -> State:
    """What pyplot has now; nothing where it was never imported."""
    pyplot: Any = sys.modules.get("matplotlib.pyplot")
    if pyplot is None or not pyplot.get_fignums():
        return (), None
    managers = pyplot._pylab_helpers.Gcf
    found = tuple((n, managers.figs[n].canvas.figure) for n in pyplot.get_fignums())
    return found, managers.get_active().num


def set_current(state: Any) -> None:
    """Let pyplot have these figures and no other.

    Raises:
        ValueError: they are none.
    """
    figures, active = state
    if len(figures) > _MOST:
        raise ValueError(f"more than {_MOST} figures at once")
    if not figures and "matplotlib.pyplot" not in sys.modules:
        return
    pyplot: Any = importlib.import_module("matplotlib.pyplot")
    managers = pyplot._pylab_helpers.Gcf
    there = {n: manager.canvas.figure for n, manager in managers.figs.items()}
    numbers = [number for number, _ in figures]
    if active not in [*numbers, None] or len(set(numbers)) != len(numbers):
        raise ValueError("a current figure that is none")
    for number in there:
        if number not in numbers:
            pyplot.close(number)
    for number, figure in figures:
        if type(number) is not int or type(figure) is not Figure:
            raise ValueError("something that is no figure")
        if there.get(number) is not figure:
            pyplot.close(number)
            backend = pyplot._get_backend_mod()
            manager = backend.new_figure_manager_given_figure(number, figure)
            managers._set_new_active_manager(manager)
    if active is not None:
        managers.set_active(managers.figs[active])
