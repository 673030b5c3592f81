"""Arrays as they cross: of numbers, in one order of bytes, without what is not said."""

from __future__ import annotations

from typing import Any

from fairgrade.errors import Handled


class NotExportable(Handled):
    """A value that cannot be handed over; the message completes "it ..."."""


def is_array(value: Any) -> bool:
    """Whether it says that it can be had as an array of NumPy."""
    return hasattr(value, "__array__") and not isinstance(value, type)


def as_array(value: Any) -> Any:
    """A NumPy array in C order and little-endian, of numbers or booleans.

    Raises:
        NotExportable: it holds something else.
    """
    import numpy as np  # whatever has __array__ came from it

    array = unmasked(value)
    if array.dtype.kind == "O":
        array = array_of_numbers(array.ravel().tolist()).reshape(array.shape)
    if array.dtype.kind == "V" and array.dtype.names is None:
        array = _wider(array)
    if array.dtype.kind not in "biufc":
        raise NotExportable(f"is an array of {array.dtype}, not of numbers")
    array = np.asarray(array, dtype=array.dtype.newbyteorder("<"), order="C")
    extended = array.dtype.itemsize > 8 * (1 + (array.dtype.kind == "c"))
    if extended and np.finfo(array.dtype).nmant == 63:
        array = array.copy()  # its numbers have 10 bytes; the 6 after are anything
        array.reshape(-1).view("u1").reshape(-1, 16)[:, 10:] = 0
    return array


def unmasked(value: Any) -> Any:
    """What `value` says it is as an array.

    Raises:
        NotExportable: some of it is masked, which an array cannot say.
    """
    import numpy as np

    if isinstance(value, np.ma.MaskedArray):
        if np.ma.is_masked(value):
            raise NotExportable("is an array with masked items")
        return np.ma.getdata(value)
    return np.asarray(value)


def _wider(array: Any) -> Any:
    """Numbers of a type that NumPy itself lacks, bfloat16 say, as ones that it has."""
    import numpy as np

    for kind in ("float32", "int8", "uint8"):
        try:
            wider = array.astype(kind)
            if wider.astype(array.dtype).tobytes() == array.tobytes():
                return wider
        except (TypeError, ValueError):
            continue
    raise NotExportable(f"is an array of {np.dtype(array.dtype)}, not of numbers")


def array_of_numbers(items: list[Any]) -> Any:
    """Numbers as an array whose items are equal to them, one by one.

    Raises:
        NotExportable: some are no numbers, or no type of an array holds them all.
    """
    import numpy as np

    items = [item.item() if isinstance(item, np.generic) else item for item in items]
    found = {type(item) for item in items}
    types: tuple[str, ...] = ()
    if found <= {int, bool}:
        types = ("int64", "uint64") if found != {bool} else ("bool",)
    elif found <= {int, bool, float, complex}:
        types = ("complex128",) if complex in found else ("float64",)
    for dtype in types:
        try:
            array = np.array(items, dtype=dtype)
        except OverflowError:
            continue
        pairs = zip(array.tolist(), items, strict=True)
        if all(new == old or old != old for new, old in pairs):
            return array
    raise NotExportable("holds items that no array of numbers can hold exactly")
