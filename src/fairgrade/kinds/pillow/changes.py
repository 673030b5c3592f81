"""Images that are drawn into, or changed in place."""

from __future__ import annotations

import sys
from typing import Any

from fairgrade.kinds.packing import become, digest_of
from fairgrade.kinds.pillow.describe import describe
from fairgrade.kinds.pillow.schema import FORMATS


def can_change(value: Any) -> bool:
    """Whether it is an image."""
    kind: Any = type(value)
    image = vars(sys.modules["PIL.Image"])["Image"]
    return kind is image or (kind.__name__ in FORMATS and issubclass(kind, image))


def snapshot(value: Any) -> Any:
    """What is compared to see later whether it was changed."""
    return digest_of(describe(value), lambda part: part)


def fill(value: Any, tag: str, parts: Any) -> None:
    """Make it what a form says.

    Raises:
        Exception: the form is none, or of another class.
    """
    from fairgrade.kinds.pillow.read import read

    fresh = read(tag, parts)
    alike = (value.mode, value.size) == (fresh.mode, fresh.size)
    if (
        type(fresh) is type(value)
        and alike
        and fresh.palette is None
        and all(value.size)
    ):
        # What draws into it holds the very same pixels.
        value.im.paste(fresh.im, (0, 0, *value.size))
        value.info = fresh.info
    else:
        become(value, fresh, "an image")
