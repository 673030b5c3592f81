"""Support vector machines and searches for settings: checks of them once made.

Compiled code takes a machine's arrays for what they should be, so their types and
lengths are those that fitting gives, to the last number.
"""

from __future__ import annotations

import importlib
import re
from typing import Any

import numpy as np

#: Kernels by a name; a function or a table of products is none.
_KERNELS = ("linear", "poly", "rbf", "sigmoid")
_DISPATCH = re.compile(r"all|\d{0,4}|\d{0,4} ?\*? ?n_jobs( ?\* ?\d{1,4})?")


def check_machine(made: Any) -> None:
    """Make sure of an SVC or SVR.

    Raises:
        ValueError: it is not as one is that was fitted, or not fitted.
    """
    if made.kernel not in _KERNELS or type(made.degree) is not int:
        raise ValueError("a kernel that is none")
    if not hasattr(made, "support_vectors_"):
        return
    vectors = made.support_vectors_
    if type(vectors) is not np.ndarray or vectors.ndim != 2 or not len(vectors):
        raise ValueError("support vectors that are none")
    classifies = type(made).__name__ == "SVC"
    classes = len(made.classes_) if classifies else 2
    pairs, count = classes * (classes - 1) // 2, len(vectors)
    if type(made.n_features_in_) is not int or classes < 2:
        raise ValueError("a machine that is none")
    fits = {
        "support_vectors_": ("f8", (count, made.n_features_in_)),
        "support_": ("i4", (count,)),
        "_n_support": ("i4", (classes,)),
        **dict.fromkeys(("dual_coef_", "_dual_coef_"), ("f8", (classes - 1, count))),
        **dict.fromkeys(("intercept_", "_intercept_"), ("f8", (pairs,))),
        **dict.fromkeys(("_probA", "_probB"), ("f8", (0,))),
    }
    for name, (dtype, shape) in fits.items():
        array = getattr(made, name)
        if type(array) is not np.ndarray or (array.dtype, array.shape) != (
            np.dtype(dtype),
            shape,
        ):
            raise ValueError("arrays that do not fit each other")
        setattr(made, name, np.ascontiguousarray(array))
    each = made._n_support
    if (each < 0).any() or (classifies and each.sum() != count):
        raise ValueError("support vectors of no class")
    if made._sparse is not False or not isinstance(made._gamma, float):
        raise ValueError("a machine that is none")


def plain_results(found: dict[str, Any]) -> dict[str, Any]:
    """The results of a search, without what masks in them."""
    return {
        name: {"data": each.data, "mask": np.ma.getmaskarray(each)}
        if isinstance(each, np.ma.MaskedArray)
        else each
        for name, each in found.items()
    }


def check_search(made: Any) -> None:
    """Make a search whole: its results, and what it scores with.

    Raises:
        Exception: it is none.
    """
    if not _DISPATCH.fullmatch(str(made.pre_dispatch)):
        raise ValueError("a number of jobs that is none")
    if made.scoring is not None and type(made.scoring) is not str:
        raise ValueError("a score that is none")
    if not hasattr(made, "cv_results_"):
        return
    results = dict(made.cv_results_)
    for name, each in results.items():
        if type(each) is dict:
            data, mask = each["data"], each["mask"]
            if mask.dtype != bool or data.shape != mask.shape:
                raise ValueError("results that are none")
            results[name] = np.ma.MaskedArray(data, mask)
    made.cv_results_ = results
    metrics = importlib.import_module("sklearn.metrics")
    made.scorer_ = metrics.check_scoring(made.estimator, made.scoring)
