"""What `fit` recorded of an accuracy, whatever the metric was called."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from numbers import Real
from typing import Any

#: Keras's names for the share of right answers, the usual one first.
_NAMES = ("accuracy", "acc", "categorical_accuracy", "sparse_categorical_accuracy")
#: What `fit` and its callbacks record besides metrics.
_NO_METRICS = frozenset({"loss", "learning_rate", "lr"})
#: With so many digits behind the point, a rounded difference is the difference.
_DIGITS = range(3, 8)
_EXACT, _ROUNDED = 1e-6, 1e-7


def accuracy_in(records: Any, prefix: str = "") -> Any:
    """What a dictionary of metrics by name holds for accuracy; None if nothing.

    Args:
        records: a history's `history`, or what `evaluate` returns as a dictionary.
        prefix: "val_" for the accuracy of validation.
    """
    if not isinstance(records, Mapping):
        return None
    own = [name for name in records if isinstance(name, str)]
    named = [
        name
        for name in own
        if name.startswith("val_") == bool(prefix) and "acc" in name.lower()
    ]
    wanted = (prefix + name for name in _NAMES)
    found = next((name for name in (*wanted, *named) if name in records), None)
    if found is None:
        found = _only_own_name(own, prefix)
    return None if found is None else records[found]


def _only_own_name(names: list[str], prefix: str) -> str | None:
    """The only metric, if Keras has none of that name: one may call it anything."""
    plain = {name.removeprefix("val_") for name in names}
    metrics = [n for n in plain if n not in _NO_METRICS and not n.endswith("_loss")]
    (name,) = metrics if len(metrics) == 1 else ("",)
    found = prefix + name
    return found if name and found in names and not _in_keras(name) else None


def _in_keras(name: str) -> bool:
    """Whether a record's name is that of a metric of Keras, as "auc_1" is."""
    import keras  # whoever has such records has it imported

    plain = re.sub(r"_\d+$", "", name).lower()
    known = {known.lower() for known in dir(keras.metrics)}
    try:
        return plain.replace("_", "") in known or bool(keras.metrics.get(plain))
    except ValueError:
        return False


def accuracies(history: Any, prefix: str = "") -> list[float]:
    """A history's accuracy of each epoch, 0 to 1; empty where it is anything else."""
    try:
        values = accuracy_in(history.history, prefix)
    except Exception:  # no history: whatever a name may hold
        return []
    if not isinstance(values, (list, tuple)):
        return []
    return [float(value) for value in values] if all(map(_is_share, values)) else []


def _is_share(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, Real):
        return False
    return 0 <= float(value) <= 1


def steps_an_epoch(params: Any) -> int | None:
    """How many batches an epoch had, by what `fit` says of itself; None if unknown.

    Args:
        params: a history's `params`, or a dictionary with samples and batch_size.
    """
    if not isinstance(params, Mapping):
        return None
    if steps := _count(params.get("steps")):
        return steps
    samples, batch = _count(params.get("samples")), _count(params.get("batch_size"))
    return math.ceil(samples / batch) if samples and batch else None


def _count(value: Any) -> int | None:
    return value if type(value) is int and value > 0 else None


def is_difference(value: float, of: float, less: float) -> bool:
    """Whether `value` is `of` minus `less`, before or after rounding."""
    rounded = (
        wanted
        for digits in _DIGITS
        for wanted in (
            round(of - less, digits),
            round(of, digits) - round(less, digits),
        )
    )
    return math.isclose(value, of - less, rel_tol=0, abs_tol=_EXACT) or any(
        math.isclose(value, wanted, rel_tol=0, abs_tol=_ROUNDED) for wanted in rounded
    )


#: How far an accuracy may be off: some samples of 5,000, by rounding.
NEARLY = 0.002


def is_accuracy(value: float, right: float) -> bool:
    """Whether a number is this accuracy, 0 to 1; also one rounded to two places."""
    rounded = 0.005 if round(value, 2) == value else 0.0
    return abs(value - right) <= NEARLY + rounded
