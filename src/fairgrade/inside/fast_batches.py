"""Batches cut out of the data inside TensorFlow, in the order Keras would draw them.

Keras sends every batch through a pipeline of threads, which for a small network takes
longer than the batch. Here the pipeline hands over row numbers, many batches' at once,
and the training loop gathers the rows itself: the same numbers in the same order.

Imports Keras; `fairgrade.inside.fast_training` is the one to use it.
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


class RowNumbers(ArrayDataAdapter):
    """Tells which rows come next, where Keras's own adapter hands over the rows.

    Args:
        arguments: of a call of `fit`, with x, y and perhaps weights as arrays.
        steps: how many batches one call of TensorFlow takes.

    Attributes:
        rows: all the data, as nested tuples of tensors.

    Raises:
        ValueError: the data do not fit each other, or are no plain arrays.
    """

    def __init__(self, arguments: dict[str, Any], steps: int) -> None:
        shuffle = arguments["shuffle"]
        if arguments["y"] is None or not isinstance(shuffle, bool):
            raise ValueError("only for x and y, shuffled as a whole or not at all")
        super().__init__(
            arguments["x"],
            arguments["y"],
            sample_weight=arguments["sample_weight"],
            batch_size=arguments["batch_size"],
            shuffle=shuffle,
            class_weight=arguments["class_weight"],
        )
        converted = array_slicing.convert_to_sliceable(
            self._inputs, target_backend="tensorflow"
        )
        self.rows = tree.map_structure(_tensor, tree.lists_to_tuples(converted))
        self.steps = steps

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
        whole = self._num_samples % self._batch_size == 0

        def train(numbers: Any) -> Any:
            if model.optimizer and not model.optimizer.built:
                self._make_variables(model)
            return loop(numbers.get_next(), self.rows, self._batch_size, whole)

        return train

    def _make_variables(self, model: Any) -> None:
        """Make those of the optimizer and the metrics, as the first batch would.

        A function that makes variables is traced twice, and tracing takes long.
        """
        with contextlib.suppress(Exception):  # the first batch says what is wrong
            model._symbolic_build(data_batch=tree.map_structure(_spec, self.rows))


def _spec(rows: tf.Tensor) -> keras.KerasTensor:
    """What is known of a batch of rows."""
    return keras.KerasTensor((None, *rows.shape[1:]), rows.dtype.name)


def _tensor(part: Any) -> tf.Tensor:
    if not isinstance(part, (np.ndarray, tf.Tensor)):
        raise ValueError("only for dense arrays")
    return tf.convert_to_tensor(part)


def training_loop(model: Any) -> Callable[..., Any]:
    """A function of row numbers, all rows, the batch size, and if all are of that."""

    @tf.function(reduce_retracing=True)
    @tf.autograph.experimental.do_not_convert
    def loop(numbers: tf.Tensor, rows: Any, size: int, whole: bool) -> Any:
        def more(start: tf.Tensor) -> tf.Tensor:
            return start < tf.size(numbers)

        def step(start: tf.Tensor) -> tuple[tf.Tensor]:
            batch = numbers[start : start + size]
            if whole:  # as Keras knows it, too
                batch = tf.ensure_shape(batch, [size])
            model.train_step(tree.map_structure(lambda x: tf.gather(x, batch), rows))
            return (start + size,)

        tf.while_loop(more, step, [tf.constant(0)])
        return model.get_metrics_result()  # what the last step would have returned

    # TensorFlow warns where few calls come for each tracing, and here few come.
    loop._omit_frequent_tracing_warning = True
    made: Callable[..., Any] = loop
    return made
