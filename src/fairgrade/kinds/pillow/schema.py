"""What both sides know of forms of images.

    [mode width height pixels palette info format name texts]

Pixels are bytes, row by row; a palette is [mode bytes] or None; info and texts are
lists of pairs; a format is what the image says; a name that of the file it was opened
from, None for none.
"""

from __future__ import annotations

TAG = "image"
#: Mode -> bits of a pixel, of which each row has whole bytes.
MODES = {
    "1": 1,
    **dict.fromkeys(("L", "P"), 8),
    **dict.fromkeys(("LA", "PA", "La", "I;16"), 16),
    **dict.fromkeys(("RGB", "YCbCr", "LAB", "HSV"), 24),
    **dict.fromkeys(("RGBA", "RGBa", "RGBX", "CMYK", "I", "F"), 32),
}
#: Files of one picture, of which the rest is known.
FORMATS = {
    "PngImageFile": "PNG",
    "JpegImageFile": "JPEG",
    "BmpImageFile": "BMP",
    "GifImageFile": "GIF",
    "WebPImageFile": "WEBP",
}
MOST = 2**20  # of pixels in a row, and of rows
PALETTES = ("RGB", "RGBA", "CMYK")
#: What of a JPEG file is about how it was packed, and does not cross.
PACKED = ("quantization", "layers", "layer", "app", "applist", "icclist", "bits")


def size_in_bytes(mode: str, width: int, height: int) -> int:
    """How many bytes the pixels of an image take.

    Raises:
        KeyError: there is no such mode.
    """
    return (width * MODES[mode] + 7) // 8 * height
