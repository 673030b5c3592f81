"""Hand the hostile suite in to stock nbgrader and to fairgrade, side by side.

    python benchmarks/hostile.py            # prints a summary, writes docs/hostile.md

Stock nbgrader runs student code as whoever grades. Here it runs in a sandbox of its
own, with a copy of the course that can be written to, so that no submission can harm
this machine. What would spoil a whole class's run gets a class of three to itself.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hostile_class import ROOT, Case, Result, fingerprints, honest, look, set_up
from hostile_page import page, summary, table
from suite import CASES  # tests/hostile/suite.py

from fairgrade.course.course import load_course
from fairgrade.errors import FailedSubmissions
from fairgrade.grading.autograde import autograde
from fairgrade.protocol.places import HOME, MIB
from fairgrade.sandbox.bubblewrap import open_filter, sandbox_command, spare_uid
from fairgrade.sandbox.cgroups import Group
from fairgrade.sandbox.environment import fixed_environment

PLAIN_CONFIG = """c = get_config()
c.CourseDirectory.course_id = "hostile"
c.Execute.timeout = {seconds}
"""
#: What `prlimit` gives stock nbgrader, so that a storm ends.
BOUNDS = ["prlimit", "--nproc=300", f"--fsize={512 * MIB}", "--"]
MEMORY_MB = 6_000
PAGE = ROOT / "docs" / "hostile.md"
#: Whose submission nbgrader says it is at.
_REACHED = re.compile(r"submitted/([^/\s]+)/")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", help="ids of cases; writes no page")
    options = parser.parse_args()
    cases = CASES
    if options.only:
        cases = [case for case in cases if case.id in options.only]
    stock, ours = run_stock(cases), run_ours(cases)
    lines = summary(cases, stock, ours)
    print("\n".join(lines))
    if options.only:
        print("\n".join(table(cases, stock, ours)))
    else:
        PAGE.write_text(page(lines, table(cases, stock, ours)))
        print(f"Wrote {PAGE.relative_to(ROOT)}")


def run_ours(cases: Sequence[Case]) -> dict[str, Result]:
    """One class for everybody: nothing is expected to spoil it."""
    results: dict[str, Result] = {}
    for name in sorted({case.assignment for case in cases}):
        chosen = [case for case in cases if case.assignment == name]
        with tempfile.TemporaryDirectory(prefix="fairgrade-hostile-") as folder:
            root = set_up(Path(folder) / "course", [*honest(name), *chosen])
            before = fingerprints(root)
            course = load_course(root)
            told = set()
            with contextlib.suppress(FailedSubmissions):  # these have no grade
                for grade in autograde(course, course.assignment(name)):
                    if grade.needs_person or grade.notices:
                        told.add(grade.student)
            found, complete = look(root, chosen, before)
            for case in chosen:
                found[case.id].told |= case.id in told
            if not complete:
                raise SystemExit("fairgrade did not grade the whole class")
            results |= found
    return results


def run_stock(cases: Sequence[Case]) -> dict[str, Result]:
    """One class for those that leave the others alone, and one for each other case."""
    results: dict[str, Result] = {}
    for name in sorted({case.assignment for case in cases}):
        chosen = [case for case in cases if case.assignment == name]
        alone = [case for case in chosen if case.alone]
        together = sorted((c for c in chosen if not c.alone), key=lambda case: case.id)
        while together:
            found, reached = stock_class(name, together)
            if reached is None:  # nobody ended the run
                results |= found
                break
            place = [case.id for case in together].index(reached)
            results |= {case.id: found[case.id] for case in together[:place]}
            alone.append(together[place])
            together = together[place + 1 :]
        for case in alone:
            results |= stock_class(name, [case])[0]
    return results


def stock_class(
    name: str, cases: Sequence[Case]
) -> tuple[dict[str, Result], str | None]:
    """Grade one class with `nbgrader autograde`, sealed off as a whole.

    Returns:
        The results, and at whom the run ended before its time, if it did.
    """
    print(f"stock: {len(cases)} x {name}: {cases[0].id} ...", flush=True)
    with tempfile.TemporaryDirectory(prefix="fairgrade-hostile-") as folder:
        os.chmod(folder, 0o755)
        root = set_up(Path(folder) / "course", [*honest(name), *cases])
        seconds = load_course(root).assignment(name).limits.cell_seconds
        config = PLAIN_CONFIG.format(seconds=int(seconds))
        (root / "nbgrader_config.py").write_text(config)
        before = fingerprints(root)
        timed_out = nbgrader_autograde(Path(folder), root, name, len(cases))
        results, complete = look(root, cases, before)
        if len(cases) == 1:
            results[cases[0].id].stopped = timed_out or not complete
            return results, None
        if complete:
            return results, None
        log = (root / "log").read_text(errors="replace")
        ids = {case.id for case in cases}
        reached = [who for who in _REACHED.findall(log) if who in ids]
        if not reached:
            raise SystemExit(f"nbgrader did not begin:\n{log[-2000:]}")
        return results, reached[-1]


def nbgrader_autograde(folder: Path, root: Path, name: str, count: int) -> bool:
    """Run stock nbgrader on the course in a sandbox; whether it had to be ended."""
    uid = None
    if os.geteuid() == 0:
        uid = spare_uid()
        for path in (root, *root.rglob("*")):
            os.chown(path, uid, uid, follow_symlinks=False)
    group = Group.create(memory_mb=MEMORY_MB)
    filter_fd = open_filter()
    stage = folder / "stage"
    stage.mkdir()
    inside = Path("/course")
    program = [sys.executable, "-m", "nbgrader", "autograde", name]
    shell = f'cd {inside} && exec "$@" > {inside}/log 2>&1'
    command = sandbox_command(
        ["/bin/sh", "-c", shell, "sh", *BOUNDS, *program],
        mounts={},
        writable={str(inside): root},
        folders={str(HOME): 64 * MIB, "/tmp": 64 * MIB},
        seccomp_fd=filter_fd,
        groups=group.folders,
        stage=stage,
        uid=uid,
    )
    environment = fixed_environment(seed=0, home=HOME, data=inside / "data")
    try:
        subprocess.run(
            command,
            env=environment | {"PYTHONPATH": str(inside)},
            stdin=subprocess.DEVNULL,
            pass_fds=() if filter_fd is None else (filter_fd,),
            timeout=60 + 30 * count,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return True
    finally:
        if filter_fd is not None:
            os.close(filter_fd)
        group.remove()
        shutil.rmtree(stage)
    return False


if __name__ == "__main__":
    main()
