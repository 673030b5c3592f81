"""What is kept of runs and verdicts, and who may be shown what of an equal program's.

The result of a run is its exports, outputs and notices. The outputs of one student's
run stand in another's notebook only if they hold none of the first one's own text.
"""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode

from fairgrade.checks import Check
from fairgrade.judge import CellVerdict
from fairgrade.plan import RunKeys
from fairgrade.run import RunResult
from fairgrade.store import Store

_RUNS, _OWN_RUNS, _VERDICTS = "runs", "own-runs", "verdicts"
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
#: How tracebacks and warnings name a cell; the file's name is a digest of its text.
_CELL = re.compile(r"\bIn ?\[(\d+)\]")
_FILE = re.compile(r"ipykernel_|<ipython-input|<string>")
#: Shorter pieces of a line say nothing about who wrote it.
_LEAST_LETTERS = 3


@dataclass(frozen=True)
class RunRecord:
    """A run's result as data, its exported files by digest.

    Attributes:
        cells: index in the notebook -> source, outputs and execution count.
        files: exported file name -> sha256.
        owner: the student whose submission ran.
    """

    owner: str
    cells: dict[str, dict[str, Any]]
    files: dict[str, str]
    notices: list[str]
    isolation: str

    def notebook(self, blank: NotebookNode) -> NotebookNode:
        """A copy of a notebook with these outputs."""
        filled = copy.deepcopy(blank)
        for index, cell in self.cells.items():
            target = filled.cells[int(index)]
            target.outputs = [nbformat.from_dict(item) for item in cell["outputs"]]
            target.execution_count = cell["execution_count"]
        return filled


def record_of(result: RunResult, owner: str) -> RunRecord:
    """A run's result as a record; the bytes of its files stay behind."""
    digests = {
        name: hashlib.sha256(data).hexdigest() for name, data in result.files.items()
    }
    cells = {
        str(index): {
            "source": cell.source,
            "outputs": [dict(output) for output in cell.outputs],
            "execution_count": cell.execution_count,
        }
        for index, cell in enumerate(result.notebook.cells)
        if cell.cell_type == "code" and cell.source.strip()  # what was run
    }
    return RunRecord(owner, cells, digests, list(result.notices), result.isolation)


def is_lasting(result: RunResult) -> bool:
    """Whether a second run would come to the same: nothing from outside cut it short.

    A time limit, a lack of memory or a kernel that died may be the machine's doing, and
    is then no other student's result. A
    sealed run that came to its end is kept also where the sandbox is not "full" (no
    memory cgroup, say): what is missing is in the key, and could only cut runs short.
    """
    return result.outcome == "finished" and result.isolation != "none"


def may_be_shown(record: RunRecord, notebook: NotebookNode) -> bool:
    """Whether these outputs hold nothing of their author's that `notebook` lacks.

    Notebooks of one program differ in comments and layout only. An output that quotes a
    line or names a place of a cell that differs belongs to that text alone.
    """
    theirs = {index: cell["source"] for index, cell in record.cells.items()}
    own = {index: notebook.cells[int(index)].source for index in theirs}
    differing = {index for index in theirs if theirs[index] != own[index]}
    if not differing:
        return True
    known = {line.strip() for text in own.values() for line in text.splitlines()}
    lines = {line.strip() for index in differing for line in theirs[index].splitlines()}
    foreign = [line for line in lines - known if _says_something(line)]
    counts = {record.cells[index]["execution_count"] for index in differing}
    for index, cell in record.cells.items():
        errors = any(o.get("output_type") == "error" for o in cell["outputs"])
        if errors and index in differing:
            return False
        for text in _texts(cell["outputs"]):
            if _FILE.search(text) or any(line in text for line in foreign):
                return False
            if any(int(count) in counts for count in _CELL.findall(text)):
                return False
    return not any(line in notice for notice in record.notices for line in foreign)


def _says_something(line: str) -> bool:
    return sum(character.isalnum() for character in line) >= _LEAST_LETTERS


def _texts(value: Any) -> Iterator[str]:
    """Every text in outputs, pictures aside, as it is read."""
    if isinstance(value, str):
        yield _ANSI.sub("", value)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            if not str(name).startswith("image/"):
                yield from _texts(item)


class Records:
    """Runs and verdicts in a store; `store` is None where nothing is to be kept."""

    def __init__(self, store: Store | None) -> None:
        self._store = store

    @property
    def kept(self) -> bool:
        return self._store is not None

    def find_run(
        self, keys: RunKeys, notebook: NotebookNode, student: str | None
    ) -> RunRecord | None:
        """The result of a run of this text, or of an equal program, if it may be.

        Args:
            student: whose own result will do even if it is not lasting: it is how their
                attempt went. None asks for a lasting one.
        """
        if self._store is None:
            return None
        places = [(_RUNS, keys.text), (_RUNS, keys.program)]
        if student is not None:
            places.append((_OWN_RUNS, _own_key(keys, student)))
        for kind, key in dict.fromkeys(places):
            value = self._store.get(kind, key)
            if value is None:
                continue
            record = RunRecord(**value)
            if may_be_shown(record, notebook):
                return record
        return None

    def keep_run(
        self,
        keys: RunKeys,
        record: RunRecord,
        files: dict[str, bytes],
        *,
        lasting: bool,
    ) -> None:
        """Keep a result: its files first, so that an entry is always whole.

        Args:
            lasting: `is_lasting`; otherwise it is kept for its owner alone.
        """
        if self._store is None:
            return
        for data in files.values():
            self._store.put_blob(data)
        if not lasting:
            self._store.put(_OWN_RUNS, _own_key(keys, record.owner), asdict(record))
            return
        self._store.put(_RUNS, keys.text, asdict(record))
        if self._store.get(_RUNS, keys.program) is None:
            self._store.put(_RUNS, keys.program, asdict(record))

    def files(self, record: RunRecord) -> dict[str, bytes] | None:
        """A kept run's exported files, or None where one is missing or damaged."""
        if self._store is None:
            return None
        files: dict[str, bytes] = {}
        for name, digest in record.files.items():
            data = self._store.blob(digest)
            if data is None:
                return None
            files[name] = data
        return files

    def find_verdict(self, key: str) -> CellVerdict | None:
        """What the same test cell found in the same exports."""
        value = None if self._store is None else self._store.get(_VERDICTS, key)
        if value is None:
            return None
        checks = [Check(**check) for check in value["checks"]]
        return CellVerdict(**{**value, "checks": checks})

    def keep_verdict(self, key: str, verdict: CellVerdict) -> None:
        """Keep a verdict, unless the test was at fault: it may go better next time."""
        if self._store is not None and verdict.ran:
            self._store.put(_VERDICTS, key, asdict(verdict))


def _own_key(keys: RunKeys, student: str) -> str:
    return hashlib.sha256(f"{keys.text} {student}".encode()).hexdigest()
