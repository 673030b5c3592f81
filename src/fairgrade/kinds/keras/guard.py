"""Keep what a rebuilt network takes to answer within the judge's bounds."""

from __future__ import annotations

from typing import Any

from fairgrade.errors import NotMeasured
from fairgrade.kinds.keras.budget import AT_ONCE, Cost, cost_of

#: Samples up to which a network answers at once however many it gets.
_MANY = 5000


def excess_of(network: Any) -> str:
    """What is too much about a built network for a grader, completing "it ..."."""
    if not network.built or not getattr(network, "inputs", None):
        return ""
    shapes = [tuple(tensor.shape)[1:] for tensor in network.inputs]
    if any(None in shape for shape in shapes):
        return ""
    return cost_of(network, shapes).excess()


class Guard:
    """What one network costs, at each shape of input that it was given."""

    def __init__(self, network: Any) -> None:
        self._costs: dict[tuple[Any, ...], Cost] = {}
        self._open = True
        self._large = False
        if not network.built or not getattr(network, "inputs", None):
            return
        shapes = tuple(tuple(tensor.shape)[1:] for tensor in network.inputs)
        self._open = any(None in shape for shape in shapes)
        if not self._open:
            try:
                cost = self._cost(network, shapes)
            except NotMeasured:  # it has no answers, whatever it costs
                return
            self._large = cost is not None and (
                bool(cost.excess()) or cost.numbers * _MANY > AT_ONCE
            )

    def watch(self, network: Any) -> None:
        """Let `network` answer in parts that fit, and refuse what never will."""
        if self._open or self._large:
            answer = network.call

            def call(
                inputs: Any, training: Any = None, mask: Any = None, **more: Any
            ) -> Any:
                return self._answer(network, answer, inputs, training, mask, more)

            network.call = call

    def _answer(
        self,
        network: Any,
        answer: Any,
        inputs: Any,
        training: Any,
        mask: Any,
        more: Any,
    ) -> Any:
        import keras

        given = keras.tree.flatten(inputs)
        cost = None
        if network.built and len(given) == len(network.inputs):
            cost = self._cost(network, tuple(tuple(t.shape)[1:] for t in given))
        if cost is not None and (excess := cost.excess()):
            raise NotMeasured(f"the network {network.name} {excess}")
        count: Any = given[0].shape[0] if given and len(given[0].shape) else None
        at_once = 1 if cost is None else max(AT_ONCE // max(cost.numbers, 1), 1)
        known = cost is not None and count is not None
        if not known or training or mask is not None or count <= at_once:
            return answer(inputs, training=training, mask=mask, **more)
        parts = [
            answer(
                keras.tree.map_structure(lambda t, i=i: t[i : i + at_once], inputs),
                training=training,
                **more,
            )
            for i in range(0, count, at_once)
        ]
        return keras.tree.map_structure(
            lambda *pieces: keras.ops.concatenate(pieces, axis=0), *parts
        )

    def _cost(self, network: Any, shapes: tuple[Any, ...]) -> Cost | None:
        """What one sample of these shapes takes; None where an axis is not known."""
        if any(n is None for shape in shapes for n in shape):
            return None
        if shapes not in self._costs:
            watched = network.__dict__.pop("call", None)
            try:
                self._costs[shapes] = cost_of(network, shapes)
            finally:
                if watched is not None:
                    network.call = watched
        return self._costs[shapes]
