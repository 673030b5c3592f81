"""Submissions that want points for objects that lie, where hidden tests ask a kernel.

Each name that a test asks for, and students make, is replaced by what is equal to
everything, says that it has the right class and length, raises whatever is waited for,
or holds nothing. That stands in one answer cell after the solution; the rest is solved.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from importlib import resources

from fairgrade.plan.scopes import binders
from fairgrade.verify.gaps import Gap

#: The kind of mistake, as `accepted` of course.yml names it.
HOSTILE = "hostile"
_FAR = "own_far_side"
_CALLED = frozenset({"def", "class", "lambda"})


@dataclass(frozen=True)
class _Way:
    """One way to lie.

    Attributes:
        function: of `verify.far_side`, that makes it.
        of_calls: it can only come of a call.
        some: part of it may be right, so that a test need not take all its points.
    """

    what: str
    function: str
    of_calls: bool = False
    some: bool = False


_WAYS = (
    _Way("what is equal to everything", "equal"),
    _Way("what lies about its class, length and items", "lying"),
    _Way("an empty object of a class below the right one", "below"),
    _Way("a mock", "mocked"),
    _Way("an error of every class", "raising", of_calls=True, some=True),
    _Way("nothing, of the right class", "empty", some=True),
)


@dataclass(frozen=True)
class Hostility:
    """A hostile answer cell.

    Attributes:
        what: what its names are, in words.
        lines: what it adds to the solution, but for what this needs.
        nothing: the tests that must give no point for it.
        less: those that must not give all.
    """

    gap: Gap
    what: str
    code: str
    lines: tuple[str, ...]
    nothing: frozenset[str]
    less: frozenset[str]


def hostilities(gaps: list[Gap], asked: Mapping[str, Set[str]]) -> Iterator[Hostility]:
    """The hostile answers to an assignment's tests.

    Args:
        asked: test cell -> the names that it asks a kernel for.
    """
    made = {gap.grade_id: _bound(gap.code) for gap in gaps}
    text = (resources.files("fairgrade.verify") / "far_side.py").read_text("utf-8")
    for gap in gaps:
        bound = made[gap.grade_id]
        of_others = {n for g, names in made.items() if g != gap.grade_id for n in names}
        tests = {test: names & bound.keys() for test, names in asked.items()}
        tests = {test: names for test, names in tests.items() if names}
        alone = frozenset(t for t in tests if not asked[t] & of_others - bound.keys())
        names = sorted({name for own in tests.values() for name in own})
        called = [name for name in names if bound[name] in _CALLED]
        for way in _WAYS:
            chosen = called if way.of_calls else names
            own = frozenset(t for t, read in tests.items() if read & {*chosen})
            if not own:
                continue
            lines = [
                f"{n} = {_FAR}.hostile({n}, {_FAR}.{way.function})" for n in chosen
            ]
            calls = "every call gives " if called else ""
            yield Hostility(
                gap,
                f"{', '.join(chosen)}: {calls}{way.what}",
                "\n".join([_module(text), gap.code, *lines]),
                tuple(lines),
                frozenset() if way.some else own & alone,
                own if way.some else own - alone,
            )


def _bound(code: str) -> dict[str, str]:
    """The names that a cell binds, and how."""
    try:
        return {n: how for part in ast.parse(code).body for n, how in binders(part)}
    except SyntaxError:
        return {}


def _module(text: str) -> str:
    """Lines that make a module of a text; where they fail, nothing right is there."""
    made = f"{_FAR} = type(__import__('sys'))({_FAR!r})"
    return f"{made}\nexec({text!r}, vars({_FAR}))"
