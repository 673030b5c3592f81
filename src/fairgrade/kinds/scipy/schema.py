"""Which sparse matrices cross, and the arrays that they are made of."""

from __future__ import annotations

TAG = "scipy"
#: Class -> its arrays, beside those of its numbers.
SPARSE = {
    f"{layout}_{kind}": arrays
    for layout, arrays in {
        "csr": ("indices", "indptr"),
        "csc": ("indices", "indptr"),
        "coo": ("row", "col"),
    }.items()
    for kind in ("matrix", "array")
}
NUMBERS = "biufc"
