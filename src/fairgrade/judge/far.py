"""A conversation with a paused kernel, for as long as a submission is judged.

What a test does with a mirror becomes a question here. Whether the kernel is asked at
all is decided by `judge.trust`; what it answers is read as forged.
"""

from __future__ import annotations

import contextlib
import importlib
import random
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from fairgrade.calls.known import error_of
from fairgrade.calls.values import Uncarried, Value
from fairgrade.errors import CallFailed, NotMeasured
from fairgrade.judge.classes import MirrorType
from fairgrade.judge.codec import JudgeCodec, Stranger
from fairgrade.judge.figures import Figures
from fairgrade.judge.lending import Lending
from fairgrade.judge.looks import Handle
from fairgrade.judge.mirrors import Library, error, mirror
from fairgrade.judge.transcripts import Transcript
from fairgrade.judge.trust import Trust
from fairgrade.protocol.calls import MAX_BYTES, Gone, ProtocolError, Unread

#: Questions in one test cell: an endless generator ends here.
MAX_QUESTIONS = 200_000
#: How deep calls and call-backs may be in each other.
_MAX_NESTED = 60
_ANSWERS = frozenset({"ok", "none", "raise", "late", "cannot"})
#: Questions that run no code of the notebook.
_QUIET = frozenset({"begin", "bind", "name", "figures"})
_MISSING = object()

#: Sends a message and returns the answer.
Exchange = Callable[[bytes], bytes]


class Far:
    """What a judge can ask of one student's kernel; mirrors call its methods.

    Args:
        exchange: sends one message to the kernel and returns what came back. Raises
            Gone, after which nothing is sent any more.
        namespace: the judge's names, as the tests see them.
        kinds: what arose where with the reference solution, as `Trust` takes it.
    """

    def __init__(
        self,
        exchange: Exchange,
        namespace: dict[str, Any],
        *,
        kinds: Mapping[str, list[str]] | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self.codec = JudgeCodec(namespace, self._mirror, max_bytes)
        self._lending = Lending(self.codec)
        self.trust = Trust(kinds)
        self.transcript = Transcript()
        self.raised: list[BaseException] = []
        self.asked = 0
        self.imports: frozenset[str] = frozenset()
        self._exchange, self._namespace = exchange, namespace
        self._broken = ""
        self._nested = 0
        self._origin = ""
        self._states: dict[str, Any] = {}
        self._watched: frozenset[str] = frozenset()
        self._there: dict[str, Any] = {}
        self._labels: dict[int, str] = {}
        self.figures = Figures(self._exchange_figures)

    def begin(
        self,
        classes: Mapping[str, type],
        functions: frozenset[str],
        modules: frozenset[str],
        watched: frozenset[str],
    ) -> None:
        """Begin a test cell: nothing of an earlier one is shared any more.

        Args:
            classes: the course's, which cells of the notebook define.
            functions: names of the course's functions there.
            modules: the course's own modules beside the notebook.
            watched: names that students' cells read: where the test binds or deletes
                them, the kernel does so as well.
        """
        self.codec.leases.clear()
        self.codec.course = dict(classes)
        self.codec.own_functions, self.codec.course_modules = functions, modules
        self._states = _random_states()
        self._watched = watched
        self._there = {n: self._namespace[n] for n in watched if n in self._namespace}
        self.asked, self.raised, self._lending.unmeasured = 0, [], None
        names = [sorted(part) for part in (classes, functions, modules)]
        self._ask("", "begin", *(["*", *part] for part in names))
        self.asked = 0

    # What mirrors ask for.

    def name(self, name: str) -> Any:
        """What a global name stands for in the kernel.

        Raises:
            KeyError: nothing.
        """
        found, value = self._ask(f"name {name}", "name", name)
        if not found:
            raise KeyError(name)
        self._there[name] = value
        return value

    def call(self, target: Any, args: Any, kwargs: Any) -> Any:
        label = f"{self._called(target)}()"
        self._show(self._called(target), args, kwargs)
        parts = Value(target), _many(args), _named(kwargs)
        return self._ask(label, "call", *parts)[1]

    def method(self, target: Any, name: str, args: Any, kwargs: Any) -> Any:
        self.trust.check_use(target, name)
        called = f"{self._called(target)}.{name}"
        self._show(called, args, kwargs)
        parts = Value(target), name, _many(args), _named(kwargs)
        return self._ask(f"{called}()", "method", *parts)[1]

    def get(self, target: Any, name: str) -> Any:
        self.trust.check_use(target, name)
        label = f"{self._called(target)}.{name}"
        self.transcript.ask(label)
        return self._ask(label, "get", Value(target), name)[1]

    def set(self, target: Any, name: str, value: Any) -> None:
        self.transcript.ask(f"{self._called(target)}.{name} =", value)
        self._ask("", "set", Value(target), name, Value(value))

    def restore(self, target: Any, name: str) -> None:
        self._ask("", "restore", Value(target), name)

    def release(self, target: Handle) -> None:
        self.codec.release(target.number)

    def delete(self, target: Any, name: str) -> None:
        self.transcript.ask(f"del {self._called(target)}.{name}")
        self._ask("", "delete", Value(target), name)

    def special(self, target: Any, name: str, args: tuple[Any, ...]) -> Any:
        decided = self.trust.decide(target, name, args)
        if decided is not None:
            return decided(target, *args)
        found = self._special(target, name, args)
        if found is True and name in ("__eq__", "__contains__"):
            self._probe(target, name)
        return found

    def _special(self, target: Any, name: str, args: tuple[Any, ...]) -> Any:
        label = f"{self._called(target)}.{name}"
        if name == "__exit__":
            args = args[1:2]
        self._show(label, args, {})
        parts = Value(target), name, *map(Value, args)
        return self._ask(f"{label}()", "special", *parts)[1]

    def _probe(self, target: Any, name: str) -> None:
        """Whether it would also be equal to, or contain, what it cannot know."""
        try:
            lies = self._special(target, name, (Stranger(),)) is True
        except Exception:
            return  # an honest comparison may fail on a stranger
        if lies:
            kind = type(target).__name__
            raise CallFailed(f"{kind}.{name} says yes to anything")

    def step(self, target: Any, how: str, *args: Any) -> tuple[bool, Any]:
        if how == "throw":
            raise args[0]  # of the test's own; the far side learns nothing of it
        self.transcript.ask(f"{how}(iterator)")
        return self._ask("next", "step", Value(target), how, *map(Value, args))

    def source(self, target: Any) -> str:
        if self._broken:  # a traceback may ask for it, too
            return ""
        text = self._ask("", "source", Value(target))[1]
        return text if type(text) is str else ""

    def names(self, *target: Any) -> list[str]:
        found = self._ask("", "names", *map(Value, target))[1]
        return [name for name in found if type(name) is str]

    def module(self, name: str) -> Any:
        """The judge's own module, where the instructor's source imports it."""
        if name in self.imports:
            with contextlib.suppress(ImportError):
                return importlib.import_module(name)
        return Library(f"module {name}")

    def node(self, node: Any) -> Any:
        return self.codec.decode(node)

    def push(self, names: frozenset[str]) -> None:
        """Give the kernel what a test cell bound, as far as it has a form."""
        for name in sorted(names):
            value = dict.get(self._namespace, name, _MISSING)
            if value is not _MISSING and self._there.get(name, _MISSING) is not value:
                self._bind(name, value)

    # Questions and answers.

    def _ask(self, origin: str, *body: Any) -> tuple[bool, Any]:
        """Ask; whether there is a value, and the value.

        Raises:
            CallFailed: no answer came, or one that is none.
            NotMeasured: the question or the answer has no form here.
            Exception: what the student's code raised.
        """
        runs_code = self._nested == 0 and body[0] not in _QUIET
        if runs_code:
            self._follow_names()
            self.figures.give()
        self._check_limits()
        try:
            extras = {"free": self.codec.let_go(), "random": self._random()}
            data = self.codec.write(*body, **extras)
        except Uncarried as err:
            raise NotMeasured(f"the test hands over {err}") from None
        before, self._origin = self._origin, origin
        self._nested += 1
        try:
            answer = self._turns(data)
            taken = self._taken(answer)
        except Unread as err:  # a forgery, or a kind of ours that falls short: not a 0
            raise NotMeasured(f"the notebook's code gave a value that {err}") from None
        except ProtocolError as err:
            raise self._break(f"answered nonsense: {err}") from None
        finally:
            self._origin = before
            self._nested -= 1
        if runs_code:
            self.figures.take()
        return taken

    def _exchange_figures(self, *state: Any) -> Any:
        return self._ask("", "figures", *map(Value, state))[1]

    def _check_limits(self) -> None:
        self.asked += 1
        if self._broken:
            raise CallFailed(self._broken)
        if self.asked > MAX_QUESTIONS:
            raise CallFailed(f"was asked more than {MAX_QUESTIONS:,} times")
        if self._nested >= _MAX_NESTED:
            raise CallFailed(f"more than {_MAX_NESTED} calls within each other")

    def _break(self, reason: str) -> CallFailed:
        self._broken = self._broken or f"The notebook's code {reason}."
        return CallFailed(self._broken)

    def _turns(self, data: bytes) -> list[Any]:
        """Send a question, and answer those that come before its answer."""
        while True:
            try:
                reply = self._exchange(data)
            except Gone as err:
                raise self._break(str(err)) from None
            self.transcript.note(data, reply)
            body, extras = self.codec.read(reply)
            self._show_said(extras.get("said", []))
            if body[0] in _ANSWERS:
                return body
            self._check_limits()
            data = self._lending.answer(body)

    def _taken(self, answer: list[Any]) -> tuple[bool, Any]:
        kind, *parts = answer
        lending = self._lending
        unmeasured, lending.unmeasured = lending.unmeasured, None
        if unmeasured is not None and self._nested == 1:
            raise unmeasured
        if kind in ("ok", "none"):
            value = self.codec.decode(parts[0]) if parts else None
            self.transcript.answer(value)
            return kind == "ok", value
        if kind == "late":
            raise CallFailed("It took longer than a call may.")
        if kind == "cannot":
            text = parts[0] if parts and type(parts[0]) is str else "nothing"
            raise NotMeasured(f"the notebook's code gave {text[:300]}")
        raised = self._error(parts)
        self.transcript.answer(raised)
        self.raised.append(raised)
        raise raised

    def _error(self, parts: list[Any]) -> BaseException:
        """What was raised, as far as it can be made here.

        Raises:
            ProtocolError: it is nothing that can be raised.
        """
        try:
            kept, of, args, text = parts
            values = tuple(self.codec.decode(args))
            found = None if kept is None else self.codec.decode(kept)
            kind = error_of(self.codec.decode_part(of))
        except (TypeError, ValueError) as err:
            raise ProtocolError("an error that is none") from err
        return error(kind, found, values, str(text)[:2000])

    def _random(self) -> list[Any]:
        """States of random generators that the test changed since they were sent."""
        now, changed = _random_states(), []
        for module, state in now.items():
            if not _same_state(state, self._states.get(module)):
                changed.append(Value((module, state)))
        self._states = now
        return changed

    def _follow_names(self) -> None:
        """Let the kernel bind and unbind what the test did of names it reads."""
        for name in self._watched:
            value = dict.get(self._namespace, name, _MISSING)
            there = self._there.get(name, _MISSING)
            if value is there:
                continue
            if value is _MISSING:
                del self._there[name]
                self._ask("", "bind", name)
            else:
                self._bind(name, value)

    def _bind(self, name: str, value: Any) -> None:
        self._there[name] = value
        self._ask("", "bind", name, Value(value))

    def _mirror(self, number: int, about: list[Any]) -> Any:
        made = mirror(self, number, about)
        self._labels[number] = self._origin.removeprefix("name ")
        if type(type(made)) is MirrorType:
            self.trust.note(made, self._origin)
        return made

    def _show_said(self, said: list[Any]) -> None:
        for entry in said:
            if type(entry) is not list or [*map(type, entry)] != [str, str]:
                raise ProtocolError("what is printed is no text")
            stream = sys.stderr if entry[0] == "stderr" else sys.stdout
            print(entry[1], end="", file=stream)

    def _called(self, target: Any) -> str:
        """How the test came by it: never what it calls itself."""
        if type(type(target)) is MirrorType:
            return type(target).__name__
        number = self.codec.number_of(target)
        label = self._labels.get(number, "")
        return label or (target.__name__ if isinstance(target, type) else "it")

    def _show(self, called: str, args: Any, kwargs: Any) -> None:
        self.transcript.ask(called, *args, **kwargs)


def _many(args: Any) -> list[Any]:
    return ["*", *map(Value, args)]


def _named(kwargs: dict[str, Any]) -> list[Any]:
    return ["*", *(["*", name, Value(value)] for name, value in kwargs.items())]


def _random_states() -> dict[str, Any]:
    return {"random": random.getstate(), "numpy": np.random.get_state()}


def _same_state(state: Any, before: Any) -> bool:
    if before is None or len(state) != len(before):
        return False
    return all(
        bool(np.array_equal(a, b)) if isinstance(a, np.ndarray) else a == b
        for a, b in zip(state, before, strict=True)
    )
