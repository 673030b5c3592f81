"""Random generators that both sides share: their content is what they draw next."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, cast

import numpy as np

_STATE = ("state", "inc")


def _of_generator(thing: np.random.Generator) -> tuple[Any, ...]:
    state = thing.bit_generator.state
    own = [int(state["state"][name]) for name in _STATE]
    return (*own, int(state["has_uint32"]), int(state["uinteger"]))


def _to_generator(thing: np.random.Generator, state: tuple[Any, ...]) -> None:
    number, inc, has, kept = state
    thing.bit_generator.state = {
        "bit_generator": "PCG64",
        "state": {"state": number, "inc": inc},
        "has_uint32": has,
        "uinteger": kept,
    }


def _of_legacy(thing: np.random.RandomState) -> tuple[Any, ...]:
    name, keys, *rest = cast(tuple[Any, ...], thing.get_state(legacy=True))
    return (name, tuple(keys.tolist()), *rest)


_KINDS: dict[str, tuple[type, Callable[..., Any], Callable[..., Any]]] = {
    "Random": (random.Random, random.Random.getstate, random.Random.setstate),
    "Generator": (np.random.Generator, _of_generator, _to_generator),
    "RandomState": (
        np.random.RandomState,
        _of_legacy,
        lambda thing, state: thing.set_state(state),
    ),
}


def name_of(thing: Any) -> str:
    """Which generator it is; "" for others, and for what has no form here."""
    kind = type(thing)
    name = kind.__name__
    if name not in _KINDS or _KINDS[name][0] is not kind:
        return ""
    if name == "Generator" and type(thing.bit_generator) is not np.random.PCG64:
        return ""
    return name


def state_of(thing: Any) -> tuple[Any, ...]:
    """What a generator will draw, as data."""
    return tuple(_KINDS[type(thing).__name__][1](thing))


def fresh(name: str) -> Any:
    """A new generator.

    Raises:
        KeyError: there is none of that name.
    """
    kind = _KINDS[name][0]
    return np.random.default_rng(0) if name == "Generator" else kind(0)


def restore(thing: Any, state: tuple[Any, ...]) -> None:
    """Let a generator draw what another one would.

    Raises:
        Exception: it is no state of such a generator.
    """
    _KINDS[type(thing).__name__][2](thing, state)
