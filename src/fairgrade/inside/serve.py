"""Answer a judge's questions in a student's kernel that is paused at a test cell.

Runs in the kernel's main thread, called like a cell of its own. The judge asks for
names, calls, attributes and special methods; what is no data stays here under a number.
Nothing in here is trusted: whatever it says is read as if the student had said it.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib
import random
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fairgrade.calls.raised import args_of, state_of
from fairgrade.calls.values import Uncarried, Value
from fairgrade.inside.codec import Kept, KernelCodec
from fairgrade.inside.link import Link, Said
from fairgrade.inside.operations import Operations
from fairgrade.inside.patched import Patched
from fairgrade.inside.surroundings import Surroundings
from fairgrade.inside.warned import MAX_WARNINGS, Warned
from fairgrade.inside.working_folder import WorkingFolder
from fairgrade.protocol.calls import ProtocolError, begins

_MAX_SAID = 200_000
_ANSWERS = frozenset({"ok", "raise", "cannot"})
_PLAIN = (type(None), bool, int, float, str)


#: The kernel's only one, from the first test that asks.
_servers: list[Server] = []


class Server:
    """Answers questions until the judge has no more.

    Args:
        link: to the runner, which passes messages on.
        namespace: the notebook's global names.
        folder: where the notebook runs.
    """

    def __init__(
        self,
        link: socket.socket,
        namespace: dict[str, Any],
        max_bytes: int,
        folder: Path,
    ) -> None:
        self._link, self._namespace = Link(link), namespace
        self._busy = self._late = False
        self._max_bytes = max_bytes
        self._codec = self._fresh_codec()
        files = WorkingFolder(folder, max_bytes)
        patched = Patched(lambda: self._busy)
        around = Surroundings(self._ask_stdin)
        self._warned = Warned()
        self._operations = Operations(
            namespace, self._codec, files, patched, around, self._warned
        )
        self._said: list[list[str]] = []

    def _fresh_codec(self) -> KernelCodec:
        """One that knows nothing of what was said before: so does the judge."""
        return KernelCodec(self._namespace, self._ask_lent, self._max_bytes)

    def take_up(self, link: socket.socket) -> None:
        """Go on over another link."""
        self._link = Link(link)

    def run(self) -> None:
        """Answer until the link is closed."""
        with self._listening(), self._warned.listening():
            self.answer_all()
        self._operations.patched.restore()

    def answer_all(self) -> None:
        """Answer until the link is closed; what is printed goes where it went."""
        while (data := self._link.receive()) is not None:
            self._answer(data)

    def _answer(self, data: bytes) -> None:
        """Read a question, do what it asks, and say what came of it."""
        if begins(data):
            self._codec = self._operations.codec = self._fresh_codec()
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
            self._late, (kind, *parts) = False, body
            values = [self._codec.decode_part(part) for part in parts]
            with self._interruptible(True):
                reply = self._operations.do(kind, *values)
            if self._warned.full:
                reply = ["cannot", f"more than {MAX_WARNINGS:,} warnings"]
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
        if isinstance(err, KeyboardInterrupt) and self._late:
            return ["late"]
        if isinstance(err, ProtocolError):
            return ["cannot", f"what the test sent: {err}"]
        kind = type(err)
        try:
            text = str(err)[:2000]
        except BaseException:
            text = ""
        of = ["*", *self._codec.error_names(kind)]
        kept = Value(Kept(err)) if self._codec.is_kept(kind) else None
        attributes = _named(vars(err) if self._codec.own_name(kind) else {})
        state = state_of(err, own=kept is not None, chain=True)
        return ["raise", kept, of, Value(args_of(err)), text, attributes, Value(state)]

    def _say(self, *body: Any) -> None:
        said, self._said = self._said, []
        try:
            data = self._written(body, said)
        except Uncarried:
            if body[0] != "raise":
                raise
            data = self._codec.write(*_plainer(body), said=said)
        self._link.send(data)

    def _written(self, body: tuple[Any, ...], said: list[list[str]]) -> bytes:
        codec, warned = self._codec, self._warned.taken()
        told, names = dict(codec.told), dict(codec.names)
        try:
            full = {"attributes": codec.attributes, "rebound": codec.rebound}
            return codec.write(*body, said=said, warned=warned, **full)
        except Uncarried:
            codec.told, codec.names = told, names
        # If one of these has no form, what a test does with it cannot be told.
        plain = {"attributes": codec.plain_attributes, "rebound": codec.plain_rebound}
        return codec.write(*body, said=said, warned=warned, **plain)

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

    def _ask_stdin(self, how: str, size: int) -> str:
        return str(self._ask("stdin", how, size))

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
            raise self._codec.error_of(of)(*args)
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
            self._late = True
            raise KeyboardInterrupt

    def _said_by(self, name: str, text: str) -> None:
        if sum(len(part) for _, part in self._said) < _MAX_SAID:
            self._said.append([name, text[:_MAX_SAID]])


def serve(path: str, namespace: dict[str, Any], max_bytes: int, folder: str) -> None:
    """Answer the questions that come over the socket at `path` until it is closed.

    All tests of a notebook are one conversation, though each comes with a socket.
    """
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(path)
        if not _servers:
            _servers.append(Server(link, namespace, max_bytes, Path(folder)))
        _servers[0].take_up(link)
        _servers[0].run()


def _many(values: Any) -> list[Any]:
    return ["*", *map(Value, values)]


def _named(values: dict[str, Any]) -> list[Any]:
    return ["*", *(["*", name, Value(value)] for name, value in values.items())]


def _plainer(body: tuple[Any, ...]) -> list[Any]:
    """What was raised, with objects of no form for what is not plain."""
    kind, kept, of, args, text, *_ = body
    plain = tuple(a if type(a) in _PLAIN else object() for a in args.value)
    return [kind, kept, of, Value(plain), text, ["*"], None]


def _set_random(module: str, state: Any) -> None:
    """Take over the state of one of the judge's random generators."""
    if module == "random":
        random.setstate(state)
    elif module == "numpy":
        import numpy as np

        np.random.set_state(state)
    elif module == "torch":
        torch: Any = importlib.import_module("torch")
        torch.set_rng_state(torch.from_numpy(state[0].copy()))
    elif module == "tensorflow":
        import tensorflow as tf

        tf.random.set_seed(state[0])
