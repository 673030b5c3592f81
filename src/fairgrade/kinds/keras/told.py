"""Read what is told of a part that is code: names, shapes and numbers, all bounded."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from fairgrade.errors import HandoffError
from fairgrade.kinds.keras.objects import is_index, layer_name
from fairgrade.kinds.keras.schema import (
    MAX_AXES,
    MAX_NAME,
    MAX_NUMBER,
    MAX_PARTS,
    POLICIES,
    printable,
)

_DESCRIBED = {
    *("class", "name", "why", "network", "built", "trainable", "units", "activation"),
    *("parameters", "inputs", "outputs", "layers"),
}


@dataclass(frozen=True)
class Told:
    """What is known of a network that is partly code; as in `DescribedNetwork`."""

    name: str
    layers: list[Any]
    shapes: tuple[Any, Any]
    built: bool
    parameters: int
    reported: bool


def read_told(told: Any, where: str) -> dict[str, Any]:
    """What is told of one part, checked; shapes are tuples.

    Raises:
        HandoffError: it is not in the form that an exporter writes.
    """
    closed(told, _DESCRIBED, where)
    kind = told["class"]
    if not (isinstance(kind, str) and kind.isidentifier() and len(kind) < MAX_NAME):
        raise HandoffError(f"has a class without a name in {where}")
    layer_name(told["name"])
    flags = (told["network"], told["built"], told["trainable"])
    units = [] if told["units"] is None else [told["units"]]
    numbers = [told["parameters"], *units]
    if any(type(flag) is not bool for flag in flags) or not all(
        is_index(number, MAX_NUMBER) for number in numbers
    ):
        raise HandoffError(f"has impossible numbers in {where}")
    clean = dict(told)
    clean["why"] = printable(told["why"], 200)
    if told["activation"] is not None:
        clean["activation"] = printable(told["activation"])
    for side in ("inputs", "outputs"):
        pairs = listed(told[side], where)
        clean[side] = [shape_and_type(pair, where) for pair in pairs]
    return clean


def network_told(clean: dict[str, Any], layers: list[Any]) -> Told:
    """A network of a class of one's own: all of it is the student's account."""
    shapes = []
    for side in ("inputs", "outputs"):
        found = [shape for shape, _ in clean[side]]
        shapes.append(found[0] if len(found) == 1 else found or None)
    return Told(
        clean["name"],
        layers,
        (shapes[0], shapes[1]),
        built=clean["built"],
        parameters=clean["parameters"],
        reported=True,
    )


def partly_told(kind: str, told: Told) -> dict[str, Any]:
    """The same for a network that is a part of another one."""
    shape = told.shapes[1]
    return {
        "class": kind,
        "name": told.name,
        "why": "is partly code of its own",
        "units": None,
        "activation": None,
        "trainable": True,
        "built": told.built,
        "parameters": told.parameters,
        "outputs": [[shape, "float32"]] if isinstance(shape, tuple) else [],
    }


def closed(given: Any, fields: set[str], where: str) -> None:
    """See that an object has exactly these fields.

    Raises:
        HandoffError: it has not.
    """
    if not isinstance(given, dict) or set(given) != fields:
        raise HandoffError(f"has fields missing or added in {where}")


def listed(given: Any, where: str) -> list[Any]:
    """A list, of no more items than a network may have parts.

    Raises:
        HandoffError: it is none.
    """
    if not isinstance(given, list) or len(given) > MAX_PARTS:
        raise HandoffError(f"has no list in {where}")
    return given


def shape_and_type(pair: Any, where: str) -> list[Any]:
    """A shape, as a tuple, and the name of a type.

    Raises:
        HandoffError: it is anything else.
    """
    good = isinstance(pair, list) and len(pair) == 2 and isinstance(pair[1], str)
    if not good or pair[1] not in POLICIES:
        raise HandoffError(f"has no shape and type in {where}")
    shape = pair[0]
    good = isinstance(shape, list) and len(shape) <= MAX_AXES
    if not good or not all(n is None or is_index(n, MAX_NUMBER) for n in shape):
        raise HandoffError(f"has an input shape = {printable(shape, 60)} in {where}")
    if math.prod(n or 1 for n in shape) > MAX_NUMBER:
        raise HandoffError(f"has a shape of more than {MAX_NUMBER:,} in {where}")
    return [tuple(shape), pair[1]]
