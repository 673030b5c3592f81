"""Estimators that cross, and forms that are refused."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
from sklearn import (
    cluster,
    compose,
    datasets,
    decomposition,
    discriminant_analysis,
    dummy,
    ensemble,
    feature_selection,
    gaussian_process,
    impute,
    linear_model,
    mixture,
    model_selection,
    multiclass,
    naive_bayes,
    neighbors,
    neural_network,
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

HOLES = X.copy()
HOLES[3, 1] = np.nan
LINE, LEAF = linear_model.LogisticRegression(), tree.DecisionTreeClassifier()
PAIR: Any = [("line", LINE), ("leaf", LEAF)]
LINES: Any = [("ridge", linear_model.Ridge()), ("all", linear_model.LinearRegression())]
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # a few rounds are too few to be at an end
    NETWORK = neural_network.MLPClassifier((5,), max_iter=9, random_state=0)
    NETWORK.fit(X, THREE)
    NUMBERS = neural_network.MLPRegressor(
        hidden_layer_sizes=(5, 4), solver="sgd", max_iter=9
    )
    NUMBERS.fit(X, Y)
#: Ensembles and networks; each computes the same, to the last bit.
MORE: dict[str, Any] = {
    "boosted": ensemble.GradientBoostingClassifier(n_estimators=5).fit(X, NAMES),
    "boosted three": ensemble.GradientBoostingClassifier(n_estimators=3).fit(X, THREE),
    "boosted weights": ensemble.GradientBoostingClassifier(
        n_estimators=3, loss="exponential", max_features=2, subsample=0.5
    ).fit(X, NAMES),
    "boosted numbers": ensemble.GradientBoostingRegressor(n_estimators=5).fit(X, Y),
    "boosted from nothing": ensemble.GradientBoostingRegressor(
        n_estimators=5, init="zero", loss="huber", n_iter_no_change=2
    ).fit(X, Y),
    "boosted, not fitted": ensemble.GradientBoostingRegressor(max_depth=2),
    "bins": ensemble.HistGradientBoostingClassifier(max_iter=5).fit(HOLES, NAMES),
    "bins of three": ensemble.HistGradientBoostingClassifier(max_iter=3).fit(X, THREE),
    "bins of numbers": ensemble.HistGradientBoostingRegressor(
        max_iter=5, early_stopping=True, scoring="r2", max_features=0.5
    ).fit(X, Y),
    "network": NETWORK,
    "network of numbers": NUMBERS,
    "adapted": ensemble.AdaBoostClassifier(n_estimators=3).fit(X, NAMES),
    "adapted numbers": ensemble.AdaBoostRegressor(n_estimators=3).fit(X, Y),
    "bags": ensemble.BaggingClassifier(n_estimators=3, max_features=2).fit(X, NAMES),
    "bags of lines": ensemble.BaggingRegressor(LINES[0][1], 3).fit(X, Y),
    "vote": ensemble.VotingClassifier(PAIR, voting="soft").fit(X, NAMES),
    "vote of numbers": ensemble.VotingRegressor(LINES).fit(X, Y),
    "stack": ensemble.StackingClassifier(PAIR, cv=2).fit(X, NAMES),
    "stack of numbers": ensemble.StackingRegressor(LINES, cv=2).fit(X, Y),
    "outliers": ensemble.IsolationForest(n_estimators=5).fit(X),
    "outliers of some": ensemble.IsolationForest(n_estimators=5, max_features=2).fit(X),
    "near ones": impute.KNNImputer(n_neighbors=2).fit(HOLES),
    "where it was": impute.SimpleImputer(add_indicator=True).fit(HOLES),
    "pipeline of more": pipeline.make_pipeline(
        preprocessing.StandardScaler(),
        ensemble.GradientBoostingClassifier(n_estimators=3),
    ).fit(X, NAMES),
    "one against all": multiclass.OneVsRestClassifier(svm.SVC()).fit(X, THREE),
    "one against one": multiclass.OneVsOneClassifier(LINE).fit(X, THREE),
    "ridges": linear_model.RidgeCV().fit(X, Y),
    "ridge of classes": linear_model.RidgeClassifier().fit(X, NAMES),
    "lassos": linear_model.LassoCV(cv=2).fit(X, Y),
    "bayesian": linear_model.BayesianRidge().fit(X, Y),
    "robust": linear_model.HuberRegressor().fit(X, Y),
    "mixture": mixture.GaussianMixture(2, random_state=0).fit(X),
    "quadratic": discriminant_analysis.QuadraticDiscriminantAnalysis().fit(X, THREE),
    "truncated": decomposition.TruncatedSVD(2).fit(X),
    "power": preprocessing.PowerTransformer().fit(X),
    "quantiles": preprocessing.QuantileTransformer(n_quantiles=9).fit(X),
    "some columns": feature_selection.SelectKBest(k=2).fit(X, NAMES),
    "some per cent": feature_selection.SelectPercentile(
        feature_selection.f_regression, percentile=40
    ).fit(X, Y),
    "function": preprocessing.FunctionTransformer(np.exp, np.log).fit(X),
    "tree by chance": tree.ExtraTreeClassifier(random_state=0).fit(X, NAMES),
}
SAMPLES: dict[str, Any] = {
    **MORE,
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


def _double(x: Any) -> Any:
    return 2 * x


REFUSED = {
    "kernel": (svm.SVC(kernel=np.dot), "a SVC with a"),
    "process": (gaussian_process.GaussianProcessRegressor(), "a GaussianProcessRegr"),
    "beginning": (
        ensemble.GradientBoostingRegressor(n_estimators=2, init=LINES[0][1]).fit(X, Y),
        "a GradientBoostingRegressor that begins with a Ridge",
    ),
    "categories": (
        ensemble.HistGradientBoostingRegressor(
            max_iter=2, categorical_features=[0]
        ).fit(COUNTS, Y),
        "a HistGradientBoostingRegressor with categories",
    ),
    "function": (preprocessing.FunctionTransformer(_double), "a FunctionTransformer"),
    "array function": (preprocessing.FunctionTransformer(np.save), "a FunctionTransf"),
    "generator": (
        tree.DecisionTreeClassifier(random_state=np.random.RandomState(0)),
        "a DecisionTreeClassifier with a RandomState",
    ),
}


ANSWERS = ("predict", "predict_proba", "decision_function")


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
    for name in (*ANSWERS, "transform", "score_samples"):
        if hasattr(given, name):
            one, other = getattr(found, name)(new), getattr(given, name)(new)
            np.testing.assert_array_equal(one, other)
    for name in ("staged_predict", "staged_decision_function"):
        if hasattr(given, name):
            one, other = [*getattr(found, name)(new)], [*getattr(given, name)(new)]
            np.testing.assert_array_equal(one, other)
    if hasattr(given, "score") and hasattr(given, "classes_"):
        assert found.score(new, NAMES) == given.score(new, NAMES)
    elif hasattr(given, "score") and hasattr(given, "n_estimators_"):
        assert found.score(new, Y) == given.score(new, Y)
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


def _boosted(made: Any, **fitted: Any) -> tuple[str, Any]:
    pairs = {"n_trees_per_iteration_": 1} | fitted
    return "sklearn", [*_settings(made), [*map(list, pairs.items())]]


def _search(**changed: Any) -> tuple[str, Any]:
    made = model_selection.GridSearchCV(None, [], cv=2, error_score=0)
    return "sklearn", [*_settings(made, **changed), []]


def _vectors(**changed: Any) -> tuple[str, Any]:
    given = {"dtype": None, "ngram_range": [1, 1]} | changed
    return "sklearn", [*_settings(text.CountVectorizer(), **given), []]


FUNC = [
    [key, "eval", "function"] if key == "func" else [key, each]
    for key, each in preprocessing.FunctionTransformer().get_params().items()
]
TREE = ["tree", 3, [], 1, 1, [[]] * 8, []]
FORGED: list[tuple[str, Any]] = [
    ("sklearn", None),
    ("sklearn", ["eval", "1"]),
    ("sklearn", ["estimator"]),
    ("sklearn", ["estimator", "os", [], []]),
    ("sklearn", ["estimator", "SVC", [], []]),
    ("sklearn", _settings(preprocessing.FunctionTransformer())[:2] + [FUNC, []]),
    ("sklearn", ["optimizer", "eval", []]),
    ("sklearn", ["optimizer", "AdamOptimizer", [["update_params", 1]]]),
    ("sklearn", ["optimizer", "AdamOptimizer", [["__class__", 1]]]),
    _boosted(ensemble.GradientBoostingRegressor(), estimators_=[]),
    _boosted(ensemble.GradientBoostingRegressor(), estimators_=[[]], init_="zero"),
    _boosted(ensemble.GradientBoostingRegressor(), estimators_=[[[]]], init_="zero"),
    _boosted(ensemble.HistGradientBoostingRegressor(), _predictors=[1, [], []]),
    _boosted(ensemble.IsolationForest(), estimators_=[]),
    _boosted(ensemble.RandomForestClassifier(), estimators_=[1], n_features_in_=1),
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
