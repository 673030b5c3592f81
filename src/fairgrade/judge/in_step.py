"""What the judge and the kernel have alike while a test runs: names, random numbers."""

from __future__ import annotations

import contextlib
import functools
import random
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from fairgrade.calls.values import Value
from fairgrade.errors import NotMeasured

_MISSING = object()


class Names:
    """Lets the kernel bind and unbind what a test does of names that it reads.

    Args:
        namespace: the judge's names, as the tests see them.
        bind: asks the kernel to bind a name to a value, or without one to unbind it.

    Attributes:
        fetched: what the judge has from the kernel.
        contested: names that a test bound, and then the student's code, which does not
            do so in the source.
    """

    def __init__(self, namespace: dict[str, Any], bind: Callable[..., Any]) -> None:
        self._namespace, self._bind = namespace, bind
        self.fetched: dict[str, Any] = {}
        self._watched: frozenset[str] = frozenset()
        self._rebound: frozenset[str] = frozenset()
        self._there: dict[str, Any] = {}
        self.contested: list[str] = []

    def begin(self, watched: frozenset[str], rebound: frozenset[str]) -> None:
        """Begin a test cell.

        Args:
            watched: names that students' cells read.
            rebound: those that the source's functions bind in them.
        """
        self._watched, self._rebound = watched, rebound
        self.contested = []
        self._there = {n: self._namespace[n] for n in watched if n in self._namespace}

    def found(self, name: str, value: Any) -> None:
        """Take in what a name stands for in the kernel."""
        self._there[name] = value

    def rebind(self, name: str, *value: Any) -> None:
        """Take in that the student's code bound or unbound a name.

        A name of the test's own, it may bind where the source does so.
        """
        if name not in self._there:
            return
        own = dict.get(self._namespace, name, _MISSING)
        if own is not self._there[name]:  # of the judge's imports; or bound anew since
            return
        if name in self.fetched and self.fetched[name] is own:
            self.fetched.pop(name)
            self.fetched.update((name, each) for each in value)
        elif name not in self._rebound:
            self.contested.append(name)
            return
        if value:
            self._namespace[name] = self._there[name] = value[0]
        else:
            dict.pop(self._namespace, name, None)
            self._there.pop(name)

    def why_contested(self) -> str:
        """Why a test may have failed by a name that both sides bound; or ""."""
        if not self.contested:
            return ""
        name = self.contested[0]
        return f"the notebook's code bound {name} anew, which the test had bound"

    def follow(self) -> None:
        """Let the kernel do what the test did since, of the names that are watched."""
        for name in self._watched:
            self._follow(name)

    def push(self, names: frozenset[str]) -> None:
        """Leave the kernel with what a test cell bound or deleted, if it has a form.

        Args:
            names: that it bound and later cells read.
        """
        for name in sorted(names | self._watched):
            with contextlib.suppress(NotMeasured):
                self._follow(name)
                self._leave(name)

    def _leave(self, name: str) -> None:
        """Ask for a name anew from here on that the source's functions bind."""
        there = self._there.get(name, _MISSING)
        if name in self._rebound and dict.get(self._namespace, name, self) is there:
            dict.pop(self._namespace, name)
            self._there.pop(name)

    def _follow(self, name: str) -> None:
        value = dict.get(self._namespace, name, _MISSING)
        if value is self._there.get(name, _MISSING):
            return
        if value is _MISSING:
            del self._there[name]
            self._bind(name)
        else:
            self._give(name, value)

    def _give(self, name: str, value: Any) -> None:
        self._there[name] = value
        self._bind(name, Value(value))


class Generators:
    """Random generators, whose states go to the kernel when the test changed them."""

    def __init__(self) -> None:
        self._states: dict[str, Any] = {}

    def begin(self) -> None:
        """Begin a test cell: both sides have the same states."""
        _watch()
        _SEEDED.clear()
        self._states = _states()

    def changed(self) -> list[Any]:
        """Those that the test changed since they were sent, with their states.

        Or seeded again, to what they were: the kernel has drawn from its own since.
        """
        _watch()
        now, before = _states(), self._states
        self._states, seeded = now, {*_SEEDED}
        _SEEDED.clear()
        return [
            Value((module, state[:1] if module == "tensorflow" else state))
            for module, state in now.items()
            if module in seeded or not _same(state, before.get(module))
        ]


_SEEDED: set[str] = set()
#: Generator -> the module whose functions seed it, and these.
_SEEDS = {
    "random": ("random", "seed", "setstate"),
    "numpy": ("numpy.random", "seed", "set_state"),
    "torch": ("torch", "manual_seed", "set_rng_state"),
}


def _watch() -> None:
    """Learn from now on when a generator is seeded, as far as its module is there."""
    for name, (module, *functions) in _SEEDS.items():
        there = sys.modules.get(module)
        for function in functions if there is not None else ():
            original = getattr(there, function)
            if not hasattr(original, "_fairgrade_seeds"):
                setattr(there, function, _watched(name, original))


def _watched(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def seed(*args: Any, **kwargs: Any) -> Any:
        _SEEDED.add(name)
        return original(*args, **kwargs)

    seed._fairgrade_seeds = True  # type: ignore[attr-defined]
    return seed


def _states() -> dict[str, Any]:
    torch: Any = sys.modules.get("torch")
    own = {} if torch is None else {"torch": (torch.get_rng_state().numpy(),)}
    own |= _of_tensorflow()
    return {"random": random.getstate(), "numpy": np.random.get_state(), **own}


def _of_tensorflow() -> dict[str, Any]:
    """TensorFlow's seed, and what it makes anew each time that this is set."""
    module = sys.modules.get("tensorflow.python.eager.context")
    context: Any = getattr(module, "_context", None)  # none is made for this
    seed = getattr(context, "_seed", None)
    return {"tensorflow": (seed, context._rng)} if type(seed) is int else {}


def _same(state: Any, before: Any) -> bool:
    if before is None or len(state) != len(before):
        return False
    return all(
        bool(np.array_equal(a, b)) if isinstance(a, np.ndarray) else a == b
        for a, b in zip(state, before, strict=True)
    )
