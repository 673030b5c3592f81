"""Visible checks of `improving-your-network`."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np

from fairgrade.lesson import cells
from fairgrade.lesson.checks import expect
from fairgrade.lesson.histories import accuracies, is_difference
from fairgrade.lesson.networks import answers, image_shape, not_gradable, steps
from fairgrade.lesson.terms import call_samples

#: Weights and biases of the first network, 784 -> 16 -> 10.
FIRST_PARAMETERS = 12_730
LEAST_EPOCHS = 10

cells.watch()  # so that a check can tell which cell above it has stopped
call_samples("image", "images", "rows, columns, ...")


def bigger(model: Any) -> None:
    """Stop unless the network is larger than the first and ends in ten shares of 1.

    Raises:
        CheckFailed: expected, found and a hint.
    """
    import keras  # the notebook has imported it; here it costs nothing

    expect(
        isinstance(model, keras.Model),
        "better_model is not a network.",
        "a keras.Sequential",
        type(model).__name__,
        "give the list of layers to keras.Sequential",
    )
    reason = not_gradable(model)
    if reason:  # it stops nothing
        print(f"{reason} That cannot be measured: a person will mark it.")
    shape = image_shape(model)
    if reason and shape is None:  # a class of one's own, which knows no shapes
        return
    expect(
        shape == (28, 28, 1),
        "better_model does not take these images.",
        (28, 28, 1),
        shape or "no input shape",
        "keep keras.Input(shape=input_shape) as the first line",
    )
    expect(
        model.count_params() > FIRST_PARAMETERS,
        "better_model is not larger than the first network.",
        f"more than {FIRST_PARAMETERS:,} parameters",
        f"{model.count_params():,}",
        "more neurons in the hidden layer, or one more hidden layer",
    )
    expect(
        model.output_shape == (None, 10),
        "better_model has another number of outputs.",
        "10, one for each digit",
        model.output_shape[1:],
        "the last layer has one neuron for each digit",
    )
    last = steps(model)[-1]
    expect(
        last.activation == "softmax" or _gives_shares(model),
        "better_model does not end in probabilities.",
        "softmax",
        last.activation or last.kind,
        "name the activation that turns scores into shares of 1",
    )
    print(f"It is larger: {model.count_params():,} parameters.")


def _gives_shares(model: Any) -> bool:
    """Whether outputs for some images are 0 or more, with the sum 1."""
    found = answers(model, np.random.default_rng(0).random((16, 28, 28, 1), "float32"))
    if found is None or not (found >= 0).all():
        return False
    return bool((abs(found.astype("float64").sum(axis=1) - 1) < 0.01).all())


def validated(history: Any) -> None:
    """Stop unless `history` has both accuracies of enough epochs.

    Raises:
        CheckFailed: expected, found and a hint.
    """
    epochs = len(accuracies(history))
    expect(
        epochs >= LEAST_EPOCHS,
        "better_history is too short.",
        f"{LEAST_EPOCHS} epochs or more",
        f"{epochs} epochs",
        "over-fitting shows only after several epochs",
    )
    expect(
        len(accuracies(history, "val_")) == epochs,
        "better_history has no validation accuracy.",
        "one for every epoch",
        ", ".join(sorted(history.history)),
        "give fit a share of the images to hold back",
    )
    print(f"Trained for {epochs} epochs, each one validated.")


def gap(value: Any, history: Any) -> None:
    """Stop unless `value` is last training less last validation accuracy.

    Raises:
        CheckFailed: expected, found and a hint.
    """
    expect(
        isinstance(value, Real) and not isinstance(value, bool),
        "gap is not a number.",
        "a float",
        type(value).__name__,
        "subtract one last accuracy from the other",
    )
    training, validation = accuracies(history), accuracies(history, "val_")
    expect(
        bool(training and validation),
        "better_history lacks an accuracy to take it from.",
        "a training and a validation accuracy",
        ", ".join(sorted(getattr(history, "history", {}))) or "no history",
        "finish step 3 first",
    )
    expect(
        is_difference(float(value), training[-1], validation[-1]),
        "gap is another number.",
        "training accuracy minus validation accuracy, last epoch",
        f"{value:.4f}",
        "an accuracy is a share from 0 to 1, and no percentage"
        if is_difference(float(value) / 100, training[-1], validation[-1])
        else "take both accuracies from the end of their lists, in that order",
    )
    print(f"The gap is right: {value:.3f}.")
