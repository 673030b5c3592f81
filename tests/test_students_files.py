"""Hidden tests on files that notebooks wrote: sandbox, kernel and judge for real."""

from __future__ import annotations

import pickle
from pathlib import Path, PurePosixPath

import nbformat
import pytest

from fairgrade.authoring.generate import generate
from fairgrade.checks import CHECKS_MIME
from fairgrade.course.course import load_course
from fairgrade.grading.autograde import Graded, autograde
from tiny import NAME, graded_cell, hand_in, make_course

SOLUTION = """\
import json, os, pickle
from pathlib import Path
import numpy as np
Path("out").mkdir()
Path("out/four.txt").write_text("four")
Path("out/data.json").write_text(json.dumps({"n": 4}))
np.save("out/x.npy", np.arange(4))
Path("kept.pkl").write_bytes(pickle.dumps({"n": {4}}))
def save(n, name):
    Path(name).write_text(str(n))
def count(name):
    return len(Path(name).read_text().split())
class Point:
    def __init__(self, x):
        self.x = x
np.save("points.npy", np.array([Point(3), None]), allow_pickle=True)
import companion
whole = os.path.abspath("out/four.txt")
def sealed(folder):
    return (folder / "lock.json").exists()
def seen(folder):
    return [path.name for path in Path(folder).parent.rglob("*")]
def tidy(folder):
    os.rmdir(folder)
def go():
    os.chdir("out")
def back():
    os.chdir("..")
def leave():
    Path("/tmp/left.txt").write_text("left")
left = "/tmp/left.txt"
def leaving():
    leave()
    return Path(left)"""
#: Each test cell is worth a point.
TESTS = {
    "read": """
        import glob, json, os
        import numpy as np
        assert open("out/four.txt").read() == "four"
        assert os.path.getsize("out/four.txt") == 4
        assert json.load(open("out/data.json")) == {"n": 4}
        assert np.load("out/x.npy").sum() == 6
        names = ["out/data.json", "out/four.txt", "out/x.npy"]
        assert sorted(glob.glob("out/*")) == names
        assert not os.path.exists("five.txt")""",
    "called": """
        from pathlib import Path
        save(5, "five.txt")
        assert Path("five.txt").read_text() == "5"
        save(6, "five.txt")
        assert Path("five.txt").read_text() == "6" """,
    "given": """
        with open("words.txt", "w") as file:
            file.write("a b c")
        assert count("words.txt") == 3""",
    "unpickled": """
        import pickle
        with open("kept.pkl", "rb") as file:
            assert pickle.load(file) == {"n": {4}}""",
    "objects": """
        import numpy as np
        first, second = np.load("points.npy", allow_pickle=True)
        assert first.x == 3 and second is None""",
    "companions": """
        import pickle
        with open("course.pkl", "rb") as file:
            assert pickle.load(file).name == "a"
        assert open("course.csv").read() == "1,2" """,
    "again": """
        assert open("out/four.txt").read() == "four" """,
    "helped": """
        assert companion.words("out/four.txt") == 1""",
    "moved": """
        import os
        at = go()
        assert open("four.txt").read() == "four" and os.getcwd().endswith("out")
        back()""",
    "elsewhere": """
        import os
        leave()
        assert os.path.exists("/tmp/left.txt")""",
    "named-away": """
        import os
        leave()
        assert os.path.exists(left)""",
    "given-away": """
        assert leaving().is_file()""",
    "whole": """
        assert open(whole).read() == "four" """,
    "temporary": """
        import tempfile, pathlib
        with tempfile.TemporaryDirectory() as folder:
            save(5, folder + "/five.txt")
            assert pathlib.Path(folder, "five.txt").read_text() == "5" """,
    "held": """
        import tempfile
        with tempfile.NamedTemporaryFile("w+", suffix=".txt") as file:
            file.write("a b")
            file.flush()
            assert count(file.name) == 2
            save(7, file.name)
            file.seek(0)
            assert file.read() == "7" """,
    "locked": """
        import tempfile
        from pathlib import Path
        with tempfile.TemporaryDirectory() as folder:
            assert not sealed(Path(folder))
            (Path(folder) / "lock.json").write_text("{}")
            assert sealed(Path(folder))
            (Path(folder) / "lock.json").unlink()
            assert not sealed(Path(folder))""",
    "handed": """
        import os, tempfile
        from pathlib import Path
        with tempfile.TemporaryDirectory() as own:
            Path(own, "expected.txt").write_text("5")
            with tempfile.TemporaryDirectory() as folder:
                assert seen(folder) == [os.path.basename(folder)]
                Path(folder, "deep/er").mkdir(parents=True)
                Path(folder, "deep/a.txt").write_text("1")
                assert sorted(seen(folder))[:3] == ["a.txt", "deep", "er"]
                tidy(folder + "/deep/er")
                assert os.listdir(folder + "/deep") == ["a.txt"]
            assert Path(own, "expected.txt").read_text() == "5" """,
    "named": """
        import os, tempfile
        path = os.path.join(tempfile.gettempdir(), "named.txt")
        save(5, path)
        assert open(path).read() == "5"
        os.remove(path)""",
}
#: Those whose temporary folders or files a student's code writes, reads or looks at.
WRITING = {"temporary", "held", "named"}
HANDING = WRITING | {"locked", "handed"}
#: What no student gets and none loses: the files lie where a judge does not look.
AWAY = dict.fromkeys(("elsewhere", "named-away", "given-away"), "out of the folder")
ALL = set(TESTS) - set(AWAY)
LOOKING = {"read", "again", "helped", "moved", "whole"}


def instead(old: str, new: str) -> str:
    assert old in SOLUTION
    return SOLUTION.replace(old, new)


def in_temporary(more: str) -> str:
    """The solution, which does more where it writes a temporary file."""
    write = "Path(name).write_text(str(n))"
    return instead(write, f"{write}\n    if '.tmp' in str(name):\n        {more}")


FOUR = 'Path("out/four.txt").write_text("four")'
KILLS = """
class Kills:
    def __reduce__(self):
        return eval, ("__import__('os')._exit(7)",)
"""
SWAPS = """
    Path("out/four.txt").unlink(missing_ok=True)
    os.symlink("/etc/passwd", "out/four.txt")"""
#: Student -> answer, the tests that pass, and those that wait for a person and why.
STUDENTS: dict[str, tuple[str, set[str], dict[str, str]]] = {
    "right": (SOLUTION, ALL, {}),
    "wrong": (instead('"four")', '"five")'), ALL - LOOKING | {"helped"}, {}),
    "missing": (instead(FOUR, ""), ALL - LOOKING, {}),
    "link": (
        instead(FOUR, 'os.symlink("/etc/passwd", "out/four.txt")'),
        ALL - LOOKING,
        dict.fromkeys(LOOKING, "out/four.txt is a link"),
    ),
    "fifo": (
        instead(FOUR, 'os.mkfifo("out/four.txt")'),
        ALL - LOOKING,
        dict.fromkeys(LOOKING, "out/four.txt is no plain file"),
    ),
    "huge": (
        instead(FOUR, 'os.truncate(os.open("out/four.txt", 66), 9 * 2**20)'),
        ALL - LOOKING,
        dict.fromkeys(LOOKING, "out/four.txt is too large"),
    ),
    "many": (
        SOLUTION + "\nfor n in range(10_000): Path(str(n)).touch()",
        set(),
        dict.fromkeys(TESTS, "more than 1,000 files"),
    ),
    "floods": (
        in_temporary("for n in range(2000): Path(f'{name}{n}').touch()"),
        ALL - HANDING,  # what lies beside the one that was handed over stays
        dict.fromkeys(HANDING, "more than 1,000 files"),
    ),
    "fills": (
        in_temporary("os.truncate(name, 9 * 2**20)"),
        ALL - WRITING,
        {"temporary": "five.txt is too large", "named": "named.txt is too large"},
    ),
    "points": (
        in_temporary("os.remove(name); os.symlink('/etc/passwd', name)"),
        ALL - WRITING,
        {"temporary": "five.txt is a link", "named": "named.txt is a link"},
    ),
    # The judge's own stays, and where the kernel's was nothing can be handed over.
    "replaces": (
        in_temporary(
            "import shutil; shutil.rmtree('.tmp'); os.symlink('/etc', '.tmp')"
        ),
        ALL - HANDING,
        {},
    ),
    # Where it ran, a process ended: the kernel, so that later tests cannot ask.
    "kills": (
        KILLS + instead('pickle.dumps({"n": {4}})', "pickle.dumps(Kills())"),
        {"read", "called", "given"},
        {},
    ),
    "forges": (
        KILLS + instead("np.array([Point(3), None])", "np.array([Kills()])"),
        {"read", "called", "given", "unpickled"},
        {},
    ),
    "swaps": (
        instead("(str(n))", "(str(n))" + SWAPS),
        ALL - (LOOKING - {"read"}) - WRITING,  # it stays in out/, where it cannot
        dict.fromkeys(LOOKING - {"read"}, "out/four.txt is a link"),
    ),
    # The file may lie there on their own machine: still, their code names it.
    "absolute": (
        instead("len(Path(name)", 'len(Path("/home/me/words.txt")'),
        ALL - {"given", "held"},
        {},
    ),
    "takes": (
        SOLUTION + '\nos.remove("course.csv"); Path("course.csv").write_text("9")\n'
        'Path("course.pkl").write_bytes(b"9")',
        ALL,
        {},
    ),
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Graded]]:
    root = tmp_path_factory.mktemp("files") / "course"
    make_course(root)
    path = root / "source" / NAME / f"{NAME}.ipynb"
    (path.parent / "course.csv").write_text("1,2")
    helper = "def words(name):\n    return len(open(name).read().split())\n"
    (path.parent / "companion.py").write_text(helper)
    own = pickle.dumps(PurePosixPath("a"))
    (path.parent / "course.pkl").write_bytes(own)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].source = f"### BEGIN SOLUTION\n{SOLUTION}\n### END SOLUTION"
    notebook.cells[2:] = [
        graded_cell(
            name,
            "### BEGIN HIDDEN TESTS"
            + source.replace("\n        ", "\n")
            + "\n### END HIDDEN TESTS",
            locked=True,
            points=1,
        )
        for name, source in TESTS.items()
    ]
    nbformat.write(notebook, path)
    settings = root / "course.yml"
    text = settings.read_text().replace("    exports: {doubled: value}\n", "")
    text = text.replace("points: 3", f"points: {len(TESTS)}")
    settings.write_text(text.replace("memory_mb: 512", "memory_mb: 512, export_mb: 8"))
    course = load_course(root)
    generate(course, course.assignment(NAME))
    hand_in(course, {name: answer for name, (answer, _, _) in STUDENTS.items()})
    found = {g.student: g for g in autograde(course, course.assignment(NAME))}
    return root, found


def earned(root: Path, student: str) -> dict[str, dict[str, object]]:
    """What is shown at each test cell of a student's."""
    path = root / "autograded" / student / NAME / f"{NAME}.ipynb"
    shown = {}
    for cell in nbformat.read(path, as_version=4).cells:
        name = cell.metadata.nbgrader.grade_id
        if name in TESTS:
            shown[name] = [o.get("data", {}).get(CHECKS_MIME, o) for o in cell.outputs]
    return shown


@pytest.mark.slow
@pytest.mark.parametrize("student", STUDENTS)
def test_a_file_is_read(graded: tuple[Path, dict[str, Graded]], student: str) -> None:
    root, found = graded
    _, passed, waits = STUDENTS[student]
    if student not in ("kills", "forges"):  # who has no kernel any more
        waits = AWAY | waits
    print(found[student], earned(root, student))
    assert found[student].score == len(passed)
    assert not found[student].alarms
    assert len(found[student].unmeasured) == len(waits)
    for text in found[student].unmeasured:
        name = next(name for name in waits if text.startswith(f"{name} "))
        assert waits[name] in text
