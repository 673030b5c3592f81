"""Support vector machines whose arrays do not fit: compiled code would believe them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from carrying import exported

svm = pytest.importorskip("sklearn.svm")

X = np.random.default_rng(0).normal(size=(30, 3))
CLASSES = np.array(["a", "b", "c"])[np.arange(30) % 3]
BROKEN = {
    "fewer vectors": {"support_vectors_": X[:1].copy()},
    "no vectors": {"support_vectors_": X[:0].copy()},
    "vectors of other numbers": {"support_vectors_": X.astype("f4")},
    "other columns": {"n_features_in_": 10**6},
    "more classes": {"classes_": np.arange(50)},
    "one class": {"classes_": np.arange(1)},
    "too many of a class": {"_n_support": np.array([2**30, 0, 0], "i4")},
    "less than none": {"_n_support": np.array([40, -20, 10], "i4")},
    "counts of other numbers": {"_n_support": np.array([10, 10, 10], "i8")},
    "weights for fewer": {"_dual_coef_": np.zeros((2, 1))},
    "fewer constants": {"_intercept_": np.zeros(1)},
    "chances": {"_probA": np.zeros(1)},
    "sparse": {"_sparse": True},
    "no support": {"support_": np.zeros(1, "i4")},
    "a width that is none": {"_gamma": "x"},
    "a kernel that is none": {"kernel": "precomputed"},
    "a degree that is none": {"degree": "x"},
}


@pytest.mark.parametrize("name", BROKEN)
def test_arrays_that_do_not_fit_are_refused(name: str) -> None:
    made: Any = svm.SVC().fit(X, CLASSES)
    vars(made).update(BROKEN[name])
    with pytest.raises(ValueError, match=r"^x was handed over with a sklearn"):
        exported(made)


def test_what_is_whole_is_not() -> None:
    made: Any = svm.SVC().fit(X, CLASSES)
    assert (exported(made).predict(X) == made.predict(X)).all()
