"""Images as tests of courses use them, and ones whose parts do not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from calling import check
from carrying import Pair
from fairgrade.calls.values import Uncarried
from fairgrade.errors import NotMeasured
from fairgrade.protocol.calls import ProtocolError

Image: Any = pytest.importorskip("PIL.Image")
read: Any = pytest.importorskip("fairgrade.kinds.pillow.read").read
changes: Any = pytest.importorskip("fairgrade.kinds.pillow.changes")

IMPORTED = "from PIL import Image, ImageDraw, ImageOps\n"


@pytest.mark.parametrize(
    ("solution", "test"),
    [
        (
            "def grey(image):\n    return image.convert('L')",
            "image = Image.new('RGB', (4, 3), 'red')\nfound = grey(image)\n"
            "assert found.mode == 'L' and found.size == (4, 3)\n"
            "assert found == image.convert('L') and isinstance(found, Image.Image)",
        ),
        (
            "def mark(image):\n    image.putpixel((0, 0), (0, 0, 255))",
            "image = Image.new('RGB', (2, 2))\nbrush = ImageDraw.Draw(image)\n"
            "mark(image)\nassert image.getpixel((0, 0)) == (0, 0, 255)\n"
            "brush.point((1, 1), 'white')\nassert image.getpixel((1, 1)) == (255,) * 3",
        ),
        (
            "kept = Image.new('L', (2, 2))\ndef all():\n    return sum(kept.tobytes())",
            "kept.paste(1, (0, 0, 2, 2))\nassert all() == 4",
        ),
        (
            "def smaller(image):\n    image.thumbnail((2, 2))\n    return image",
            "image = Image.new('1', (8, 8))\nassert smaller(image) is image\n"
            "assert image.size == (2, 2)",
        ),
        (
            "def few(image):\n    return image.quantize(2)",
            "found = few(Image.new('RGB', (2, 2), 'blue'))\n"
            "assert found.mode == 'P'\n"
            "assert found.convert('RGB').getpixel((0, 0))[2] == 255",
        ),
    ],
)
def test_images_are_used_as_in_a_notebook(solution: str, test: str) -> None:
    check(IMPORTED + solution, IMPORTED + test)


def test_an_image_of_ones_own_class_is_not_taken_for_one() -> None:
    solution = "def make():\n    return Image.new('L', (2, 2))"
    own = (
        "class Own(Image.Image):\n    def getpixel(self, xy):\n        return 0\n"
        "def make():\n    made = Own()\n    return made"
    )
    test = "assert make().getpixel((0, 0)) == 0"
    with pytest.raises(NotMeasured):
        check(IMPORTED + solution, test, student=IMPORTED + own)


def test_it_is_not_looked_at_by_who_cannot_tell_it() -> None:
    pair, image = Pair(), Image.new("L", (2, 2))
    pair.ask(image)
    image.info["f"] = print
    with pytest.raises(Uncarried, match="an image with a builtin"):
        pair.ask([image])


GIVEN = ["RGB", 2, 1, np.zeros(6, np.uint8), None, [], "", None, []]
COLOURS = ["RGB", np.zeros(6, np.uint8)]


@pytest.mark.parametrize(
    "changed",
    [
        {3: np.zeros(5, np.uint8)},
        {3: np.zeros(7, np.uint8)},
        {3: np.zeros(6, np.int8)},
        {3: np.zeros((6, 1), np.uint8)},
        {1: 10**6},
        {0: "1"},
        {4: COLOURS},
        {0: "P", 3: np.zeros(2, np.uint8)},
        {0: "P", 3: np.zeros(2, np.uint8), 4: ["BGR", COLOURS[1]]},
        {0: "P", 3: np.zeros(2, np.uint8), 4: ["RGB", np.zeros(900, np.uint8)]},
        {5: [["f", print]]},
        {6: "PNG", 7: "x", 8: [[1, print]]},
        {6: "GIF", 7: "x", 8: [["a", "b"]]},
        {6: "TIFF", 7: "x"},
        {6: 3},
    ],
)
def test_parts_that_do_not_fit_are_refused(changed: dict[int, Any]) -> None:
    parts = [changed.get(place, part) for place, part in enumerate(GIVEN)]
    assert read("image", list(GIVEN)).size == (2, 1)
    with pytest.raises((ValueError, TypeError, KeyError)):
        read("image", parts)


def test_it_does_not_become_another() -> None:
    with pytest.raises(TypeError):
        changes.fill(Image.new("L", (1, 1)), "image", [*GIVEN[:6], "PNG", "x", []])
    with pytest.raises(ProtocolError):
        Pair().judge._take_shared([[2, "T", "image", ["l"]]])
