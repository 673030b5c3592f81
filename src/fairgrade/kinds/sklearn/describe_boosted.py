"""What boosted ensembles hold beside numbers: runs in the kernel, untrusted."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from fairgrade.kinds.packing import NotDescribed
from fairgrade.kinds.sklearn.schema import BINNED, BOOSTED


def boosted(
    value: Any, fitted: dict[str, Any], describe: Callable[[Any], Any]
) -> dict[str, Any]:
    """The fitted attributes of a boosted ensemble, as data and forms of trees.

    Raises:
        NotDescribed: it is one of which that cannot be told.
    """
    name = type(value).__name__
    fitted = dict(fitted)
    if name in BOOSTED and "estimators_" in fitted:
        kind = type(fitted["init_"]).__name__
        if kind not in ("str", "DummyClassifier", "DummyRegressor"):
            raise NotDescribed(f"a {name} that begins with a {kind}")
        rows = fitted["estimators_"].tolist()
        fitted["estimators_"] = [
            [describe(_without_generator(tree))[1] for tree in row] for row in rows
        ]
    if name in BINNED and "_predictors" in fitted:
        if fitted.pop("_preprocessor") is not None:
            raise NotDescribed(f"a {name} with categories")
        fitted.pop("_raw_predict", None)  # its own method, kept by scoring rounds
        mapper = fitted.pop("_bin_mapper")
        fitted["_bins"] = [mapper.n_bins, *map(_column, mapper.bin_thresholds_)]
        fitted["_counts"] = np.asarray(mapper.n_bins_non_missing_, "<u4")
        fitted["_predictors"] = _predictors(fitted["_predictors"])
    return fitted


def _without_generator(tree: Any) -> Any:
    """A tree that does not draw on from where its owner's fitting ended."""
    alone = copy.copy(tree)
    alone.random_state = None
    return alone


def _column(values: Any) -> Any:
    return np.ascontiguousarray(values, "<f8")


def _predictors(rounds: list[list[Any]]) -> list[Any]:
    """All trees together: how many a round, nodes of each, and the nodes' columns."""
    trees = [tree for each in rounds for tree in each]
    nodes: Any = np.concatenate([tree.nodes for tree in trees])
    columns = [
        [name, np.ascontiguousarray(nodes[name], nodes.dtype[name].newbyteorder("<"))]
        for name in nodes.dtype.names
    ]
    counts = np.array([len(tree.nodes) for tree in trees], "<i8")
    return [len(rounds[0]), counts, columns]
