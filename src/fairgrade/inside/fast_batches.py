"""Batches cut out of the data inside TensorFlow, in the order Keras would draw them.

Keras sends every batch through a pipeline of threads, which for a small network takes
longer than the batch. Here the pipeline hands over row numbers, many batches' at once,
and a loop gathers the rows itself: the same numbers in the same order.

Imports Keras; `fast_training` and `fast_answers` are the ones to use it.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import tree
from keras.src.trainers.data_adapters import array_slicing
from keras.src.trainers.data_adapters.array_data_adapter import ArrayDataAdapter


class _Rows(ArrayDataAdapter):
    """Tells which rows come next, where Keras's own adapter hands over the rows.

    Args:
        steps: how many batches one call of TensorFlow takes.
        arguments: as Keras's own adapter takes them, all of them arrays.

    Attributes:
        rows: all the data, as nested tuples of tensors.

    Raises:
        ValueError: the data do not fit each other, or are no plain arrays.
    """

    def __init__(self, steps: int, **arguments: Any) -> None:
        super().__init__(**arguments)
        converted = array_slicing.convert_to_sliceable(
            self._inputs, target_backend="tensorflow"
        )
        self.rows = tree.map_structure(_tensor, tree.lists_to_tuples(converted))
        self.steps = steps
        self._whole = self._num_samples % self._batch_size == 0


class RowNumbers(_Rows):
    """The rows of a call of `fit`.

    Args:
        arguments: with x, y and perhaps weights.
        steps: how many batches one call of TensorFlow takes.

    Raises:
        ValueError: the data do not fit each other, or are no plain arrays.
    """

    def __init__(self, arguments: dict[str, Any], steps: int) -> None:
        if arguments["y"] is None or not isinstance(arguments["shuffle"], bool):
            raise ValueError("only for x and y, shuffled as a whole or not at all")
        names = ("x", "y", "sample_weight", "batch_size", "shuffle", "class_weight")
        super().__init__(steps, **{name: arguments[name] for name in names})

    def get_tf_dataset(self) -> tf.data.Dataset:
        """One epoch's row numbers, int64, a call's in each element."""
        count, most = self._num_samples, self.steps * self._batch_size
        calls = tf.data.Dataset.range(math.ceil(count / most))

        @tf.autograph.experimental.do_not_convert
        def in_order(_: tf.Tensor) -> tf.Tensor:
            # The same operations as in Keras's adapter, and so the same numbers.
            numbers = tf.range(count, dtype=tf.int64)
            return tf.random.shuffle(numbers) if self._shuffle else numbers

        @tf.autograph.experimental.do_not_convert
        def cut(numbers: tf.Tensor) -> tf.data.Dataset:
            return calls.map(lambda call: numbers[call * most : (call + 1) * most])

        dataset = tf.data.Dataset.range(1).map(in_order).flat_map(cut)
        options = tf.data.Options()
        options.experimental_optimization.apply_default_optimizations = False
        return dataset.with_options(options)

    def train_function(
        self, model: Any, loop: Callable[..., Any]
    ) -> Callable[[Any], Any]:
        """For `model.train_function`, with the model's `training_loop`."""

        def train(numbers: Any) -> Any:
            if model.optimizer and not model.optimizer.built:
                self._make_variables(model)
            return loop(numbers.get_next(), self.rows, self._batch_size, self._whole)

        return train

    def _make_variables(self, model: Any) -> None:
        """Make those of the optimizer and the metrics, as the first batch would.

        A function that makes variables is traced twice, and tracing takes long.
        """
        with contextlib.suppress(Exception):  # the first batch says what is wrong
            model._symbolic_build(data_batch=tree.map_structure(_spec, self.rows))


class RowsInOrder(_Rows):
    """The rows of a call of `evaluate` or `predict`.

    Args:
        steps: how many batches one call of TensorFlow takes.
        calls: whether each element of the dataset is a call's row numbers, not a
            batch's.
        arguments: x, batch_size, and perhaps y and weights.

    Raises:
        ValueError: the data do not fit each other, or are no plain arrays.
    """

    def __init__(self, steps: int, calls: bool, **arguments: Any) -> None:
        super().__init__(steps, **arguments)
        self._at_once = self._batch_size * (steps if calls else 1)

    def get_tf_dataset(self) -> tf.data.Dataset:
        """All row numbers, int64."""
        return tf.data.Dataset.range(self._num_samples).batch(self._at_once)

    def test_function(self, loop: Callable[..., Any]) -> Callable[[Any], Any]:
        """For `model.test_function`, with the model's `testing_loop`."""
        return lambda numbers: self._run(loop, numbers.get_next())

    def predict_function(self, loop: Callable[..., Any]) -> Callable[[Any], Any]:
        """For `model.predict_function`, with the model's `predicting_loop`."""
        return lambda numbers: self._run(loop, tf.concat(numbers, 0))

    def _run(self, loop: Callable[..., Any], numbers: tf.Tensor) -> Any:
        return loop(numbers, self.rows, self._batch_size, self._whole)


def _spec(rows: tf.Tensor) -> keras.KerasTensor:
    """What is known of a batch of rows."""
    return keras.KerasTensor((None, *rows.shape[1:]), rows.dtype.name)


def _tensor(part: Any) -> tf.Tensor:
    if not isinstance(part, (np.ndarray, tf.Tensor)):
        raise ValueError("only for dense arrays")
    return tf.convert_to_tensor(part)


def training_loop(model: Any) -> Callable[..., Any]:
    """A function of row numbers, all rows, the batch size, and if all are of that."""
    return _measuring_loop(model, lambda batch: model.train_step(batch))


def testing_loop(model: Any) -> Callable[..., Any]:
    """As `training_loop`, for `evaluate`."""
    return _measuring_loop(model, lambda batch: model.test_step(batch))


def _measuring_loop(model: Any, take: Callable[[Any], Any]) -> Callable[..., Any]:
    def loop(numbers: tf.Tensor, rows: Any, size: int, whole: bool) -> Any:
        def step(start: tf.Tensor) -> tuple[tf.Tensor]:
            take(_batch(numbers, rows, start, size, whole))
            return (start + size,)

        tf.while_loop(_more(numbers), step, [tf.constant(0)])
        return model.get_metrics_result()  # what the last step would have returned

    return _traced(loop)


def predicting_loop(model: Any) -> Callable[..., Any]:
    """As `training_loop`, for `predict`: returns the answers to all rows."""

    def loop(numbers: tf.Tensor, rows: Any, size: int, whole: bool) -> Any:
        form: list[Any] = []

        def step(start: tf.Tensor, *kept: tf.TensorArray) -> tuple[Any, ...]:
            form[:] = [model.predict_step(_batch(numbers, rows, start, size, whole))]
            answers = zip(kept, tree.flatten(form[0]), strict=True)
            return start + size, *(k.write(start // size, a) for k, a in answers)

        count = (tf.size(numbers) + size - 1) // size
        kept = [
            tf.TensorArray(output.dtype, count, infer_shape=False)
            for output in model.outputs
        ]
        _, *kept = tf.while_loop(_more(numbers), step, [tf.constant(0), *kept])
        return tree.pack_sequence_as(form[0], [array.concat() for array in kept])

    return _traced(loop)


def _more(numbers: tf.Tensor) -> Callable[..., tf.Tensor]:
    return lambda start, *_: start < tf.size(numbers)


def _batch(
    numbers: tf.Tensor, rows: Any, start: tf.Tensor, size: int, whole: bool
) -> Any:
    batch = numbers[start : start + size]
    if whole:  # as Keras knows it, too
        batch = tf.ensure_shape(batch, [size])
    return tree.map_structure(lambda x: tf.gather(x, batch), rows)


def _traced(loop: Callable[..., Any]) -> Callable[..., Any]:
    traced = tf.function(tf.autograph.experimental.do_not_convert(loop))

    def call(numbers: tf.Tensor, rows: Any, size: int, whole: bool) -> Any:
        # Of any length, so that the last call, a shorter one, is not traced again.
        any_length = tree.map_structure(_any_length, (numbers, rows))
        function = traced.get_concrete_function(*any_length, size, whole)
        return function(numbers, rows, size, whole)

    return call


def _any_length(rows: tf.Tensor) -> tf.TensorSpec:
    return tf.TensorSpec((None, *rows.shape[1:]), rows.dtype)
