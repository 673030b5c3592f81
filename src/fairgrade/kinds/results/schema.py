"""What both sides know of forms of SciPy's results.

    ["tuple" place fields attributes]    a named tuple, and what it has beside its items
    ["dict" place pairs]                 an OptimizeResult and its like
    ["object" place attributes]          a data class, or one of `BAGS`
    ["made" name fields]                 of `MADE`, as its own constructor makes it
    ["solution" place times side columns] what `solve_ivp` gives as `sol`
    ["curve" name fields beyond axis]    a spline or other polynomials in pieces
    ["points" fields axis]               an `interp1d`
    ["distribution" name]  ["frozen" name fields pairs]

A place is "module:class". Attributes and pairs are lists of a name and a field. A field
is ["=" value], ["#" array of one] for a number of NumPy, ["0" array of one] for an
array without axes, or ["@"] for what each side has by itself.
"""

from __future__ import annotations

TAG = "result"
#: The public packages of SciPy whose classes these are.
PACKAGES = frozenset({"stats", "optimize", "integrate", "interpolate", "_lib"})
#: Classes that are neither tuples nor data classes, but hold data and no more.
BAGS = frozenset(
    {
        "BinomTestResult",
        "TukeyHSDResult",
        "CramerVonMisesResult",
        "OddsRatioResult",
        "FitResult",
    }
)
#: Class -> its place, and the attributes that decide all others.
MADE = {
    "LbfgsInvHessProduct": ("optimize._lbfgsb_py", ("sk", "yk")),
    "EmpiricalDistributionFunction": (
        "stats._survival",
        ("quantiles", "probabilities", "_n", "_d", "_kind"),
    ),
    "gaussian_kde": ("stats._kde", ("dataset", "factor", "_weights", "_neff")),
}
#: Attributes that are no data, and that each side has by itself.
OWN = frozenset({"_xp", "pxf"})
#: What a solution is made of, between two times each.
SEGMENTS = frozenset(
    {
        "RkDenseOutput",
        "Dop853DenseOutput",
        "RadauDenseOutput",
        "BdfDenseOutput",
        "LsodaDenseOutput",
        "ConstantDenseOutput",
    }
)
#: Curves of polynomials between each two points.
PIECEWISE = frozenset(
    {
        "PPoly",
        "CubicSpline",
        "CubicHermiteSpline",
        "PchipInterpolator",
        "Akima1DInterpolator",
    }
)
NUMBERS = "biufc"
#: Libraries whose values a result may hold.
WITHIN = frozenset({"scipy", "pandas"})
MAX_SEGMENTS = 100_000
#: How many terms a segment of a solution may have.
MAX_TERMS = 100
#: More axes than that take longer than their bytes let expect.
MAX_AXES = 100
