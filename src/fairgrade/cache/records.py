"""What is kept of runs and verdicts, and who may be shown what of an equal program's.

The result of a run is its exports, outputs and notices. The outputs of one student's
run stand in another's notebook only if they hold none of the first one's own text.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode

from fairgrade.cache.shared_outputs import outputs_for
from fairgrade.cache.store import Store
from fairgrade.judge.verdict import CellVerdict
from fairgrade.lesson.checks import Check, State
from fairgrade.nbgrader_bridge.cells import with_own_cells
from fairgrade.plan.program import RunKeys
from fairgrade.protocol.allowance import MOST_TIMES
from fairgrade.protocol.exports import Exports
from fairgrade.run.request import RunResult
from fairgrade.run.use import Use

_RUNS, _OWN_RUNS, _VERDICTS = "runs", "own-runs", "verdicts"


@dataclass(frozen=True)
class RunRecord:
    """A run's result as data, its exported files by digest.

    Attributes:
        cells: index in the notebook -> source, outputs and execution count.
        last, places: which files were exported, as in `Exports`.
        owner: the student whose submission ran.
        verdicts: grade_id -> what a test found that asked the kernel, as data.
        machine: what it was computed on, see `fairgrade.run.machine`.
        used: what it took, as data; empty where an earlier version kept it.
    """

    owner: str
    cells: dict[str, dict[str, Any]]
    last: dict[str, str]
    places: dict[str, dict[str, str]]
    notices: list[str]
    isolation: str
    verdicts: dict[str, dict[str, Any]] = field(default_factory=dict)
    machine: dict[str, str] = field(default_factory=dict)
    used: dict[str, Any] = field(default_factory=dict)

    def use(self, notebook: NotebookNode) -> Use | None:
        """What it took, by the names of the cells of a notebook of the same program."""
        used = Use.of(self.used)
        return None if used is None else used.named(notebook)

    def verdict(self, test: str) -> CellVerdict | None:
        """What a test found that asked the kernel, if it got as far."""
        found = self.verdicts.get(test)
        return None if found is None else _verdict_of(found)

    def notebook(self, blank: NotebookNode) -> NotebookNode:
        """A copy of a notebook of the same program with these outputs."""
        outputs = outputs_for(self.cells, self.notices, blank)
        assert outputs is not None, "may_be_shown comes first"
        filled = with_own_cells(blank)
        for index, cell in self.cells.items():
            target = filled.cells[int(index)]
            target.outputs = [nbformat.from_dict(item) for item in outputs[index]]
            target.execution_count = cell["execution_count"]
        return filled


def record_of(result: RunResult, owner: str) -> RunRecord:
    """A run's result as a record; the bytes of its files stay behind."""
    cells = {
        str(index): {
            "source": cell.source,
            "outputs": [dict(output) for output in cell.outputs],
            "execution_count": cell.execution_count,
        }
        for index, cell in enumerate(result.notebook.cells)
        if cell.cell_type == "code" and cell.source.strip()  # what was run
    }
    exports = result.exports
    return RunRecord(
        owner=owner,
        cells=cells,
        last=dict(exports.last),
        places={test: dict(files) for test, files in exports.places.items()},
        notices=list(result.notices),
        isolation=result.isolation,
        verdicts={test: asdict(found) for test, found in result.verdicts.items()},
        machine=dict(result.machine),
        used={} if result.used is None else result.used.data(),
    )


def is_lasting(result: RunResult) -> bool:
    """Whether a second run would come to the same: nothing from outside cut it short.

    A time limit, a lack of memory or a kernel that died may be the machine's doing, and
    a run that others kept from a processor may have lost results. A sealed run that
    came to its end is kept also where the sandbox is not "full" (no memory cgroup,
    say): what is missing is in the key, and could only cut runs short.
    """
    ended = result.outcome == "finished" and not result.starved
    ended = ended and all(verdict.ran for verdict in result.verdicts.values())
    return ended and result.isolation != "none"


def is_own_doing(result: RunResult) -> bool:
    """Whether an equal program would have come to the same at the same time.

    That is so also at a limit of time, where the run computed almost all along: an
    endless loop, say. It is not kept for later, when the machine may be faster.
    """
    busy = result.processor_seconds * MOST_TIMES >= result.seconds
    timed_out = result.outcome == "timed out" and busy and not result.starved
    return is_lasting(result) or (timed_out and result.isolation != "none")


def may_be_shown(record: RunRecord, notebook: NotebookNode) -> bool:
    """Whether these outputs hold nothing of their author's that `notebook` lacks."""
    return outputs_for(record.cells, record.notices, notebook) is not None


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
        exports: Exports,
        *,
        lasting: bool,
        student: str,
    ) -> None:
        """Keep a result: its files first, so that an entry is always whole.

        Args:
            lasting: `is_lasting`; otherwise it is kept for one student alone.
            student: who got this result.
        """
        if self._store is None:
            return
        for data in exports.content.values():
            self._store.put_blob(data)
        if not lasting:
            self._store.put(_OWN_RUNS, _own_key(keys, student), asdict(record))
            return
        self._store.put(_RUNS, keys.text, asdict(record))
        if self._store.get(_RUNS, keys.program) is None:
            self._store.put(_RUNS, keys.program, asdict(record))

    def exports(self, record: RunRecord) -> Exports | None:
        """What a kept run exported, or None where a file is missing or damaged."""
        if self._store is None:
            return None
        content: dict[str, bytes] = {}
        for files in (record.last, *record.places.values()):
            for digest in files.values():
                data = content.get(digest) or self._store.blob(digest)
                if data is None:
                    return None
                content[digest] = data
        return Exports(content, record.last, record.places)

    def find_verdict(self, key: str) -> CellVerdict | None:
        """What the same test cell found in the same exports."""
        value = None if self._store is None else self._store.get(_VERDICTS, key)
        if value is None:
            return None
        return _verdict_of(value)

    def keep_verdict(self, key: str, verdict: CellVerdict) -> None:
        """Keep a verdict on the student's work; any other may go better next time."""
        if self._store is not None and verdict.ran:
            self._store.put(_VERDICTS, key, asdict(verdict))


def _verdict_of(value: dict[str, Any]) -> CellVerdict:
    checks = [Check.of(check) for check in value["checks"]]
    return CellVerdict(**{**value, "checks": checks, "state": State(value["state"])})


def _own_key(keys: RunKeys, student: str) -> str:
    return hashlib.sha256(f"{keys.text} {student}".encode()).hexdigest()
