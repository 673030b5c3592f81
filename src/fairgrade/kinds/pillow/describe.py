"""Images of Pillow as pixels and notes: runs in the student's own kernel, untrusted."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from fairgrade.kinds.packing import NotDescribed
from fairgrade.kinds.pillow.schema import FORMATS, MODES, MOST, TAG
from fairgrade.kinds.plain import odd_parts


def describe(value: Any) -> tuple[str, Any] | None:
    """The form of an image; None for what is none.

    Raises:
        NotDescribed: it is of a mode or a kind of file that has no form.
    """
    pillow, kind = sys.modules.get("PIL.Image"), type(value)
    if pillow is None or not isinstance(value, pillow.Image):
        return None
    name = kind.__name__
    if kind is pillow.Image:
        told: Any = str(vars(value).get("format") or ""), None, {}
    elif name in FORMATS and vars(sys.modules[kind.__module__]).get(name) is kind:
        told = FORMATS[name], value.filename, getattr(value, "text", {})
    else:
        raise NotDescribed(f"a {name}")
    try:
        value.load()
        frames = getattr(value, "n_frames", 1)
    except (OSError, ValueError, SyntaxError, EOFError) as err:
        raise NotDescribed(f"a {name} that cannot be read any more") from err
    if frames != 1:
        raise NotDescribed(f"a {name} of {frames} pictures")
    if value.mode not in MODES or max(value.size) > MOST:
        raise NotDescribed(f"an image of the mode {value.mode} and size {value.size}")
    for held in (value.info, told[1], told[2]):
        if odd := odd_parts(held, lambda _: False):
            raise NotDescribed(f"an image with a {type(odd[0]).__name__} in its info")
    pixels = np.frombuffer(value.tobytes(), np.uint8)
    info, texts = ([*map(list, each.items())] for each in (value.info, told[2]))
    shape = [value.mode, *map(int, value.size), pixels, _palette(value)]
    return TAG, [*shape, info, told[0], told[1], texts]


def _palette(value: Any) -> list[Any] | None:
    if value.mode not in ("P", "PA"):
        return None
    mode = value.im.getpalettemode()
    return [mode, np.frombuffer(bytes(value.im.getpalette(mode, mode)), np.uint8)]
