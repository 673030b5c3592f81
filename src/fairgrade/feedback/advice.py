"""What to do next: of everything a notebook shows, what helps its student most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fairgrade.feedback.causes import Cause, Follow, Kind

#: Causes that are told one by one, and those that cost nothing beside them.
MOST, MOST_FREE = 6, 3


@dataclass(frozen=True)
class Advice:
    """One thing to do.

    Attributes:
        what: what is wrong, one line.
        hint: what helps, may be ''.
        cell: the number of the cell to look at, 0 when there is none.
        points: what it cost in all.
        follows: what went wrong because of it.
    """

    what: str
    hint: str = ""
    cell: int = 0
    points: float = 0.0
    follows: tuple[Follow, ...] = ()


def advise(causes: Sequence[Cause], notices: Sequence[str] = ()) -> list[Advice]:
    """What to do, the most costly cause first; none when nothing went wrong.

    Args:
        causes: by what they cost.
        notices: what kept the notebook from being graded at all.
    """
    advice = [Advice(notice) for notice in notices]
    costly = [cause for cause in causes if cause.points > 0]
    free = [cause for cause in causes if cause.points <= 0]
    told = costly[:MOST]
    advice += map(_from, [*told, *free[: max(0, MOST_FREE - len(told))]])
    if rest := costly[MOST:]:
        cost = sum(cause.points for cause in rest)
        advice.append(Advice(f"Then there are {len(rest)} more.", points=cost))
    return advice


def _from(cause: Cause) -> Advice:
    what = cause.what
    if cause.found or cause.expected:
        expected = cause.expected or "something else"
        what = f"{what.rstrip('.')}: expected {expected}, found {cause.found or '–'}"
    own = cause.kind is Kind.FINDING  # the first is the check itself
    follows = tuple(cause.follows[own:])
    hint = cause.hint[:1].upper() + cause.hint[1:]
    return Advice(what, hint, cause.cell, cause.points, follows)
