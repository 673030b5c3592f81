"""Hidden checks of `dense-network`.

Layers, parameters and accuracy are measured again on the network itself. How `fit` was
called cannot be: those checks say `trust="reported"`. Nothing here raises, whatever a
name holds.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from fairgrade.checks import Grading, Score
from fairgrade.course import load_course
from fairgrade.data import held_out
from fairgrade.evidence import training_findings
from fairgrade.networks import (
    Step,
    about_loss,
    answers,
    compiled,
    image_shape,
    is_network,
    parameters,
    steps,
    training_steps,
)

ROOT = Path(__file__).resolve().parents[1]
ASSIGNMENT = "dense-network"

IMAGE_SHAPE = (28, 28, 1)
PARAMETERS = 12_730
EPOCHS = 10
HIDDEN, OUTPUT = Step("Dense", 16, "relu"), Step("Dense", 10, "softmax")
#: Far more than guessing (0.1); the least a network has that learnt anything.
LEARNT_SOMETHING = 0.5
#: About what one epoch reaches; docs/threshold.md has the spread.
HALF_WAY = 0.90
#: More than the lesson's network can average over its first epoch (0.86 to 0.89).
FIRST_EPOCH = 0.93

NOT_TRAINED = "fit did not run to its end"
NO_SOFTMAX = (
    "The last layer has no softmax. This loss needs probabilities; without them the "
    "network hardly learns and stays near 10 %."
)


def grade_layers(model: Any) -> Score:
    """5 points: order, input shape, hidden neurons, hidden activation, output."""
    grading = Grading()
    found = steps(model)
    text = ", ".join(map(str, found)) or "no layer"
    in_order = [step.kind for step in found] == ["Flatten", "Dense", "Dense"]
    hidden = found[1] if len(found) > 1 and found[1].kind == "Dense" else None
    grading.check(
        "Layers in order",
        in_order,
        points=1,
        expected="Flatten, Dense, Dense",
        found=text,
        hint="Each layer once, in the lesson's order.",
    )
    shape = image_shape(model)
    grading.check(
        "Shape of one image",
        bool(found) and found[0].kind == "Flatten" and shape == IMAGE_SHAPE,
        points=1,
        expected=f"Flatten first, for images of {IMAGE_SHAPE}",
        found=f"{text}, for {shape or 'no shape'}",
        hint="The first layer has to know the shape of one prepared image.",
    )
    grading.check(
        "Neurons of the hidden layer",
        hidden is not None and hidden.units == HIDDEN.units,
        points=1,
        expected=HIDDEN.units,
        found=hidden.units if hidden else "no hidden layer",
        hint="The first argument of Dense is how many neurons it has.",
    )
    grading.check(
        "Activation of the hidden layer",
        in_order and hidden.activation == HIDDEN.activation,
        points=1,
        expected=HIDDEN.activation,
        found=hidden.activation if hidden else "no hidden layer",
        hint="Without it, two layers can do no more than one.",
    )
    linear = bool(found) and found[-1].units == 10 and found[-1].activation == "linear"
    grading.check(
        "Output layer",
        in_order and _gives_probabilities(model),
        points=1,
        expected="ten neurons with softmax",
        found=str(found[-1]) if found else "no layer",
        hint=NO_SOFTMAX if linear else "One neuron a digit, and softmax at the end.",
    )
    return grading.score()


def grade_parameters(model: Any) -> Score:
    """2 points for the number of weights and biases."""
    grading = Grading()
    count = parameters(model)
    grading.check(
        "Number of parameters",
        count == PARAMETERS,
        points=2,
        expected=f"{PARAMETERS:,}",
        found=f"{count:,}",
        hint="784 numbers into 16 neurons, 16 into 10, and a bias for each neuron.",
    )
    return grading.score()


def grade_compile(model: Any) -> Score:
    """3 points: loss, optimiser and metric, in any spelling Keras accepts."""
    grading = Grading()
    found = compiled(model)
    grading.check(
        "Loss",
        found.loss == "categorical_crossentropy",
        points=1,
        expected="categorical_crossentropy",
        found=found.loss or "not compiled",
        hint=_sentence(about_loss(found.loss))
        or "Choose the loss for categories that are one-hot.",
    )
    grading.check(
        "Optimizer",
        found.optimizer == "adam",
        points=1,
        expected="adam",
        found=found.optimizer or "not compiled",
        hint="The lesson names the optimizer to use.",
    )
    grading.check(
        "Metric",
        bool({"accuracy", "categorical_accuracy"} & set(found.metrics)),
        points=1,
        expected="accuracy",
        found=", ".join(found.metrics) or "none",
        hint="Ask for the share of right answers in metrics.",
    )
    return grading.score()


def grade_training(model: Any, fit_settings: Any) -> Score:
    """3 points: epochs and shuffle as reported, and that the network learnt."""
    grading = Grading()
    noted = fit_settings if isinstance(fit_settings, dict) else {}
    trained = training_steps(model) > 0
    grading.check(
        "Epochs",
        trained and noted.get("epochs") == EPOCHS,
        points=1,
        expected=EPOCHS,
        found=noted.get("epochs", NOT_TRAINED),
        hint="Tell fit how many times to go through the images.",
        trust="reported",
    )
    grading.check(
        "Shuffled images",
        trained and noted.get("shuffle") is True,
        points=1,
        expected=True,
        found=noted.get("shuffle", NOT_TRAINED),
        hint="A fixed order teaches the network the order, too.",
        trust="reported",
    )
    accuracy = held_out_accuracy(model)
    grading.check(
        "Learnt something",
        trained and accuracy is not None and accuracy >= LEARNT_SOMETHING,
        points=1,
        expected=f"better than {LEARNT_SOMETHING:.0%} on digits it has never seen",
        found=_percent(accuracy),
        hint=_why_it_failed(model, accuracy),
    )
    return grading.score()


def grade_saved(model: Any, reloaded: Any) -> Score:
    """2 points for a trained network that comes back from its file the same."""
    grading = Grading()
    same = (
        training_steps(model) > 0
        and steps(model) == steps(reloaded)
        and _same_weights(model, reloaded)
    )
    grading.check(
        "Saved network",
        same,
        points=2,
        expected="the trained network, read back from my_model.h5",
        found="the same" if same else "another network, or none that was trained",
        hint="Save after training, and read the same file again.",
    )
    return grading.score()


def grade_accuracy(model: Any, history: Any = None) -> Score:
    """5 points on held-out digits: 2 at 90 %, 3 more at the threshold of course.yml.

    Weights that their own training does not explain are a finding for a person.
    """
    grading = Grading()
    accuracy = held_out_accuracy(model)
    for name, wanted, points in (
        ("Accuracy, half way", HALF_WAY, 2),
        ("Accuracy on digits it has never seen", accuracy_threshold(), 3),
    ):
        grading.check(
            name,
            accuracy is not None and accuracy >= wanted,
            points=points,
            expected=f"{wanted:.0%} or more",
            found=_percent(accuracy),
            hint=_why_it_failed(model, accuracy),
        )
    first_epoch = FIRST_EPOCH if parameters(model) == PARAMETERS else 1.0
    for finding in training_findings(
        model,
        history,
        accuracy,
        learnt=LEARNT_SOMETHING,
        first_epoch_most=first_epoch,
    ):
        grading.finding(finding)
    return grading.score()


def accuracy_threshold() -> float:
    """The accuracy that full points need, 0 to 1, from course.yml."""
    return load_course(ROOT).assignment(ASSIGNMENT).thresholds["test_accuracy"]


def held_out_accuracy(model: Any, scale: float = 1.0) -> float | None:
    """The share of held-out digits told right, or None if the network cannot tell.

    Args:
        scale: what the pixels, 0 to 1, are multiplied by first.
    """
    found = _predict(model, scale)
    if found is None or found.shape != (len(_digits()[1]), 10):
        return None
    return float(np.mean(found.argmax(axis=1) == _digits()[1]))


@lru_cache(maxsize=1)
def _digits() -> tuple[np.ndarray, np.ndarray]:
    """5,000 images (n, 28, 28, 1) from 0 to 1 and their labels, kept from notebooks."""
    data = load_course(ROOT).data["mnist"]
    arrays = held_out(ROOT / data.file, data.hold_out)
    images = arrays["x_test"].reshape((-1, *IMAGE_SHAPE)).astype("float32") / 255
    return images, arrays["y_test"]


def _predict(model: Any, scale: float = 1.0) -> np.ndarray | None:
    found = answers(model, _digits()[0] * np.float32(scale))
    return found if found is not None and np.isfinite(found).all() else None


def _gives_probabilities(model: Any) -> bool:
    found = _predict(model)
    return (
        found is not None
        and found.shape[1:] == (10,)
        and bool((found >= 0).all())
        and np.allclose(found.sum(axis=1), 1, atol=1e-3)
    )


def _same_weights(model: Any, other: Any) -> bool:
    if not (is_network(model) and is_network(other)):
        return False
    ours, theirs = model.get_weights(), other.get_weights()
    return (
        bool(ours)
        and len(ours) == len(theirs)
        and all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _percent(accuracy: float | None) -> str:
    return "no answer to an image" if accuracy is None else f"{accuracy:.1%}"


def _why_it_failed(model: Any, accuracy: float | None) -> str:
    """The likeliest mistake behind a low accuracy, by what the network does."""
    found, settings = steps(model), compiled(model)
    if accuracy is None:
        return "The network is not complete, so it cannot be tried."
    if found[-1].activation == "linear" and not settings.from_logits:
        return NO_SOFTMAX
    if (held_out_accuracy(model, scale=255) or 0) > accuracy:
        return (
            "It does better on pixels from 0 to 255. Was it trained on unscaled ones?"
        )
    if training_steps(model) == 0:
        return "It was not trained: fit did not run."
    return "Train on all images, for all epochs of the lesson."
