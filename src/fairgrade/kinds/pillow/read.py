"""Make images again from pixels and notes, as if a student had forged them.

No file of a student's is decoded: pixels come as they are. An image that was opened is
of the class of its file, made of a picture of one pixel that is the judge's own.
"""

from __future__ import annotations

import importlib
import io
from typing import Any

from fairgrade.kinds.packing import array_of
from fairgrade.kinds.pillow.schema import (
    FORMATS,
    MOST,
    PACKED,
    PALETTES,
    size_in_bytes,
)
from fairgrade.kinds.plain import odd_parts

_FORMATS = {format_: name for name, format_ in FORMATS.items()}


def read(tag: str, parts: Any) -> Any:
    """The value of a form.

    Raises:
        Exception: it is none; whatever Pillow raises for forged parts.
    """
    mode, width, height, pixels, palette, info, format_, name, texts = parts
    if any(type(n) is not int or not 0 <= n <= MOST for n in (width, height)):
        raise ValueError("a size that is none")
    if len(array_of(pixels, "|u1")) != size_in_bytes(mode, width, height):
        raise ValueError("pixels that are missing")
    if odd_parts([info, name, texts], lambda _: False):
        raise ValueError("notes that are no data")
    pillow: Any = importlib.import_module("PIL.Image")
    plain = pillow.frombytes(mode, (width, height), bytes(pixels))
    if (palette is not None) != (mode in ("P", "PA")):
        raise ValueError("a palette that is none")
    if palette is not None:
        kind, colours = palette
        if kind not in PALETTES or len(array_of(colours, "|u1")) > 256 * len(kind):
            raise ValueError("a palette that is none")
        plain.putpalette(bytes(colours), kind)
    plain.info = {key: each for key, each in info}
    if format_ in _FORMATS and name is not None:
        return _opened(pillow, plain, format_, name, {k: str(t) for k, t in texts})
    if type(format_) is not str or texts or name:
        raise ValueError("a file that is none")
    if format_:
        plain.format = format_
    return plain


def _opened(pillow: Any, plain: Any, format_: str, name: Any, texts: Any) -> Any:
    """The image as one that was opened from a file."""
    if type(name) not in (str, bytes):
        raise ValueError("a name that is none")
    file = io.BytesIO()
    pillow.new("L", (1, 1)).save(file, format_)
    made = pillow.open(file, formats=[format_])
    made.load()
    if type(made).__name__ != _FORMATS[format_]:
        raise ValueError("a file of another kind")
    held = vars(plain)
    vars(made).update({key: each for key, each in held.items() if key != "format"})
    made.filename = name
    for each in PACKED:
        vars(made).pop(each, None)
    if format_ == "PNG":
        made._text = texts
    elif texts:
        raise ValueError("texts in a file that has none")
    return made
