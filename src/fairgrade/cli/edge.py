"""The edge of the command line: what a person can cause or mend becomes one line."""

from __future__ import annotations

import errno
import io
import os
import sys
from pathlib import Path

from fairgrade.protocol.texts import one_line

_REMEDIES = {
    errno.ENOSPC: "Make room on that disk, then run this again.",
    errno.EDQUOT: "Your quota there is used up: make room, then run this again.",
    errno.EROFS: "That disk is read-only: work in a copy elsewhere.",
    errno.EACCES: "Run this as a user who may write there, or change its rights.",
    errno.EPERM: "Run this as a user who may write there, or change its rights.",
    errno.ENOENT: "Make that folder or file, or name another.",
    errno.EEXIST: "Remove it, or name another place.",
    errno.ENOTDIR: "A part of that path is a file: name another place.",
    errno.EISDIR: "Name a file there, not a folder.",
    errno.ENAMETOOLONG: "Choose a shorter name.",
    errno.ELOOP: "Its links lead in a circle: remove one.",
    errno.EMFILE: "Raise the limit of open files (ulimit -n), then run this again.",
    errno.ENFILE: "Too many files are open on this machine: try again later.",
    errno.ENOMEM: "Close other programs, then run this again.",
    errno.EIO: "The disk reports a fault: look after it first.",
    errno.ESTALE: "The network disk was cut off: mount it again.",
}


def use_utf8() -> None:
    """Start Python anew in UTF-8 where the locale would have files in ASCII.

    Names, notebooks and texts of a course are UTF-8 on every machine. A terminal that
    knows few letters shows a name with "?", and work goes on.
    """
    if sys.getfilesystemencoding() != "utf-8" and not sys.flags.utf8_mode:
        os.environ["PYTHONUTF8"] = "1"  # for the processes started from here, too
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def leave_out_addresses() -> None:
    """Save each command a second and a half: what jsonschema knows of addresses.

    nbformat imports jsonschema, which builds forty grammars for international web
    addresses as soon as rfc3987_syntax is installed, as it is with JupyterLab. It does
    without where that cannot be imported; no notebook and no setting has one checked.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


def find_own_programs() -> None:
    """Let nbgrader find what it starts by name (alembic), also where fairgrade was
    called by its path and its environment is not activated."""
    own, known = str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)
    if own not in known.split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([own, known])


def in_one_line(err: Exception) -> str | None:
    """What went wrong and what to do, or None for what nobody but us can mend.

    Args:
        err: no error of ours, whose message is that line already.
    """
    if isinstance(err, OSError):
        return _of_system(err)
    if isinstance(err, UnicodeError):
        return _of_encoding(err)
    if isinstance(err, MemoryError):
        return f"There was not enough memory. {_REMEDIES[errno.ENOMEM]}"
    return _of_database(err)


def _of_system(err: OSError) -> str:
    name = err.filename2 or err.filename
    where = one_line(os.fsdecode(name), 300) if isinstance(name, (str, bytes)) else ""
    said = err.strerror or one_line(err, 300) or type(err).__name__
    remedy = _REMEDIES.get(err.errno or 0, "Mend that, then run this again.")
    return f"{where}{': ' if where else ''}{said}. {remedy} What was done stays."


def _of_encoding(err: UnicodeError) -> str:
    """Files that people write in an editor are read elsewhere, with their names."""
    return f"A text is in another encoding: {err}. Save that file as UTF-8."


def _of_database(err: BaseException) -> str | None:
    from sqlalchemy.exc import DBAPIError  # only where something went wrong

    seen: BaseException | None = err
    while seen is not None and not isinstance(seen, DBAPIError):
        seen = seen.__cause__ or seen.__context__
    if seen is None:
        return None
    said = one_line(seen.orig, 200).strip()
    if "locked" in said:
        remedy = "Another program is writing in it: wait until it ends, or stop it."
    elif "readonly" in said or "unable to open" in said:
        remedy = _REMEDIES[errno.EACCES]
    elif "full" in said:
        remedy = _REMEDIES[errno.ENOSPC]
    elif "malformed" in said or "not a database" in said:
        remedy = "Put back a copy of it: nbgrader keeps them as gradebook.db.<time>."
    elif "no such" in said or "does not exist" in said:
        remedy = "Another version of nbgrader made it. Run: nbgrader db upgrade."
    else:
        remedy = "See that its server runs, or look into gradebook: in course.yml."
    return f"The gradebook cannot be used: {said}. {remedy} Nothing of it was lost."
