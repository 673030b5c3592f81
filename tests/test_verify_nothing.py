"""Points for nothing: tests that an empty array, None or NaN passes are named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from fairgrade.inside.export import export
from fairgrade.judge.client import Judge
from fairgrade.nbgrader_bridge.test_cell import TestCell
from fairgrade.protocol.exports import Exports
from fairgrade.verify.nothing import points_for_nothing

#: Without a network: a judge that may have to build one imports Keras for seconds.
DECLARED = {"a": "array", "v": "value", "h": "history"}
WITH_NETWORK = DECLARED | {"model": "model"}
OPTIONAL = "try:\n    had = h\nexcept NameError:\n    had = None\nassert v == [1, 2]"
HISTORY = SimpleNamespace(history={"loss": [1.0]}, params={}, epoch=[0])


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    root = tmp_path_factory.mktemp("course")
    with Judge(root, "one") as judge:
        yield judge


@pytest.fixture(scope="module")
def solution(tmp_path_factory: pytest.TempPathFactory) -> Exports:
    folder = tmp_path_factory.mktemp("exports")
    values = {"a": np.array([1.0, 2.0]), "v": [1, 2], "h": HISTORY}
    export(values, DECLARED, str(folder))
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    return Exports.of(files)


def named(
    judge: Judge,
    solution: Exports,
    *sources: str,
    declared: dict[str, str] = DECLARED,
) -> list[str]:
    tests = [
        TestCell(f"test-{i}", 2.0, "import numpy as np\n" + source)
        for i, source in enumerate(sources)
    ]

    def judging(cells, exports):
        return judge.judge(cells, exports, declared, seconds=30)

    assert all(v.earned == 2 for v in judging(tests, solution))
    return [
        f"{problem.cell}: {problem.text}"
        for problem in points_for_nothing(tests, solution, judging)
    ]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("assert np.allclose(a, [1, 2])", "an empty array of shape (0, 2)"),
        ("assert (a > 0).all()", "an empty array of shape (0,)"),
        ("for x, y in zip(v, [1, 2]):\n    assert x == y", "an empty list"),
        ("assert all(x > 0 for x in v)", "an empty list"),
        ("assert v is not None", "a text"),
        ("assert v != []", "None in place of 'v'"),
        ("assert a.size == 2 and not (abs(a - 1.5) > 1).any()", "an array of NaN"),
        ("assert a.ndim == 1 and len(a) and (a > 0).all()", "a single number"),
        ("assert not set(h.history) - {'loss'}", "a history of nothing"),
    ],
)
def test_points_for_nothing_are_named(
    judge: Judge, solution: Exports, source: str, words: str
) -> None:
    assert any(words in text for text in named(judge, solution, source))


@pytest.mark.parametrize(
    "sources",
    [
        ("assert np.shape(a) == (2,) and np.allclose(a, [1, 2])",),
        ("assert np.array_equal(a, [1, 2])",),
        ("assert v == [1, 2]",),
        # The shape is one test's business, the values are another's.
        ("assert np.shape(a) == (2,)", "assert np.array_equal(a, [1, 2])"),
        # A name that a test can do without.
        (OPTIONAL,),
    ],
)
def test_a_test_that_takes_nothing_for_nothing_is_not_named(
    judge: Judge, solution: Exports, sources: tuple[str, ...]
) -> None:
    assert named(judge, solution, *sources) == []


@pytest.mark.slow
def test_a_network_that_was_never_trained_is_told_apart(
    judge: Judge, tmp_path: Path
) -> None:
    keras = pytest.importorskip("keras")
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.set_weights([np.ones((4, 1)), np.zeros(1)])  # as if it had learnt to add
    model.compile(optimizer="sgd", loss="mse")
    model.optimizer.iterations.assign(60)
    export({"model": model}, WITH_NETWORK, str(tmp_path))
    solution = Exports.of({p.name: p.read_bytes() for p in tmp_path.iterdir()})
    built = "assert model.input_shape == (None, 4)"
    measured = (
        "x = np.ones((3, 4), 'float32')\n"
        "assert abs(np.asarray(model(x)) - 4).max() < 0.5"
    )
    (found,) = named(judge, solution, built, declared=WITH_NETWORK)
    assert "never trained" in found and "Measure what it can do" in found
    assert not named(judge, solution, built, measured, declared=WITH_NETWORK)
