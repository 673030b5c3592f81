"""Equal programs share a key; whatever could make a difference keeps them apart."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat.v4 import new_markdown_cell

from fairgrade.course.course import Limits
from fairgrade.nbgrader_bridge.test_cell import TestCell
from fairgrade.plan.deciding import read_by_tests
from fairgrade.plan.program import run_keys, verdict_key
from fairgrade.run.request import RunRequest
from planning import keys, program, request


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 1", "x = 1.0"),
        ("x = 1", "x = True"),
        ("x = 0.0", "x = -0.0"),
        ("x = 'a'", "x = b'a'"),
        ("x = 'a'", "x = 'a '"),
        ("x = f'{y=}'", "x = f'{y = }'"),
        ("a = 1\nb = 2", "b = 2\na = 1"),
        ("def f():\n    'a'", "def f():\n    'b'"),
        ("f(a=1, b=2)", "f(b=2, a=1)"),
        ("if a:\n    b\n    c", "if a:\n    b\nc"),
        ("x", "x;"),
        ("x;", "x;\ny"),
        ("keras.utils.set_random_seed(0)", "keras.utils.set_random_seed(1)"),
        ("f = lambda a: a", "f = lambda a: a  # short"),
        ("%time x = 1", "%time  x = 1"),
        ("!ls", "!ls  # files"),
        ("%%writefile a.txt\nx", "%%writefile a.txt\nx\n"),
        ("x = (", "x = (  # open"),
    ],
)
def test_small_differences_count(one: str, other: str) -> None:
    assert program(one) != program(other)
    assert keys(one).text != keys(other).text


@pytest.mark.parametrize(
    "looks",
    [
        "print(In[-1])",
        "n = len(_i)",
        "import inspect",
        "from inspect import getsource",
        "print(f.__doc__)",
        "getattr(f, '__do' + 'c__')",
        "'{0.__doc__}'.format(f)",
        "eval('In')",
        "get_ipython().history_manager",
        "%history",
        "import traceback",
        "print(e.__traceback__.tb_lineno)",
        "open('lesson.ipynb')",
        "np.fromfile('/in/job.json')",
        "import os",
        "import somewhere.else_",
        "import fairgrade.inside.runner",
        "keras.layers.Lambda(f)",
        "f?",
        "def f(:",
    ],
)
def test_a_notebook_that_may_see_its_text_shares_with_the_same_text_only(
    looks: str,
) -> None:
    one, other = keys("x = 1", looks), keys("x = 1  # one", looks)
    assert one.program != other.program
    assert one.program != keys("x = 1").program
    assert keys("x = 1", looks) == one


def test_the_courses_own_code_is_suspected_only_where_it_reads_source(
    tmp_path: Path,
) -> None:
    def same(locked: str, module: str) -> bool:
        path = tmp_path / "checks.py"
        path.write_text(module)
        found = []
        for source in ("x = 1", "x = 1  # one"):
            around = request(source, files={"checks.py": path})
            around.notebook.cells[0].source = locked
            found.append(run_keys(around, isolation="full", environment="e").program)
        return found[0] == found[1]

    assert same("import os\nopen('digits.csv')", "import inspect\nimport os\n")
    assert not same("import inspect\ninspect.getsource(f)", "")
    assert not same("import checks", "from inspect import getsource\n")


def test_what_a_cell_is_for_and_where_it_stands_counts() -> None:
    assert program("a = 1", "b = 2") != program("b = 2", "a = 1")
    assert program("a = 1\nb = 2") != program("a = 1", "b = 2")
    assert program("a = 1", "") == program("a = 1")  # blank cells are not run
    moved = request("a = 1")
    moved.notebook.cells.insert(1, new_markdown_cell("moved"))
    moved_keys = run_keys(moved, isolation="full", environment="e")
    assert moved_keys.program != program("a = 1")


Change = Callable[[RunRequest], RunRequest]


@pytest.mark.parametrize(
    "change",
    [
        lambda r: dataclasses.replace(r, seed=1),
        lambda r: dataclasses.replace(r, exports={"model": "value"}),
        lambda r: dataclasses.replace(r, limits=Limits(memory_mb=4096)),
        lambda r: dataclasses.replace(r, sealed=False),
        lambda r: dataclasses.replace(r, files={}),
        lambda r: dataclasses.replace(r, data={}),
    ],
)
def test_everything_around_the_cells_counts(change: Change, tmp_path: Path) -> None:
    module, data = tmp_path / "checks.py", tmp_path / "digits.npz"
    module.write_text("x = 1\n")
    data.write_bytes(b"digits")
    around = dataclasses.replace(
        request("x = 1", files={"checks.py": module}), data={"digits.npz": data}
    )
    before = run_keys(around, isolation="full", environment="e")
    assert run_keys(change(around), isolation="full", environment="e") != before
    for isolation, environment in (("partial", "e"), ("full", "f")):
        other = run_keys(around, isolation=isolation, environment=environment)
        assert other.program != before.program and other.text != before.text
    module.write_text("x = 1  # files count to the letter\n")
    changed = run_keys(around, isolation="full", environment="e")
    assert changed.program != before.program
    data.write_bytes(b"other!")
    assert run_keys(around, isolation="full", environment="e") != changed


def test_a_word_the_run_looks_for_counts_even_in_a_comment() -> None:
    plain = request("x = 1  # y")
    plain.notebook.cells[0].source = "import numpy"
    mentions = request("x = 1  # keras")
    mentions.notebook.cells[0].source = "import numpy"
    one = run_keys(plain, isolation="full", environment="e")
    other = run_keys(mentions, isolation="full", environment="e")
    assert one.program != other.program


def test_verdicts_are_kept_apart_by_tests_exports_and_course(tmp_path: Path) -> None:
    (tmp_path / "course.yml").write_text("id: a\n")
    (tmp_path / "grader_tests").mkdir()
    (tmp_path / "source" / "a").mkdir(parents=True)
    cell = TestCell("test", 2.0, "grade(model)")
    before = read_by_tests(tmp_path / "grader_tests", tmp_path / "source" / "a")

    def key(**changed: object) -> str:
        known: dict[str, object] = {
            "cell": cell,
            "exported": {"model.json": "1"},
            "declared": {"model": "model"},
            "seconds": 1.0,
            "max_bytes": 1,
            "course": before,
            "environment": "e",
        }
        known |= changed
        first = [known.pop(name) for name in ("cell", "exported", "declared")]
        return verdict_key(*first, **known)  # type: ignore[arg-type]

    (tmp_path / "grader_tests" / "hidden.py").write_text("x = 1\n")
    after = read_by_tests(tmp_path / "grader_tests", tmp_path / "source" / "a")
    found = {
        key(),
        key(cell=dataclasses.replace(cell, source="grade(model, 2)")),
        key(cell=dataclasses.replace(cell, points=3.0)),
        key(exported={"model.json": "2"}),
        key(declared={"model": "value"}),
        key(environment="f"),
        key(course=after),
    }
    assert len(found) == 7
    assert key() == key()
