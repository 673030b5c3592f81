"""What a stage could not do for one submission: noted by name, and the others go on.

Whatever is raised while one submission is handled, of any type, is that submission's
failure and nobody else's. It waits for a person until the stage goes well for it; the
traceback is in a log. Only what ends the work itself passes: Ctrl-C, and an engine
that is gone.

    .fairgrade/failed/ASSIGNMENT/STUDENT.json   stage -> why, one line
    .fairgrade/log/ASSIGNMENT/STUDENT.log       traceback of the last failure
"""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Iterator
from pathlib import Path

from fairgrade.course.folders import own_folder
from fairgrade.errors import EngineError, FailedSubmissions, FairgradeError
from fairgrade.files import keep_object, read_object
from fairgrade.protocol.texts import command, lines, one_line

#: Characters: of a reason, and of a log, whose message may hold a student's data.
_REASON, _LOG = 300, 200_000
_PASS = (KeyboardInterrupt, GeneratorExit, EngineError)


class Failures:
    """The failures of one stage of an assignment.

    Args:
        root: the course's folder.
        assignment: its name.
        stage: what is done: "autograde", "feedback" ...

    Attributes:
        now: student -> why, of this command.
    """

    def __init__(self, root: Path, assignment: str, stage: str) -> None:
        self._entries = own_folder(root, "failed") / assignment
        self._logs = own_folder(root, "log") / assignment
        self._root, self._assignment, self._stage = root, assignment, stage
        self.now: dict[str, str] = {}

    @contextlib.contextmanager
    def fence(self, doing: str, *students: str) -> Iterator[None]:
        """Handle submissions inside; what is raised is noted and goes no further.

        Args:
            doing: what is done, as in "while its result was recorded".
            students: whose failure it is.
        """
        try:
            yield
        except _PASS:
            raise
        except BaseException as err:
            for student in students:
                self.note(student, doing, err)

    def note(self, student: str, doing: str, error: BaseException) -> None:
        """Note a failure, where it stays until `settle`, and log how it came about."""
        self.now[student] = reason = self._reason(doing, error, student)
        # Where nothing can be written, this command says it all the same.
        with contextlib.suppress(OSError):
            self._logs.mkdir(parents=True, exist_ok=True)
            trace = lines(_trace(error))  # a terminal may show it
            (self._logs / f"{student}.log").write_text(trace, "utf-8", "replace")
        self._change(student, reason)

    def stands(self, student: str) -> bool:
        """Whether one was noted before and not settled since."""
        return self._stage in _read(self._entries / f"{student}.json")

    def settle(self, student: str) -> None:
        """This stage went well for a student: what was noted of it before is over."""
        self._change(student, None)

    def check(self, doing: str) -> None:
        """Raise what there was, once all others are done.

        Args:
            doing: completes "could not be ...", for all of them.

        Raises:
            FailedSubmissions: some failed.
        """
        if self.now:
            names = ", ".join(list(self.now)[:10])
            more = f" and {len(self.now) - 10} more" if len(self.now) > 10 else ""
            raise FailedSubmissions(
                f"{len(self.now)} could not be {doing}, all others were: "
                f"{names}{more}. Nothing of theirs was changed. "
                f"See: {command('fairgrade', 'queue', self._assignment)}",
                dict(self.now),
                assignment=self._assignment,
            )

    def _reason(self, doing: str, error: BaseException, student: str) -> str:
        if isinstance(error, FairgradeError):
            return one_line(error.told("student", "assignment"), _REASON)
        log = (self._logs / f"{student}.log").relative_to(self._root)
        said = f"{type(error).__name__}: {_message(error)}".rstrip(": ")
        return f"{one_line(said, _REASON)} ({doing}; see {log})"

    def _change(self, student: str, reason: str | None) -> None:
        path = self._entries / f"{student}.json"
        entry = _read(path)
        before = dict(entry)
        entry.pop(self._stage, None)
        if reason is not None:
            entry[self._stage] = reason
        if entry == before:
            return
        with contextlib.suppress(OSError):
            keep_object(path, entry)


def noted(root: Path, assignment: str) -> Iterator[tuple[str, str, str]]:
    """What waits: student, stage and why, by student."""
    for path in sorted((own_folder(root, "failed") / assignment).glob("*.json")):
        for stage, reason in sorted(_read(path).items()):
            yield path.stem, stage, reason


def _read(path: Path) -> dict[str, str]:
    try:
        entry = read_object(path)
    except (OSError, ValueError):
        return {}
    return {str(stage): str(reason) for stage, reason in entry.items()}


def explained(error: BaseException, folder: Path) -> str:
    """A fault of fairgrade's own in one line; its traceback goes to `folder`."""
    said = one_line(f"{type(error).__name__}: {_message(error)}".rstrip(": "), _REASON)
    log = folder / "fairgrade.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        log.write_text(_trace(error), "utf-8", "replace")
    except OSError:
        return f"{said} (no log could be written)"
    return f"{said} (see {log})"


def _message(error: BaseException) -> str:
    try:
        lines = str(error).strip().splitlines()
    except Exception:  # the text of an error is made by code, too
        return ""
    return lines[0] if lines else ""


def _trace(error: BaseException) -> str:
    try:
        return "".join(traceback.format_exception(error))[-_LOG:]
    except Exception as err:
        return f"{type(error).__name__}; its traceback could not be made: {err!r}"
