"""What a judge asks a student's kernel for, and the body of an answer to each."""

from __future__ import annotations

import abc
import importlib
import io
import sys
import types
from collections.abc import Callable
from typing import Any

from fairgrade.calls.values import Value
from fairgrade.inside import described
from fairgrade.inside.awaiting import awaited
from fairgrade.inside.codec import MISSING, KernelCodec
from fairgrade.inside.patched import Patched
from fairgrade.inside.surroundings import Surroundings
from fairgrade.inside.warned import Warned
from fairgrade.inside.working_folder import WorkingFolder


class Operations:
    """Does what is asked for, with values that were read already.

    Attributes:
        codec: of the conversation; another at the start of each.

    Args:
        namespace: the notebook's global names.
        files: what lies where the notebook runs.
        patched: what a test put into libraries.
        surroundings: what a test changed around the notebook's code.
        warned: what that warns of.
    """

    def __init__(
        self,
        namespace: dict[str, Any],
        codec: KernelCodec,
        files: WorkingFolder,
        patched: Patched,
        surroundings: Surroundings,
        warned: Warned,
    ) -> None:
        self.codec, self.patched = codec, patched
        self._namespace, self._files = namespace, files
        self._surroundings, self._warned = surroundings, warned
        self._originals: dict[tuple[type, str], Any] = {}

    def do(self, kind: str, *values: Any) -> list[Any]:
        """The body of the answer to a question.

        Raises:
            BaseException: whatever the student's code does.
        """
        return _OPERATIONS[kind](self, *values)

    def begin(
        self, classes: list[str], functions: list[str], modules: list[str]
    ) -> list[Any]:
        """A new test cell: what the course defined, and nothing was told of names."""
        described.set_companions(modules)
        self.patched.restore()
        self._surroundings.begin()
        self._warned.put((), False)
        self.codec.told.clear()
        self.codec.names.clear()
        self.codec.functions = set(functions)
        found = {name: self._class(name) for name in classes}
        self.codec.course = {n: own for n, own in found.items() if own is not None}
        return ["ok", None]

    def _class(self, name: str) -> type | None:
        """A class of the course's, as `calls.own_classes` calls it."""
        module, beside, path = name.partition(":")
        within = vars(sys.modules[module]) if module in sys.modules else {}
        found = within.get(path) if beside else self._namespace.get(name)
        return found if isinstance(found, type) else None

    def name(self, name: str) -> list[Any]:
        """What a global name stands for."""
        value = self._namespace.get(name, MISSING)
        self.codec.names[name] = value
        return ["none"] if value is MISSING else _ok(value)

    def bind(self, name: str, *value: Any) -> list[Any]:
        """Bind a global name; without a value, unbind it."""
        if value:
            self._namespace[name] = value[0]
        else:
            self._namespace.pop(name, None)
        self.codec.names[name] = self._namespace.get(name, MISSING)
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

    def derive(self, name: str, bases: Any, members: Any, given: Any) -> list[Any]:
        """Make a class of parts that a test gives, below a student's."""
        namespace = {"__module__": "__main__"} | dict(map(_member, members))
        kwargs = dict(given)
        return _ok(types.new_class(name, tuple(bases), kwargs, _filling(namespace)))

    def restore(self, target: Any, name: str) -> list[Any]:
        """Undo what was written to an attribute of a class."""
        setattr(target, name, self._originals.pop((target, name)))
        return _ok(None)

    def patch(self, module: str, name: str, *value: Any) -> list[Any]:
        """Put something into a library's place; without a value, its own again."""
        self.patched.put(module, name, *value)
        return ["ok", None]

    def surround(self, changed: Any, restored: Any, argv: Any, stdin: Any) -> list[Any]:
        """Take over environment, arguments and input of a test."""
        self._surroundings.put(changed, restored, argv, stdin)
        return ["ok", None]

    def filters(self, given: Any, alone: bool) -> list[Any]:
        """Take over a test's filters of warnings."""
        self._warned.put(given, alone)
        return ["ok", None]

    def environment(self) -> list[Any]:
        """What the notebook's code changed in the environment."""
        return _ok(self._surroundings.changes())

    def delete(self, target: Any, name: str) -> list[Any]:
        """Delete an attribute."""
        delattr(target, name)
        return _ok(None)

    def special(self, target: Any, name: str, *args: Any) -> list[Any]:
        """Call a special method as Python does: of the class."""
        if name in ("__exit__", "__aexit__"):  # the judge sends the exception alone
            args = (None if args[0] is None else type(args[0]), args[0], None)
        return _ok(getattr(type(target), name)(target, *args))

    def step(self, target: Any, how: str, *args: Any) -> list[Any]:
        """The next value of an iterator; "none" and what it returns at its end."""
        if how == "await":
            return _ok(awaited(target))
        if how in ("anext", "asend", "athrow", "aclose"):
            name = "__anext__" if how == "anext" else how
            try:
                return _ok(awaited(getattr(target, name)(*args)))
            except StopAsyncIteration:
                return ["none", None]
        if how == "close" and not hasattr(target, "close"):  # a library's iterator
            return _ok(None)
        try:
            value = next(target) if how == "next" else getattr(target, how)(*args)
        except StopIteration as end:
            return ["none", Value(end.value)]
        return _ok(value)

    def source(self, target: Any) -> list[Any]:
        """A source text."""
        return _ok(described.source(target))

    def code(self, target: Any) -> list[Any]:
        """What a function's code holds."""
        return _ok(described.code(target.__code__))

    def names(self, *target: Any) -> list[Any]:
        """The names of attributes; without a target, the global ones."""
        found = dir(target[0]) if target else list(self._namespace)
        return _ok(tuple(name for name in found if type(name) is str))

    def figures(self, *state: Any) -> list[Any]:
        """Pyplot's figures, after it was given those of the judge."""
        if state or "matplotlib.pyplot" in sys.modules:
            from fairgrade.kinds.matplotlib import current

            for given in state:
                current.set_current(given)
            return _ok(current.current())
        return _ok(((), None))

    def files(self, given: Any, *of: Any) -> list[Any]:
        """What lies in the working folder, after it was given what a test wrote."""
        self._files.take(given)
        return _ok(self._files.look(*of))

    def load(self, name: str, source: Any, args: Any, kwargs: Any) -> list[Any]:
        """What a library's reader, "module:name", makes of a file or of bytes."""
        module, _, reader = name.partition(":")
        if type(source) is str:
            source = str(self._files.path(source))
        elif reader != "loads":
            source = io.BytesIO(source)
        found = getattr(importlib.import_module(module), reader)
        return _ok(found(source, *args, **dict(kwargs)))

    def weights(self, network: Any, file: str, args: Any, kwargs: Any) -> list[Any]:
        """The weights of a network of the judge's when it has read a file."""
        network.load_weights(str(self._files.path(file)), *args, **dict(kwargs))
        return _ok(tuple(network.get_weights()))


def _member(member: Any) -> tuple[str, Any]:
    """A name and what a class has under it."""
    name, kind, *parts = member
    if kind == "abstract":
        return name, abc.abstractmethod(*parts)
    made = {"staticmethod": staticmethod, "classmethod": classmethod}.get(kind)
    return name, property(*parts) if kind == "property" else (made or _same)(*parts)


def _same(value: Any) -> Any:
    return value


def _filling(namespace: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    return lambda empty: empty.update(namespace)


def _ok(value: Any) -> list[Any]:
    return ["ok", Value(value)]


_OPERATIONS: dict[str, Callable[..., list[Any]]] = {
    name: getattr(Operations, name)
    for name in (
        *("begin", "name", "bind", "call", "method", "get", "set", "restore"),
        *("delete", "derive", "patch", "surround", "environment", "filters"),
        *("special", "step", "source", "code", "names", "figures", "files", "load"),
        "weights",
    )
}
