"""Compile a rebuilt network as its student did, each part for itself."""

from __future__ import annotations

from typing import Any

from fairgrade.errors import HandoffError
from fairgrade.kinds.keras.builtin import class_name
from fairgrade.kinds.keras.objects import Reader, is_index, stand_in, without_memory
from fairgrade.kinds.keras.schema import MAX_NAME, printable

_FIELDS = {"loss", "metrics", "weighted_metrics", "optimizer", "iterations"}
_SPACES = {"loss": "losses", "metrics": "metrics", "weighted_metrics": "metrics"}
#: Names that compile knows besides those of keras.metrics.
_METRICS = {"accuracy", "acc", "crossentropy", "ce"}
#: The most that a setting's argument may be: some metrics keep a list of that length.
_MOST = 10**5
_MAX_SETTINGS = 100


def compile_network(keras: Any, network: Any, settings: Any) -> list[str]:
    """Compile `network`; return notes on what could not, each completing "it ...".

    Raises:
        HandoffError: the settings are not ones that an exporter writes.
    """
    if settings is None:
        return []
    if not isinstance(settings, dict) or set(settings) != _FIELDS:
        raise HandoffError("has fields missing or added in the compile settings")
    if not is_index(settings["iterations"], 2**40):
        raise HandoffError("has an impossible number of training steps")
    maker = _Maker(keras)
    optimizer = maker.optimizer(settings["optimizer"])
    parts = {part: maker.read(part, settings[part]) for part in _SPACES}
    network.compile(optimizer=optimizer, **parts)
    if optimizer is not None:
        # Not `iterations`, which has updates where gradients are accumulated.
        optimizer._iterations.assign(settings["iterations"])
    return list(dict.fromkeys(maker.notes))


class _Maker:
    def __init__(self, keras: Any) -> None:
        self._keras = keras
        self._reader = Reader(keras, [], [], most=_MOST)
        self._count = 0
        self.notes: list[str] = []

    def optimizer(self, given: Any) -> Any:
        """The optimizer; one of its own as an SGD that has its name."""
        if given is None:
            return None
        made = self._object(given, "optimizers.", "optimizer")
        if made is not None:
            return made
        kind = printable(given["@own"]) if _is_own(given) else "unknown"
        base = self._keras.optimizers.SGD
        made = type(kind, (base,), {"fairgrade_own": True})()
        self.notes.append(
            f"was compiled with the optimizer {kind}, which did not cross"
        )
        return made

    def read(self, part: str, given: Any, depth: int = 0) -> Any:
        """A loss or metrics, in lists and dictionaries as they were given."""
        self._count += 1
        if depth > 4 or self._count > _MAX_SETTINGS:
            raise HandoffError(f"has more than {_MAX_SETTINGS} settings in compile")
        if given is None:
            return None
        if isinstance(given, list):
            items = [self.read(part, item, depth + 1) for item in given]
            kept = [
                i
                for i, g in zip(items, given, strict=True)
                if i is not None or g is None
            ]
            return kept or None
        if isinstance(given, dict) and set(given) == {"@dict"}:
            held = given["@dict"]
            if not isinstance(held, dict) or any(len(k) > MAX_NAME for k in held):
                raise HandoffError("has no dictionary in the compile settings")
            found = {k: self.read(part, v, depth + 1) for k, v in held.items()}
            return {k: v for k, v in found.items() if v is not None} or None
        if isinstance(given, str):
            return self._name(part, given)
        return self._own(part, given) or self._object(given, f"{_SPACES[part]}.", part)

    def _name(self, part: str, name: str) -> str | None:
        """A name that Keras knows, or None and a note."""
        shown = printable(name, 60)
        try:
            if not name or len(name) > MAX_NAME:
                raise ValueError
            if part != "loss" and name.lower() in _METRICS:
                return name
            getattr(self._keras, _SPACES[part]).get(name)
        except ValueError:
            self.notes.append(f"was compiled with {shown!r}, which Keras does not know")
            return None
        return name

    def _own(self, part: str, given: Any) -> Any:
        if not _is_own(given):
            return None
        name = printable(given["@own"])
        what = "loss" if part == "loss" else "metric"
        self.notes.append(
            f"was compiled with the {what} {name}, which is code of its own: "
            "only its name crossed"
        )
        return stand_in(name, "a loss") if part == "loss" else _no_number(name)

    def _object(self, given: Any, space: str, part: str) -> Any:
        """An object of Keras's own; None if it is of one's own, or with a note."""
        if _is_own(given):
            return None
        if not isinstance(given, dict) or set(given) != {"@object", "arguments"}:
            raise HandoffError("has fields missing or added in the compile settings")
        kind, where = given["@object"], f"a {part.removesuffix('s')}"
        spaces = (space, "losses.", "metrics.") if space != "optimizers." else (space,)
        make = self._reader.make
        try:
            if space == "metrics.":  # some are made with large tables
                with without_memory(self._keras):
                    tried = make(kind, given["arguments"], spaces, where)
                    numbers = sum(map(_size, getattr(tried, "variables", [])))
                if numbers > _MOST * 10:
                    raise HandoffError(f"has {numbers:,} numbers in {where} ({kind})")
            made = make(kind, given["arguments"], spaces, where)
        except HandoffError:
            raise
        except Exception:
            name = printable(kind).rpartition(".")[2]
            self.notes.append(f"was compiled with {name}, which cannot be made again")
            return None
        assert class_name(self._keras, made)
        return made


def _is_own(given: Any) -> bool:
    fits = isinstance(given, dict) and set(given) == {"@own"}
    return fits and isinstance(given["@own"], str)


def _size(variable: Any) -> int:
    total = 1
    for axis in variable.shape:
        total *= int(axis)
    return total


def _no_number(name: str) -> Any:
    """A metric with a student's metric's name, that measures nothing: nan."""

    def own(y_true: Any, y_pred: Any) -> Any:
        import keras

        return keras.ops.mean(keras.ops.cast(y_pred, "float32")) * float("nan")

    own.__name__ = own.__qualname__ = name
    own.fairgrade_own = True  # type: ignore[attr-defined]
    return own
