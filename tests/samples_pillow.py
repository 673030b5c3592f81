"""Images that cross, and forms that are refused."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image, PngImagePlugin

BASE = Image.fromarray(
    np.random.default_rng(0).integers(0, 255, (5, 7, 3), dtype=np.uint8)
)


def opened(image: Any, format_: str, **settings: Any) -> Any:
    """An image, saved and opened again."""
    file = io.BytesIO()
    image.save(file, format_, **settings)
    return Image.open(file)


PLAIN = ("1", "L", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "I", "F")
NOTES = PngImagePlugin.PngInfo()
NOTES.add_text("Author", "ada")
NAMED = BASE.copy()
NAMED.info["note"] = [1, ("a", None)]
SAMPLES: dict[str, Any] = {
    **{mode: BASE.convert(mode) for mode in PLAIN},
    **{mode: BASE.convert("RGBA").convert(mode) for mode in ("LA", "PA", "RGBa")},
    "whole": Image.fromarray(np.arange(6, dtype=np.uint16).reshape(2, 3)),
    "few colours": BASE.quantize(4),
    "no colours": Image.new("P", (2, 2)),
    "nothing": Image.new("RGB", (0, 4)),
    "notes": NAMED,
    "PNG": opened(BASE, "PNG", pnginfo=NOTES, dpi=(72, 72)),
    "PNG of a palette": opened(BASE.quantize(4), "PNG", transparency=1),
    **{name: opened(BASE, name) for name in ("JPEG", "BMP", "GIF", "WEBP")},
}
OWN = BASE.copy()
OWN.info["f"] = print
ITXT = PngImagePlugin.PngInfo()
ITXT.add_itxt("Author", "ada", "en")
REFUSED = {
    "function": (OWN, "an image with a builtin_function_or_method in its info"),
    "text of a language": (opened(BASE, "PNG", pnginfo=ITXT), "an image with a iTXt"),
    "two pictures": (
        opened(BASE, "GIF", save_all=True, append_images=[BASE.convert("L")]),
        "a GifImageFile of 2 pictures",
    ),
    "file": (opened(BASE, "TIFF"), "a TiffImageFile"),
    "mode": (Image.new("I;16B", (2, 2)), "an image of the mode I;16B"),
    "long": (Image.new("1", (2**20 + 1, 1)), "an image of the mode 1 and size"),
}


def same(found: Any, given: Any) -> bool:
    """Whether it is the same to the last pixel, and said to be of the same file."""
    assert (found.format, found.getpalette()) == (given.format, given.getpalette())
    assert getattr(found, "filename", None) == getattr(given, "filename", None)
    assert getattr(found, "text", None) == getattr(given, "text", None)
    assert found.convert("RGBA").tobytes() == given.convert("RGBA").tobytes()
    return bool(found == given)


def _forged(**changed: Any) -> tuple[str, Any]:
    given = {"mode": "RGB", "width": 0, "height": 0, "pixels": [], "palette": None}
    given |= {"info": [], "format": "", "name": None, "texts": []}
    return "image", [*(given | changed).values()]


FORGED: list[tuple[str, Any]] = [
    ("image", None),
    ("image", []),
    ("image", "RGB"),
    ("image", ["RGB", 1, 1]),
    _forged(),  # pixels are bytes, and no list
    _forged(mode="eval"),
    _forged(mode=["RGB"]),
    _forged(mode=None),
    _forged(width=-1),
    _forged(width=2**31),
    _forged(width=True),
    _forged(width=1.0),
    _forged(height="1"),
    _forged(height=2**21),
    _forged(pixels="x"),
    _forged(pixels=None),
    _forged(pixels=[0, 0, 0], width=1, height=1),
    _forged(palette=["RGB", []]),
    _forged(info=[1]),
    _forged(info=[["a"]]),
    _forged(format="EPS", name="x"),
    _forged(format=["PNG"]),
    _forged(texts=[["a", 1]]),
    _forged(name=1, format="PNG"),
]
