"""Where nbgrader's own commands and formgrader's buttons meet fairgrade.

Two lines at the end of a course's nbgrader_config.py have them meet:

    from fairgrade.nbgrader_bridge import seal
    seal(c)
"""

from __future__ import annotations

from pathlib import Path

from traitlets.config import Config

__all__ = ["seal"]


def seal(c: Config, root: Path | str | None = None) -> None:
    """Have nbgrader's commands and buttons run students' code sealed off.

    Args:
        c: from `get_config()`.
        root: the course's folder; else the one that `c` names, or the file's.
    """
    from fairgrade.nbgrader_bridge import config  # it imports this package

    config.seal(c, root)
