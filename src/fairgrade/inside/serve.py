"""Answer a judge's questions in a student's kernel that is paused at a test cell.

Runs in the kernel's main thread, called like a cell of its own. The judge asks for
names, calls, attributes and special methods; what is no data stays here under a number.
Nothing in here is trusted: whatever it says is read as if the student had said it.
"""

from __future__ import annotations

import builtins
import contextlib
import random
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from typing import Any

from fairgrade.calls.known import error_names, error_of
from fairgrade.calls.values import Uncarried, Value
from fairgrade.inside import described
from fairgrade.inside.codec import Kept, KernelCodec
from fairgrade.inside.link import Link, Said
from fairgrade.protocol.calls import ProtocolError, begins

_MAX_SAID = 200_000
_ANSWERS = frozenset({"ok", "raise", "cannot"})


#: The kernel's only one, from the first test that asks.
_servers: list[Server] = []


class Server:
    """Answers questions until the judge has no more.

    Args:
        link: to the runner, which passes messages on.
        namespace: the notebook's global names.
    """

    def __init__(
        self, link: socket.socket, namespace: dict[str, Any], max_bytes: int
    ) -> None:
        self._link, self._namespace, self._busy = Link(link), namespace, False
        self._max_bytes = max_bytes
        self._begin()
        self._said: list[list[str]] = []
        self._originals: dict[tuple[type, str], Any] = {}

    def _begin(self) -> None:
        """Know nothing of what was said before: so does the judge."""
        self._codec = KernelCodec(self._namespace, self._ask_lent, self._max_bytes)

    def take_up(self, link: socket.socket) -> None:
        """Go on over another link."""
        self._link = Link(link)

    def run(self) -> None:
        """Answer until the link is closed."""
        with self._listening():
            self.answer_all()

    def answer_all(self) -> None:
        """Answer until the link is closed; what is printed goes where it went."""
        while (data := self._link.receive()) is not None:
            self._answer(data)

    def _answer(self, data: bytes) -> None:
        """Read a question, do what it asks, and say what came of it."""
        if begins(data):
            self._begin()
        try:
            body, extras = self._codec.read(data)
        except ProtocolError as err:
            self._reply(["cannot", f"what the test sent: {err}"])
        else:
            self._carry_out(body, extras)

    def _carry_out(self, body: list[Any], extras: dict[str, list[Any]]) -> None:
        try:
            self._codec.let_go(extras.get("free", []))
            for state in extras.get("random", ()):
                _set_random(*self._codec.decode(state))
            kind, *parts = body
            values = [self._codec.decode_part(part) for part in parts]
            with self._interruptible(True):
                reply = _OPERATIONS[kind](self, *values)
        except BaseException as err:
            reply = self._of_error(err)
        self._reply(reply)

    def _reply(self, reply: list[Any]) -> None:
        try:
            self._say(*reply)
        except Uncarried as err:
            self._say("cannot", f"a value that holds {err}")
        except BaseException as err:
            self._say("cannot", f"a value that cannot be read ({type(err).__name__})")

    @contextlib.contextmanager
    def _interruptible(self, busy: bool) -> Iterator[None]:
        before, self._busy = self._busy, busy
        try:
            yield
        finally:
            self._busy = before

    def _of_error(self, err: BaseException) -> list[Any]:
        if isinstance(err, KeyboardInterrupt):
            return ["late"]
        if isinstance(err, ProtocolError):
            return ["cannot", f"what the test sent: {err}"]
        kind = type(err)
        args = vars(BaseException)["args"].__get__(err)  # not what its class says
        try:
            text = str(err)[:2000]
        except BaseException:
            text = ""
        own = kind.__module__ in described.own_modules()
        of = ["*", *error_names(kind)]
        kept = Value(Kept(err)) if own else None
        return ["raise", kept, of, Value(args), text]

    def _say(self, *body: Any) -> None:
        said, self._said = self._said, []
        try:
            data = self._codec.write(*body, said=said)
        except Uncarried:
            if body[0] != "raise":
                raise
            data = self._codec.write(*body[:3], ["t"], body[4], said=said)
        self._link.send(data)

    # What the judge asks for: each gives the body of an answer.

    def begin(
        self, classes: list[str], functions: list[str], modules: list[str]
    ) -> list[Any]:
        """A new test cell: what the course defined, and no value is shared any more."""
        described.set_companions(modules)
        self._codec.leases.clear()
        self._codec.functions = set(functions)
        self._codec.course = {
            name: self._namespace[name]
            for name in classes
            if isinstance(self._namespace.get(name), type)
        }
        return ["ok", None]

    def name(self, name: str) -> list[Any]:
        """What a global name stands for."""
        if name in self._namespace:
            return _ok(self._namespace[name])
        return ["none"]

    def bind(self, name: str, *value: Any) -> list[Any]:
        """Bind a global name; without a value, unbind it."""
        if value:
            self._namespace[name] = value[0]
        else:
            self._namespace.pop(name, None)
        return ["ok", None]

    def call(self, target: Any, args: Any, kwargs: Any) -> list[Any]:
        """Call anything."""
        return _ok(target(*args, **dict(kwargs)))

    def method(self, target: Any, name: str, args: Any, kwargs: Any) -> list[Any]:
        """Call a method by its name."""
        return _ok(getattr(target, name)(*args, **dict(kwargs)))

    def get(self, target: Any, name: str) -> list[Any]:
        """Read an attribute."""
        return _ok(getattr(target, name))

    def set(self, target: Any, name: str, value: Any) -> list[Any]:
        """Write an attribute; of a class, what it was is kept for `restore`."""
        if isinstance(target, type) and name in vars(target):
            self._originals.setdefault((target, name), vars(target)[name])
        setattr(target, name, value)
        return _ok(None)

    def restore(self, target: Any, name: str) -> list[Any]:
        """Undo what was written to an attribute of a class."""
        setattr(target, name, self._originals.pop((target, name)))
        return _ok(None)

    def delete(self, target: Any, name: str) -> list[Any]:
        """Delete an attribute."""
        delattr(target, name)
        return _ok(None)

    def special(self, target: Any, name: str, *args: Any) -> list[Any]:
        """Call a special method as Python does: of the class."""
        if name == "__exit__":  # the judge sends the exception alone
            args = (None if args[0] is None else type(args[0]), args[0], None)
        return _ok(getattr(type(target), name)(target, *args))

    def step(self, target: Any, how: str, *args: Any) -> list[Any]:
        """The next value of an iterator; "none" and what it returns at its end."""
        try:
            value = next(target) if how == "next" else getattr(target, how)(*args)
        except StopIteration as end:
            return ["none", Value(end.value)]
        return _ok(value)

    def source(self, target: Any) -> list[Any]:
        """A source text."""
        return _ok(described.source(target))

    def names(self, *target: Any) -> list[Any]:
        """The names of attributes; without a target, the global ones."""
        found = dir(target[0]) if target else list(self._namespace)
        return _ok(tuple(sorted(name for name in found if type(name) is str)))

    def figures(self, *state: Any) -> list[Any]:
        """Pyplot's figures, after it was given those of the judge."""
        if state or "matplotlib.pyplot" in sys.modules:
            from fairgrade.kinds.matplotlib import current

            for given in state:
                current.set_current(given)
            return _ok(current.current())
        return _ok(((), None))

    # What the kernel asks the judge for.

    def _ask_lent(self, how: str, number: int, *parts: Any) -> Any:
        if how == "call":
            args, kwargs = parts
            return self._ask("lent-call", number, _many(args), _named(kwargs))
        if how == "special":
            name, *rest = parts
            return self._ask("lent-special", number, name, _many(rest))
        name, *rest = parts
        return self._ask(f"lent-{how}", number, name, *map(Value, rest))

    def _ask_input(self, prompt: object = "") -> Any:
        return self._ask("input", Value(str(prompt)))

    def _ask(self, *body: Any) -> Any:
        """Ask the judge something in the middle of its own question."""
        try:
            self._say(*body)
        except Uncarried as err:
            raise TypeError(f"cannot hand over {err}") from None
        with self._interruptible(False):
            answer = self._next_answer()
        if answer[0] == "ok":
            return self._codec.decode(answer[1])
        if answer[0] == "raise":
            of, args = map(self._codec.decode_part, answer[1:3])
            raise error_of(of)(*args)
        raise TypeError(str(answer[1]))

    def _next_answer(self) -> list[Any]:
        """The answer to what was asked, after questions that come before it."""
        while (data := self._link.receive()) is not None:
            body, extras = self._codec.read(data)
            if body[0] in _ANSWERS:
                return body
            self._carry_out(body, extras)
        raise SystemExit  # the judge is gone

    @contextlib.contextmanager
    def _listening(self) -> Iterator[None]:
        """What is printed goes to the judge, and so do questions to the user."""
        streams, asked = (sys.stdout, sys.stderr), builtins.input
        before = signal.signal(signal.SIGINT, self._interrupt)
        builtins.input = self._ask_input
        sys.stdout = Said("stdout", self._said_by)
        sys.stderr = Said("stderr", self._said_by)
        try:
            yield
        finally:
            builtins.input = asked
            sys.stdout, sys.stderr = streams
            signal.signal(signal.SIGINT, before)

    def _interrupt(self, *_: Any) -> None:
        """At a limit of time; one that comes when its call has ended is too late."""
        if self._busy:
            raise KeyboardInterrupt

    def _said_by(self, name: str, text: str) -> None:
        if sum(len(part) for _, part in self._said) < _MAX_SAID:
            self._said.append([name, text[:_MAX_SAID]])


def serve(path: str, namespace: dict[str, Any], max_bytes: int) -> None:
    """Answer the questions that come over the socket at `path` until it is closed.

    All tests of a notebook are one conversation, though each comes with a socket.
    """
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(path)
        if not _servers:
            _servers.append(Server(link, namespace, max_bytes))
        _servers[0].take_up(link)
        _servers[0].run()


def _ok(value: Any) -> list[Any]:
    return ["ok", Value(value)]


def _many(values: Any) -> list[Any]:
    return ["*", *map(Value, values)]


def _named(values: dict[str, Any]) -> list[Any]:
    return ["*", *(["*", name, Value(value)] for name, value in values.items())]


def _set_random(module: str, state: Any) -> None:
    """Take over the state of one of the judge's random generators."""
    if module == "random":
        random.setstate(state)
    elif module == "numpy":
        import numpy as np

        np.random.set_state(state)


_OPERATIONS: dict[str, Callable[..., list[Any]]] = {
    name: getattr(Server, name)
    for name in (
        *("begin", "name", "bind", "call", "method", "get", "set", "restore"),
        "delete",
        *("special", "step", "source", "names", "figures"),
    )
}
