"""Train many small networks, plain and in long calls: run as a process of its own.

Writes one JSON object a line to its argument: the program, how many batches a call of
`fit` took and how many one that asks for answers, and for both ways a digest of all
weights and optimizer variables, the histories, the answers and more.
"""

from __future__ import annotations

import gc
import hashlib
import json
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from fairgrade.inside import fast_batches, fast_training
from fairgrade.lesson.data import load_arrays

PROGRAMS: dict[str, Callable[[], Any]] = {}


def program(build: Callable[[], Any]) -> Callable[[], Any]:
    PROGRAMS[build.__name__] = build
    return build


def data(count: int = 800) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(1)
    images = random.random((count, 28, 28, 1), dtype="float32")
    labels = images.reshape(count, -1)[:, :10].argmax(axis=1)
    return images, keras.utils.to_categorical(labels, 10)


def dense(*more: Any, end: str | None = "softmax", **settings: Any) -> Any:
    model = keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Flatten(),
            layers.Dense(16, activation="relu"),
            *more,
            layers.Dense(10, activation=end),
        ]
    )
    settings = {
        "loss": "categorical_crossentropy",
        "optimizer": "adam",
        "metrics": ["accuracy"],
    } | settings
    model.compile(**settings)
    return model


@program
def the_lesson() -> Any:
    digits = load_arrays("mnist.npz")
    images, labels = digits["x_train"][:9_000], digits["y_train"][:9_000]
    images = images.reshape(-1, 28, 28, 1).astype("float32") / 255
    model = dense()
    labels = keras.utils.to_categorical(labels, 10)
    return model, [model.fit(images, labels, shuffle=True)]


@program
def linear_output() -> Any:
    model = dense(end=None)
    return model, [model.fit(*data(), epochs=2, verbose=0)]


@program
def momentum_with_a_schedule() -> Any:
    rate = keras.optimizers.schedules.ExponentialDecay(0.1, 7, 0.9)
    model = dense(optimizer=keras.optimizers.SGD(rate, momentum=0.9, nesterov=True))
    return model, [model.fit(*data(), epochs=3, verbose=0)]


@program
def rmsprop_and_mean_squares() -> Any:
    model = dense(optimizer="rmsprop", loss="mse", metrics=["mae", "accuracy"])
    return model, [model.fit(*data(), epochs=2, batch_size=50, verbose=0)]


@program
def dropout_and_normalisation() -> Any:
    model = dense(layers.BatchNormalization(), layers.Dropout(0.4))
    return model, [model.fit(*data(), epochs=3, verbose=0)]


@program
def validation_split() -> Any:
    model = dense()
    settings = {"validation_split": 0.21, "batch_size": 30}
    return model, [model.fit(*data(), epochs=3, verbose=0, **settings)]


@program
def validation_data_with_early_stopping() -> Any:
    model = dense(layers.Dropout(0.2))
    stop = keras.callbacks.EarlyStopping(patience=1, restore_best_weights=True)
    images, labels = data(900)
    history = model.fit(
        *(images[:700], labels[:700]),
        validation_data=(images[700:], labels[700:]),
        callbacks=[stop, keras.callbacks.ReduceLROnPlateau(patience=1)],
        epochs=12,
        verbose=0,
    )
    return model, [history]


@program
def in_order_with_a_remainder() -> Any:
    model = dense()
    images, labels = data(797)  # 13 batches of 61 and one of 4
    return model, [
        model.fit(images, labels, shuffle=False, batch_size=61, epochs=2, verbose=0)
    ]


@program
def a_prime_number_of_batches() -> Any:
    model = dense()
    return model, [model.fit(*data(796), batch_size=8, epochs=2, verbose=0)]


@program
def fit_again_and_again() -> Any:
    model = dense(layers.Dropout(0.3))
    histories = [model.fit(*data(), epochs=1, verbose=0) for _ in range(3)]
    histories.append(model.fit(*data(500), batch_size=7, epochs=2, verbose=0))
    model.evaluate(*data(100), verbose=0)
    model.compile(loss="mse", optimizer="sgd")
    return model, [*histories, model.fit(*data(), epochs=2, verbose=0)]


@program
def evaluation_after_each_epoch() -> Any:
    model = dense()
    seen: list[float] = []

    class Look(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            assert self.model.optimizer.iterations == 25 * (epoch + 1)
            seen.append(self.model.evaluate(*data(130), verbose=0)[0])
            seen.append(float(self.model.predict(data(70)[0], verbose=0).sum()))

    history = model.fit(*data(), epochs=2, callbacks=[Look()], verbose=0)
    history.history["seen"] = seen
    return model, [history]


@program
def functional_with_two_inputs() -> Any:
    left, right = keras.Input((28, 28, 1)), keras.Input((10,))
    parts = [layers.Dense(8, activation="tanh")(layers.Flatten()(left)), right]
    output = layers.Dense(10, activation="softmax")(layers.Concatenate()(parts))
    model = keras.Model([left, right], output)
    model.compile(loss=keras.losses.CategoricalCrossentropy(), optimizer="adam")
    images, labels = data()
    history = model.fit([images, labels[:, ::-1]], labels, epochs=2, verbose=0)
    return model, [history]


@program
def convolutions_with_penalties() -> Any:
    model = keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(4, 3, activation="relu", kernel_regularizer="l2"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(10),
        ]
    )
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(loss=loss, optimizer="nadam", metrics=["accuracy"])
    return model, [model.fit(*data(), epochs=2, verbose=0)]


@program
def weighted_classes() -> Any:
    model = dense(weighted_metrics=["accuracy"])
    weights = {digit: 1 + digit / 10 for digit in range(10)}
    return model, [model.fit(*data(), class_weight=weights, epochs=2, verbose=0)]


@program
def weighted_samples_of_tensors() -> Any:
    model = dense()
    images, labels = map(tf.constant, data())
    weights = np.linspace(0, 1, 800, dtype="float32")
    return model, [
        model.fit(images, labels, sample_weight=weights, epochs=2, verbose=0)
    ]


@program
def a_shuffled_remainder() -> Any:
    model = dense()
    return model, [model.fit(*data(797), batch_size=30, epochs=3, verbose=0)]


@program
def numbers_of_other_types() -> Any:
    model = dense()
    images, labels = data()
    numbers = [images.astype("float64"), labels.astype("uint8")]
    return model, [model.fit(*numbers, epochs=2, verbose=0)]


@program
def mistakes() -> Any:
    """What students get wrong most: the message has to be the same, too."""
    images, labels = data()
    messages = []
    for fit in (
        lambda: dense().fit(images, labels.argmax(axis=1), verbose=0),
        lambda: dense(end=None, loss="sparse_categorical_crossentropy").fit(
            images, labels, verbose=0
        ),
        lambda: dense().fit(images[:, :14], labels, verbose=0),
        lambda: dense().fit(images, labels[:-1], verbose=0),
        lambda: dense().fit(images, labels, validation_split=1.0, verbose=0),
        lambda: dense().fit(images, labels[:, :5], verbose=0),
        lambda: dense().fit(images, labels, epoch=3, verbose=0),
    ):
        try:
            fit()
        except Exception as err:
            messages.append(f"{type(err).__name__}: {err}")
    model = dense()
    history = model.fit(images, labels, verbose=0)
    history.history["messages"] = messages
    return model, [history]


# From here on something would notice: these must go the ordinary way.


@program
def ordinary_batch_callback() -> Any:
    model = dense()
    batches: list[int] = []

    class Count(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            batches.append(batch)

    history = model.fit(*data(), epochs=2, callbacks=[Count()], verbose=0)
    history.history["batches"] = batches
    return model, [history]


@program
def ordinary_dataset() -> Any:
    model = dense()
    dataset = tf.data.Dataset.from_tensor_slices(data()).shuffle(800, seed=3).batch(32)
    return model, [model.fit(dataset, epochs=2, verbose=0)]


@program
def ordinary_generator() -> Any:
    def batches() -> Iterator[Any]:
        while True:
            yield data(32)

    model = dense()
    return model, [model.fit(batches(), steps_per_epoch=9, epochs=2, verbose=0)]


@program
def ordinary_own_loss() -> Any:
    def loss(truth: Any, answer: Any) -> Any:
        return tf.reduce_mean(tf.square(truth - answer), axis=-1)

    model = dense(loss=loss)
    return model, [model.fit(*data(), epochs=2, verbose=0)]


@program
def ordinary_own_activation() -> Any:
    model = dense(layers.Dense(8, activation=lambda x: x * tf.sigmoid(x)))
    return model, [model.fit(*data(), epochs=2, verbose=0)]


@program
def ordinary_own_step() -> Any:
    class Model(keras.Model):
        def train_step(self, batch: Any) -> Any:
            return super().train_step(batch)

    source = keras.Input((28, 28, 1))
    model = Model(source, layers.Dense(10, "softmax")(layers.Flatten()(source)))
    model.compile(loss="categorical_crossentropy", optimizer="adam")
    return model, [model.fit(*data(), epochs=2, verbose=0)]


@program
def ordinary_eager() -> Any:
    model = dense(run_eagerly=True)
    return model, [model.fit(*data(96), epochs=1, verbose=0)]


@program
def steps_of_their_own() -> Any:
    model = dense(steps_per_execution=5)
    return model, [model.fit(*data(), epochs=2, verbose=0)]


@program
def steps_set_after_compile() -> Any:
    model = dense()
    model.steps_per_execution = 125
    return model, [model.fit(*data(), epochs=2, verbose=0)]


@program
def ordinary_unbuilt() -> Any:
    model = keras.Sequential([layers.Flatten(), layers.Dense(10, "softmax")])
    model.compile(loss="categorical_crossentropy", optimizer="adam")
    return model, [model.fit(*data(), epochs=2, verbose=0)]


def outcome(build: Callable[[], Any]) -> dict[str, Any]:
    """Run one program from the same seed; return all that it left."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(7)
    model, histories = build()
    arrays = [*model.get_weights(), *(v.numpy() for v in model.optimizer.variables)]
    whole = hashlib.sha256(b"".join(array.tobytes() for array in arrays))
    images, labels = data(200)
    inputs = [images, labels][: len(model.inputs)]
    return {
        "weights": whole.hexdigest(),
        "iterations": int(model.optimizer.iterations),
        "histories": [[h.history, h.params, h.epoch] for h in histories],
        "evaluated": [
            model.evaluate(inputs, labels, verbose=0, batch_size=size)
            for size in (None, 50, 32)
        ],
        "predicted": [
            hashlib.sha256(model.predict(inputs, size, verbose=0).tobytes()).hexdigest()
            for size in (None, 50, 32)
        ],
        "steps_per_execution": model.steps_per_execution,
        "compiled with": model._compile_config.config["steps_per_execution"],
    }


def noted(rows: Any, name: str) -> list[int]:
    """A list of how many batches a call takes, added to where a function is made."""
    make, found = getattr(rows, name), []

    def noting(self: Any, *arguments: Any) -> Any:
        found.append(self.steps)
        return make(self, *arguments)

    setattr(rows, name, noting)
    return found


def main() -> None:
    """Run each program plain, then all again with long calls."""
    warnings.filterwarnings("error", "Your input ran out of data")
    # Keras looks for garbage at each program's beginning: only in what programs make.
    gc.freeze()
    gc.disable()
    plain = {name: outcome(build) for name, build in PROGRAMS.items()}
    fast_training.install()
    calls = noted(fast_batches.RowNumbers, "train_function")
    tested = noted(fast_batches.RowsInOrder, "test_function")
    predicted = noted(fast_batches.RowsInOrder, "predict_function")
    for name, build in PROGRAMS.items():
        for steps in (calls, tested, predicted):
            steps.clear()
        fast = outcome(build)
        report = {"program": name, "plain": plain[name], "fast": fast}
        report |= {"calls": calls, "tested": tested, "predicted": predicted}
        with open(sys.argv[1], "a") as file:
            file.write(json.dumps(report, default=float) + "\n")


if __name__ == "__main__":
    main()
