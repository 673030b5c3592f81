"""Values of kinds as arguments and results that are changed in place."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

from calling import check, talk
from fairgrade.errors import NotMeasured
from fairgrade.judge.faults import made_before
from fairgrade.judge.library import Library
from fairgrade.lesson.checks import Grading

IMPORTED = "import pandas as pd\nimport numpy as np\n"


@pytest.mark.parametrize(
    ("solution", "test"),
    [
        (
            "def add(t):\n    t['b'] = t['a'] * 2",
            "t = pd.DataFrame({'a': [1, 2]})\nadd(t)\nassert list(t['b']) == [2, 4]",
        ),
        (
            "def same(t):\n    return t",
            "t = pd.DataFrame({'a': [1]})\nassert same(t) is t",
        ),
        (
            "def first(s):\n    s.iloc[0] = 7\n    s.name = 'n'",
            "s = pd.Series([1, 2])\nfirst(s)\nassert s[0] == 7 and s.name == 'n'",
        ),
        (
            "kept = pd.DataFrame({'a': [1, 2]})\ndef total():\n    return kept.a.sum()",
            "kept.loc[0, 'a'] = 10\nassert total() == 12",
        ),
        (
            "def mark(t):\n    t.attrs['seen'] = True\n    t.index = ['x']",
            "t = pd.DataFrame({'a': [1]})\nmark(t)\n"
            "assert t.attrs == {'seen': True} and list(t.index) == ['x']",
        ),
        (
            "def grow(t):\n    t['a'].iloc[0].append(3)",
            "t = pd.DataFrame({'a': [[1], [2]]})\ngrow(t)\nassert t['a'][0] == [1, 3]",
        ),
        (
            "def drop(t):\n    del t['a']\n    return {'t': [t]}",
            "t = pd.DataFrame({'a': [1], 'b': [2]})\nfound = drop(t)\n"
            "assert found['t'][0] is t and list(t) == ['b']",
        ),
        (
            "def leave(t):\n    return t.assign(b=1)",
            "t = pd.DataFrame({'a': [1]})\nassert list(leave(t)) == ['a', 'b']\n"
            "assert list(t) == ['a']",
        ),
    ],
)
def test_tables_are_changed_in_place(solution: str, test: str) -> None:
    check(IMPORTED + solution, IMPORTED + test)


installed = pytest.mark.skipif(
    importlib.util.find_spec("sklearn") is None, reason="scikit-learn is not installed"
)
LINES = "from sklearn.linear_model import LinearRegression\nimport numpy as np\n"


@installed
@pytest.mark.parametrize(
    ("solution", "test"),
    [
        (
            "def train(model, x, y):\n    model.fit(x, y)\n    return model",
            "x = np.arange(6.0).reshape(-1, 1)\nmodel = LinearRegression()\n"
            "assert train(model, x, 2 * x[:, 0] + 1) is model\n"
            "assert abs(model.coef_[0] - 2) < 1e-9 and model.score(x, 2 * x[:, 0]) < 1",
        ),
        (
            "model = LinearRegression().fit([[0], [1]], [0, 3])",
            "assert isinstance(model, LinearRegression)\n"
            "assert np.allclose(model.predict([[2]]), 6)",
        ),
    ],
)
def test_estimators_are_computed_by_the_judge(solution: str, test: str) -> None:
    check(LINES + solution, LINES + test)


@installed
def test_a_faked_estimator_earns_nothing() -> None:
    solution = "model = LinearRegression().fit([[0], [1]], [0, 3])"
    test = "assert model.score(np.array([[0], [1]]), [0, 3]) == 1"
    faked = """
class Fake(LinearRegression):
    def score(self, x, y):
        return 1
Fake.__name__ = Fake.__qualname__ = 'LinearRegression'
Fake.__module__ = 'sklearn.linear_model._base'
model = Fake().fit([[0], [1]], [5, 5])
"""
    patched = """
LinearRegression.score = lambda self, x, y: 1
model = LinearRegression().fit([[0], [1]], [5, 5])
"""
    cells = ("solution", LINES + solution), ("test", LINES + test)
    for student, raised in ((faked, NotMeasured), (patched, AssertionError)):
        cheat = talk(*cells, student=LINES + student, apart=True)
        with cheat as made, pytest.raises(raised):
            made.test()


def test_a_large_table_is_not_sent_again_when_it_did_not_change() -> None:
    sizes: list[int] = []
    solution = IMPORTED + "def n(t):\n    return len(t)"
    test = (
        "t = pd.DataFrame({'a': np.arange(100_000.0)})\n"
        "assert n(t) == 100_000 == n(t) == n(t)"
    )

    def watch(data: Any) -> Any:
        sizes.append(len(data))
        return data

    with talk(("solution", solution), ("test", IMPORTED + test), watch=watch) as made:
        made.test()
    assert sum(size > 500_000 for size in sizes) == 1


def test_what_cannot_be_looked_at_does_not_end_the_judge() -> None:
    def graded(by_pond: Any) -> None:
        grading = Grading()
        grading.check("first", True, points=1)
        isinstance(by_pond, list)

    with pytest.raises(NotMeasured) as raised:
        graded(Library("DataFrameGroupBy", NotMeasured))
    first, rest = made_before(raised.value, 3, "why")
    assert first.passed and rest.points == 2


@pytest.mark.parametrize(
    ("made", "change", "said"),
    [
        ("LinearRegression()", "m.positive = print", "a LinearRegression with a"),
        (
            "pd.DataFrame({'a': [1]})",
            "m['b'] = SPARSE",
            "a column of the",
        ),
    ],
)
def test_what_cannot_be_told_any_more_waits_for_a_person(
    made: str, change: str, said: str
) -> None:
    sparse = "SPARSE = pd.arrays.SparseArray([1])\n"
    solution = f"{IMPORTED}{LINES}{sparse}def f(m):\n    {change}\n    return 1\n"
    test = f"{IMPORTED}{LINES}m = {made}\nassert f(m) == 1"
    after = f"{IMPORTED}{LINES}assert f(None or np.zeros(1)) == 1"
    cells = ("solution", solution), ("test", test), ("test", after)
    with talk(*cells, apart=True) as talked:
        for _ in range(2):  # the kernel goes on, and what the test holds is still odd
            with pytest.raises(NotMeasured, match=said):
                talked.test()
