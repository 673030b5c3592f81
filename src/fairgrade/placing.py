"""A submission into its place in submitted/, whole or not at all."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path


def put_in_place(root: Path, assignment: str, student: str, fresh: Path) -> str:
    """Move a folder to submitted/; what is there goes to .fairgrade/earlier/.

    Args:
        root: the course's folder.
        fresh: on the same disk as submitted/.

    Returns:
        "new" or "newer".
    """
    target = root / "submitted" / student / assignment
    outcome = "new"
    if target.exists() or target.is_symlink():
        now = datetime.now(UTC)
        earlier = root / ".fairgrade" / "earlier" / assignment / student
        earlier.mkdir(parents=True, exist_ok=True)
        shutil.move(target, earlier / f"{now:%Y%m%dT%H%M%S%fZ}")
        outcome = "newer"
    fresh.rename(target)
    return outcome
