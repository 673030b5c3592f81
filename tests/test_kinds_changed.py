"""Values of kinds as arguments and results that are changed in place."""

from __future__ import annotations

from typing import Any

import pytest

from calling import check, talk

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
