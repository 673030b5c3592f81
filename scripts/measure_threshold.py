"""Measure how accurate right and wrong solutions of dense-network are, by seed.

Run from the course folder: python scripts/measure_threshold.py
`steps_per_execution` only batches the calls into TensorFlow: the weights are the same.
"""

from __future__ import annotations

import sys
from pathlib import Path

import keras
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from fairgrade.lesson.data import load_arrays  # noqa: E402
from grader_tests.dense_network import held_out_accuracy  # noqa: E402
from grader_tests.unseen import given_digits  # noqa: E402

#: name -> (output activation, pixels are multiplied by, epochs, seeds)
CASES = {
    "reference": ("softmax", 1, 10, range(12)),
    "no softmax": (None, 1, 10, range(3)),
    "pixels 0-255": ("softmax", 255, 10, range(3)),
    "1 epoch": ("softmax", 1, 1, range(6)),
    "3 epochs": ("softmax", 1, 3, range(6)),
}


def main() -> None:
    digits = load_arrays("mnist.npz")
    images, labels = digits["x_train"], digits["y_train"]
    test_images, test_labels = given_digits()
    images = images[..., None].astype("float32") / 255
    for name, (activation, scale, epochs, seeds) in CASES.items():
        seen, held = [], []
        for seed in seeds:
            keras.utils.set_random_seed(seed)
            model = keras.Sequential(
                [
                    keras.layers.Input((28, 28, 1)),
                    keras.layers.Flatten(),
                    keras.layers.Dense(16, activation="relu"),
                    keras.layers.Dense(10, activation=activation),
                ]
            )
            model.compile(
                loss="categorical_crossentropy",
                optimizer="adam",
                metrics=["accuracy"],
                steps_per_execution=64,
            )
            one_hot = keras.utils.to_categorical(labels, 10)
            model.fit(images * scale, one_hot, epochs=epochs, verbose=0)
            answers = model.predict(test_images * scale, verbose=0).argmax(axis=1)
            seen.append(float(np.mean(answers == test_labels)))
            held.append(held_out_accuracy(model))
            print(f"{name}, seed {seed}: {seen[-1]:.4f} {held[-1]:.4f}", flush=True)
        print(
            f"{name}: test images {min(seen):.4f}-{max(seen):.4f}, held-out "
            f"{min(held):.4f}-{max(held):.4f}, mean {np.mean(held):.4f}, "
            f"standard deviation {np.std(held, ddof=1):.4f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
