"""Sparse matrices as arrays of numbers and places: runs in the kernel, untrusted."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from fairgrade.kinds.packing import NotDescribed
from fairgrade.kinds.scipy.schema import NUMBERS, SPARSE, TAG


def describe(value: Any) -> tuple[str, Any] | None:
    """The form of a sparse matrix; None for what is none.

    Raises:
        NotDescribed: it is of a layout, a type or a number of axes that has no form.
    """
    sparse, kind = sys.modules.get("scipy.sparse"), type(value)
    if sparse is None or not sparse.issparse(value):
        return None
    name = kind.__name__
    if getattr(sparse, name, None) is not kind or name not in SPARSE:
        raise NotDescribed(f"a {name} of SciPy")
    if value.ndim != 2 or value.dtype.kind not in NUMBERS:
        raise NotDescribed(f"a {name} of {value.ndim} axes and the type {value.dtype}")
    places = [np.asarray(getattr(value, each)) for each in SPARSE[name]]
    wide = "<i4" if all(each.dtype == np.int32 for each in places) else "<i8"
    places = [np.ascontiguousarray(each, wide) for each in places]
    numbers = np.ascontiguousarray(value.data, value.dtype.newbyteorder("<"))
    return TAG, [name, list(map(int, value.shape)), numbers, *places]
