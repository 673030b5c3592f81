"""Which estimators cross: those whose fitted state is data and whose use is safe.

Left out is what runs given functions. Compiled code trusts the arrays of trees, of
boosted ensembles and of support vector machines, so they are checked before anything is
asked of them.
"""

from __future__ import annotations

TAG = "sklearn"
#: Class -> the public module it is in.
ESTIMATORS = {
    name: module
    for module, names in {
        "linear_model": "LinearRegression Ridge Lasso ElasticNet LogisticRegression "
        "SGDClassifier SGDRegressor Perceptron RidgeClassifier RidgeCV LassoCV "
        "ElasticNetCV LogisticRegressionCV BayesianRidge HuberRegressor",
        "svm": "LinearSVC LinearSVR SVC SVR",
        "model_selection": "GridSearchCV RandomizedSearchCV",
        "feature_extraction.text": "CountVectorizer TfidfVectorizer TfidfTransformer",
        "tree": "DecisionTreeClassifier DecisionTreeRegressor ExtraTreeClassifier "
        "ExtraTreeRegressor",
        "ensemble": "RandomForestClassifier RandomForestRegressor ExtraTreesClassifier "
        "ExtraTreesRegressor GradientBoostingClassifier GradientBoostingRegressor "
        "HistGradientBoostingClassifier HistGradientBoostingRegressor "
        "AdaBoostClassifier AdaBoostRegressor BaggingClassifier BaggingRegressor "
        "VotingClassifier VotingRegressor StackingClassifier StackingRegressor "
        "IsolationForest",
        "neural_network": "MLPClassifier MLPRegressor",
        "multiclass": "OneVsRestClassifier OneVsOneClassifier",
        "mixture": "GaussianMixture",
        "feature_selection": "VarianceThreshold SelectKBest SelectPercentile",
        "neighbors": "KNeighborsClassifier KNeighborsRegressor",
        "naive_bayes": "GaussianNB MultinomialNB BernoulliNB ComplementNB",
        "discriminant_analysis": "LinearDiscriminantAnalysis "
        "QuadraticDiscriminantAnalysis",
        "dummy": "DummyClassifier DummyRegressor",
        "cluster": "KMeans DBSCAN AgglomerativeClustering",
        "decomposition": "PCA TruncatedSVD",
        "preprocessing": "StandardScaler MinMaxScaler MaxAbsScaler RobustScaler "
        "Normalizer Binarizer OneHotEncoder OrdinalEncoder LabelEncoder LabelBinarizer "
        "PolynomialFeatures MultiLabelBinarizer PowerTransformer QuantileTransformer "
        "FunctionTransformer",
        "impute": "SimpleImputer KNNImputer MissingIndicator",
        "pipeline": "Pipeline",
        "compose": "ColumnTransformer",
    }.items()
    for name in names.split()
}
#: These are fitted again on the points that they keep.
NEIGHBOURS = frozenset({"KNeighborsClassifier", "KNeighborsRegressor"})
#: Attributes that are compiled code, which only `fit` uses and makes anew.
ONLY_TO_FIT = frozenset({"_loss_function_", "loss_function_", "_loss", "_scorer"})
#: Random generators that fitting keeps, and what goes on from them.
RANDOM = frozenset({"_rng", "_random_state", "_feature_subsample_rng"})
#: All trees in these get the same columns, unasked.
FORESTS = frozenset(
    f"{kind}{what}"
    for kind in ("RandomForest", "ExtraTrees")
    for what in ("Classifier", "Regressor")
)
BOOSTED = frozenset({"GradientBoostingClassifier", "GradientBoostingRegressor"})
#: These have trees of their own kind.
BINNED = frozenset({"HistGradientBoostingClassifier", "HistGradientBoostingRegressor"})
#: How neural networks are trained on.
OPTIMIZERS = frozenset({"SGDOptimizer", "AdamOptimizer"})
#: Functions that a setting may name: pure ones, which both sides have.
FUNCTIONS = {
    name: module
    for module, names in {
        "sklearn.feature_selection": "f_classif f_regression chi2 r_regression "
        "mutual_info_classif mutual_info_regression",
        "numpy": "log log2 log10 log1p exp exp2 expm1 sqrt cbrt square abs absolute "
        "sin cos tan arcsin arccos arctan sinh cosh tanh reciprocal negative sign "
        "deg2rad rad2deg floor ceil rint",
    }.items()
    for name in names.split()
}
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
