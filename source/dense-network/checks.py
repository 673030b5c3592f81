"""Visible checks of `dense-network`: each stops with expected, found and a hint."""

from __future__ import annotations

import inspect
from typing import Any

from fairgrade.checks import expect
from fairgrade.networks import compiled, image_shape, steps, training_steps

IMAGE_SHAPE = (28, 28, 1)
NO_SOFTMAX = (
    "without softmax the outputs are no probabilities: under this loss such a "
    "network stays near 10 %, as good as guessing"
)


def flatten(model: Any) -> None:
    """Stop unless the network starts with Flatten, for one image's shape."""
    found = steps(model)
    expect(
        [step.kind for step in found] == ["Flatten"],
        "The network does not start with one Flatten layer.",
        "Flatten, and nothing else so far",
        ", ".join(map(str, found)) or "no layer",
        "run the cell with Sequential() again, then yours, once",
    )
    expect(
        image_shape(model) == IMAGE_SHAPE,
        "Flatten does not know the shape of one image.",
        IMAGE_SHAPE,
        image_shape(model) or "no shape",
        "the name for it was set where the data was prepared",
    )
    print("Flatten turns each image into a row of 784 numbers.")


def hidden_layer(model: Any) -> None:
    """Stop unless Flatten is followed by the hidden layer."""
    found = steps(model)
    expect(
        [step.kind for step in found] == ["Flatten", "Dense"],
        "There should be two layers now.",
        "Flatten, Dense",
        ", ".join(map(str, found)) or "no layer",
        "run the notebook again from Sequential(); each add() runs once",
    )
    expect(
        found[1].units == 16,
        "The hidden layer has another number of neurons.",
        16,
        found[1].units,
        "it is the first argument of Dense",
    )
    expect(
        found[1].activation == "relu",
        "The hidden layer has another activation.",
        "relu",
        found[1].activation,
        "name the one that turns negative numbers into 0",
    )
    print("The hidden layer is in place: 16 neurons with relu.")


def output_layer(model: Any) -> None:
    """Stop unless the network ends in ten probabilities."""
    found = steps(model)
    last = found[-1] if found else None
    expect(
        len(found) == 3 and last is not None and last.units == 10,
        "The network should end in ten neurons.",
        "Flatten, Dense(16), Dense(10)",
        ", ".join(map(str, found)) or "no layer",
        "one neuron for each digit; run again from Sequential()",
    )
    expect(
        last.activation == "softmax",
        "The output layer does not give probabilities.",
        "softmax",
        last.activation,
        NO_SOFTMAX,
    )
    print("The network ends in ten probabilities.")


def compile_arguments(model: Any) -> None:
    """Stop unless loss, optimiser and metric fit ten one-hot classes."""
    found = compiled(model)
    expect(
        found.loss == "categorical_crossentropy",
        "This loss does not fit one-hot labels of ten classes.",
        "categorical crossentropy",
        found.loss or "none",
        "the labels are categories, each written as ten numbers",
    )
    expect(
        found.optimizer == "adam",
        "Another optimizer than this lesson's is set.",
        "adam",
        found.optimizer or "none",
        "give its name as a string",
    )
    expect(
        bool({"accuracy", "categorical_accuracy"} & set(found.metrics)),
        "The share of right answers is not measured.",
        "accuracy among the metrics",
        ", ".join(found.metrics) or "no metric",
        "metrics takes a list of names",
    )
    print("Compiled: the network is ready to learn.")


def watch_fit(model: Any) -> dict[str, Any]:
    """Note how `fit` will be called, for the checks on training.

    Returns:
        A dict that `fit` fills: epochs, shuffle, samples, calls.
    """
    noted: dict[str, Any] = {"calls": 0}
    fit, signature = model.fit, inspect.signature(type(model).fit)

    def watched(*args: Any, **kwargs: Any) -> Any:
        call = signature.bind(model, *args, **kwargs)
        call.apply_defaults()
        images = call.arguments.get("x")
        result = fit(*args, **kwargs)
        noted.update(
            calls=noted["calls"] + 1,
            epochs=call.arguments["epochs"],
            shuffle=bool(call.arguments["shuffle"]),
            samples=len(images) if hasattr(images, "__len__") else None,
        )
        return result

    model.fit = watched
    return noted


def training(model: Any, fit_settings: dict[str, Any], epochs: int) -> None:
    """Stop unless the network was trained on all images, shuffled, for all epochs."""
    expect(
        training_steps(model) > 0,
        "The network has not been trained.",
        "fit has run",
        "0 batches learnt from",
        "call fit on the training images and labels",
    )
    expect(
        fit_settings.get("epochs") == epochs,
        "fit ran for another number of epochs.",
        epochs,
        fit_settings.get("epochs"),
        "hand on the name epochs",
    )
    expect(
        fit_settings.get("shuffle") is True,
        "The images were not shuffled.",
        True,
        fit_settings.get("shuffle"),
        "a fixed order teaches the order, too",
    )
    print(f"Trained for {epochs} epochs.")


def saved(model: Any, reloaded: Any) -> None:
    """Stop unless the reloaded network is the one that was saved."""
    expect(
        training_steps(model) > 0,
        "The network was saved before it was trained.",
        "a trained network",
        "0 batches learnt from",
        "finish step 6, then save",
    )
    expect(
        steps(model) == steps(reloaded),
        "The reloaded network has other layers.",
        ", ".join(map(str, steps(model))),
        ", ".join(map(str, steps(reloaded))) or "no layer",
        "save and reload the same file",
    )
    print("Saved, and read back: the same network.")
