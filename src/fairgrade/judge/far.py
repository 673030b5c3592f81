"""What a test can do with a student's kernel, for as long as a submission is judged.

What a test does with a mirror becomes a question here. Whether the kernel is asked at
all is decided by `judge.trust`.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np

from fairgrade.calls.values import Value
from fairgrade.errors import CallFailed, NotMeasured
from fairgrade.judge.class_mirrors import MirrorType
from fairgrade.judge.codec import JudgeCodec, Stranger
from fairgrade.judge.codes import Codes
from fairgrade.judge.conversation import Conversation, Exchange
from fairgrade.judge.figures import Figures
from fairgrade.judge.files import Files
from fairgrade.judge.folder import Folder
from fairgrade.judge.in_step import Names
from fairgrade.judge.library import Library
from fairgrade.judge.looks import Handle
from fairgrade.judge.mirrors import mirror
from fairgrade.judge.own_imports import own_import, own_module
from fairgrade.judge.patched import Patched
from fairgrade.judge.surroundings import Surroundings
from fairgrade.judge.transcripts import Kind
from fairgrade.judge.trust import Trust
from fairgrade.judge.warned import Warned
from fairgrade.protocol.calls import MAX_BYTES

#: Questions that run no code of the notebook.
_QUIET = frozenset(
    (
        *("begin", "bind", "name", "figures", "files", "patch"),
        *("surround", "environment", "filters"),
    )
)


class Far:
    """What a judge can ask of one student's kernel; mirrors call its methods.

    Args:
        exchange: as `Conversation` takes it.
        namespace: the judge's names, as the tests see them.
        folder: where tests run.
        kinds: what arose where with the reference solution, as `Trust` takes it.
    """

    def __init__(
        self,
        exchange: Exchange,
        namespace: dict[str, Any],
        folder: Folder,
        *,
        kinds: Mapping[str, list[str]] | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self.codec = JudgeCodec(namespace, self._mirror, max_bytes)
        self.trust = Trust(kinds)
        self.conversation = Conversation(exchange, self.codec, self.trust)
        self.transcript = self.conversation.transcript
        self.imports: frozenset[str] = frozenset()
        self.figures = Figures(self._exchange_figures)
        self.files = Files(self._exchange_files, self.trust.unmeasured, folder)
        self.names_in_step = Names(namespace, self._bind)
        self.conversation.rebound = self.names_in_step.rebind
        self.patched = Patched(namespace, functools.partial(self._ask, "", "patch"))
        self.surroundings = Surroundings(lambda *parts: self._ask("", *parts)[1])
        self.conversation.lending.read = self.surroundings.read
        self.warned = Warned(lambda *parts: self._ask("", *parts), self._is_carried)
        self.conversation.warned = self.warned.take
        self.codes = Codes(self._code, self.get, self.trust.unmeasured)
        self._labels: dict[int, str] = {}

    def begin(
        self,
        classes: Mapping[str, type],
        functions: frozenset[str],
        modules: frozenset[str],
        watched: frozenset[str],
        rebound: frozenset[str],
    ) -> None:
        """Begin a test cell: of an earlier one, what tests still hold stays shared.

        Args:
            classes: the course's, which cells of the notebook define.
            functions: names of the course's functions there.
            modules: the course's own modules beside the notebook.
            watched: names that students' cells read: where the test binds or deletes
                them, the kernel does so as well.
            rebound: those that functions of the source bind.
        """
        self.codec.leases.sweep()
        self.codec.course = dict(classes)
        self.codec.own_functions, self.codec.course_modules = functions, modules
        self.names_in_step.begin(watched, rebound)
        self.conversation.begin()
        self.trust.stops.clear()
        self.codes.begin()
        names = [sorted(part) for part in (classes, functions, modules)]
        self._ask("", "begin", *(["*", *part] for part in names))

    # What mirrors ask for.

    def name(self, name: str) -> Any:
        """What a global name stands for in the kernel.

        Raises:
            KeyError: nothing.
        """
        found, value = self._ask(f"name {name}", "name", name)
        if not found:
            raise KeyError(name)
        self.names_in_step.found(name, value)
        return value

    def call(self, target: Any, args: Any, kwargs: Any) -> Any:
        label = f"{self._called(target)}()"
        self._show(self._called(target), 0, args, kwargs)
        parts = Value(target), _many(args), _named(kwargs)
        return self._ask(label, "call", *parts)[1]

    def method(self, target: Any, name: str, args: Any, kwargs: Any) -> Any:
        self.trust.check_use(target, name)
        called = f"{self._called(target)}.{name}"
        self._show(called, target, args, kwargs)
        parts = Value(target), name, _many(args), _named(kwargs)
        return self._ask(f"{called}()", "method", *parts)[1]

    def get(self, target: Any, name: str) -> Any:
        self.trust.check_use(target, name)
        label = f"{self._called(target)}.{name}"
        self._note(label, target, kind="get")
        found = self._ask(label, "get", Value(target), name)[1]
        return self.codec.own_doc(found) if name == "__doc__" else found

    def check_class(self, target: Any) -> None:
        """Make sure that the class of an object may be asked for."""
        self.trust.check_use(target, "__class__")

    def set(self, target: Any, name: str, value: Any) -> None:
        told = f"{self._called(target)}.{name} ="
        self._note(told, target, (value,), kind="change")
        self._ask("", "set", Value(target), name, Value(value))

    def derive(self, name: str, bases: Any, members: Any, given: Any) -> Any:
        parts = name, _many(bases), members, _named(given)
        made = self._ask("", "derive", *parts)[1]
        if type(made) is not MirrorType:
            raise self.trust.failed("The notebook made no class of it.")
        return made

    def restore(self, target: Any, name: str) -> None:
        self._ask("", "restore", Value(target), name)

    def release(self, target: Handle) -> None:
        self.codec.release(target.number)

    def delete(self, target: Any, name: str) -> None:
        self._note(f"del {self._called(target)}.{name}", target, kind="change")
        self._ask("", "delete", Value(target), name)

    def special(self, target: Any, name: str, args: tuple[Any, ...]) -> Any:
        if name == "__exit__":
            return self._exit(target, args[1])
        if name == "__aexit__":
            return self._leave(target, args[1])
        decided = self.trust.decide(target, name, args)
        if decided is not None:
            return decided(target, *args)
        found = self._special(target, name, args)
        if found is True and name in ("__eq__", "__contains__"):
            self._probe(target, name)
        return found

    def _exit(self, target: Any, err: BaseException | None) -> Any:
        """Leave a context; a check that failed in it cannot be put right by it."""
        if err is None or not self._ends(err):
            return self._special(target, "__exit__", (err,))
        if not isinstance(err, (CallFailed, NotMeasured)):
            self._special(target, "__exit__", (None,))
        return False

    async def _leave(self, target: Any, err: BaseException | None) -> Any:
        """The same of an asynchronous context."""
        if err is None or not self._ends(err):
            return await self._special(target, "__aexit__", (err,))
        if not isinstance(err, (CallFailed, NotMeasured)):
            await self._special(target, "__aexit__", (None,))
        return False

    def _ends(self, err: BaseException) -> bool:
        """Whether it ends the test, and is not what a call raised."""
        ends = isinstance(err, AssertionError) or not isinstance(err, Exception)
        return ends and self.text_of(err) is None

    def _special(self, target: Any, name: str, args: tuple[Any, ...]) -> Any:
        label = f"{self._called(target)}.{name}"
        self._show(label, target, args, {})
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
        if how in ("throw", "athrow") and self._ends(args[0]):
            raise args[0]
        self.transcript.ask(f"{how}(iterator)", kind="get")
        if how in ("close", "aclose"):
            return self._ask("", "step", Value(target), how)
        # Items come as those of a list would that was returned in its place.
        origin = self._labels.get(self.codec.number_of(target), "next")
        return self._ask(origin, "step", Value(target), how, *map(Value, args))

    def load(self, reader: str, source: Any, args: Any, kwargs: Any) -> Any:
        """What a library's reader, "module:name", makes of a file or bytes there."""
        called = reader.replace(":", ".")
        self.files.read_there(source)
        self.transcript.ask(called, (source if type(source) is str else "a file",))
        parts = reader, Value(source), _many(args), _named(kwargs)
        return self._ask(f"{called}()", "load", *parts)[1]

    def weights(self, network: Any, file: str, args: Any, kwargs: Any) -> None:
        """Give a network the weights in a file there, which only the kernel opens."""
        self.transcript.ask("load_weights", file)
        self.files.read_there(file)
        parts = Value(network), Value(file), _many(args), _named(kwargs)
        found = self._ask("load_weights()", "weights", *parts)[1]
        there = [(each.shape, each.dtype) for each in network.get_weights()]
        if type(found) is not tuple or not all(type(w) is np.ndarray for w in found):
            raise self.trust.failed("The notebook's weights are none.")
        if [(each.shape, each.dtype) for each in found] != there:
            raise self.trust.failed("The notebook's weights are of another network.")
        network.set_weights(found)

    def source(self, target: Any) -> str:
        if self.conversation.broken:  # a traceback may ask for it, too
            return ""
        text = self._ask("", "source", Value(target))[1]
        return text if type(text) is str else ""

    def _is_carried(self, kind: Any) -> bool:
        return bool(self.codec.number_of(kind) or self.codec.known(kind))

    def _code(self, target: Any) -> Any:
        return self._ask("", "code", Value(target))[1]

    def names(self, *target: Any) -> list[str]:
        found = self._ask("", "names", *map(Value, target))[1]
        return [name for name in found if type(name) is str]

    def module(self, name: str) -> Any:
        """The judge's own module of that name, or what says that there is none."""
        own = own_module(name, self.imports)
        missing = Library(f"module {name}", self.trust.unmeasured)
        return missing if own is None else own

    def imported(self, module: str, name: str, there: Any) -> Any:
        """The judge's own of what the source imports in a cell of the student's."""
        return own_import(module, name, there, self.codec.course_modules)

    def text_of(self, err: BaseException) -> str | None:
        """The text of what a call raised; None of any other error."""
        return self.conversation.text_of(err)

    def is_course_class(self, kind: type) -> bool:
        return bool(self.codec.own_name(kind))

    def unmeasured(self, reason: str) -> NotMeasured:
        return self.trust.unmeasured(reason)

    def node(self, node: Any) -> Any:
        return self.codec.decode(node)

    def push(self, names: frozenset[str]) -> None:
        """Give the kernel what a test cell bound or changed, if it has a form."""
        self.names_in_step.push(names)
        if any(True for _ in self.codec.leases.changed()):
            self._ask("", "names")  # any question brings it along

    def _ask(self, origin: str, *body: Any) -> tuple[bool, Any]:
        """Ask, with names, figures and files as they are; see `Conversation.ask`."""
        runs_code = self.conversation.pauses and body[0] not in _QUIET
        if runs_code:
            self.names_in_step.follow()
            self.patched.follow()
            self.surroundings.follow()
            self.warned.follow()
            self.conversation.attributes.follow()
            self.figures.give()
            self.files.give()
        answer = self.conversation.ask(origin, *body)
        if runs_code:
            self.figures.take()
            self.files.take()
            self.surroundings.take()
        self.files.meet(answer[1])
        return answer

    def _exchange_figures(self, *state: Any) -> Any:
        return self._ask("", "figures", *map(Value, state))[1]

    def _exchange_files(self, *parts: Any) -> Any:
        return self._ask("", "files", *map(Value, parts))[1]

    def _bind(self, name: str, *value: Value) -> None:
        self._ask("", "bind", name, *value)

    def _mirror(self, number: int, about: list[Any]) -> Any:
        made, origin = mirror(self, number, about), self.conversation.origin
        self._labels[number] = origin.removeprefix("name ")
        if type(type(made)) is MirrorType:
            self.trust.note(made, origin)
        return made

    def _called(self, target: Any) -> str:
        """How the test came by it: never what it calls itself."""
        if type(type(target)) is MirrorType:
            return type(target).__name__
        number = self.codec.number_of(target)
        label = self._labels.get(number, "")
        return label or (target.__name__ if isinstance(target, type) else "it")

    def _show(self, called: str, target: Any, args: Any, kwargs: Any) -> None:
        self.files.name((*args, *kwargs.values()))
        self._note(called, target, args, kwargs)

    def _note(self, called: str, target: Any, *given: Any, kind: Kind = "call") -> None:
        number = self.codec.number_of(target)
        self.transcript.ask(called, *given, kind=kind, target=number)


def _many(args: Any) -> list[Any]:
    return ["*", *map(Value, args)]


def _named(kwargs: dict[str, Any]) -> list[Any]:
    return ["*", *(["*", name, Value(value)] for name, value in kwargs.items())]
