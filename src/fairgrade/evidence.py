"""What training leaves behind, compared with the weights: findings, never points.

Weights can be brought along as text and only be called trained. Then the optimizer has
counted no steps, or fewer than its history speaks of, or the history does not lead to
where the weights are. Each may have an honest reason, so a person looks. All but the
accuracy is the notebook's own claim: who forges everything to fit is not found here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from fairgrade.networks import training_steps

#: What weights may be better than the last epoch, whose accuracy is its average.
_MARGIN = 0.10
#: Fewer steps than these do not take a network far from chance.
_FEW_STEPS = 100
_NAMES = ("accuracy", "acc", "categorical_accuracy", "sparse_categorical_accuracy")


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
    curve = _curve(history)
    found = list(_step_findings(history, len(curve), steps)) if curve else []
    if curve and accuracy - curve[-1] > _MARGIN:
        found.append(f"{right}, and its training ended at {curve[-1]:.1%}.")
    # Steps beyond the history's say that there was training before it.
    begun = bool(curve) and steps <= (_steps_an_epoch(history) or steps) * len(curve)
    if begun and curve[0] > first_epoch_most:
        found.append(
            f"Its first epoch has an accuracy of {curve[0]:.1%}; a network like this "
            f"that starts from nothing stays below {first_epoch_most:.0%}."
        )
    return found


def _step_findings(history: Any, epochs: int, steps: int) -> Iterator[str]:
    each = _steps_an_epoch(history)
    if each and steps < each * epochs:
        yield (
            f"Its history is of {epochs} epochs with {each:,} steps each, and its "
            f"optimizer counted {steps:,} steps in all."
        )


def _steps_an_epoch(history: Any) -> int | None:
    params = getattr(history, "params", None)
    steps = params.get("steps") if isinstance(params, dict) else None
    return steps if type(steps) is int and steps > 0 else None


def _curve(history: Any) -> list[float]:
    """The accuracy of each epoch; empty where there is none that can be read."""
    records = getattr(history, "history", None)
    if not isinstance(records, dict):
        return []
    values = next((records[name] for name in _NAMES if name in records), [])
    good = isinstance(values, list) and all(
        isinstance(v, (int, float)) and math.isfinite(v) for v in values
    )
    return [float(v) for v in values] if good else []
