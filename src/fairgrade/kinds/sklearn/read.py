"""Build estimators again from settings and fitted arrays, as if they were forged.

Classes are the judge's own, by an allow-list of names; what they compute is computed
here. An attribute is data and never in the place of something that the class has.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from fairgrade.kinds.packing import array_of
from fairgrade.kinds.sklearn.boosted import (
    check_boosted,
    check_isolated,
    check_same_features,
    make_binned,
)
from fairgrade.kinds.sklearn.machines import check_machine, check_search
from fairgrade.kinds.sklearn.schema import (
    BINNED,
    BOOSTED,
    ESTIMATORS,
    FORESTS,
    FUNCTIONS,
    MACHINES,
    NEIGHBOURS,
    NODES,
    OPTIMIZERS,
    SEARCHES,
    SPLITTERS,
)

_NAME = re.compile(r"_?[A-Za-z][A-Za-z0-9_]{0,60}")
_DATA = (bool, int, float, complex, str, bytes, slice, type(None), np.generic, np.dtype)
_MAX_DEPTH = 20
_NO_CHILD = -1


def read(tag: str, parts: Any) -> Any:
    """The value of a form.

    Raises:
        Exception: it is none; whatever scikit-learn raises for forged parts.
    """
    kind, *given = parts
    return _MAKERS[kind](*given)


def _estimator(name: Any, settings: Any, fitted: Any) -> Any:
    kind = getattr(importlib.import_module(f"sklearn.{ESTIMATORS[name]}"), name)
    known = set(kind._get_param_names())
    given = {key: _held(*each) for key, *each in settings}
    if set(given) != known:
        raise ValueError("settings of another class")
    made = kind(**given)
    state = {key: _checked(each) for key, each in fitted}
    if name in NEIGHBOURS:
        return _fitted_again(made, state)
    for key, each in state.items():
        if not _NAME.fullmatch(key) or hasattr(kind, key) or key in known:
            raise ValueError("an attribute that is none")
        setattr(made, key, each)
    _check(made, name)
    return made


def _held(value: Any, kind: Any = "") -> Any:
    """A setting: data, or the judge's own function of a name."""
    if kind == "function":
        return getattr(importlib.import_module(FUNCTIONS[value]), value)
    if kind:
        raise ValueError("a setting of no kind")
    return _checked(value)


def _fitted_again(made: Any, state: dict[str, Any]) -> Any:
    if not state:
        return made
    points = state["X"]
    if type(points) is not np.ndarray or points.dtype.kind not in "biuf":
        raise ValueError("points that are none")
    made.fit(points, state["y"])
    if "names" in state:
        made.feature_names_in_ = state["names"]
    return made


def _check_centres(made: Any) -> None:
    centres = made.cluster_centers_
    if type(centres) is not np.ndarray or centres.dtype.kind != "f":
        raise ValueError("centres that are none")
    if centres.shape != (made.n_clusters, made.n_features_in_):
        raise ValueError("centres that do not fit")


def _check(made: Any, name: str) -> None:
    """Make sure of an estimator before compiled code believes it."""
    if name == "KMeans" and hasattr(made, "cluster_centers_"):
        _check_centres(made)
    if name in MACHINES:
        check_machine(made)
    if name in SEARCHES:
        check_search(made)
    if getattr(made, "input", "content") != "content":
        raise ValueError("an estimator that reads files")
    fitted = vars(made)
    if "tree_" in fitted:
        check_same_features(made, [made])
    if name in FORESTS and "estimators_" in fitted:
        check_same_features(made, made.estimators_)
    if name in BOOSTED and "estimators_" in fitted:
        check_boosted(made, _estimator)
    if name in BINNED and "_predictors" in fitted:
        make_binned(made)
    if name == "IsolationForest" and "estimators_" in fitted:
        check_isolated(made)


def _tree(
    features: Any, classes: Any, outputs: Any, depth: Any, columns: Any, values: Any
) -> Any:
    """A tree whose nodes are in order, so that each way through it ends."""
    compiled = importlib.import_module("sklearn.tree._tree")
    numbers = features, outputs, depth
    if any(type(n) is not int or not 0 <= n < 2**31 for n in numbers):
        raise ValueError("numbers of a tree that cannot be")
    classes = array_of(classes, "<i8")
    if len(classes) != outputs or (outputs and classes.min() < 1):
        raise ValueError("classes of a tree that cannot be")
    found = {n: array_of(c, NODES[n]) for n, c in zip(NODES, columns, strict=True)}
    count = len(found["feature"])
    nodes = np.zeros(count, compiled.NODE_DTYPE)
    for name, column in found.items():
        nodes[name] = column
    left, right = found["left_child"], found["right_child"]
    leaf, places = left == _NO_CHILD, np.arange(count)
    inner = ~leaf
    if not count or (right[leaf] != _NO_CHILD).any():
        raise ValueError("nodes that are none")
    for child in (left[inner], right[inner]):
        if (child <= places[inner]).any() or (child >= count).any():
            raise ValueError("nodes that are out of order")
    feature = found["feature"][inner]
    if (feature < 0).any() or (feature >= features).any():
        raise ValueError("nodes of features that are not there")
    values = array_of(values, "<f8", 3)
    if values.shape != (count, outputs, int(classes.max(initial=1))):
        raise ValueError("values that do not fit the nodes")
    made = compiled.Tree(features, classes.astype(np.intp), outputs)
    made.__setstate__(
        {
            "max_depth": depth,
            "node_count": count,
            "nodes": nodes,
            "values": values.copy(),
        }
    )
    return made


def _splitter(name: Any, settings: Any) -> Any:
    if name not in SPLITTERS:
        raise ValueError("a way to split that is none")
    kind = getattr(importlib.import_module("sklearn.model_selection"), name)
    return kind(**{key: _checked(each) for key, each in settings})


def _optimizer(name: Any, held: Any) -> Any:
    if name not in OPTIMIZERS:
        raise ValueError("a way to train that is none")
    place = "sklearn.neural_network._stochastic_optimizers"
    kind = getattr(importlib.import_module(place), name)
    made = object.__new__(kind)
    for key, each in held:
        if not _NAME.fullmatch(key) or hasattr(kind, key):
            raise ValueError("an attribute that is none")
        setattr(made, key, _checked(each))
    return made


def _bunch(pairs: Any) -> Any:
    kind = importlib.import_module("sklearn.utils").Bunch
    return kind(**{str(key): _checked(each) for key, each in pairs})


def _checked(value: Any, depth: int = 0) -> Any:
    """A value that is data, or of the allow-list: nothing that a student wrote.

    Raises:
        ValueError: it is something else.
    """
    if depth > _MAX_DEPTH:
        raise ValueError("values too deep in each other")
    kind = type(value)
    if kind in (list, tuple):
        for item in value:
            _checked(item, depth + 1)
        return value
    if kind is dict:
        for key, item in value.items():
            _checked(key, depth + 1)
            _checked(item, depth + 1)
        return value
    if kind is np.ndarray:
        if value.dtype.kind == "O":
            for item in value.ravel().tolist():
                _checked(item, depth + 1)
        return value
    if kind in _DATA or isinstance(value, (np.generic, np.dtype)):
        return value
    if kind is type and issubclass(value, np.generic):
        return value
    root = kind.__module__.partition(".")[0]
    if root in ("pandas", "sklearn"):
        return value
    raise ValueError("a setting that is no data")


_MAKERS: dict[str, Callable[..., Any]] = {
    "estimator": _estimator,
    "tree": _tree,
    "bunch": _bunch,
    "splitter": _splitter,
    "optimizer": _optimizer,
}
