"""The table of a described network's parts, in the order in which they are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fairgrade.errors import HandoffError
from fairgrade.kinds.keras.described import DescribedLayer
from fairgrade.kinds.keras.objects import is_index
from fairgrade.kinds.keras.schema import MAX_CALLS, MAX_NESTING
from fairgrade.kinds.keras.told import Told, listed


@dataclass
class Part:
    """One entry of the table, made.

    Attributes:
        made: a layer, network or operation of Keras, or a DescribedLayer.
        told: of a network that is partly code.
        weights: numbers of its arrays; None where they are another part's.
        inside: parts that it is made of.
        calls, depth: how often its parts are called in all, and how deep they lie.
    """

    made: Any
    told: Told | None = None
    weights: list[int] | None = None
    inside: tuple[int, ...] = ()
    calls: int = 1
    depth: int = 0


class Parts(list[Part]):
    """What was made so far; each part is known by its place.

    Args:
        keras: the module.
    """

    def __init__(self, keras: Any) -> None:
        super().__init__()
        self._keras = keras

    def add(self, part: Part) -> None:
        """Put the next part into its place.

        Raises:
            HandoffError: it is too much.
        """
        if part.depth > MAX_NESTING or part.calls > MAX_CALLS:
            raise HandoffError(
                f"has networks nested too deeply, or more than {MAX_CALLS} calls"
            )
        self.append(part)

    def members(self, given: Any, where: str) -> tuple[int, ...]:
        """The places of parts that another is made of.

        Raises:
            HandoffError: one is not there, or not yet.
        """
        members = listed(given, where)
        if not all(is_index(i, len(self)) for i in members):
            raise HandoffError(f"has a layer that takes from one after it in {where}")
        return tuple(members)

    def layers(self, inside: tuple[int, ...]) -> list[Any]:
        """The layers among a network's parts, as `model.layers` has them."""
        kinds = (self._keras.Layer, DescribedLayer)
        found = [self[i].made for i in dict.fromkeys(inside)]
        return [made for made in found if isinstance(made, kinds)]

    def network(
        self, made: Any, inside: tuple[int, ...], told: Told | None = None
    ) -> Part:
        """A network as a part, of the parts that it is made of."""
        return Part(
            made,
            told=told,
            inside=inside,
            calls=1 + sum(self[i].calls for i in inside),
            depth=1 + max((self[i].depth for i in inside), default=-1),
        )

    def weighted(self, top: int) -> list[tuple[Any, list[int]]]:
        """Each layer of Keras that is called, with the numbers of its arrays.

        Args:
            top: the place of the whole network.
        """
        found: dict[int, tuple[Any, list[int]]] = {}
        pending, seen = [top], set()
        while pending:
            place = pending.pop()
            if place in seen:
                continue
            seen.add(place)
            part = self[place]
            if part.told is not None and part.told.reported:
                continue
            pending.extend(part.inside)
            if part.weights is not None and isinstance(part.made, self._keras.Layer):
                found[place] = (part.made, part.weights)
        return [found[place] for place in sorted(found)]
