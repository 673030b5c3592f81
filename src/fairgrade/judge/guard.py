"""Nothing of a student's runs in a judge because a test reads it.

Readers that run what they read, as `pickle.load` does, are carried out in the student's
kernel; what comes of it is data or a mirror, as of any call. What the course itself
laid beside a test is read here. Whatever else would unpickle, start or import what
a student made stops the test: that is not measured.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import io
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from fairgrade.errors import NotMeasured
from fairgrade.judge.examinee import Examinee
from fairgrade.judge.folder import Folder
from fairgrade.judge.mirrors import is_mirror

#: Module -> its readers that run what they read. Others than the first are looked for
#: where the test's text speaks of them: their import takes long.
_READERS = {
    "pickle": ("load", "loads"),
    "joblib": ("load",),
    "torch": ("load",),
    "dill": ("load", "loads"),
    "cloudpickle": ("load", "loads"),
    "keras.saving": ("load_model",),
}
_WORDS = {"keras.saving": "load_model"}
#: Of bytes from elsewhere than the kernel, a pickle may name these and nothing else.
_PLAIN = {
    "builtins": "set frozenset complex range slice bytearray",
    "collections": "OrderedDict Counter defaultdict deque",
    "datetime": "date time datetime timedelta timezone",
    "decimal": "Decimal",
    "fractions": "Fraction",
    "_codecs": "encode",
}
#: These, too, where nothing can be a student's: what they are told, they believe.
_ARRAYS = {
    "numpy": "ndarray dtype",
    "numpy.core.multiarray": "_reconstruct scalar",
    "numpy._core.multiarray": "_reconstruct scalar",
    "numpy._core.numeric": "_frombuffer",
}
_STARTS = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn"})
_EVENTS = frozenset({"open", "exec", "pickle.find_class", "ctypes.dlopen", *_STARTS})


class Guard:
    """Watches over one judge process.

    Args:
        folder: where its tests run.
        courses: folders of the course's, whose files are read here.
    """

    def __init__(self, folder: Folder, *courses: Path) -> None:
        self._folder = folder
        self._courses = tuple(path.resolve() for path in courses)
        self._far: Any = None
        self._watches = False
        self._trusts = 0

    def install(self) -> None:
        """Watch from now on; there is no way back."""
        sys.addaudithook(self._look)
        self._wrap("pickle")

    @contextlib.contextmanager
    def cell(
        self, cell: Mapping[str, Any], examinee: Examinee | None
    ) -> Iterator[None]:
        """Watch over one test cell.

        Args:
            cell: its source, and the place of one that asks.
            examinee: the submission, where the test asks its kernel.
        """
        made = cell["place"]["made"] if examinee is not None else ()
        source = "\n".join((cell["source"], *made))
        for module in _READERS:
            if _WORDS.get(module, module) in source:
                with contextlib.suppress(ImportError):
                    self._wrap(module)
        if "load_weights" in source:
            with contextlib.suppress(ImportError):
                self._wrap_weights()
        self._far, self._watches = examinee and examinee.far, True
        try:
            yield
        finally:
            self._far, self._watches = None, False

    @contextlib.contextmanager
    def trusted(self) -> Iterator[None]:
        """Do what is ours to do, or reads what is the course's."""
        self._trusts += 1
        try:
            yield
        finally:
            self._trusts -= 1

    def _stop(self, reason: str) -> NotMeasured:
        if self._far is None:
            return NotMeasured(reason)
        stop: NotMeasured = self._far.unmeasured(reason)
        return stop

    def _look(self, event: str, args: tuple[Any, ...]) -> None:
        """Hear of what Python is about to do."""
        if event not in _EVENTS or not self._watches or self._trusts:
            return
        if event == "open":
            if isinstance(args[0], (str, bytes, os.PathLike)):
                path = os.path.abspath(os.fsdecode(args[0]))
                if reason := self._folder.refused.get(path):
                    raise self._stop(reason)
        elif event == "pickle.find_class":
            module, name = args
            known = _PLAIN if self._has_theirs else _PLAIN | _ARRAYS
            if name not in known.get(module, "").split():
                raise self._stop("the test unpickles what may run a student's code")
        elif event == "exec":
            file = args[0].co_filename
            if file[:1] != "<" and self._folder.is_students(Path(file)):
                raise self._stop(f"the test runs {Path(file).name}, a student's file")
        elif event == "ctypes.dlopen":
            if isinstance(args[0], str) and self._folder.is_students(Path(args[0])):
                raise self._stop("the test loads a student's file as a library")
        elif self._folder.known:
            raise self._stop("the test starts a program beside a student's files")

    @property
    def _has_theirs(self) -> bool:
        given = self._far is not None and self._far.codec.has_bytes
        return bool(self._folder.known) or given

    def _wrap(self, module: str) -> None:
        """Put our own in the place of a module's readers, wherever they are bound."""
        __import__(module)
        for name in _READERS[module]:
            original = getattr(sys.modules[module], name, None)
            if original is None or getattr(original, "_fairgrade_reader", False):
                continue
            ours = self._reader(module, name, original)
            for each in list(sys.modules.values()):
                if getattr(each, "__dict__", {}).get(name) is original:
                    setattr(each, name, ours)

    def _reader(self, module: str, name: str, original: Any) -> Callable[..., Any]:
        @functools.wraps(original)
        def reader(*args: Any, **kwargs: Any) -> Any:
            if not self._watches or self._trusts or not args:
                return original(*args, **kwargs)
            what = args[0]
            if is_mirror(type(what)):  # whose name and content are a student's
                raise self._stop(f"{module}.{name} is given a student's object")
            if self._is_courses(what):
                with self.trusted():
                    return original(*args, **kwargs)
            source = self._of_student(what)
            if source is None:
                return original(*args, **kwargs)
            if self._far is None:
                raise self._stop(f"{module}.{name} is given what a student made")
            return self._far.load(f"{module}:{name}", source, args[1:], kwargs)

        reader._fairgrade_reader = True  # type: ignore[attr-defined]
        return reader

    def _wrap_weights(self) -> None:
        """Have networks that get a student's weights get them in the kernel."""
        kind: Any = importlib.import_module("keras").Model
        original = kind.load_weights
        if getattr(original, "_fairgrade_reader", False):
            return

        @functools.wraps(original)
        def load(network: Any, filepath: Any, *args: Any, **kwargs: Any) -> Any:
            named = isinstance(filepath, (str, os.PathLike))
            if is_mirror(type(filepath)):
                raise self._stop("load_weights is given a student's object")
            if not self._watches or self._trusts or not named:
                return original(network, filepath, *args, **kwargs)
            if self._is_courses(filepath):
                with self.trusted():
                    return original(network, filepath, *args, **kwargs)
            source = self._of_student(filepath)
            if type(source) is not str:
                return original(network, filepath, *args, **kwargs)
            if self._far is None:
                raise self._stop("load_weights is given what a student made")
            return self._far.weights(network, source, args, kwargs)

        load._fairgrade_reader = True  # type: ignore[attr-defined]
        kind.load_weights = load

    def _is_courses(self, what: Any) -> bool:
        path = _path_of(what)
        if path is None:
            return False
        if self._folder.is_here(path):
            return False
        real = Path(os.path.realpath(path))
        places = (*self._courses, self._folder.root, Path(sys.prefix))
        return any(real.is_relative_to(place) for place in places)

    def _of_student(self, what: Any) -> str | bytes | None:
        """A student's file by its name, or its bytes; None of what is not theirs."""
        path = _path_of(what)
        if isinstance(what, (str, os.PathLike)):
            assert path is not None
            if not self._folder.is_students(path):
                return None
            return str(path.relative_to(self._folder.root))
        if isinstance(what, io.BytesIO):
            what = what.getvalue()[what.tell() :]
        if isinstance(what, (bytes, bytearray, memoryview)):
            data = bytes(what)
            return data if self._far and self._far.codec.has_given(data) else None
        unknown = path is None or not path.exists()  # in an archive, say
        if unknown and self._folder.known or path and self._folder.is_students(path):
            read: bytes = what.read()
            return read
        return None


def _path_of(what: Any) -> Path | None:
    """The path of a file, or of what is open; None where it has none."""
    name = what if isinstance(what, (str, os.PathLike)) else getattr(what, "name", None)
    if isinstance(name, (str, os.PathLike)):
        return Path(os.path.abspath(os.fsdecode(name)))
    return None
