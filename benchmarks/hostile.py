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
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.api import Grade, Gradebook, MissingEntry

from fairgrade.authoring.generate import generate
from fairgrade.course.course import load_course
from fairgrade.errors import FailedSubmissions
from fairgrade.grading.autograde import autograde
from fairgrade.protocol.places import HOME, MIB
from fairgrade.sandbox.bubblewrap import open_filter, sandbox_command, spare_uid
from fairgrade.sandbox.environment import fixed_environment
from fairgrade.sandbox.groups import Group

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "hostile"))

from hostile_case import Case, fingerprint, hand_in  # noqa: E402
from hostile_course import CANARY, build_course  # noqa: E402
from suite import CASES  # noqa: E402

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


@dataclass
class Result:
    """What came of one case.

    Attributes:
        points: None where there is no grade.
        lost: points that honest classmates did not get.
        stopped: whether the class's run ended with it.
        seen: whether hidden tests were read.
        changed: what it changed, in words.
        told: whether anybody is told that something went another way than usual.
    """

    points: float | None
    lost: float = 0.0
    stopped: bool = False
    seen: bool = False
    changed: str = ""
    told: bool = False


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


def honest(assignment: str) -> list[Case]:
    return [Case(name, "", "", 10, assignment=assignment) for name in ("a-a", "z-z")]


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


def set_up(root: Path, cases: Sequence[Case]) -> Path:
    """A course with its release made and everything handed in."""
    build_course(root, [case.id for case in cases])
    course = load_course(root)
    for name in {case.assignment for case in cases}:
        generate(course, course.assignment(name))
    for case in cases:
        hand_in(root, case)
    return root


def fingerprints(root: Path) -> dict[str, str]:
    """What the files hold that grading has no reason to change."""
    found = {}
    for name in ("source", "grader_tests", "data", "submitted", "release"):
        for path in sorted((root / name).rglob("*")):
            if path.is_file() and not path.is_symlink():
                found[str(path.relative_to(root))] = fingerprint(path)
    found["config"] = (root / "nbgrader_config.py").read_text()
    return found


def look(
    root: Path, cases: Sequence[Case], before: dict[str, str]
) -> tuple[dict[str, Result], bool]:
    """What gradebook and files say after a run, and whether it reached everybody."""
    name = cases[0].assignment
    others = honest(name)
    scores, waiting, tampered = read_scores(root, name, [*cases, *others])
    results = {
        case.id: Result(
            scores[case.id], told=scores[case.id] is None or case.id in waiting
        )
        for case in cases
    }
    for case in cases:
        results[case.id].seen = case.of.startswith("D01") and canary_seen(root, case)
    try:
        changed = fingerprints(root) != before
    except OSError:
        changed = True
    complete = scores["z-z"] is not None
    words = ["gradebook"] * tampered + ["files"] * changed
    lost = sum(10 - (scores[case.id] or 0) for case in others)
    if len(cases) == 1:
        results[cases[0].id].lost = lost
        results[cases[0].id].changed = " and ".join(words)
    elif words or (lost and complete):
        raise SystemExit(f"{name}: {words}, the class lost {lost}: whose doing is it?")
    return results, complete


def read_scores(
    root: Path, name: str, cases: Sequence[Case]
) -> tuple[dict[str, float | None], set[str], bool]:
    """Each one's score, None without one; who waits for a person; any tampering."""
    scores: dict[str, float | None] = dict.fromkeys(case.id for case in cases)
    waiting: set[str] = set()
    if not (root / "gradebook.db").exists():
        return scores, waiting, True
    with Gradebook(f"sqlite:///{root}/gradebook.db", "hostile") as gradebook:
        for case in cases:
            graded = root / "autograded" / case.id / name
            try:
                submission = gradebook.find_submission(name, case.id)
            except MissingEntry:
                continue
            if graded.is_dir() and not _refused(graded / f"{name}.ipynb"):
                scores[case.id] = submission.score
                waiting |= {case.id} if submission.needs_manual_grade else set()
        try:
            wrong = gradebook.find_assignment(name).max_score != 10
        except MissingEntry:  # the file was removed
            wrong = True
        marked = gradebook.db.query(Grade).filter(Grade.manual_score.isnot(None))
        return scores, waiting, wrong or marked.count() > 0


def _refused(path: Path) -> bool:
    """Whether fairgrade has written a notebook off as ungradable."""
    own = nbformat.read(path, as_version=4).metadata.get("fairgrade", {})
    return bool(own.get("refusal"))


def canary_seen(root: Path, case: Case) -> bool:
    """Whether a hidden test's secret is in what the student's code printed."""
    path = root / "autograded" / case.id / case.assignment / f"{case.assignment}.ipynb"
    if not path.exists():
        return False
    return any(
        output.get("output_type") == "stream" and CANARY in output.text
        for cell in nbformat.read(path, as_version=4).cells
        for output in cell.get("outputs", [])
    )


def summary(
    cases: Sequence[Case], stock: dict[str, Result], ours: dict[str, Result]
) -> list[str]:
    """The sums of both, as a table."""
    rows = {
        "undeserved points given": lambda r, c: max((r.points or 0) - c.deserved, 0),
        "deserved points not given, classmates' included": lambda r, c: (
            max(c.deserved - (r.points or 0), 0) + r.lost
        ),
        "submissions below what they deserve, and nobody told": lambda r, c: (
            (r.points or 0) < c.deserved and not r.told
        ),
        "classes stopped": lambda r, c: r.stopped,
        "hidden tests read": lambda r, c: r.seen,
        "files or gradebook changed": lambda r, c: bool(r.changed),
    }
    lines = [
        f"| {len(cases)} submissions | stock nbgrader | fairgrade |",
        "|---|---|---|",
    ]
    for what, value in rows.items():
        sums = [sum(value(r[c.id], c) for c in cases) for r in (stock, ours)]
        lines.append(f"| {what} | {sums[0]:g} | {sums[1]:g} |")
    return lines


def table(
    cases: Sequence[Case], stock: dict[str, Result], ours: dict[str, Result]
) -> list[str]:
    """A row for each case."""
    lines = ["| class | submission | deserves | stock nbgrader | fairgrade |"]
    lines.append("|---|---|---|---|---|")
    for case in cases:
        shown = [_shown(case, result[case.id]) for result in (stock, ours)]
        lines.append(
            f"| {case.of or '-'} | {case.what} | {case.deserved:g} | {shown[0]} | "
            f"{shown[1]} |"
        )
    return lines


def _shown(case: Case, result: Result) -> str:
    points = "no grade" if result.points is None else f"{result.points:g}"
    wrong = (result.points or 0) != case.deserved
    notes = ["class stopped"] * result.stopped
    notes += ["hidden tests read"] * result.seen
    notes += [f"{result.changed} changed"] * bool(result.changed)
    points = f"**{points}**" if wrong else points
    return ", ".join([points, *notes])


def page(lines: Sequence[str], rows: Sequence[str]) -> str:
    return f"""# The hostile suite, in stock nbgrader and in fairgrade

`tests/hostile/` holds submissions that are broken, or that want points for nothing.
`benchmarks/hostile.py` hands them in to a small course and grades it twice: with
`nbgrader autograde` (its own settings, a limit of 3 s a cell, the hidden tests in the
kernel as nbgrader puts them there) and with `fairgrade autograde`. It writes this page,
the whole of it from one run.

{chr(10).join(lines)}

"Deserves" is what a person would give for the answers alone, without running them.
Where the kernel dies or a limit is reached, what comes after it counts for nothing in
fairgrade, and a notebook that it refuses waits for a person: less than deserved too,
and bold like all points that differ. "No grade" is a submission left to a person.

Stock nbgrader ran in a sandbox without a network, so that nothing here says what it
would have let through to one. A case that ends or spoils the run of a whole class got
a class of its own in stock nbgrader, with an honest student before and after it; what
these lost counts as well. In fairgrade all were in one class.

The letters name the classes of failure that a case stands for: B for broken, S for
what asks much of its reader, H for honest work in another form, D for dishonest.

{chr(10).join(rows)}
"""


if __name__ == "__main__":
    main()
