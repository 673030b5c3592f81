"""Pyplot has the same figures in the judge as in the kernel, where a test looks.

A test asks `plt.gca()` for what a student's function drew, or opens figures into which
the function draws. The figures themselves are values that both sides share.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from fairgrade.errors import CallFailed

_LOOKS = re.compile(
    r"\b(plt|pyplot|pylab|gcf|gca|get_fignums|sns|seaborn|plotchecker|PlotChecker)\b"
)
#: Numbers and identities of figures, and which is the current one.
_Seen = tuple[list[tuple[int, int]], int | None]


class Figures:
    """Follows pyplot's figures from one side to the other.

    Args:
        exchange: gives the kernel pyplot's state where it is to change, and gives
            what it is then.
    """

    def __init__(self, exchange: Callable[..., Any]) -> None:
        self._exchange = exchange
        self._follows = False
        self._seen: _Seen = [], None

    def begin(self, source: str) -> None:
        """Begin a test cell with the kernel's figures, if it looks at any."""
        if self._follows:
            self._set(((), None))
        self._follows = bool(_LOOKS.search(source))
        if self._follows:
            self.take()

    def give(self) -> None:
        """Let the kernel have what the test made current."""
        if not self._follows:
            return
        from fairgrade.kinds.matplotlib.current import current

        state = current()
        if _seen(state) != self._seen:
            self._exchange(state)
            self._seen = _seen(state)

    def take(self) -> None:
        """Have what is current in the kernel.

        Raises:
            CallFailed: it says what cannot be.
        """
        if self._follows:
            self._set(self._exchange())

    def _set(self, state: Any) -> None:
        from fairgrade.kinds.matplotlib.current import set_current

        try:
            set_current(state)
        except (TypeError, ValueError) as err:
            raise CallFailed("The notebook's figures are none.") from err
        self._seen = _seen(state)


def _seen(state: Any) -> _Seen:
    figures, active = state
    return [(number, id(figure)) for number, figure in figures], active
