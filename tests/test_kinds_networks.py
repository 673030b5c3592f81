"""Networks, histories and tensors as arguments and results of calls."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from calling import talk
from carrying import Pair
from fairgrade.protocol.calls import ProtocolError

pytestmark = pytest.mark.slow
IMPORTED = "import keras\nimport numpy as np\nimport tensorflow as tf\n"
FORGED: list[tuple[str, Any]] = [
    ("network", None),
    ("network", ["x", []]),
    ("network", [[], [], []]),
    ("history", [[["loss", ["x"]]], [], []]),
    ("history", [[[1]], [], []]),
    ("history", [[], [["epochs", "x"]], []]),
    ("history", [[], [], [{}]]),
    ("tensor", None),
    ("tensor", ["eval", 1]),
    ("tensor", ["tensor", "float32", [1], [1.0]]),
    ("tensor", ["tensor", "object", [0], []]),
    ("tensor", ["tensor", "string", [1], [[], [], [], [[], []], []]]),
    ("tensor", ["tensor", "float32", [2**50], []]),
    ("tensor", ["tensor", "float32", [-1], []]),
    ("tensor", ["tensor", "float32", None, []]),
    ("tensor", ["tensor", "float32", [1] * 50, []]),
    ("tensor", ["variable", "float32", [0], [], True]),
    ("tensor", ["shape", ["x"]]),
    ("tensor", ["shape", [2**60]]),
    ("tensor", ["type", "resource"]),
    ("tensor", ["type", ["float32"]]),
]


@pytest.mark.parametrize(("tag", "parts"), FORGED)
def test_a_forgery_is_refused_with_a_message(tag: str, parts: Any) -> None:
    def node(part: Any) -> Any:
        return ["l", *map(node, part)] if isinstance(part, list) else part

    with pytest.raises(ProtocolError):
        Pair().judge.decode(["T", tag, node(parts)])


def test_tensors_come_back_as_tensors() -> None:
    import tensorflow as tf

    pair = Pair()
    for given in (
        tf.constant([[1.5, 2]]),
        tf.constant(3),
        tf.constant([1, 2], tf.bfloat16),
        tf.constant([], tf.uint8),
        tf.constant(["a", "é"]),
        tf.constant([True]),
    ):
        for found in (pair.answer(given), pair.ask(given)):
            assert tf.is_tensor(found) and found.dtype == given.dtype
            assert found.shape == given.shape
            np.testing.assert_array_equal(found.numpy(), given.numpy())
    assert pair.answer(tf.TensorShape([None, 3])).as_list() == [None, 3]
    assert pair.answer(tf.float32) is tf.float32
    variable = pair.answer(tf.Variable([1.0], trainable=False))
    assert isinstance(variable, tf.Variable) and not variable.trainable


def test_a_function_returns_a_network_and_another_trains_one() -> None:
    solution = """
def make(shape, units=4):
    model = keras.Sequential([keras.Input(shape), keras.layers.Dense(units)])
    model.compile(loss='mse', optimizer='sgd')
    return model
def loss(a, b):
    return tf.reduce_mean((a - b) ** 2)
def train(model):
    return model.fit(np.zeros((4, 2)), np.zeros((4, 1)), epochs=2, verbose=0)
"""
    test = """
model = make((3,), units=2)
assert isinstance(model, keras.Sequential) and model.output_shape == (None, 2)
assert model.loss == 'mse' and model.count_params() == 8
assert model.predict(np.ones((1, 3)), verbose=0).shape == (1, 2)
assert float(loss(tf.constant([1.0, 2.0]), tf.constant([1.0, 4.0]))) == 2
history = train(make((2,), units=1))
assert len(history.history['loss']) == 2 and history.epoch == [0, 1]
"""
    cells = ("solution", IMPORTED + solution), ("test", IMPORTED + test)
    with talk(*cells) as made:
        made.test()
