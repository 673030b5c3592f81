"""Hidden checks of `dense-network`.

Layers, parameters and accuracy are measured again on the network itself. How `fit` was
called cannot be: those checks say `trust="reported"`. Nothing here raises, whatever a
name holds.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fairgrade.course.course import load_course
from fairgrade.errors import NotMeasured
from fairgrade.judge.evidence import contradiction, training_findings
from fairgrade.lesson.checks import Grading, Score
from fairgrade.lesson.networks import (
    is_network,
    parameters,
    steps,
    training_steps,
)
from grader_tests.dense_answers import grade_answers, grade_test_accuracy
from grader_tests.dense_layers import (
    LOGITS,
    NO_SOFTMAX,
    PARAMETERS,
    about_output,
    grade_compile,
    grade_layers,
    grade_parameters,
)
from grader_tests.unseen import (
    ROOT,
    held_out_accuracy,
)

__all__ = [
    "LOGITS",
    "NO_SOFTMAX",
    "PARAMETERS",
    "accuracy_threshold",
    "grade_accuracy",
    "grade_answers",
    "grade_compile",
    "grade_layers",
    "grade_parameters",
    "grade_saved",
    "grade_test_accuracy",
    "grade_training",
    "held_out_accuracy",
]

ASSIGNMENT = "dense-network"

EPOCHS = 10
#: Far more than guessing (0.1); the least a network has that learnt anything.
LEARNT_SOMETHING = 0.5
#: About what one epoch reaches; docs/threshold.md has the spread.
HALF_WAY = 0.90
#: More than the lesson's network can average over its first epoch (0.86 to 0.89).
FIRST_EPOCH = 0.93

NOT_TRAINED = "fit did not run to its end"


def grade_training(model: Any, fit_settings: Any, history: Any = None) -> Score:
    """3 points: epochs and shuffle as reported, and that the network learnt.

    A report that the optimizer's own count contradicts gets no point for its epochs,
    and a person looks.
    """
    grading = Grading()
    noted = fit_settings if isinstance(fit_settings, dict) else {}
    with grading.measuring("How fit was called", points=2):
        trained = _trained(model)
        epochs = _epochs(noted, history)
        told = (
            noted if epochs == noted.get("epochs") else {**noted, "epochs_run": epochs}
        )
        doubt = contradiction(model, told, history)
        known = trained and not doubt and epochs is not None
        if trained and doubt:
            grading.finding(doubt)
        again = trained and training_steps(model) == 0
        grading.check(
            "Epochs",
            lambda: (
                _seen(noted, trained, epochs)
                and (known or _counted(again))
                and epochs == EPOCHS
            ),
            points=1,
            expected=EPOCHS,
            found=epochs if known else _doubtful(model, epochs, trained),
            hint="Tell fit how many times to go through the images.",
            trust="reported",
        )
        shuffle = noted.get("shuffle")
        grading.check(
            "Shuffled images",
            lambda: _seen(noted, trained, shuffle) and trained and shuffle is True,
            points=1,
            expected=True,
            found=NOT_TRAINED if shuffle is None or not trained else shuffle,
            hint="A fixed order teaches the network the order, too.",
            trust="reported",
        )
    with grading.measuring("Learnt something", points=1):
        accuracy = held_out_accuracy(model)
        grading.check(
            "Learnt something",
            accuracy is not None and accuracy >= LEARNT_SOMETHING,
            points=1,
            expected=f"better than {LEARNT_SOMETHING:.0%} on digits it has never seen",
            found=_percent(accuracy),
            hint=lambda: _why_it_failed(model, accuracy),
        )
    return grading.score()


def _trained(model: Any) -> bool:
    """Whether it learnt, by its optimizer's count or by what it can do.

    To compile again after training sets the count back to 0.
    """
    return training_steps(model) > 0 or (
        (held_out_accuracy(model) or 0) >= LEARNT_SOMETHING
    )


def _epochs(noted: dict[str, Any], history: Any) -> Any:
    """How many epochs the network was trained for, in one call of `fit` or several."""
    if noted.get("calls", 1) == 0:  # of another network, as `fit` records itself
        params = getattr(history, "params", None)
        return params.get("epochs") if isinstance(params, dict) else None
    asked, in_all = noted.get("epochs"), noted.get("epochs_in_all")
    return in_all if asked != EPOCHS and type(in_all) is int and in_all else asked


def _seen(noted: dict[str, Any], trained: bool, value: Any) -> bool:
    """True, unless the network learnt without a call of `fit` that was noted.

    Raises:
        NotMeasured: that is so, and nothing else tells the value.
    """
    if trained and value is None and noted.get("begun") == 0:
        raise NotMeasured("the network was trained, but not by the fit that is watched")
    return True


def _counted(again: bool) -> bool:
    """False, unless there is no count to hold a report against.

    Raises:
        NotMeasured: the network has learnt, and was compiled again.
    """
    if again:
        raise NotMeasured(
            "the network has learnt, but its optimizer counted no training steps: "
            "to compile again sets the count back to 0"
        )
    return False


def _doubtful(model: Any, epochs: Any, trained: bool) -> str:
    if not trained or epochs is None:
        return NOT_TRAINED
    steps_counted = f"{training_steps(model):,} steps counted by the optimizer"
    return f"{epochs} epochs reported, but {steps_counted}"


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
                hint=lambda: _why_it_failed(model, accuracy),
                accuracy=accuracy,
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
    return load_course(ROOT).assignment(ASSIGNMENT).thresholds["accuracy"]


def _same_weights(model: Any, other: Any) -> bool:
    if not (is_network(model) and is_network(other)):
        return False
    ours, theirs = model.get_weights(), other.get_weights()
    return (
        bool(ours)
        and len(ours) == len(theirs)
        and all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))
    )


def _percent(accuracy: float | None) -> str:
    return "no answer to an image" if accuracy is None else f"{accuracy:.1%}"


def _why_it_failed(model: Any, accuracy: float | None) -> str:
    """The likeliest mistake behind a low accuracy, by what the network does."""
    if accuracy is None:
        return "The network is not complete, so it cannot be tried."
    if (about := about_output(model)) == NO_SOFTMAX:
        return about
    if (held_out_accuracy(model, scale=255) or 0) > accuracy:
        return (
            "It does better on pixels from 0 to 255. Was it trained on unscaled ones?"
        )
    if training_steps(model) == 0:
        return "It was not trained: fit did not run."
    return "Train on all images, for all epochs of the lesson."
