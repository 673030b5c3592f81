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
#: Letters that a student's code may print in one test cell.
_MAX_PRINTED = 20_000_000
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
        self._raised: list[tuple[BaseException, str]] = []
        self.asked = 0
        self.imports: frozenset[str] = frozenset()
        self._exchange, self._namespace = exchange, namespace
        self._broken = ""
        self._nested = self._printed = 0
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
        self._printed = 0
        self.asked, self._raised, self._lending.stopped = 0, [], None
        self.trust.stops.clear()
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

    def check_class(self, target: Any) -> None:
        """Make sure that the class of an object may be asked for."""
        self.trust.check_use(target, "__class__")

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
        if name == "__exit__":
            return self._exit(target, args[1])
        decided = self.trust.decide(target, name, args)
        if decided is not None:
            return decided(target, *args)
        found = self._special(target, name, args)
        if found is True and name in ("__eq__", "__contains__"):
            self._probe(target, name)
        return found

    def _exit(self, target: Any, err: BaseException | None) -> Any:
        """Leave a context; a check that failed in it cannot be put right by it."""
        ends = isinstance(err, AssertionError) or not isinstance(err, Exception)
        if err is None or not ends or self.text_of(err) is not None:
            return self._special(target, "__exit__", (err,))
        if not isinstance(err, (CallFailed, NotMeasured)):
            self._special(target, "__exit__", (None,))
        return False

    def _special(self, target: Any, name: str, args: tuple[Any, ...]) -> Any:
        label = f"{self._called(target)}.{name}"
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
            raise self.trust.failed(f"{kind}.{name} says yes to anything")

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
        return Library(f"module {name}", self.trust.unmeasured)

    def imported(self, module: str, name: str, there: Any) -> Any:
        """The judge's own of what the source imports in a cell of the student's.

        Whatever a student has under the name of a function that compares, a test that
        calls it would hand it what it expects. The course's own classes beside the
        notebook stay there, with their objects.
        """
        try:
            found: Any = importlib.import_module(module)
            if name:
                found = getattr(found, name)
        except (ImportError, AttributeError):  # say, a module that a student writes
            return there
        if not name and type(there) is Library:  # another module under that name
            return there
        beside = module.split(".")[0] in self.codec.course_modules
        return there if beside and isinstance(found, type) else found

    def text_of(self, err: BaseException) -> str | None:
        """The text of what a call raised; None of any other error.

        An error of a student's class would ask the kernel for it, and may lie or raise.
        """
        return next((text for raised, text in self._raised if raised is err), None)

    def unmeasured(self, reason: str) -> NotMeasured:
        return self.trust.unmeasured(reason)

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
            raise self.trust.unmeasured(f"the test hands over {err}") from None
        before, self._origin = self._origin, origin
        self._nested += 1
        try:
            answer = self._turns(data)
            taken = self._taken(answer, stops="__next__" in body[1:3])
        except Unread as err:  # a forgery, or a kind of ours that falls short: not a 0
            told = f"the notebook's code gave a value that {err}"
            raise self.trust.unmeasured(told) from None
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
            raise self.trust.failed(self._broken)
        if self.asked > MAX_QUESTIONS:
            raise self.trust.failed(f"was asked more than {MAX_QUESTIONS:,} times")
        if self._nested >= _MAX_NESTED:
            raise self.trust.failed(f"more than {_MAX_NESTED} calls within each other")

    def _break(self, reason: str) -> CallFailed:
        self._broken = self._broken or f"The notebook's code {reason}."
        return self.trust.failed(self._broken)

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

    def _taken(self, answer: list[Any], *, stops: bool) -> tuple[bool, Any]:
        """The value of an answer; `stops`: StopIteration is what it may raise."""
        kind, *parts = answer
        lending = self._lending
        if lending.stopped is not None and self._nested == 1:
            stopped, lending.stopped = lending.stopped, None
            raise stopped
        if kind in ("ok", "none"):
            value = self.codec.decode(parts[0]) if parts else None
            self.transcript.answer(value)
            return kind == "ok", value
        if kind == "late":
            raise self.trust.failed("It took longer than a call may.")
        if kind == "cannot":
            text = parts[0] if parts and type(parts[0]) is str else "nothing"
            raise self.trust.unmeasured(f"the notebook's code gave {text[:300]}")
        raised, text = self._error(parts)
        if isinstance(raised, StopIteration) and not stops:
            # It would end a test's loop, with checks that were never made.
            raised = RuntimeError("the call raised StopIteration")
        self.transcript.answer(raised, text)
        self._raised.append((raised, text))
        raise raised

    def _error(self, parts: list[Any]) -> tuple[BaseException, str]:
        """What was raised, as far as it can be made here, and its text as claimed.

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
        text = text[:2000] if type(text) is str else ""
        return error(kind, found, values, text), text

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
            self._printed += len(entry[1])
            if self._printed > _MAX_PRINTED:
                raise self.trust.failed("printed more than a test cell may")
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
