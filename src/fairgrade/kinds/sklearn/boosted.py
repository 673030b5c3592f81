"""Boosted and other ensembles, once made: checks of what compiled code believes.

What predicts goes through trees without another look at them, and adds to columns that
it takes for being there.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np

from fairgrade.kinds.packing import array_of

_INIT = {
    "DummyClassifier": ("_strategy", ("prior",)),
    "DummyRegressor": ("strategy", ("mean", "quantile", "median", "constant")),
}


def check_boosted(made: Any, read: Callable[..., Any]) -> None:
    """Make sure of a GradientBoosting of any kind, and give it its trees and loss.

    Args:
        read: makes an estimator of a form.

    Raises:
        Exception: it is not as one is that was fitted.
    """
    columns, rows = made.n_trees_per_iteration_, made.estimators_
    classes = made.n_classes_ if hasattr(made, "classes_") else 1
    if columns != (classes if classes > 2 else 1) or not rows:
        raise ValueError("trees that are missing")
    if hasattr(made, "classes_") and classes != len(made.classes_):
        raise ValueError("classes that are missing")
    estimators = np.empty((len(rows), columns), object)
    for place, row in enumerate(rows):
        if len(row) != columns:
            raise ValueError("trees that are missing")
        for column, (_, *form) in enumerate(row):
            each = read(*form)
            tree = each.tree_
            if tree.value.shape[1:] != (1, 1) or tree.n_outputs != 1:
                raise ValueError("a tree of other numbers")
            estimators[place, column] = each
    made.estimators_ = estimators
    check_same_features(made, estimators.ravel())
    _check_init(made.init_, classes if hasattr(made, "classes_") else 0)
    made._loss = made._get_loss(sample_weight=None)
    if made._loss is None:
        raise ValueError("a loss that is none")


def _check_init(init: Any, classes: int) -> None:
    if init == "zero":
        return
    name = "DummyClassifier" if classes else "DummyRegressor"
    attribute, words = _INIT[name]
    if type(init).__name__ != name:
        raise ValueError("a beginning of another kind")
    if getattr(init, attribute) not in words or init.n_outputs_ != 1:
        raise ValueError("a beginning that is none")
    numbers, shape = (
        (init.class_prior_, [classes]) if classes else (init.constant_, [1, 1])
    )
    if classes and not init.n_classes_ == len(init.classes_) == classes:
        raise ValueError("a beginning of other classes")
    if type(numbers) is not np.ndarray or list(numbers.shape) != shape:
        raise ValueError("a beginning that is none")
    if numbers.dtype.kind not in "fiu":
        raise ValueError("a beginning that is none")


def check_same_features(made: Any, trees: Any) -> None:
    """Make sure that trees are of as many features as their owner says.

    Raises:
        ValueError: one is not.
    """
    compiled = importlib.import_module("sklearn.tree._tree")
    for each in trees:
        tree = each.tree_
        if type(tree) is not compiled.Tree or tree.n_features != made.n_features_in_:
            raise ValueError("a tree of other features")
        if each.n_features_in_ != made.n_features_in_:
            raise ValueError("a tree of other features")


def check_isolated(made: Any) -> None:
    """Make sure of an IsolationForest.

    Raises:
        Exception: it is not as one is that was fitted.
    """
    most = made._max_features
    if most > made.n_features_in_:
        raise ValueError("more features than there are")
    pairs = zip(made.estimators_, made.estimators_features_, strict=True)
    for each, features in pairs:
        if each.tree_.n_features != most or array_of(features, "<i8").shape != (most,):
            raise ValueError("a tree of other features")


def make_binned(made: Any) -> None:
    """Give a HistGradientBoosting its trees, its bins and its loss.

    Raises:
        Exception: they are none.
    """
    place = "sklearn.ensemble._hist_gradient_boosting"
    binning: Any = importlib.import_module(f"{place}.binning")
    predictor: Any = importlib.import_module(f"{place}.predictor")
    features, each_round = made.n_features_in_, made.n_trees_per_iteration_
    bins, *thresholds = vars(made).pop("_bins")
    mapper = binning._BinMapper(n_bins=bins)
    mapper.is_categorical_ = np.zeros(features, np.uint8)
    mapper.bin_thresholds_ = [array_of(each, "<f8") for each in thresholds]
    mapper.n_bins_non_missing_ = array_of(vars(made).pop("_counts"), "<u4")
    mapper.missing_values_bin_idx_ = bins - 1
    if not len(mapper.bin_thresholds_) == len(mapper.n_bins_non_missing_) == features:
        raise ValueError("bins that are missing")
    if any(len(each) > 256 for each in mapper.bin_thresholds_) or not 2 < bins <= 256:
        raise ValueError("more bins than there are")
    columns, counts, parts = made._predictors
    nodes = _nodes(predictor.PREDICTOR_RECORD_DTYPE, parts, features)
    ends = array_of(counts, "<i8").cumsum()
    if columns != each_round or not len(ends) or len(ends) % columns:
        raise ValueError("trees that are missing")
    if counts.min() < 1 or counts.max() > len(nodes) or ends[-1] != len(nodes):
        raise ValueError("nodes that are missing")
    none = np.zeros((0, 8), np.uint32)
    trees = []
    for tree in np.split(nodes, ends[:-1]):
        _check_order(tree)
        trees.append(predictor.TreePredictor(tree.copy(), none, none))
    made._predictors = [
        trees[start : start + columns] for start in range(0, len(trees), columns)
    ]
    baseline = made._baseline_prediction
    if array_of(baseline, "<f8", 2).shape != (1, columns):
        raise ValueError("a beginning that is none")
    made._bin_mapper, made._preprocessor = mapper, None
    made._loss = made._get_loss(sample_weight=None)


def _nodes(dtype: Any, parts: Any, features: Any) -> Any:
    found = dict(parts)
    if list(found) != list(dtype.names):
        raise ValueError("nodes that are none")
    count = len(found["value"])
    nodes = np.zeros(count, dtype)
    for name, column in found.items():
        if len(array_of(column, dtype[name].newbyteorder("<").str)) != count:
            raise ValueError("nodes that are missing")
        nodes[name] = column
    if nodes["is_categorical"].any() or nodes["is_leaf"].max(initial=0) > 1:
        raise ValueError("nodes of categories")
    inner = nodes["feature_idx"][nodes["is_leaf"] == 0]
    if (inner < 0).any() or (inner >= features).any():
        raise ValueError("nodes of features that are not there")
    return nodes


def _check_order(tree: Any) -> None:
    """Make sure that each way through a tree ends."""
    inner = tree["is_leaf"] == 0
    places = np.arange(len(tree))[inner]
    for name in ("left", "right"):
        child = tree[name][inner].astype(np.int64)
        if (child <= places).any() or (child >= len(tree)).any():
            raise ValueError("nodes that are out of order")
