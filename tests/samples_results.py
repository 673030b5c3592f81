"""Results of SciPy that cross, and forms that are refused."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from scipy import integrate, interpolate, optimize, stats

RANDOM = np.random.default_rng(3)
A, B, C = RANDOM.normal(size=20), RANDOM.normal(size=20) + 0.3, RANDOM.normal(size=20)
TABLE = np.array([[10, 20], [30, 25]])
TIMES = np.linspace(0, 1, 7)


def square(x: Any) -> Any:
    return float(np.sum(np.square(x)))


def _gap(x: Any, y: Any) -> Any:
    return np.mean(x) - np.mean(y)


def slower(t: float, y: Any) -> Any:
    return -y


def _ends(a: Any, b: Any) -> Any:
    return np.array([a[0], b[0] - 1])


def _solved(method: str) -> Any:
    return integrate.solve_ivp(slower, (0, 1), [1.0, 2.0], method, dense_output=True)


with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what SciPy will change one day
    ANDERSON = stats.anderson(A)
START = [1.0, 2.0]
SAMPLES: dict[str, Any] = {
    "one sample": stats.ttest_1samp(A, 0),
    "two samples": stats.ttest_ind(A, B, equal_var=False, alternative="less"),
    "pairs": stats.ttest_rel(A, B),
    "two columns": stats.ttest_ind(np.c_[A, B], np.c_[B, C]),
    "numbers of samples": stats.ttest_ind_from_stats(1, 2, 10, 2, 3, 10),
    "correlation": stats.pearsonr(A, B),
    "ranks": stats.spearmanr(A, B),
    "line": stats.linregress(A, B),
    "slopes": stats.theilslopes(A, B),
    "counts": stats.chi2_contingency(TABLE),
    "counts of one": stats.chisquare([10, 20, 30]),
    "exact": stats.fisher_exact(TABLE),
    "variance": stats.f_oneway(A, B, C),
    "rank sums": stats.mannwhitneyu(A, B),
    "signs": stats.wilcoxon(A, B),
    "several": stats.kruskal(A, B, C),
    "normal": stats.shapiro(A),
    "moments": stats.normaltest(A),
    "steps": stats.kstest(A, "norm"),
    "spread": stats.levene(A, B),
    "fit within": ANDERSON,
    "successes": stats.binomtest(3, 10),
    "each with each": stats.tukey_hsd(A, B, C),
    "bootstrap": stats.bootstrap((A,), np.mean, n_resamples=99, rng=1),
    "permuted": stats.permutation_test((A, B), _gap, n_resamples=99, rng=1),
    "described": stats.describe(A),
    "most": stats.mode([1, 1, 2]),
    "survival": stats.ecdf(A),
    "fit": stats.fit(stats.norm, A, [(-1, 1), (0.1, 3)]),
    "density": stats.gaussian_kde(A),
    "density of two": stats.gaussian_kde(np.c_[A, B].T, "silverman", np.arange(1, 21)),
    "bins": stats.binned_statistic(A, B),
    "minimum": optimize.minimize(square, START),
    "minimum in bounds": optimize.minimize(square, START, method="L-BFGS-B"),
    "simplex": optimize.minimize(square, START, method="Nelder-Mead"),
    "minimum of one": optimize.minimize_scalar(square),
    "programme": optimize.linprog([1, 1], A_ub=[[-1, -1]], b_ub=[-1]),
    "steps of hops": optimize.basinhopping(square, [1.0], niter=2, rng=1),
    "root": optimize.root_scalar(lambda x: x**2 - 2, bracket=[0, 2]),
    "roots": optimize.root(lambda x: x**2 - 2, [1.0]),
    "full root": optimize.brentq(lambda x: x**2 - 2, 0, 2, full_output=True)[1],
    "least": optimize.least_squares(lambda x: x - 1, [0.0]),
    "made by hand": optimize.OptimizeResult(x=1, note="mine", parts={"a": [A]}),
    "solved": integrate.solve_ivp(slower, (0, 1), [1.0], t_eval=TIMES),
    "events": integrate.solve_ivp(
        slower, (0, 1), [1.0], events=lambda t, y: y[0] - 0.5
    ),
    **{name: _solved(name) for name in ("RK45", "DOP853", "Radau", "BDF", "LSODA")},
    "backwards": integrate.solve_ivp(slower, (1, 0), [1.0], dense_output=True),
    "boundaries": integrate.solve_bvp(
        lambda x, y: np.vstack((y[1], -y[0])), _ends, TIMES, np.zeros((2, 7))
    ),
    "curve": interpolate.CubicSpline(TIMES, A[:7]),
    "curves": interpolate.CubicSpline(TIMES, [A[:7], B[:7]], axis=1, extrapolate=False),
    "closed": interpolate.CubicSpline(TIMES, TIMES * 0, bc_type="periodic"),
    "without waves": interpolate.PchipInterpolator(TIMES, A[:7]),
    "smooth": interpolate.Akima1DInterpolator(TIMES, A[:7]),
    "pieces": interpolate.PPoly(np.ones((2, 6)), TIMES),
    "spline": interpolate.make_interp_spline(TIMES, A[:7]),
    "splines": interpolate.make_interp_spline(TIMES, [A[:7], B[:7]], 2, axis=1),
    **{
        way: interpolate.interp1d(TIMES, A[:7], way)
        for way in ("linear", "nearest", "previous", "zero", "quadratic", "cubic")
    },
    "filled": interpolate.interp1d(
        TIMES, [A[:7], B[:7]], bounds_error=False, fill_value=(0, np.array([1, 2]))
    ),
    "beyond": interpolate.interp1d(TIMES, A[:7], "cubic", fill_value="extrapolate"),
    "distribution": stats.norm,
    "frozen": stats.norm(1, 2),
    "frozen by names": stats.t(df=5, scale=2.5),
    "frozen counts": stats.binom(10, 0.3),
    "frozen several": stats.beta([1, 2], np.array([2.0, 3.0])),
}
OWN = stats.rv_discrete(name="own", values=([1, 2], [0.5, 0.5]))
SEEDED = stats.norm()
SEEDED.random_state = 3


def _double(x: float) -> float:
    return 2 * x


REFUSED = {
    "function": (optimize.OptimizeResult(x=1, f=_double), "a OptimizeResult with a"),
    "deep": (optimize.OptimizeResult(x=[{"f": square}]), "a OptimizeResult with a"),
    "generator": (stats.dunnett(A, B, control=C, rng=1), "a DunnettResult with a Gen"),
    "own": (OWN, "a distribution that is not one of SciPy's"),
    "own frozen": (OWN(), "a distribution that is not one of SciPy's"),
    "seeded": (SEEDED, "a distribution with a random generator"),
    "not as it was": (stats.norm.__class__(a=0, name="norm")(), "that is not one of"),
}


def same(found: Any, given: Any) -> bool:
    """Whether it has the same parts, of the same types, and says the same."""
    _compare(found, given)
    if " object at 0x" not in repr(given):
        assert repr(found) == repr(given)
    for name in ("confidence_interval", "proportion_ci", "nllf"):
        if callable(ask := getattr(given, name, None)):
            _compare(getattr(found, name)(), ask())
    if isinstance(given, stats.gaussian_kde):
        _compare(found(TIMES if given.d == 1 else [TIMES, TIMES]), _at(given))
    if type(given).__module__.startswith("scipy.interpolate"):
        ends = [-1.0, 2.0] if _reaches(given) else []
        _compare(found([*TIMES, 0.3, *ends]), given([*TIMES, 0.3, *ends]))
        for name in ("x", "y", "c", "t", "k", "axis", "extrapolate", "fill_value"):
            _compare(getattr(found, name, None), getattr(given, name, None))
    if isinstance(given, dict) and callable(given.get("sol")):
        _compare(found.sol(TIMES), given.sol(TIMES))
        _compare(found.sol(0.3), given.sol(0.3))
    if hasattr(given, "cdf") and hasattr(given, "ppf"):
        _compare(found.cdf(1, 2) if given is stats.norm else found.cdf(1), _cdf(given))
    return True


def _reaches(given: Any) -> bool:
    """Whether it may be asked beyond its ends."""
    return not getattr(given, "bounds_error", False)


def _at(given: Any) -> Any:
    return given(TIMES if given.d == 1 else [TIMES, TIMES])


def _cdf(given: Any) -> Any:
    return given.cdf(1, 2) if given is stats.norm else given.cdf(1)


def _compare(found: Any, given: Any) -> None:
    if isinstance(given, np.ndarray):
        assert (found.dtype, found.shape) == (given.dtype, given.shape)
        np.testing.assert_array_equal(found, given)
    elif isinstance(given, (list, tuple)):
        assert type(found).__name__ == type(given).__name__
        for one, other in zip(found, given, strict=True):
            _compare(one, other)
    elif isinstance(given, dict):
        assert list(found) == list(given)
        for name in given:
            _compare(found[name], given[name])
    elif isinstance(given, (int, float, str, np.generic)):
        assert found == given or given != given
    if type(given).__module__.startswith("scipy.stats") and hasattr(given, "__dict__"):
        if isinstance(given, (stats.rv_continuous, stats.rv_discrete)):
            assert found.name == given.name
            return
        lazy = {"_weights", "_neff", "_ci", "_ci_cl", "_bw_method", "covariance_factor"}
        assert vars(found).keys() | lazy == vars(given).keys() | lazy
        for name, each in vars(given).items():
            if not callable(each) and name not in lazy:
                _compare(vars(found)[name], each)


T = "scipy.stats._stats_py:TtestResult"
R = "scipy.optimize._optimize:OptimizeResult"
BINOM = "scipy.stats._binomtest:BinomTestResult"
DATA = "scipy.stats._resampling:PermutationTestResult"
ONE = ["=", 1.0]
FORGED: list[tuple[str, Any]] = [
    ("result", parts)
    for parts in (
        None,
        [],
        ["eval", "1"],
        ["tuple", "os:system", [ONE, ONE], []],
        ["tuple", "scipy.stats._stats_py:np", [ONE, ONE], []],
        ["tuple", "scipy.stats._stats_py:ttest_ind", [ONE, ONE], []],
        ["tuple", "scipy.stats.._stats_py:TtestResult", [ONE, ONE], []],
        ["tuple", "scipy.io._mmio:MMFile", [], []],
        ["tuple", T, [ONE], [["df", ONE]]],
        ["tuple", T, [ONE, ONE, ONE], [["df", ONE]]],
        ["tuple", T, [ONE, ONE], []],
        ["tuple", T, [ONE, ONE], [["df", ONE], ["confidence_interval", ONE]]],
        ["tuple", T, [ONE, ONE], [["df", ONE], ["__class__", ONE]]],
        ["tuple", T, [ONE, ONE], [["df", ONE], ["df", ONE]]],
        ["tuple", T, [ONE, ONE], [["df", ["@"]]]],
        ["tuple", T, [["#", 1.0], ONE], [["df", ONE]]],
        ["tuple", "scipy.stats._morestats:ShapiroResult", [ONE, ONE], [["x", ONE]]],
        ["tuple", R, [], []],
        ["dict", T, []],
        ["dict", "scipy.optimize._optimize:MemoizeJac", []],
        ["dict", R, [[1, ONE]]],
        ["dict", R, [["x"]]],
        ["dict", R, [["x", ["?", 1]]]],
        ["object", BINOM, [["proportion_ci", ONE]]],
        ["object", DATA, [["statistic", ONE]]],
        ["object", "scipy.stats._resampling:PermutationMethod", []],
        ["object", "scipy.stats._kde:gaussian_kde", []],
        ["made", "eval", ["1"]],
        ["made", "gaussian_kde", [ONE, ONE, ONE, ONE]],
        ["made", "LbfgsInvHessProduct", [ONE, ONE]],
        ["made", "EmpiricalDistributionFunction", [ONE]],
        ["solution", "scipy.integrate._ivp.rk:RK45", ["=", 1], True, []],
        ["solution", "scipy.integrate._ivp.rk:RkDenseOutput", ["=", 1], True, []],
        ["curve", "eval", [ONE, ONE], True, 0],
        ["curve", "CubicSpline", [ONE, ONE], True, 0],
        ["curve", "BSpline", [ONE, ONE, ["=", 3]], True, 0],
        ["curve", "PPoly", [], True, 0],
        ["curve", "PPoly", [ONE, ONE], "eval", 0],
        ["points", [ONE, ONE, ["=", "eval"], ONE, ONE], 0],
        ["points", [], 0],
        ["distribution", "eval"],
        ["distribution", "rv_continuous"],
        ["distribution", ["norm"]],
        ["frozen", "norm", [["=", "x"]], []],
        ["frozen", "norm", [ONE, ONE, ONE], []],
        ["frozen", "norm", [], [["eval", ONE]]],
        ["frozen", "ttest_ind", [ONE, ONE], []],
    )
]
