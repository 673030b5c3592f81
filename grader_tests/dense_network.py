"""Hidden checks of `dense-network`.

Layers, parameters and accuracy are measured again on the network itself. How `fit` was
called cannot be: those checks say `trust="reported"`. Nothing here raises, whatever a
name holds.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fairgrade.checks import Grading, Score
from fairgrade.course import load_course
from fairgrade.errors import NotMeasured
from fairgrade.evidence import contradiction, training_findings
from fairgrade.model_described import DescribedNetwork
from fairgrade.networks import (
    Step,
    about_loss,
    compiled,
    image_shape,
    is_network,
    parameters,
    steps,
    training_steps,
    trust,
)
from grader_tests.unseen import (
    IMAGE_SHAPE,
    ROOT,
    fault_in_probabilities,
    held_out_accuracy,
    outputs,
)

ASSIGNMENT = "dense-network"

PARAMETERS = 12_730
EPOCHS = 10
HIDDEN, OUTPUT = Step("Dense", 16, "relu"), Step("Dense", 10, "softmax")
METRICS = frozenset({"accuracy", "categorical_accuracy"})
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
LOGITS = (
    "With from_logits=True the loss works out probabilities, and the network learns, "
    "but its outputs are none. The lesson asks for softmax."
)


def grade_layers(model: Any) -> Score:
    """5 points: order, input shape, hidden neurons, hidden activation, output.

    Each stands by itself: what is right counts, whatever else is wrong.
    """
    grading = Grading()
    found = steps(model)
    text = ", ".join(map(str, found)) or "no layer"
    hidden, output = _hidden_and_output(found)
    told = trust(model)
    grading.check(
        "Layers in order",
        lambda: _sure(
            model, [step.kind for step in found] == ["Flatten", "Dense", "Dense"]
        ),
        points=1,
        expected="Flatten, Dense, Dense",
        found=text,
        hint="Each layer once, in the lesson's order.",
        trust=told,
    )
    shape = image_shape(model)
    grading.check(
        "Shape of one image",
        lambda: _sure(model, bool(found) and shape == IMAGE_SHAPE),
        points=1,
        expected=f"a network for images of {IMAGE_SHAPE}",
        found=f"{text}, for {shape or 'no shape'}",
        hint="The first layer has to know the shape of one prepared image.",
        trust=told,
    )
    grading.check(
        "Neurons of the hidden layer",
        lambda: _sure(model, hidden is not None and hidden.units == HIDDEN.units),
        points=1,
        expected=HIDDEN.units,
        found=hidden.units if hidden else "no hidden layer",
        hint="The first argument of Dense is how many neurons it has.",
        trust=told,
    )
    grading.check(
        "Activation of the hidden layer",
        lambda: _sure(
            model, hidden is not None and hidden.activation == HIDDEN.activation
        ),
        points=1,
        expected=HIDDEN.activation,
        found=hidden.activation if hidden else "no hidden layer",
        hint="Without it, two layers can do no more than one.",
        trust=told,
    )
    with grading.measuring("Output layer", points=1):
        logits = compiled(model).from_logits
        grading.check(
            "Output layer",
            output == OUTPUT or not fault_in_probabilities(outputs(model)),
            points=1,
            expected="ten neurons with softmax",
            found=_output_text(output, logits),
            hint=_about_output(model),
            trust=told,
        )
    return grading.score()


def _sure(model: Any, right: bool) -> bool:
    """`right`, where it can be told: layers that are code may be what was asked for.

    Raises:
        NotMeasured: it is wrong by what is known, and not all is known.
    """
    if not right and isinstance(model, DescribedNetwork):
        raise NotMeasured(f"the network {model.reason}")
    return right


def _hidden_and_output(found: list[Step]) -> tuple[Step | None, Step | None]:
    """The steps that stand for the lesson's two Dense layers, whatever is between.

    Of several hidden ones it is the one most like the lesson's. A single Dense layer is
    the hidden one unless it has the output's neurons or softmax.
    """
    dense = [step for step in found if step.kind == "Dense"]
    last = found[-1] if found else None
    alone = len(dense) == 1 and last in dense
    if alone and last.units != OUTPUT.units and last.activation != OUTPUT.activation:
        return last, None
    inner = dense[:-1] if last in dense else dense
    likeness = [
        (step.units == HIDDEN.units) + (step.activation == HIDDEN.activation)
        for step in inner
    ]
    return inner[likeness.index(max(likeness))] if inner else None, last


def _output_text(output: Step | None, logits: bool) -> str:
    told = ", whose loss takes it from_logits" if logits else ""
    return f"{output}{told}" if output else "no output layer"


def _about_output(model: Any) -> str:
    """What a last layer that is not the lesson's comes to, by what was compiled."""
    found, settings = steps(model), compiled(model)
    if not found or found[-1].units != 10 or found[-1].activation != "linear":
        return "One neuron a digit, and softmax at the end."
    if settings.from_logits:
        return LOGITS
    if settings.loss in ("", "categorical_crossentropy"):
        return NO_SOFTMAX
    return "It has no softmax, so its outputs are no probabilities."


def grade_parameters(model: Any) -> Score:
    """2 points for the number of weights and biases."""
    grading = Grading()
    count = parameters(model)
    grading.check(
        "Number of parameters",
        lambda: _sure(model, count == PARAMETERS),
        points=2,
        expected=f"{PARAMETERS:,}",
        found=f"{count:,}",
        hint="784 numbers into 16 neurons, 16 into 10, and a bias for each neuron.",
        trust=trust(model),
    )
    return grading.score()


def grade_compile(model: Any) -> Score:
    """3 points: loss, optimiser and metric, in any spelling Keras accepts."""
    grading = Grading()
    found = compiled(model)
    grading.check(
        "Loss",
        lambda: _built_in(found.loss, found.loss == "categorical_crossentropy"),
        points=1,
        expected="categorical_crossentropy",
        found=found.loss or "not compiled",
        hint=_sentence(about_loss(found.loss))
        or "Choose the loss for categories that are one-hot.",
    )
    grading.check(
        "Optimizer",
        lambda: _built_in(found.optimizer, found.optimizer == "adam"),
        points=1,
        expected="adam",
        found=found.optimizer or "not compiled",
        hint="The lesson names the optimizer to use.",
    )
    metrics = ", ".join(found.metrics)
    grading.check(
        "Metric",
        lambda: _built_in(metrics, bool(METRICS & set(found.metrics))),
        points=1,
        expected="accuracy",
        found=metrics or "none",
        hint="Ask for the share of right answers in metrics.",
    )
    return grading.score()


def _built_in(names: str, right: bool) -> bool:
    """`right`, unless it is wrong for code of the student's own, which may compute it.

    Raises:
        NotMeasured: for such code.
    """
    if not right and "(own)" in names:
        raise NotMeasured(f"the network is compiled with code of its own: {names}")
    return right


def grade_training(model: Any, fit_settings: Any, history: Any = None) -> Score:
    """3 points: epochs and shuffle as reported, and that the network learnt.

    A report that the optimizer's own count contradicts gets no point for its epochs,
    and a person looks.
    """
    grading = Grading()
    noted = fit_settings if isinstance(fit_settings, dict) else {}
    with grading.measuring("How fit was called", points=2):
        trained = _trained(model)
        doubt = contradiction(model, noted, history)
        epochs, shuffle = noted.get("epochs"), noted.get("shuffle")
        known = trained and not doubt and epochs is not None
        grading.check(
            "Epochs",
            known and epochs == EPOCHS,
            points=1,
            expected=EPOCHS,
            found=epochs if known else _doubtful(model, noted, trained),
            hint="Tell fit how many times to go through the images.",
            trust="reported",
        )
        grading.check(
            "Shuffled images",
            trained and shuffle is True,
            points=1,
            expected=True,
            found=NOT_TRAINED if shuffle is None or not trained else shuffle,
            hint="A fixed order teaches the network the order, too.",
            trust="reported",
        )
        if trained and doubt:
            grading.finding(doubt)
    with grading.measuring("Learnt something", points=1):
        accuracy = held_out_accuracy(model)
        grading.check(
            "Learnt something",
            accuracy is not None and accuracy >= LEARNT_SOMETHING,
            points=1,
            expected=f"better than {LEARNT_SOMETHING:.0%} on digits it has never seen",
            found=_percent(accuracy),
            hint=_why_it_failed(model, accuracy),
        )
    return grading.score()


def _trained(model: Any) -> bool:
    """Whether it learnt, by its optimizer's count or by what it can do.

    To compile again after training sets the count back to 0.
    """
    return training_steps(model) > 0 or (
        (held_out_accuracy(model) or 0) >= LEARNT_SOMETHING
    )


def _doubtful(model: Any, noted: dict[str, Any], trained: bool) -> str:
    if not trained or noted.get("epochs") is None:
        return NOT_TRAINED
    steps_counted = f"{training_steps(model):,} steps counted by the optimizer"
    return f"{noted.get('epochs')} epochs reported, but {steps_counted}"


def grade_saved(model: Any, reloaded: Any) -> Score:
    """2 points for a trained network that comes back from its file the same.

    The trained network under a second name is no file. A `reloaded` that is compiled
    cannot come from the lesson's cell, and a person looks.
    """
    grading = Grading()
    with grading.measuring("Saved network", points=2):
        trained = _trained(model)
        itself = model is reloaded
        same = (
            trained
            and not itself
            and steps(model) == steps(reloaded)
            and _same_weights(model, reloaded)
        )
        if same:
            found = "the same"
        elif trained and itself:
            found = "the trained network itself: nothing was read from a file"
        else:
            found = "another network, or none that was trained"
        grading.check(
            "Saved network",
            same,
            points=2,
            expected="the trained network, read back from my_model.h5",
            found=found,
            hint="Save after training, and read the same file again.",
        )
        counted = training_steps(reloaded)
        if same and counted and counted == training_steps(model):
            grading.finding(
                "The reloaded network is compiled and counts as many training steps as "
                "the trained one; the lesson's cell reads it back without. It may be "
                "the trained network itself, under a second name."
            )
    return grading.score()


def grade_accuracy(model: Any, history: Any = None) -> Score:
    """5 points on held-out digits: 2 at 90 %, 3 more at the threshold of course.yml.

    Weights that their own training does not explain are a finding for a person.
    """
    grading = Grading()
    with grading.measuring("Accuracy on digits it has never seen", points=5):
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
    if accuracy is None:
        return "The network is not complete, so it cannot be tried."
    if (about := _about_output(model)) == NO_SOFTMAX:
        return about
    if (held_out_accuracy(model, scale=255) or 0) > accuracy:
        return (
            "It does better on pixels from 0 to 255. Was it trained on unscaled ones?"
        )
    if training_steps(model) == 0:
        return "It was not trained: fit did not run."
    return "Train on all images, for all epochs of the lesson."
