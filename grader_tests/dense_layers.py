"""Hidden checks of `dense-network`: its layers, and what it was compiled with.

Each check stands by itself: what is right counts, whatever else is wrong.
"""

from __future__ import annotations

from typing import Any

from fairgrade.errors import NotMeasured
from fairgrade.lesson.checks import Grading, Score
from fairgrade.lesson.networks import (
    Step,
    about_loss,
    between_layers,
    compiled,
    image_shape,
    parameters,
    steps,
    trust,
)
from grader_tests.unseen import IMAGE_SHAPE, fault_in_probabilities, outputs, sure

PARAMETERS = 12_730
HIDDEN, OUTPUT = Step("Dense", 16, "relu"), Step("Dense", 10, "softmax")
METRICS = frozenset({"accuracy", "categorical_accuracy"})

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
        lambda: sure(
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
        lambda: sure(model, bool(found) and shape == IMAGE_SHAPE),
        points=1,
        expected=f"a network for images of {IMAGE_SHAPE}",
        found=f"{text}, for {shape or 'no shape'}",
        answer="flatten",
        hint="The first layer has to know the shape of one prepared image.",
        trust=told,
    )
    grading.check(
        "Neurons of the hidden layer",
        lambda: sure(model, hidden is not None and hidden.units == HIDDEN.units),
        points=1,
        expected=HIDDEN.units,
        found=hidden.units if hidden else "no hidden layer",
        answer="hidden-layer",
        hint="The first argument of Dense is how many neurons it has.",
        trust=told,
    )
    grading.check(
        "Activation of the hidden layer",
        lambda: _sure_activation(
            model, hidden, hidden is not None and hidden.activation == HIDDEN.activation
        ),
        points=1,
        expected=HIDDEN.activation,
        found=hidden.activation if hidden else "no hidden layer",
        answer="hidden-layer",
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
            answer="output-layer",
            hint=about_output(model),
            trust=told,
        )
    return grading.score()


def _sure_activation(model: Any, hidden: Step | None, right: bool) -> bool:
    """`right`, unless code of one's own or an operation may be the activation.

    Raises:
        NotMeasured: as `sure`, and where `Maximum` or the like comes between layers.
    """
    if hidden and not right:
        if "(own)" in str(hidden.activation):
            raise NotMeasured(
                f"the hidden layer has {hidden.activation}, and its code did not cross"
            )
        if hidden.activation == "linear" and (between := between_layers(model)):
            raise NotMeasured(
                f"the network computes {', '.join(between)} between its layers"
            )
    return sure(model, right)


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


def about_output(model: Any) -> str:
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
        lambda: sure(model, count == PARAMETERS),
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
        answer="compile",
        hint=_sentence(about_loss(found.loss))
        or "Choose the loss for categories that are one-hot.",
    )
    grading.check(
        "Optimizer",
        lambda: _built_in(found.optimizer, found.optimizer == "adam"),
        points=1,
        expected="adam",
        found=found.optimizer or "not compiled",
        answer="compile",
        hint="The lesson names the optimizer to use.",
    )
    metrics = ", ".join(found.metrics)
    grading.check(
        "Metric",
        lambda: _built_in(metrics, bool(METRICS & set(found.metrics))),
        points=1,
        expected="accuracy",
        found=metrics or "none",
        answer="compile",
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


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""
