"""What training leaves behind, compared with the weights: findings, never points.

Weights can be brought along as text and only be called trained. Then the optimizer has
counted no steps, or fewer than its history speaks of, or the history does not lead to
where the weights are. Each may have an honest reason, so a person looks. All but the
accuracy is the notebook's own claim: who forges everything to fit is not found here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fairgrade.lesson.histories import accuracies, steps_an_epoch
from fairgrade.lesson.networks import training_steps

#: What weights may be better than the last epoch, whose accuracy is its average.
_MARGIN = 0.10
#: Fewer steps than these do not take a network far from chance.
_FEW_STEPS = 100


def training_findings(
    model: Any,
    history: Any,
    accuracy: float | None,
    *,
    learnt: float,
    first_epoch_most: float = 1.0,
) -> list[str]:
    """What does not fit together, in a sentence each.

    Args:
        model: the network handed over.
        history: what `fit` returned, or anything else.
        accuracy: measured on data that the notebook never had, 0 to 1.
        learnt: the accuracy from which there is something to explain.
        first_epoch_most: more than this no such network has in its first epoch.
    """
    if accuracy is None or accuracy < learnt:
        return []
    steps = training_steps(model)
    right = f"The network tells {accuracy:.1%} of the held-out data right"
    if steps < _FEW_STEPS:
        return [f"{right}, and its optimizer counted {steps} training steps."]
    curve = accuracies(history)
    found = list(_step_findings(history, len(curve), steps)) if curve else []
    if curve and accuracy - curve[-1] > _MARGIN:
        found.append(f"{right}, and its training ended at {curve[-1]:.1%}.")
    # Steps beyond the history's say that there was training before it.
    each = steps_an_epoch(getattr(history, "params", None)) or steps
    begun = bool(curve) and steps <= each * len(curve)
    if begun and curve[0] > first_epoch_most:
        found.append(
            f"Its first epoch has an accuracy of {curve[0]:.1%}; a network like this "
            f"that starts from nothing stays below {first_epoch_most:.0%}."
        )
    return found


def contradiction(model: Any, noted: Mapping[str, Any], history: Any = None) -> str:
    """How a report of training differs from the optimizer's count; "" if it does not.

    Lenient: an epoch is one step unless the report itself says how many it had.

    Args:
        noted: what a notebook noted of its call of `fit`: epochs, and as far as it is
            known how many of them ran, their steps, samples and batch_size.
        history: what `fit` returned, or anything else.
    """
    reports = [_epochs_and_steps(noted)]
    params, ran = getattr(history, "params", None), getattr(history, "epoch", None)
    if isinstance(params, Mapping) and isinstance(ran, list):
        reports.append(_epochs_and_steps({**params, "epochs": len(ran)}))
    epochs, each = max(reports, key=lambda report: report[0] * report[1])
    counted = training_steps(model)
    if counted >= epochs * each:
        return ""
    return _too_few(epochs, each, counted)


def _epochs_and_steps(noted: Mapping[str, Any]) -> tuple[int, int]:
    """Epochs that ran, and the least steps that each must have had."""
    asked, ran = noted.get("epochs"), noted.get("epochs_run")
    epochs = ran if type(ran) is int and ran > 0 else asked
    return epochs if type(epochs) is int else 0, steps_an_epoch(noted) or 1


def _step_findings(history: Any, epochs: int, steps: int) -> Iterator[str]:
    each = steps_an_epoch(getattr(history, "params", None))
    if each and steps < each * epochs:
        yield _too_few(epochs, each, steps)


def _too_few(epochs: int, each: int, counted: int) -> str:
    return (
        f"Its history is of {epochs} epochs with {each:,} steps each, and its "
        f"optimizer counted {counted:,} steps in all."
    )
