"""Questions to a paused kernel and what comes of each, within limits.

What it answers is read as forged: nonsense, too much, or no answer at all is the
student's failure, and nothing is asked any more.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from fairgrade.calls.raised import restore
from fairgrade.calls.values import Uncarried
from fairgrade.errors import CallFailed
from fairgrade.judge.attributes import Attributes
from fairgrade.judge.codec import JudgeCodec
from fairgrade.judge.in_step import Generators
from fairgrade.judge.lending import Lending
from fairgrade.judge.mirrors import error
from fairgrade.judge.quiet import QUIET, was_handled
from fairgrade.judge.transcripts import Transcript
from fairgrade.judge.trust import Trust
from fairgrade.protocol.calls import Gone, ProtocolError, Unread

#: Questions in one test cell: an endless generator ends here.
MAX_QUESTIONS = 200_000
#: Letters that a student's code may print in one test cell.
_MAX_PRINTED = 20_000_000
_PER_WARNING = 200
#: How deep calls and call-backs may be in each other.
_MAX_NESTED = 60
_ANSWERS = frozenset({"ok", "none", "raise", "late", "cannot"})

#: Sends a message and returns the answer.
Exchange = Callable[[bytes], bytes]


class Conversation:
    """That with one student's kernel.

    Args:
        exchange: sends one message to the kernel and returns what came back. Raises
            Gone, after which nothing is sent any more.
        codec: writes questions and reads answers.
        trust: takes note of what a test is not to go on after.

    Attributes:
        asked: how many questions there were since the cell began.
        origin: how the test came by what it asks at present; "" where that is no value.
        broken: why nothing is asked any more, or "".
        rebound: is given each name that the student's code bound anew, and to what.
        warned: is given each warning of the student's code, its line and file.
        exits: whether what is raised may be an exit or an interrupt: while a test runs.
    """

    def __init__(self, exchange: Exchange, codec: JudgeCodec, trust: Trust) -> None:
        self._exchange, self._codec, self._trust = exchange, codec, trust
        self._generators = Generators()
        self.lending = Lending(codec)
        self.attributes = Attributes(codec, self.ask)
        self.rebound: Callable[..., None] = _nothing
        self.warned: Callable[..., None] = _nothing
        self._warnings: list[tuple[Any, ...]] = []
        self.transcript = Transcript()
        self.asked = 0
        self.exits = False
        self.origin = self.broken = ""
        self._nested = self._printed = 0
        self._raised: list[tuple[BaseException, str]] = []
        self._quiet: list[BaseException] = []

    @property
    def pauses(self) -> bool:
        """Whether no question waits for its answer."""
        return self._nested == 0

    def begin(self) -> None:
        """Begin a test cell."""
        self._generators.begin()
        self.asked = self._printed = 0
        self._raised, self.lending.stopped = [], None
        self._quiet, self.exits = [], True

    def check_ends(self) -> None:
        """Make sure that what a call raised ended nothing of the test's in silence.

        A loop over calls would end, with checks that were never made.

        Raises:
            CallFailed: it did.
        """
        raised, self._quiet = self._quiet, []
        for err in raised:
            if not was_handled(err):
                raise self._trust.failed(f"Your code raised {type(err).__name__}")

    def ask(self, origin: str, *body: Any) -> tuple[bool, Any]:
        """Ask; whether there is a value, and the value.

        Raises:
            CallFailed: no answer came, or one that is none.
            NotMeasured: the question or the answer has no form here.
            Exception: what the student's code raised.
        """
        self._check_limits()
        try:
            free, changed = self._codec.let_go(), self._generators.changed()
            data = self._codec.write(*body, free=free, random=changed)
        except Uncarried as err:
            raise self._trust.unmeasured(f"the test hands over {err}") from None
        before, self.origin = self.origin, origin
        self._nested += 1
        try:
            answer = self._turns(data)
            try:
                return self._taken(answer, stops="__next__" in body[1:3])
            finally:
                self._warn()
        except Unread as err:  # a forgery, or a kind of ours that falls short: not a 0
            told = f"the notebook's code gave a value that {err}"
            raise self._trust.unmeasured(told) from None
        except ProtocolError as err:
            raise self._break(f"answered nonsense: {err}") from None
        finally:
            self.origin = before
            self._nested -= 1

    def text_of(self, err: BaseException) -> str | None:
        """The text of what a call raised; None of any other error.

        An error of a student's class would ask the kernel for it, and may lie or raise.
        """
        return next((text for raised, text in self._raised if raised is err), None)

    def _warn(self) -> None:
        found, self._warnings = self._warnings, []
        for each in found:
            self._printed += len(str(each[2])) + _PER_WARNING
            if self._printed > _MAX_PRINTED:
                raise self._trust.failed("warned of more than a test cell may")
            self.warned(*each)

    def _check_limits(self) -> None:
        self.asked += 1
        if self._quiet:
            self.check_ends()
        if self.broken:
            raise self._trust.failed(self.broken)
        if self.asked > MAX_QUESTIONS:
            raise self._trust.failed(f"was asked more than {MAX_QUESTIONS:,} times")
        if self._nested >= _MAX_NESTED:
            told = f"more than {_MAX_NESTED} calls within each other"
            raise self._trust.failed(told)

    def _break(self, reason: str) -> CallFailed:
        self.broken = self.broken or f"The notebook's code {reason}."
        self.transcript.end(reason)
        return self._trust.failed(self.broken)

    def _turns(self, data: bytes) -> list[Any]:
        """Send a question, and answer those that come before its answer."""
        while True:
            try:
                reply = self._exchange(data)
            except Gone as err:
                raise self._break(str(err)) from None
            self.transcript.note(data, reply)
            body, extras = self._codec.read(reply)
            self._show_said(extras.get("said", []))
            self.attributes.take(extras.get("attributes", []))
            for entry in extras.get("warned", []):
                if type(entry) is not list or len(entry) != 3:
                    raise ProtocolError("a warning that is none")
                self._warnings.append((self._codec.decode(entry[0]), *entry[1:]))
            for name, *value in _pairs(extras.get("rebound", [])):
                self.rebound(name, *map(self._codec.decode, value))
            if body[0] in _ANSWERS:
                return body
            self._check_limits()
            data = self.lending.answer(body)

    def _taken(self, answer: list[Any], *, stops: bool) -> tuple[bool, Any]:
        """The value of an answer; `stops`: StopIteration is what it may raise."""
        kind, *parts = answer
        lending = self.lending
        if lending.stopped is not None and self._nested == 1:
            stopped, lending.stopped = lending.stopped, None
            raise stopped
        if kind in ("ok", "none"):
            value = self._codec.decode(parts[0]) if parts else None
            self.transcript.answer(value, gave=self._codec.number_of(value))
            return kind == "ok", value
        if kind == "late":
            self.transcript.end("took longer than a call may")
            raise self._trust.failed("It took longer than a call may.")
        if kind == "cannot":
            text = parts[0] if parts and type(parts[0]) is str else "nothing"
            self.transcript.end(f"gave {text}")
            raise self._trust.unmeasured(f"the notebook's code gave {text[:300]}")
        raised, text = self._error(parts)
        self.transcript.answer(raised, text)
        self._raised.append((raised, text))
        if isinstance(raised, QUIET) and not stops:
            self._quiet.append(raised)
        context = raised.__context__
        try:
            raise raised
        except BaseException:  # which has put there what the test handles at present
            if context is not None:
                raised.__context__ = context
            raise

    def _error(self, parts: list[Any]) -> tuple[BaseException, str]:
        """What was raised, as far as it can be made here, and its text as claimed.

        Raises:
            ProtocolError: it is nothing that can be raised.
        """
        try:
            kept, of, args, text, attributes, *told = parts
            values = tuple(self._codec.decode(args))
            found = None if kept is None else self._codec.decode(kept)
            kind = self._codec.error_of(self._codec.decode_part(of))
            if not (self.exits or issubclass(kind, Exception)):
                kind, found = Exception, None
            own = {str.__str__(n): v for n, v in self._codec.decode_part(attributes)}
            state = self._codec.decode(*told) if told else None
        except (TypeError, ValueError) as err:
            raise ProtocolError("an error that is none") from err
        text = text[:2000] if type(text) is str else ""
        made = error(kind, found, values, text)
        if found is None and self._codec.own_name(type(made)):
            vars(made).update(own)
        try:
            if state is not None:
                restore(made, state, own=made is found)
        except (TypeError, ValueError) as err:
            raise ProtocolError("an error that holds what is nothing") from err
        return made, text

    def _show_said(self, said: list[Any]) -> None:
        for entry in said:
            if type(entry) is not list or [*map(type, entry)] != [str, str]:
                raise ProtocolError("what is printed is no text")
            stream = sys.stderr if entry[0] == "stderr" else sys.stdout
            self._printed += len(entry[1])
            if self._printed > _MAX_PRINTED:
                raise self._trust.failed("printed more than a test cell may")
            print(entry[1], end="", file=stream)


def _pairs(told: list[Any]) -> list[list[Any]]:
    for entry in told:
        if type(entry) is not list or not 1 <= len(entry) <= 2:
            raise ProtocolError("a name that was bound to nothing")
        if type(entry[0]) is not str:
            raise ProtocolError("a name that is none")
    return told


def _nothing(*given: Any) -> None:
    pass
