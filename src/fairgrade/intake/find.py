"""Which file of a submission is the notebook. Nothing but its folder is looked at."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath

from fairgrade.errors import IntakeError
from fairgrade.protocol.texts import shown

#: Endings that browsers and LMSs give a notebook.
_ENDINGS = (".ipynb", ".ipynb.txt", ".ipynb.json")
_MAX_ENTRIES, _MAX_DEPTH, _MAX_NAMED = 1_000, 4, 6
_KINDS = {
    stat.S_IFLNK: "a link to another file",
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


@dataclass(frozen=True)
class Entry:
    """A file of the submission, by its path within it; `mode` as of lstat."""

    path: PurePosixPath
    mode: int

    @property
    def is_notebook(self) -> bool:
        name = self.path.name.lower()
        return name.endswith(_ENDINGS) and stat.S_ISREG(self.mode)


def find_notebook(
    folder: Path,
    stem: str,
    companions: frozenset[str],
    others: frozenset[str] = frozenset(),
    accepts: Callable[[PurePosixPath], float | None] = lambda path: None,
) -> tuple[Path, list[str]]:
    """The notebook of a submission, and notices for the student.

    The file `<stem>.ipynb` is taken where there is one. Otherwise it is the only
    notebook, or the only one whose name holds the stem; the files at the top come
    before those in subfolders.

    Args:
        stem: the notebook's name, without the ending.
        companions: names of the files that the release ships beside the notebook.
        others: names of the assignment's other notebooks, which are not meant.
        accepts: how large a file may be to be used beside the notebook, or None.

    Raises:
        IntakeError: there is none, or several could be meant.
    """
    wanted = f"{stem}.ipynb"
    known = {f"{other}.ipynb" for other in others}
    entries = [e for e in entries_of(folder) if str(e.path) not in known]
    exact = next((e for e in entries if str(e.path) == wanted), None)
    if exact is not None and not exact.is_notebook:
        kind = _KINDS.get(stat.S_IFMT(exact.mode), "no ordinary file")
        raise IntakeError(f"{wanted} is {kind}. Hand in the file itself.")
    chosen = exact or _choose(entries, stem)
    notices = []
    if chosen is not exact:
        notices.append(
            f"Your notebook is called {shown(str(chosen.path))}, expected {wanted}. "
            "It was graded all the same."
        )
    left = [e for e in entries if e.is_notebook and e is not chosen]
    if left:
        notices.append(f"Only {shown(str(chosen.path))} was graded, not {_list(left)}.")
    programs = [
        e
        for e in entries
        if e.path.suffix == ".py"
        and e.path.name not in companions
        and accepts(e.path) is None
    ]
    if programs:
        notices.append(
            f"Only your notebook was graded, without {_list(programs)}. "
            "Put code of your own into cells."
        )
    return folder / chosen.path, notices


def _choose(entries: list[Entry], stem: str) -> Entry:
    found = [e for e in entries if e.is_notebook]
    top = [e for e in found if len(e.path.parts) == 1] or found
    if len(top) == 1:
        return top[0]
    named = [e for e in top if stem.lower() in e.path.name.lower()]
    if len(named) == 1:
        return named[0]
    wanted = f"{stem}.ipynb"
    if top:
        raise IntakeError(
            f"Expected {wanted}, but found {_list(named or top)}. "
            "Hand in one of them under that name."
        )
    if not entries:
        raise IntakeError(
            f"Expected {wanted}, but found no notebook and no other file."
        )
    raise IntakeError(
        f"Expected {wanted}, but found no notebook, only {_list(entries)}. Hand it in."
    )


def entries_of(folder: Path) -> Iterator[Entry]:
    """The files below `folder` in order; hidden ones, links and pipes unopened.

    Raises:
        IntakeError: it is no folder, or holds far too much.
    """
    # Also submitted/STUDENT: a link to another student's is no submission.
    if folder.parent.is_symlink() or not stat.S_ISDIR(folder.lstat().st_mode):
        raise IntakeError("The submission is a link or a file, not a folder.")
    count = 0
    waiting = [PurePosixPath()]
    while waiting:
        place = waiting.pop(0)
        with os.scandir(folder / place) as found:
            names = [e.name for e in islice(found, _MAX_ENTRIES + 1 - count)]
        count += len(names)
        if count > _MAX_ENTRIES:
            raise IntakeError(
                f"The submission holds more than {_MAX_ENTRIES:,} files. "
                "Hand in your notebook alone."
            )
        for name in sorted(names):
            if name.startswith(".") or name in {"__MACOSX", "timestamp.txt"}:
                continue
            path = place / name
            mode = (folder / path).lstat().st_mode
            if stat.S_ISDIR(mode):
                if str(path).lower().endswith(_ENDINGS):
                    yield Entry(path, mode)
                if len(path.parts) < _MAX_DEPTH:
                    waiting.append(path)
            else:
                yield Entry(path, mode)


def _list(entries: list[Entry]) -> str:
    names = [shown(str(e.path)) for e in entries[:_MAX_NAMED]]
    more = len(entries) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")
