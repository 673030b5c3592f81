"""Which estimators cross: those whose fitted state is data and whose use is safe.

Left out is what runs given functions. Compiled code trusts the arrays of trees and of
support vector machines, so they are checked before anything is asked of them.
"""

from __future__ import annotations

TAG = "sklearn"
#: Class -> the public module it is in.
ESTIMATORS = {
    name: module
    for module, names in {
        "linear_model": "LinearRegression Ridge Lasso ElasticNet LogisticRegression "
        "SGDClassifier SGDRegressor Perceptron",
        "svm": "LinearSVC LinearSVR SVC SVR",
        "model_selection": "GridSearchCV RandomizedSearchCV",
        "feature_extraction.text": "CountVectorizer TfidfVectorizer TfidfTransformer",
        "tree": "DecisionTreeClassifier DecisionTreeRegressor",
        "ensemble": "RandomForestClassifier RandomForestRegressor ExtraTreesClassifier "
        "ExtraTreesRegressor",
        "neighbors": "KNeighborsClassifier KNeighborsRegressor",
        "naive_bayes": "GaussianNB MultinomialNB BernoulliNB",
        "discriminant_analysis": "LinearDiscriminantAnalysis",
        "dummy": "DummyClassifier DummyRegressor",
        "cluster": "KMeans DBSCAN AgglomerativeClustering",
        "decomposition": "PCA",
        "preprocessing": "StandardScaler MinMaxScaler MaxAbsScaler RobustScaler "
        "Normalizer Binarizer OneHotEncoder OrdinalEncoder LabelEncoder LabelBinarizer "
        "PolynomialFeatures",
        "impute": "SimpleImputer",
        "pipeline": "Pipeline",
        "compose": "ColumnTransformer",
    }.items()
    for name in names.split()
}
#: These are fitted again on the points that they keep.
NEIGHBOURS = frozenset({"KNeighborsClassifier", "KNeighborsRegressor"})
#: Attributes that are compiled code, which only `fit` uses and makes anew.
ONLY_TO_FIT = frozenset({"_loss_function_", "loss_function_"})
MACHINES = frozenset({"SVC", "SVR"})
SEARCHES = frozenset({"GridSearchCV", "RandomizedSearchCV"})
#: How data are split, by settings alone.
SPLITTERS = frozenset({"KFold", "StratifiedKFold"})
#: The arrays of a tree's nodes, and their types.
NODES = {
    "left_child": "<i8",
    "right_child": "<i8",
    "feature": "<i8",
    "threshold": "<f8",
    "impurity": "<f8",
    "n_node_samples": "<i8",
    "weighted_n_node_samples": "<f8",
    "missing_go_to_left": "|u1",
}
