"""Estimators as settings and fitted arrays: runs in the kernel, untrusted."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from fairgrade.kinds.packing import NotDescribed
from fairgrade.kinds.sklearn.describe_boosted import boosted
from fairgrade.kinds.sklearn.machines import plain_results
from fairgrade.kinds.sklearn.schema import (
    BINNED,
    BOOSTED,
    ESTIMATORS,
    FUNCTIONS,
    NEIGHBOURS,
    NODES,
    ONLY_TO_FIT,
    OPTIMIZERS,
    RANDOM,
    SEARCHES,
    SPLITTERS,
    TAG,
)

_PLAIN = (type(None), bool, int, float, complex, str, bytes, slice)


def describe(value: Any) -> tuple[str, Any] | None:
    """The form of an estimator, or of a set of data that scikit-learn brings.

    Raises:
        NotDescribed: an estimator of another class, or one that holds no data.
    """
    kind = type(value)
    name = kind.__name__
    if name == "Bunch" and isinstance(value, dict):
        return TAG, ["bunch", [[str(k), _data(v, "Bunch")] for k, v in value.items()]]
    if name == "Tree" and kind.__module__ == "sklearn.tree._tree":
        return TAG, ["tree", *_tree(value)]
    if name in SPLITTERS and kind.__module__ == "sklearn.model_selection._split":
        settings = {key: _data(each, name) for key, each in vars(value).items()}
        return TAG, ["splitter", name, [*map(list, sorted(settings.items()))]]
    if name in OPTIMIZERS and kind.__module__.startswith("sklearn.neural_network"):
        held = {key: _data(each, name) for key, each in vars(value).items()}
        return TAG, ["optimizer", name, [*map(list, sorted(held.items()))]]
    if not hasattr(value, "get_params"):
        return None
    module = sys.modules.get(f"sklearn.{ESTIMATORS.get(name)}")
    if getattr(module, name, None) is not kind:
        raise NotDescribed(f"a {name} of scikit-learn")
    settings = value.get_params(deep=False)
    left_out = {*settings, *ONLY_TO_FIT, *RANDOM}
    fitted = {k: v for k, v in vars(value).items() if k not in left_out}
    if name in NEIGHBOURS:
        fitted = _points(value, fitted)
    if name in BOOSTED or name in BINNED:
        fitted = boosted(value, fitted, describe)
    if name in SEARCHES and "cv_results_" in fitted:
        fitted["cv_results_"] = plain_results(fitted["cv_results_"])
        fitted.pop("scorer_", None)  # it is made again from `scoring`
    parts = [
        [[key, *_held(each, name)] for key, each in sorted(given.items())]
        for given in (settings, fitted)
    ]
    return TAG, ["estimator", name, *parts]


def _held(value: Any, owner: str) -> list[Any]:
    """A setting or a fitted attribute; of a function that both sides have, its name."""
    name = getattr(value, "__name__", None) if callable(value) else None
    module = sys.modules.get(FUNCTIONS.get(name, "")) if type(name) is str else None
    if module is not None and getattr(module, str(name)) is value:
        return [name, "function"]
    return [_data(value, owner)]


def _points(value: Any, fitted: dict[str, Any]) -> dict[str, Any]:
    """What neighbours were fitted on."""
    if "_fit_X" not in fitted:
        return {}
    answers = fitted["_y"]
    if "classes_" in fitted:
        if isinstance(fitted["classes_"], list):
            raise NotDescribed(f"a {type(value).__name__} of several answers")
        answers = fitted["classes_"][answers]
    found = {"X": fitted["_fit_X"], "y": answers}
    if "feature_names_in_" in fitted:
        found["names"] = fitted["feature_names_in_"]
    return found


def _data(value: Any, owner: str) -> Any:
    """A setting or a fitted attribute, which has to be data or an estimator.

    Raises:
        NotDescribed: it is something else.
    """
    kind = type(value)
    if kind in _PLAIN or isinstance(value, (np.generic, np.dtype)):
        return value
    if kind is type and issubclass(value, np.generic):
        return value
    if kind is np.ndarray:
        if value.dtype.kind == "O":
            for item in value.ravel().tolist():
                _data(item, owner)
        return value
    if kind in (list, tuple):
        return kind(_data(item, owner) for item in value)
    if kind is dict:
        return {_data(k, owner): _data(v, owner) for k, v in value.items()}
    root = kind.__module__.partition(".")[0]
    if root == "pandas" or (root == "sklearn" and describe(value) is not None):
        return value
    raise NotDescribed(f"a {owner} with a {kind.__name__}")


def _tree(tree: Any) -> list[Any]:
    state = tree.__getstate__()
    nodes = state["nodes"]
    columns = [np.ascontiguousarray(nodes[name], NODES[name]) for name in NODES]
    return [
        int(tree.n_features),
        np.asarray(tree.n_classes, np.int64),
        int(tree.n_outputs),
        int(state["max_depth"]),
        columns,
        np.ascontiguousarray(state["values"], np.float64),
    ]
