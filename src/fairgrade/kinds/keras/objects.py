"""Make what a description names, strictly: classes by our list, arguments by our rules.

Keras is never given a configuration or a name to look up: each object is made by its
constructor, with arguments that were read here one by one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from fairgrade.errors import HandoffError, NotMeasured
from fairgrade.kinds.keras.builtin import classes, functions
from fairgrade.kinds.keras.schema import (
    MAX_ITEMS,
    MAX_NAME,
    MAX_NUMBER,
    MAX_TEXT,
    POLICIES,
    TRAINING_ONLY,
    printable,
)

#: Operations that put out a list, and the most items that it may have.
_PARTING, _MOST_PARTS = ("Split", "Unstack"), 1000
#: Arguments that would read a file if they were text.
_NEVER_TEXT = ("vocabulary", "idf_weights", "weights")


class Reader:
    """Reads values of one network's description.

    Attributes:
        parts: what was made of the table's parts so far.
        outputs: the symbolic outputs of the calls made so far.
        left_out: what training alone would have needed, a phrase each.
    """

    def __init__(
        self,
        keras: Any,
        arrays: Sequence[np.ndarray],
        parts: list[Any],
        most: int = MAX_NUMBER,
    ) -> None:
        self._keras = keras
        self._arrays = arrays
        self._most = most
        self.parts = parts
        self.outputs: list[list[Any]] = []
        self.left_out: list[str] = []

    def make(self, kind: Any, given: Any, spaces: tuple[str, ...], where: str) -> Any:
        """An object of one of Keras's own classes.

        Args:
            kind: its class, as "layers.Dense".
            given: the arguments of its constructor.
            spaces: what `kind` may begin with.
            where: names the part in messages.

        Raises:
            HandoffError: class or arguments are not allowed, or do not fit.
        """
        known = classes(self._keras)
        allowed = isinstance(kind, str) and kind.startswith(spaces) and kind in known
        if not allowed:
            shown = printable(kind, 60) if isinstance(kind, str) else "?"
            raise HandoffError(
                f"has {where} of the class {shown}, which is not allowed"
            )
        if not isinstance(given, dict):
            raise HandoffError(f"has no arguments for {where} ({kind})")
        arguments: dict[str, Any] = {}
        outer, most = self._most, _MOST_PARTS if kind.endswith(_PARTING) else self._most
        self._most = min(outer, most)
        for key, value in given.items():
            if key in _NEVER_TEXT and isinstance(value, str):
                raise HandoffError(f"has a text as {key} in {where} ({kind})")
            if key == "name":
                arguments[key] = layer_name(value)
            elif key.endswith(TRAINING_ONLY) and _is(value, "@own"):
                self.left_out.append(f"{printable(value['@own'])} ({key})")
            else:
                arguments[key] = self.value(value, f"{where} ({kind}) {key}")
        self._most = outer
        boundaries = None
        if kind == "layers.Discretization" and arguments.get("num_bins") is not None:
            boundaries = arguments.pop("bin_boundaries", None)
        made = known[kind](**arguments)
        if boundaries is not None:  # the constructor takes only one of both
            made.bin_boundaries = boundaries
        return made

    def value(self, value: Any, where: str) -> Any:
        """What a JSON value stands for.

        Raises:
            HandoffError: it is none of the forms there are.
        """
        if value is None or type(value) is bool:
            return value
        if type(value) in (int, float):
            if abs(value) > self._most and not abs(value) <= 1e38:
                raise HandoffError(f"has a number out of all bounds in {where}")
            if type(value) is int and abs(value) > self._most:
                raise HandoffError(
                    f"has {value:,} in {where}, at most {self._most:,} is allowed"
                )
            return value
        if isinstance(value, str):
            if len(value) > MAX_TEXT:
                raise HandoffError(f"has a text of {len(value):,} signs in {where}")
            return value
        if isinstance(value, list):
            if len(value) > MAX_ITEMS:
                raise HandoffError(f"has a list of {len(value):,} items in {where}")
            return [self.value(item, where) for item in value]
        return self._marked(value, where)

    def _marked(self, value: dict[str, Any], where: str) -> Any:
        if set(value) == {"@object", "arguments"}:
            spaces = ("initializers.", "regularizers.", "constraints.", "optimizers.")
            return self.make(value["@object"], value["arguments"], spaces, where)
        if len(value) != 1:
            raise HandoffError(f"has fields missing or added in {where}")
        (mark, held), *_ = value.items()
        read: Callable[[Any, str], Any] | None = _FORMS.get(mark, lambda *_: None)(self)
        if read is None:
            raise HandoffError(f"has {printable(mark, 40)} in {where}")
        return read(held, where)

    def _tuple(self, held: Any, where: str) -> tuple[Any, ...]:
        if not isinstance(held, list):
            raise HandoffError(f"has no list in {where}")
        return tuple(self.value(held, where))

    def _dict(self, held: Any, where: str) -> dict[str, Any]:
        if not isinstance(held, dict) or any(len(key) > MAX_NAME for key in held):
            raise HandoffError(f"has no dictionary in {where}")
        return {key: self.value(item, where) for key, item in held.items()}

    def _slice(self, held: Any, where: str) -> slice:
        if not isinstance(held, list) or len(held) != 3:
            raise HandoffError(f"has no slice in {where}")
        return slice(*self.value(held, where))

    def _ellipsis(self, held: Any, where: str) -> Any:
        return ...

    def _float(self, held: Any, where: str) -> float:
        if held not in ("inf", "-inf", "nan"):
            raise HandoffError(f"has no number in {where}")
        return float(held)

    def _policy(self, held: Any, where: str) -> Any:
        if not isinstance(held, str) or held not in POLICIES:
            raise HandoffError(f"computes in {printable(held, 40)} in {where}")
        return held  # an object here would keep some layers from being saved

    def _function(self, held: Any, where: str) -> Any:
        known = functions(self._keras)
        if not isinstance(held, str) or held not in known:
            raise HandoffError(
                f"has the activation {printable(held, 40)} in {where}, "
                "which Keras does not have"
            )
        return known[held]

    def _own(self, held: Any, where: str) -> Any:
        return stand_in(printable(held), "an activation")

    def _layer(self, held: Any, where: str) -> Any:
        if not is_index(held, len(self.parts)):
            raise HandoffError(f"has a layer that is not there in {where}")
        part = self.parts[held]
        if not isinstance(part, self._keras.Layer):
            raise HandoffError(f"holds a part that is code, in {where}")
        return part

    def _array(self, held: Any, where: str) -> Any:
        if not is_index(held, len(self._arrays)):
            raise HandoffError(f"speaks of an array that is not there in {where}")
        return np.array(self._arrays[held])

    def _tensor(self, held: Any, where: str) -> Any:
        pair = isinstance(held, list) and len(held) == 2
        if not pair or not is_index(held[0], len(self.outputs)):
            raise HandoffError(f"has {where} that takes from one after it")
        if not is_index(held[1], len(self.outputs[held[0]])):
            raise HandoffError(f"has {where} that takes an output that is not there")
        return self.outputs[held[0]][held[1]]


#: What a value with one marked key stands for.
_FORMS: Mapping[str, Callable[[Reader], Callable[[Any, str], Any]]] = {
    "@tuple": lambda reader: reader._tuple,
    "@dict": lambda reader: reader._dict,
    "@slice": lambda reader: reader._slice,
    "@ellipsis": lambda reader: reader._ellipsis,
    "@float": lambda reader: reader._float,
    "@policy": lambda reader: reader._policy,
    "@function": lambda reader: reader._function,
    "@own": lambda reader: reader._own,
    "@layer": lambda reader: reader._layer,
    "@array": lambda reader: reader._array,
    "@tensor": lambda reader: reader._tensor,
}


def layer_name(value: Any) -> str:
    """A name that Keras takes: any letters, no slash.

    Raises:
        HandoffError: it is none, or too long.
    """
    good = isinstance(value, str) and 1 <= len(value) <= MAX_NAME
    if not good or not value.isprintable() or "/" in value:
        shown = printable(value, 60)
        raise HandoffError(f"has a name = {shown}, expected at most {MAX_NAME} letters")
    return str(value)


def is_index(value: Any, count: int) -> bool:
    return type(value) is int and 0 <= value < count


def stand_in(name: str, what: str) -> Any:
    """A function with a student's function's name, which says that it is not that."""

    def own(*_: Any, **__: Any) -> Any:
        raise NotMeasured(f"{name} is {what} of its own, and its code did not cross")

    own.__name__ = own.__qualname__ = name
    own.fairgrade_own = True  # type: ignore[attr-defined]
    return own


@contextlib.contextmanager
def without_memory(keras: Any) -> Iterator[None]:
    """Let Keras build with weights that have no values."""
    from keras.src.backend.common import global_state

    pending = "uninitialized_variables"
    before = global_state.get_global_attribute(pending)
    # Keras adds to this list in place, so it gets one that can be thrown away.
    global_state.set_global_attribute(pending, [])
    try:
        with keras.StatelessScope(initialize_variables=False):
            yield
    finally:
        # Keras would give them values when the next such scope ends.
        global_state.set_global_attribute(pending, before)


def _is(value: Any, mark: str) -> bool:
    return isinstance(value, dict) and set(value) == {mark}
