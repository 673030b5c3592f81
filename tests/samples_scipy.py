"""Sparse matrices that cross, and forms that are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

DENSE = np.array([[0, 1.5, 0], [2, 0, 0], [0, 0, 0], [0, -1, 4]])
TWICE: Any = sparse.coo_matrix(([1, 2, 4], ([0, 0, 1], [1, 1, 0])), shape=(2, 3))
UNSORTED: Any = sparse.csr_matrix(([1, 2], [2, 0], [0, 2]), shape=(1, 3))

SAMPLES: dict[str, Any] = {
    "rows": sparse.csr_matrix(DENSE),
    "columns": sparse.csc_matrix(DENSE),
    "pairs": sparse.coo_matrix(DENSE),
    "array of rows": sparse.csr_array(DENSE.astype("f4")),
    "array of columns": sparse.csc_array(DENSE.astype(complex)),
    "array of pairs": sparse.coo_array(DENSE.astype(bool)),
    "whole numbers": sparse.csr_matrix(DENSE.astype("i2")),
    "nothing": sparse.csr_matrix((0, 3)),
    "zeros": sparse.csc_matrix((3, 2)),
    "twice the same place": TWICE,
    "out of order": UNSORTED,
    "huge and empty": sparse.csr_matrix((3, 2**31 - 1), dtype=np.int8),
}
REFUSED = {
    "by keys": (sparse.dok_matrix(DENSE), "a dok_matrix of SciPy"),
    "one axis": (sparse.coo_array(DENSE[0]), "a coo_array of 1 axes"),
}


def same(found: Any, given: Any) -> bool:
    """Whether it has the same numbers at the same places, of the same type."""
    assert (found.shape, found.dtype) == (given.shape, given.dtype)
    names = ("row", "col") if given.format == "coo" else ("indices", "indptr")
    for name in ("data", *names):
        np.testing.assert_array_equal(getattr(found, name), getattr(given, name))
        assert getattr(found, name).dtype == getattr(given, name).dtype
    return found.nnz == given.nnz


FORGED: list[tuple[str, Any]] = [
    ("scipy", parts)
    for parts in (
        None,
        [],
        "csr_matrix",
        ["eval", [1, 1], [1.0], [0], [0, 1]],
        ["dok_matrix", [1, 1], [1.0], [0], [0, 1]],
        ["issparse", [1, 1], [1.0], [0], [0, 1]],
        [["csr_matrix"], [1, 1], [1.0], [0], [0, 1]],
        ["csr_matrix"],
        ["csr_matrix", [1, 1], [1.0], [0]],
        ["csr_matrix", [1, 1], [1.0], [0], [0, 1], 1],
        ["csr_matrix", None, [1.0], [0], [0, 1]],
        ["csr_matrix", [1], [1.0], [0], [0, 1]],
        ["csr_matrix", [-1, 1], [1.0], [0], [0, 1]],
        ["csr_matrix", [1.0, 1], [1.0], [0], [0, 1]],
        ["csr_matrix", [True, 1], [1.0], [0], [0, 1]],
        ["csr_matrix", [2**31, 1], [1.0], [0], [0, 1]],
        ["csr_matrix", [1, 1], "x", [0], [0, 1]],
        ["csr_matrix", [1, 1], None, [0], [0, 1]],
        ["csr_matrix", [1, 1], [1.0], "x", [0, 1]],
        ["coo_matrix", [1, 1], [1.0], [0], None],
    )
]
