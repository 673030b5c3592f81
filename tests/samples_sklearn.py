"""Estimators that cross, and forms that are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn import (
    cluster,
    compose,
    datasets,
    decomposition,
    dummy,
    ensemble,
    impute,
    linear_model,
    mixture,
    model_selection,
    naive_bayes,
    neighbors,
    pipeline,
    preprocessing,
    svm,
    tree,
)
from sklearn.feature_extraction import text

RANDOM = np.random.default_rng(1)
X = RANDOM.normal(size=(60, 3))
Y = X @ [1.0, -2.0, 0.5] + 3
NAMES = np.array(["lo", "hi"])[(X[:, 0] > 0).astype(int)]
COUNTS = RANDOM.integers(0, 5, size=(60, 3))
TABLE = pd.DataFrame({"n": X[:, 0], "kind": NAMES})
MIXED = compose.ColumnTransformer(
    [
        ("scaled", preprocessing.StandardScaler(), ["n"]),
        ("coded", preprocessing.OneHotEncoder(sparse_output=False), ["kind"]),
    ]
)

THREE = np.array(["a", "b", "c"])[np.argsort(X[:, 0]) % 3]
WORDS = ["the cat sat", "the dog", "a cat and a dog"]

SAMPLES: dict[str, Any] = {
    "not fitted": linear_model.Ridge(alpha=0.5),
    "line": linear_model.LinearRegression().fit(X, Y),
    "line of a table": linear_model.LinearRegression().fit(TABLE[["n"]], Y),
    "lasso": linear_model.Lasso(alpha=0.1).fit(X, Y),
    "logistic": linear_model.LogisticRegression().fit(X, NAMES),
    "perceptron": linear_model.Perceptron().fit(X, NAMES),
    "linear machine": svm.LinearSVC().fit(X, NAMES),
    "tree": tree.DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, NAMES),
    "tree of numbers": tree.DecisionTreeRegressor(random_state=0).fit(X, Y),
    "forest": ensemble.RandomForestClassifier(5, random_state=0).fit(X, NAMES),
    "neighbours": neighbors.KNeighborsClassifier(3).fit(X, NAMES),
    "neighbours of numbers": neighbors.KNeighborsRegressor(3).fit(X, Y),
    "bayes": naive_bayes.GaussianNB().fit(X, NAMES),
    "bayes of counts": naive_bayes.MultinomialNB().fit(COUNTS, NAMES),
    "dummy": dummy.DummyClassifier().fit(X, NAMES),
    "dense clusters": cluster.DBSCAN(eps=0.9).fit(X),
    "merged clusters": cluster.AgglomerativeClustering(3).fit(X),
    "clusters": cluster.KMeans(3, n_init=1, random_state=0).fit(X),
    "components": decomposition.PCA(2).fit(X),
    "scaler": preprocessing.StandardScaler().fit(X),
    "labels": preprocessing.LabelEncoder().fit(NAMES),
    "powers": preprocessing.PolynomialFeatures(2).fit(X),
    "imputer": impute.SimpleImputer().fit(X),
    "pipeline": pipeline.make_pipeline(
        preprocessing.StandardScaler(), linear_model.LogisticRegression()
    ).fit(X, NAMES),
    "columns": pipeline.Pipeline(
        [("columns", MIXED), ("line", linear_model.LinearRegression())]
    ).fit(TABLE, Y),
    "data": datasets.load_iris(),
    "machine": svm.SVC().fit(X, NAMES),
    "machine of three": svm.SVC(kernel="poly").fit(X, THREE),
    "machine of numbers": svm.SVR(kernel="linear").fit(X, Y),
    "machine not fitted": svm.SVC(C=2.0),
    "search": model_selection.GridSearchCV(
        linear_model.Ridge(), [{"alpha": [1.0, 2.0]}, {"fit_intercept": [False]}], cv=2
    ).fit(X, Y),
    "search by chance": model_selection.RandomizedSearchCV(
        svm.SVC(),
        {"C": [0.5, 1.0, 2.0]},
        n_iter=2,
        scoring="accuracy",
        cv=model_selection.StratifiedKFold(2, shuffle=True, random_state=0),
        random_state=0,
    ).fit(X, NAMES),
    "search not begun": model_selection.GridSearchCV(svm.SVC(), {"C": [1, 2]}),
    "split": model_selection.KFold(3, shuffle=True, random_state=1),
    "words": text.CountVectorizer().fit(WORDS),
    "words that weigh": text.TfidfVectorizer(ngram_range=(1, 2)).fit(WORDS),
}
REFUSED = {
    "kernel": (svm.SVC(kernel=np.dot), "a SVC with a"),
    "mixture": (mixture.GaussianMixture(2).fit(X), "a GaussianMixture of scikit"),
    "function": (preprocessing.FunctionTransformer(np.log), "a FunctionTransformer"),
    "generator": (
        tree.DecisionTreeClassifier(random_state=np.random.RandomState(0)),
        "a DecisionTreeClassifier with a RandomState",
    ),
}


def same(found: Any, given: Any) -> bool:
    """Whether it computes the same and is set alike."""
    if isinstance(given, dict):
        return found.keys() == given.keys() and (found.data == given.data).all()
    if isinstance(given, model_selection.KFold):
        pairs = zip(found.split(X), given.split(X), strict=True)
        return all((a[1] == b[1]).all() for a, b in pairs)
    if hasattr(given, "vocabulary_"):
        assert found.vocabulary_ == given.vocabulary_
        assert (found.transform(WORDS) != given.transform(WORDS)).nnz == 0
    if hasattr(given, "cv_results_"):
        assert str(found.cv_results_) == str(given.cv_results_)
        assert found.best_params_ == given.best_params_
        assert found.score(X, Y) == given.score(X, Y) if given.scoring is None else True
    assert str(found.get_params()) == str(given.get_params())
    columns = getattr(given, "n_features_in_", None)
    if given is SAMPLES["columns"]:
        new: Any = TABLE
    elif given is SAMPLES["line of a table"]:
        new = TABLE[["n"]]
    elif given is SAMPLES["labels"]:
        new = NAMES
    elif columns is None:
        return not hasattr(found, "n_features_in_")
    else:
        new = COUNTS if isinstance(given, naive_bayes.MultinomialNB) else X
    for name in ("predict", "predict_proba", "decision_function", "transform"):
        if hasattr(given, name):
            one, other = getattr(found, name)(new), getattr(given, name)(new)
            np.testing.assert_array_equal(one, other)
    if hasattr(given, "score") and hasattr(given, "classes_"):
        assert found.score(new, NAMES) == given.score(new, NAMES)
    return True


def _line(*fitted: Any, settings: Any = None) -> tuple[str, Any]:
    given = linear_model.LinearRegression().get_params()
    return "sklearn", [
        "estimator",
        "LinearRegression",
        sorted(map(list, (settings or given).items())),
        [*fitted],
    ]


def _settings(made: Any, **changed: Any) -> list[Any]:
    given = made.get_params(deep=False) | changed
    return ["estimator", type(made).__name__, [*map(list, sorted(given.items()))]]


def _search(**changed: Any) -> tuple[str, Any]:
    made = model_selection.GridSearchCV(None, [], cv=2, error_score=0)
    return "sklearn", [*_settings(made, **changed), []]


def _vectors(**changed: Any) -> tuple[str, Any]:
    given = {"dtype": None, "ngram_range": [1, 1]} | changed
    return "sklearn", [*_settings(text.CountVectorizer(), **given), []]


TREE = ["tree", 3, [], 1, 1, [[]] * 8, []]
FORGED: list[tuple[str, Any]] = [
    ("sklearn", None),
    ("sklearn", ["eval", "1"]),
    ("sklearn", ["estimator"]),
    ("sklearn", ["estimator", "os", [], []]),
    ("sklearn", ["estimator", "SVC", [], []]),
    ("sklearn", ["splitter", "eval", []]),
    ("sklearn", ["splitter", "KFold", [["n_splits", "x"]]]),
    _search(pre_dispatch="__import__('os')"),
    _search(scoring=["accuracy"]),
    _vectors(input="filename"),
    ("sklearn", ["estimator", "FunctionTransformer", [["func", "eval"]], []]),
    ("sklearn", ["estimator", ["LinearRegression"], [], []]),
    ("sklearn", ["estimator", "LinearRegression", [], []]),
    _line(["score", 1.0]),
    _line(["predict", "x"]),
    _line(["__class__", "x"]),
    _line(["__dict__", []]),
    _line(["copy_X", 1]),
    _line(["a" * 100, 1]),
    _line([1, 1]),
    _line(settings={"fit_intercept": True}),
    _line(settings={"eval": 1}),
    ("sklearn", ["estimator", "KNeighborsClassifier", [], [["X", "x"]]]),
    ("sklearn", TREE),
    ("sklearn", ["tree", -1, [], 1, 1, [], []]),
    ("sklearn", ["tree", 3, [1], 1, 1, [[0]] * 8, [[[0]]]]),
    ("sklearn", ["bunch", [[1]]]),
    ("sklearn", ["bunch", 3]),
]
