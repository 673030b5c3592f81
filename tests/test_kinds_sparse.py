"""Sparse matrices whose places do not fit: compiled code would believe them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from carrying import Pair, exported

sparse = pytest.importorskip("scipy.sparse")

BROKEN = {
    "beyond the last column": {"indices": np.array([0, 9])},
    "before the first": {"indices": np.array([0, -1])},
    "fewer places": {"indices": np.array([0])},
    "rows beyond the end": {"indptr": np.array([0, 1, 99])},
    "rows in another order": {"indptr": np.array([0, 5, 2])},
    "rows that begin late": {"indptr": np.array([1, 1, 2])},
    "fewer rows": {"indptr": np.array([0, 2])},
    "numbers on two axes": {"data": np.zeros((2, 2))},
}


@pytest.mark.parametrize("layout", ["csr", "csc"])
@pytest.mark.parametrize("name", BROKEN)
def test_places_that_are_not_there_are_refused(layout: str, name: str) -> None:
    made: Any = getattr(sparse, f"{layout}_matrix")([[1, 0], [0, 2]])
    vars(made).update(BROKEN[name])
    with pytest.raises(ValueError, match=r"^x was handed over with a scipy"):
        exported(made)


def test_rows_whose_distances_run_over_are_refused() -> None:
    made: Any = sparse.csr_matrix([[1, 0], [0, 2], [3, 0]])
    made.indptr = np.array([0, 2**31 - 1, -(2**31), 3], np.int32)
    with pytest.raises(ValueError, match=r"^x was handed over with a scipy"):
        exported(made)


@pytest.mark.parametrize("coords", [([0, 2], [0, 1]), ([0, 1], [0, -1]), ([0], [0, 1])])
def test_pairs_that_are_not_there_are_refused(coords: Any) -> None:
    made: Any = sparse.coo_matrix([[1, 0], [0, 2]])
    made.coords = tuple(map(np.array, coords))
    with pytest.raises(ValueError, match=r"^x was handed over with a scipy"):
        exported(made)


def test_it_is_changed_in_place() -> None:
    pair, given = Pair(), sparse.csr_matrix([[1, 0], [0, 2]])
    there = pair.ask(given)
    there.data[0] = 5
    assert pair.answer(there) is given
    assert given.toarray().tolist() == [[5, 0], [0, 2]]
