"""The judge process: reads submissions on stdin, answers with verdicts on stdout.

Started by `judge.walled` as `python -P -m fairgrade.judge.process ROOT SOURCE`.
It runs the instructor's code and nothing else. Each cell gets new values and names, so
no cell can change what the next one sees.
"""

from __future__ import annotations

import faulthandler
import gc
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from fairgrade.judge.asserts import Asserts
from fairgrade.judge.cell import judge_cell
from fairgrade.judge.course_imports import watch_imports
from fairgrade.judge.examination import Examination
from fairgrade.judge.folder import Folder
from fairgrade.judge.guard import Guard
from fairgrade.judge.handoff import Handoff, Known, read_handoff
from fairgrade.kinds.registry import warm_up
from fairgrade.protocol.allowance import MOST_TIMES

#: The parent ends this process at a cell's limit; this is for when it is gone.
_GRACE_SECONDS = 30.0


def main(root: str, source: str) -> None:
    """Answer requests until stdin ends.

    Args:
        root: the course's folder.
        source: the assignment's, whose companion modules tests may import.
    """
    requests, answers = _take_over_streams()
    sys.path[:0] = [source, root]
    if place := os.environ.get("TMPDIR"):
        Path(place).mkdir(exist_ok=True)
        tempfile.tempdir = None  # it is looked for anew
    frozen = False
    folders = Path(root, "grader_tests"), Path(source), Path.cwd()
    folder = Folder(Path.cwd())
    guard = Guard(folder, Path(root), Path(source))
    guard.install()
    asserts = Asserts()
    watch_imports(asserts, Path(root), Path(source))
    examination = Examination(requests, answers, folder, asserts)
    _say(answers, 0, {})  # what is needed could be imported
    while line := requests.readline():
        request = json.loads(line)
        handoffs = _handoffs(request, requests)
        if "model" in request["declared"].values():
            try:
                warm_up("network")  # now, so that no cell's time pays for it
            except ImportError as err:
                broken = f"Keras cannot be imported to judge networks: {err}"
                _say(answers, request["number"], {"broken": broken})
                continue
        _say(answers, request["number"], {})
        for cell, handoff in zip(request["cells"], handoffs, strict=True):
            seconds = MOST_TIMES * request["seconds"] + _GRACE_SECONDS
            faulthandler.dump_traceback_later(seconds, exit=True)
            examinee = examination.of(request, folders)
            if examinee is not None:  # whoever it asks may take their time
                faulthandler.cancel_dump_traceback_later()
            with guard.cell(cell, examinee):
                answer = judge_cell(cell, handoff, Path(root), examinee, asserts)
            faulthandler.cancel_dump_traceback_later()
            _say(answers, request["number"], answer)
        if keras := sys.modules.get("keras"):
            keras.backend.clear_session()
        gc.collect()
        if not frozen:  # what TensorFlow has made by now stays: looked through once
            gc.freeze()
            frozen = True


def _handoffs(request: Mapping[str, Any], requests: IO[bytes]) -> list[Handoff]:
    """The exports as each cell of a request sees them; reads their bytes."""
    content = {name: requests.read(size) for name, size in request["content"]}
    known: dict[Any, Known] = {}
    return [
        read_handoff(
            {file: content[digest] for file, digest in cell["files"].items()},
            request["declared"],
            max_bytes=request["max_bytes"],
            known=known,
        )
        for cell in request["cells"]
    ]


def _take_over_streams() -> tuple[IO[bytes], IO[bytes]]:
    """Keep stdin and stdout for the protocol; tests print into the log."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, answers


def _say(answers: IO[bytes], number: int, answer: dict[str, Any]) -> None:
    """Answer the request of that number; 0 is for the start.

    With it goes the size of the log, bytes: what comes after it is of the next cell.
    """
    answer = answer | {"number": number, "logged": os.fstat(2).st_size}
    answers.write(json.dumps(answer).encode() + b"\n")
    answers.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
