"""Read what left the sandbox: strictly, as data, and as if a student had forged it.

One wrong thing refuses one name, with a message for the student; the other names go on.
Nothing is unpickled, imported or looked up by a name from a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

from fairgrade.course.course import ExportKind
from fairgrade.errors import HandoffError
from fairgrade.kinds.basic.read import array_numbers, build_value
from fairgrade.kinds.document import parse_json, read_array
from fairgrade.protocol.exports import owner
from fairgrade.protocol.texts import one_line

_KEYS = {
    "value": {"value"},
    "array": {"array"},
    "history": {"history", "params", "epoch", "left_out"},
    "refused": {"reason"},
}


class History(SimpleNamespace):
    """What `fit` returned, as data: history: dict[str, list[float]], params, epoch."""


@dataclass
class Known:
    """One name as it was read: never changed, so that several tests can share it."""

    document: dict[str, Any]
    arrays: dict[int, np.ndarray]
    network: Any = None


@dataclass
class Handoff:
    """The readable exports of one submission.

    Attributes:
        declared: the names the assignment asks for.
        refusals: name -> why it could not be read, for the student. A network that
            cannot be built again is added when it is asked for.
        notes: name -> what was left out of it, for the student.
        plainer: name -> the type that it has in the notebook, where it arrives as
            something plainer, a list for a class of the student's own.
    """

    declared: frozenset[str]
    refusals: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    plainer: dict[str, str] = field(default_factory=dict)
    _known: dict[str, Known] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        """The names that have a value, as far as is known."""
        return frozenset(self._known.keys() - self.refusals.keys())

    def values(self, names: Iterable[str] | None = None) -> dict[str, Any]:
        """New objects for `names` (all by default) that share nothing with any before.

        Names without a value are left out; see `refusals`.
        """
        values: dict[str, Any] = {}
        for name in self.names if names is None else self.names.intersection(names):
            try:
                values[name] = self._build(name)
            except HandoffError as err:
                self.refusals[name] = _refusal(name, str(err))
        return values

    def _build(self, name: str) -> Any:
        known = self._known[name]
        document, arrays = known.document, known.arrays
        if document["kind"] == "model":
            # Keras takes seconds to import; most values do without.
            from fairgrade.kinds.keras.read import HandedNetwork

            if known.network is None:
                known.network = HandedNetwork(document, arrays)
            model, note = known.network.build()
            if note:
                self.notes[name] = f"{name} {note}"
            return model
        if document["kind"] == "array":
            return arrays[document["array"]].copy()
        if document["kind"] == "value":
            return build_value(document["value"], arrays)
        if left_out := document["left_out"]:
            names = ", ".join(one_line(key, 60) for key in left_out[:10])
            self.notes[name] = f"{name} came without {names}, which are no numbers"
        return _history(document, arrays)


def read_handoff(
    files: Mapping[str, bytes],
    declared: Mapping[str, ExportKind],
    *,
    max_bytes: int,
    known: dict[Any, Known] | None = None,
) -> Handoff:
    """Check every declared name's files; never raise for what is in them.

    Args:
        files: flat file name -> content; files of other names are not looked at.
        declared: the names the assignment asks for. The kind found is kept even where
            it differs, so that a check can say what it found.
        max_bytes: the most that one submission may hand over.
        known: what was read before of the same bytes objects, which still exist; what
            is read now is added.
    """
    known = {} if known is None else known
    by_name: dict[str | None, dict[str, bytes]] = {}
    for file, data in files.items():
        by_name.setdefault(owner(file), {})[file] = data
    handoff = Handoff(frozenset(declared))
    size = sum(map(len, files.values()))
    for name in declared:
        if f"{name}.json" not in files:
            continue
        try:
            if size > max_bytes:
                raise HandoffError(
                    f"came with {size / 2**20:.0f} MiB of data in all, "
                    f"at most {max_bytes / 2**20:.0f} MiB can be handed over"
                )
            own = by_name[name]
            key = name, *sorted((file, id(data)) for file, data in own.items())
            if key not in known:
                known[key] = _read(name, own)
            handoff._known[name] = known[key]
            if plainer := known[key].document.get("plainer"):
                handoff.plainer[name] = one_line(plainer, 60)
        except HandoffError as err:
            handoff.refusals[name] = _refusal(name, str(err))
    return handoff


def _read(name: str, files: Mapping[str, bytes]) -> Known:
    document = _read_document(files[f"{name}.json"])
    arrays = {
        index: read_array(files, f"{name}.{index}.npy")
        for index in _array_numbers(document)
    }
    if document["kind"] == "value":
        build_value(document["value"], arrays)
    elif document["kind"] == "history":
        _history(document, arrays)
    elif document["kind"] == "model":
        for array in arrays.values():
            if array.dtype.kind == "c" or array.dtype.itemsize > 8:
                raise HandoffError(f"has weights of the type {array.dtype}")
    return Known(document, arrays)


def _refusal(name: str, reason: str) -> str:
    return f"{name} {reason}."


def _read_document(data: bytes) -> dict[str, Any]:
    tree = parse_json(data)
    document: dict[str, Any] = tree if isinstance(tree, dict) else {}
    kind = document.get("kind")
    if kind == "model":  # its keys are the business of model_reader
        return document
    if not isinstance(kind, str) or kind not in _KEYS:
        raise HandoffError("was handed over in an unknown form")
    if kind == "history":
        document.setdefault("left_out", [])
    optional = {"plainer"} if kind in ("value", "array") else set()
    if set(document) - optional != _KEYS[kind] | {"kind"}:
        raise HandoffError("was handed over with fields missing or added")
    if type(document.get("plainer", "")) is not str:
        raise HandoffError("was handed over with a type that has no name")
    if kind == "refused":
        reason = document["reason"]
        said = one_line(reason, 300).strip()
        raise HandoffError(said or "could not be handed over")
    if kind == "history":
        left_out = document["left_out"]
        if not isinstance(left_out, list) or set(map(type, left_out)) - {str}:
            raise HandoffError("is a history that does not say what it lacks")
    return document


def _history(document: dict[str, Any], arrays: Mapping[int, np.ndarray]) -> History:
    """A new object for what `fit` returned.

    Raises:
        HandoffError: its records are not lists of numbers.
    """
    names = ("history", "params", "epoch")
    parts = {key: build_value(document[key], arrays) for key in names}
    history, params, epoch = (parts[key] for key in names)
    lists = isinstance(history, dict) and all(
        isinstance(values, list) and _is_record(values) for values in history.values()
    )
    if not lists:
        raise HandoffError("is a history whose records are not lists of numbers")
    if not isinstance(params, dict) or not isinstance(epoch, list):
        raise HandoffError("is a history without its params or epochs")
    return History(**parts)


def _is_record(value: Any) -> bool:
    """A number for an epoch, or several of them."""
    if isinstance(value, (list, tuple)):
        return all(map(_is_record, value))
    if isinstance(value, (np.ndarray, np.generic)):
        return value.dtype.kind in "iuf"
    return type(value) in (int, float)


def _array_numbers(document: dict[str, Any]) -> list[int]:
    """The numbers of the arrays that a document speaks of, each once."""
    if document["kind"] == "array":
        numbers = [document["array"]]
    elif document["kind"] == "model":
        layers = document.get("layers")
        lists = [
            layer.get("weights", []) if isinstance(layer, dict) else []
            for layer in (layers if isinstance(layers, list) else [])
        ]
        lists.append(document.get("arrays"))
        if not all(isinstance(weights, list) for weights in lists):
            raise HandoffError("has a layer without a list of weights")
        numbers = [number for weights in lists for number in weights]
    else:
        numbers = [*array_numbers([document[key] for key in _KEYS[document["kind"]]])]
    if any(type(n) is not int or not 0 <= n < 10**6 for n in numbers):
        raise HandoffError("speaks of arrays that cannot exist")
    if len(set(numbers)) != len(numbers):
        raise HandoffError("uses an array twice")
    return numbers
