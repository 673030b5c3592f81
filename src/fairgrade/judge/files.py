"""A test finds the files that the notebook wrote, and a student's code the test's.

Where a test cell looks at files, the judge's working folder is like the kernel's, as
far as that has plain files, from the cell's beginning and after each call. What a test
writes and names in a call, the kernel gets. A test's temporary folders are in it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path, PurePath
from typing import Any

from fairgrade.errors import CallFailed, NotMeasured
from fairgrade.judge.folder import Folder
from fairgrade.protocol.calls import MAX_BYTES, ProtocolError
from fairgrade.protocol.files import MOST, TEMPORARY, is_name
from fairgrade.protocol.places import HOME

_CLOSED = "is not handed to a test that may run what it reads"
_TEXTS = re.compile(r"""['"]([^'"\n]{1,200})['"]""")


class Files:
    """Follows a notebook's files from one side to the other.

    Args:
        exchange: gives the kernel what a test wrote, and gives what lies there then.
        unmeasured: makes what to raise where a test cannot have what it needs.
        folder: the judge's.
    """

    def __init__(
        self,
        exchange: Callable[..., Any],
        unmeasured: Callable[[str], NotMeasured],
        folder: Folder,
    ) -> None:
        self._exchange, self._unmeasured = exchange, unmeasured
        self.folder = folder
        self._follows, self._closed = False, ""
        self._wanted: tuple[str, ...] = ()
        self._named: set[str] = set()
        self._read_there: set[str] = set()
        self._changed: tuple[str, ...] = ()
        self._handed: list[str] = []
        self._met: list[str] = []
        self._elsewhere: tuple[str, ...] = ()

    def begin(self, source: str, use: str) -> None:
        """Begin a test cell with the kernel's files, if it looks at any.

        Args:
            use: as `plan.files.Use`.

        Raises:
            CallFailed: the kernel says of them what cannot be.
            NotMeasured: there are too many.
        """
        self._named, self._read_there, self._changed = set(), set(), ()
        self._handed, self._met, self._elsewhere = [], [], ()
        self._move("")
        self._follows, self._closed = bool(use), _CLOSED if use == "runs" else ""
        if self._follows:
            self._wanted = tuple(dict.fromkeys(_TEXTS.findall(source)))[:MOST]
            digests = self.folder.digests
            begun = tuple(sorted(digests)), self.folder.known, self._wanted
            gone = tuple(  # what tests before made for a while
                (name, None)
                for name, path in self.folder.written()
                if path is None and name.startswith(f"{TEMPORARY}/")
            )
            there = self._put(gone, begun)
            self._changed = tuple(n for n in there if there[n] != digests.get(n))

    def name(self, values: Iterable[Any]) -> None:
        """Take in what a test hands over: a file so named may be looked at there."""
        for value in values if self._follows else ():
            if type(value) is str or issubclass(type(value), os.PathLike):
                path = os.fspath(value)
                if type(path) is not str or not path:
                    continue
                whole = os.path.abspath(path)
                self._named.add(whole)
                shared = self.folder.root == HOME and whole.startswith(f"{HOME}/")
                if os.path.isabs(path) and not shared:
                    self._handed.append(path)

    def meet(self, value: Any) -> None:
        """Take in what a student's side gives: it may name a file elsewhere."""
        if not self._follows or len(self._met) == MOST:
            return
        if issubclass(type(value), PurePath):  # isinstance would ask a mirror
            value = str(value)
        away = type(value) is str and value.startswith(("/", "~"))
        if away and not Path(value).is_relative_to(self.folder.root):
            self._met.append(value[:200])

    def give(self) -> None:
        """Let the kernel have what the test wrote and named, and remove what it did.

        Raises:
            NotMeasured: it is too much.
        """
        if not self._follows:
            return
        written = [
            (name, path)
            for name, path in self.folder.written()
            if path is None or self._is_named(name, path)
        ]
        files = [path for name, path in written if path and not name.endswith("/")]
        size = sum(path.stat().st_size for path in files)
        if len(written) > MOST or size > MAX_BYTES:
            raise self._unmeasured("the test hands over too many or too large files")
        if written:
            self._put(tuple((name, _content(name, path)) for name, path in written))

    def take(self) -> None:
        """Have what lies in the kernel's folder now."""
        if self._follows:
            self._put(())

    def notes(self) -> list[str]:
        """What a student should know of files of the course's that they changed."""
        return [
            f"Tests read the course's own {name}, not what your notebook made of it."
            for name in self._changed
            if name in self._wanted or name.rpartition("/")[2] in self._wanted
        ]

    def read_there(self, source: Any) -> None:
        """Take in that the kernel reads a file: what goes wrong there is no lack."""
        if type(source) is str:
            self._read_there.add(str(self.folder.root / source))

    def why_missing(self, err: BaseException, *, theirs: bool) -> str:
        """Why a file could not be read that did not come; "" of other errors.

        Args:
            theirs: a student's code raised it, beside its own files.
        """
        for path, reason in self.folder.refused.items():
            if theirs or path in self._read_there:
                continue
            name = path.rpartition("/")[2]
            if isinstance(err, OSError) and (name in str(err) or name in self._wanted):
                return reason
        return self._why_elsewhere(err, theirs) if self._follows else ""

    def _why_elsewhere(self, err: BaseException, theirs: bool) -> str:
        """Why a file was not found that seems to lie out of the notebook's folder."""
        told = "out of the folder in which notebooks run here"
        if self._elsewhere:
            return f"{self._elsewhere[0]} lies {told}"
        if self._met and isinstance(err, (AssertionError, OSError)):
            return f"{self._met[0]} lies {told}"
        if not isinstance(err, OSError):
            return ""
        for name in () if theirs else (err.filename, err.filename2):
            away = isinstance(name, str) and os.path.isabs(name)
            if away and not Path(name).is_relative_to(self.folder.root):
                return f"{name} lies {told}"
        if self._handed:
            return f"the test hands over {self._handed[0]}, which lies {told}"
        return ""

    def _move(self, name: str | None) -> None:
        """Be in the folder in which the notebook is, as it says; none for another."""
        if name is None:
            self._elsewhere = self._elsewhere or (
                "the folder to which the notebook went",
            )
            return
        if name and not is_name(name):
            raise ProtocolError("a folder that cannot be")
        self.folder.move(name)

    def _is_named(self, name: str, path: Path) -> bool:
        """Whether a test handed it over, or a folder around it.

        Of a folder also, whether it is around what was handed over: that is to be made
        there. Who hands over the working folder hands over no temporary one.
        """
        if not name.endswith("/") and not self._is_own(name, path):
            return False
        text, temporary = str(path), f"{self.folder.root}/{TEMPORARY}/"
        return any(
            text == named
            or text.startswith(f"{named}/")
            or (name.endswith("/") and named.startswith(f"{text}/"))
            for named in self._named
            if named.startswith(temporary) or not text.startswith(temporary)
        )

    def _is_own(self, name: str, path: Path) -> bool:
        """Whether it is a file, or a link to one in the folder; no temporary ones."""
        if not path.is_symlink():
            return path.is_file()
        root, real, passed = self.folder.root, path.resolve(), f"{TEMPORARY}/"
        if name.startswith(passed) or not real.is_relative_to(root):
            return False
        leads = str(real.relative_to(root))
        return is_name(leads) and not leads.startswith(passed) and real.is_file()

    def _put(self, given: Any, begun: Any = None) -> dict[str, str]:
        answer = self._exchange(given, begun)
        try:
            entries, digests, short, (here, elsewhere) = answer
            if not {*elsewhere} <= {*self._wanted}:
                raise ProtocolError("files elsewhere that are none")
            self._elsewhere = tuple(elsewhere)
            if short == "same":
                self._move(here)
                return {}
            if short == "many":
                told = f"the notebook left more than {MOST:,} files where it ran"
                raise self._unmeasured(told)
            self.folder.put(entries, self._closed)
            self._move(here)
            return {str(name): str(digest) for name, digest in digests}
        except (ProtocolError, TypeError, ValueError) as err:
            raise CallFailed("The notebook's files are none.") from err
        except OSError as err:
            told = f"the notebook's files cannot be laid beside the test: {err}"
            raise self._unmeasured(told) from err


def _content(name: str, path: Path | None) -> bytes | None:
    """What is sent of a file or folder; None of what was removed."""
    if path is None:
        return None
    return b"" if name.endswith("/") else path.read_bytes()
