"""What a judge asked of a student's code and what it answered, to explain a grade."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from fairgrade.judge.shortly import shown
from fairgrade.protocol.texts import one_line

#: Lines that are kept of one test cell, and letters of one.
MAX_LINES, MAX_LINE = 200, 300
#: Questions that are kept to say why a test failed, and letters of one.
_LAST, _MAX_TEXT = 100, 400


#: What is done: a call, or an attribute is read or changed.
Kind = Literal["call", "get", "change"]


@dataclass(frozen=True)
class Asked:
    """A question and its answer, in words.

    Attributes:
        number: how many were asked before it.
        called: what was asked, as "Account.withdraw".
        text: the same with arguments, as they were when it was asked.
        found: what was answered; "" where nothing was.
        raised: that was an error.
        target: of whom: the number by which the kernel knows it, 0 for others.
        gave: the number of what was answered, 0 for data.
    """

    number: int
    kind: Kind
    called: str
    text: str
    found: str = ""
    raised: bool = False
    target: int = 0
    gave: int = 0


class Transcript:
    """The questions of one test cell with their answers, as far as they are kept.

    Attributes:
        lines: "f(1, 2) -> 3", the first `MAX_LINES`.
        count: how many questions there were, kept or not.
        last: the last questions, also one that got no answer.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Begin another test cell."""
        self.lines: list[str] = []
        self.count = 0
        self.last: deque[Asked] = deque(maxlen=_LAST)
        self._open: Asked | None = None
        self._digest = hashlib.sha256()

    @property
    def digest(self) -> str:
        """Of every byte that was sent and received."""
        return self._digest.hexdigest()

    def note(self, sent: bytes, received: bytes) -> None:
        """Take in two messages."""
        self._digest.update(sent)
        self._digest.update(received)

    def ask(
        self,
        called: str,
        args: Iterable[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        kind: Kind = "call",
        target: int = 0,
    ) -> None:
        """Take in a question; `called` says what is done to what, by a name."""
        given = [*map(shown, args)]
        given += [f"{name}={shown(value)}" for name, value in (kwargs or {}).items()]
        text = ", ".join(given)
        text = f"{called}({text})" if kind == "call" else f"{called} {text}".rstrip()
        self._open = Asked(
            self.count, kind, called, one_line(text, _MAX_TEXT), target=target
        )
        self.count += 1
        self.last.append(self._open)

    def answer(self, value: Any, raised: str | None = None, gave: int = 0) -> None:
        """Take in the answer to the last question.

        Args:
            gave: as `Asked.gave`.
            raised: the text of an error that was raised: nobody is asked for it.
        """
        found, sign = shown(value), "->"
        if raised is not None:
            found, sign = (
                f"{type(value).__name__}: {raised}".removesuffix(": "),
                "raises",
            )
        self._close(found, sign, raised=raised is not None, gave=gave)

    def end(self, how: str) -> None:
        """Take in that the last question got no answer."""
        self._close(how, "")

    def _close(self, found: str, sign: str, **fields: Any) -> None:
        asked, self._open = self._open, None
        if asked is None:
            return
        found = one_line(found, _MAX_TEXT)
        if self.last and self.last[-1] is asked:
            self.last[-1] = replace(asked, found=found, **fields)
        if len(self.lines) < MAX_LINES:
            line = " ".join(filter(None, (asked.text, sign, found)))
            self.lines.append(one_line(line, MAX_LINE))

    def steps(self, asked: Asked) -> Sequence[Asked]:
        """What was done to an object before a question of it, that question last."""
        if not asked.target:
            return [asked]
        found = [
            each
            for each in self.last
            if each.number < asked.number
            and (each.gave == asked.target or each.target == asked.target)
            and each.kind != "get"
        ]
        return [*found, asked]

    def between(self, questions: tuple[int, int]) -> Sequence[Asked]:
        """The questions from one number up to another, as far as they are kept."""
        first, end = questions
        return [asked for asked in self.last if first <= asked.number < end]
