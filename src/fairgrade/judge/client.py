"""Judge hidden tests outside the student's reach: start the judge process, speak to it.

The process has never run student code. It gets the exported files as bytes, reads them
with `judge.handoff`, runs the test cells on the values and answers with records.
TensorFlow is imported there once for many submissions. Where it stops, another takes
its place; the cell at which it stopped is tried again alone, and the others go on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any

from fairgrade.course.course import ExportKind
from fairgrade.errors import JudgeError
from fairgrade.judge.course_files import CourseFiles
from fairgrade.judge.ending import Stopped
from fairgrade.judge.host import JudgeHost
from fairgrade.judge.patching import patches
from fairgrade.judge.requests import Asked, verdict_of, verdict_of_end
from fairgrade.judge.verdict import CellVerdict
from fairgrade.nbgrader_bridge.test_cell import TestCell
from fairgrade.protocol.exports import Exports

#: To import TensorFlow on a busy machine and read one submission's files.
START_SECONDS = 180.0
MAX_BYTES = 256 * 2**20


class Judge:
    """One judge process for an assignment, started when needed; a context manager.

    Args:
        course_root: the folder with course.yml and grader_tests/.
        assignment: the folder in source/ whose `checks` the cells may import.
        sealed: False starts it without walls.
    """

    def __init__(
        self, course_root: Path, assignment: str, *, sealed: bool = True
    ) -> None:
        self._place = course_root.resolve(), assignment
        self._sealed = sealed
        self._host: JudgeHost | None = None
        self._given_up = False

    def __enter__(self) -> Judge:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def judge(
        self,
        cells: Sequence[TestCell],
        exports: Exports | Mapping[str, bytes],
        declared: Mapping[str, ExportKind],
        *,
        seconds: float,
        max_bytes: int = MAX_BYTES,
    ) -> list[CellVerdict]:
        """Judge one submission; one verdict for each cell, in order, whatever happens.

        Args:
            cells: the test cells with their hidden tests; none only starts the process.
            exports: what left the sandbox; each cell sees it as at its own place. Files
                by name are the same at each.
            declared: the assignment's exports.
            seconds: the most processor time one cell may take.
            max_bytes: the most the submission may hand over.

        Raises:
            JudgeError: no process starts.
        """
        if not isinstance(exports, Exports):
            exports = Exports.of(exports)
        asked = Asked(exports, declared, seconds, max_bytes)
        if not cells:
            try:
                self._ask(*asked.request([]))
            except Stopped:  # it is tried again when it is needed
                self.close()
        verdicts: list[CellVerdict] = []
        tries, alone, unreadable = 0, False, False
        while (here := len(verdicts)) < len(cells):
            rest, reading = cells[here : here + 1 if alone else None], True
            try:
                host = self._ask(*asked.request(rest))
                reading = False
                for cell in rest:
                    answer = host.receive(cell.grade_id, processor=seconds)
                    verdicts.append(verdict_of(cell, answer))
                tries = 0
            except Stopped as err:
                self.close()
                tries = tries + 1 if len(verdicts) == here else 1
                last = err.kind == "too long" and not reading
                if last or (alone and (tries > 1 or unreadable)):
                    cell = cells[len(verdicts)]
                    ours = reading or asked.may_be_ours(cell, err)
                    verdicts.append(verdict_of_end(cell, err, ours=ours))
                    tries, unreadable = 0, unreadable or reading
                alone = True  # what stops one cell is not to stop another
        self.close_if_changed(cells)
        return verdicts

    def close_if_changed(self, cells: Sequence[TestCell]) -> None:
        """End the process if tests, or modules of theirs, changed a library in it."""
        if any(
            patches(cell.source) or any(name in cell.source for name in self._patching)
            for cell in cells
        ):
            self.close()

    @cached_property
    def _patching(self) -> frozenset[str]:
        """Modules of the course that change a library, by name."""
        paths = CourseFiles(*self._place).modules
        texts = ((path.stem, path.read_text("utf-8", "replace")) for path in paths)
        return frozenset(name for name, text in texts if patches(text))

    def examine(
        self,
        cell: TestCell,
        place: Mapping[str, Any],
        exports: Exports,
        declared: Mapping[str, ExportKind],
        *,
        run: str,
        kinds: Mapping[str, list[str]] | None,
        exchange: Callable[[bytes], bytes],
        look: Callable[[], None],
        seconds: float,
        max_bytes: int = MAX_BYTES,
    ) -> CellVerdict:
        """Judge one test that asks a kernel which waits for it.

        Args:
            place: as `judge.examinee.Examinee.begin` takes it.
            run: the same for all tests of a submission: they share their names.
            kinds: as `judge.trust.Trust` takes them.
            exchange: passes a question to the kernel and returns its answer.
            look: called several times a second meanwhile.

        Raises:
            JudgeError: no process starts.
        """
        asked = Asked(exports, declared, seconds, max_bytes)
        head, content = asked.request([cell])
        head |= {"run": run, "kinds": kinds}
        head["cells"][0]["place"] = dict(place)
        try:
            host = self._ask(head, content)
            answer = host.converse(
                cell.grade_id, exchange, processor=seconds, look=look
            )
        except Stopped as err:
            self.close()
            return verdict_of_end(cell, err, ours=asked.may_be_ours(cell, err))
        return verdict_of(cell, answer)

    def _ask(self, header: dict[str, Any], content: Mapping[str, bytes]) -> JudgeHost:
        """Send a request to a process that lives, and wait until it was read."""
        try:
            return self._hand(header, content)
        except JudgeError:  # once more: it may have died since it was asked last
            return self._hand(header, content)

    def _hand(self, header: dict[str, Any], content: Mapping[str, bytes]) -> JudgeHost:
        if self._host is not None and not self._host.lives:
            self.close()
        if self._given_up:
            raise JudgeError("Grading was stopped.")
        if self._host is None:
            self._host = JudgeHost(*self._place, sealed=self._sealed)
        try:
            self._host.send(header, content)
            self._host.receive("reading the submission", wall=START_SECONDS)
        except JudgeError:
            self.close()
            raise
        return self._host

    def give_up(self) -> None:
        """From another thread: let what is being judged end at once."""
        self._given_up = True
        host = self._host
        if host is not None:
            host.kill()

    def close(self) -> None:
        """End the process and remove what it left."""
        host, self._host = self._host, None
        if host is not None:
            host.close()


def judge(
    cells: Sequence[TestCell],
    exports: Exports,
    declared: Mapping[str, ExportKind],
    *,
    course_root: Path,
    assignment: str,
    seconds: float,
) -> list[CellVerdict]:
    """Judge one submission in a process of its own; see `Judge.judge`."""
    with Judge(course_root, assignment) as process:
        return process.judge(cells, exports, declared, seconds=seconds)
