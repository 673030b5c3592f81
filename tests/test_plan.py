"""Equal programs share a key; whatever could make a difference keeps them apart."""

from __future__ import annotations

import ast
import dataclasses
import io
import tokenize
from collections.abc import Callable
from pathlib import Path
from types import CodeType

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from fairgrade.course.course import Limits
from fairgrade.nbgrader_bridge.test_cell import TestCell
from fairgrade.plan.deciding import read_by_tests
from fairgrade.plan.program import RunKeys, run_keys, verdict_key
from fairgrade.run.request import RunRequest

LOCKED = "import numpy as np\nimport keras\nfrom keras.layers import Dense"


def request(*sources: str, files: dict[str, Path] | None = None) -> RunRequest:
    cells = [new_code_cell(source) for source in (LOCKED, *sources)]
    for number, cell in enumerate(cells):
        cell.metadata.nbgrader = {
            "grade_id": f"c{number}",
            "solution": number > 0,
            "locked": number == 0,
        }
    return RunRequest(
        notebook=new_notebook(cells=cells),
        files=files or {},
        data={},
        exports={"model": "model"},
        seed=0,
        limits=Limits(),
    )


def keys(*sources: str) -> RunKeys:
    return run_keys(request(*sources), isolation="full", environment="e")


def program(*sources: str) -> str:
    return keys(*sources).program


# Programs: a few statements, as students write them.
names = st.sampled_from(["model", "epochs", "x", "train_images", "ändern"])
numbers = st.one_of(
    st.integers(0, 300), st.sampled_from([0.5, 1.0, 1e-3]), st.booleans()
)
texts = st.sampled_from(
    ["relu", "softmax", "# no comment", "a\nb", "it's", 'a "b"', ""]
)
values = st.one_of(numbers, texts).map(repr)
expressions = st.recursive(
    st.one_of(names, values),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(
            lambda t: f"({t[0]} {t[1]} {t[2]})"
        ),
        st.tuples(inner, inner).map(lambda t: f"Dense({t[0]}, activation={t[1]})"),
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
    ),
    max_leaves=5,
)
simple = st.one_of(
    st.tuples(names, expressions).map(lambda t: f"{t[0]} = {t[1]}"),
    st.tuples(names, expressions).map(lambda t: f"{t[0]}.add({t[1]})"),
    expressions.map(lambda e: f"print({e})"),
    names,
)
blocks = st.tuples(st.sampled_from(["if x:", "for x in model:", "def f(x):"]), simple)
statements = st.one_of(simple, blocks.map(lambda t: f"{t[0]}\n    {t[1]}"))
programs = st.lists(statements, min_size=1, max_size=4).map("\n".join)


@st.composite
def respelled(draw: st.DrawFn, source: str) -> str:
    """The same program with other comments, blank lines, brackets and quotes."""
    if draw(st.booleans()):
        source = ast.unparse(ast.parse(source))
    inside = {
        line
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.STRING
        for line in range(token.start[0], token.end[0])
    }
    lines = []
    for number, line in enumerate(source.splitlines(), start=1):
        if number not in inside and number - 1 not in inside:
            lines += draw(st.sampled_from([[], [""], ["# a thought"], ["", "  # two"]]))
        ending = draw(st.sampled_from(["", "  ", "  # why", "#tight"]))
        lines.append(line if number in inside else line + ending)
    return "\n".join(lines) + draw(st.sampled_from(["", "\n", "\n\n# the end"]))


@settings(max_examples=60, deadline=None)
@given(st.data(), programs)
def test_comments_blank_lines_and_layout_do_not_count(
    data: st.DataObject, source: str
) -> None:
    other = data.draw(respelled(source))
    assert ast.dump(ast.parse(other)) == ast.dump(ast.parse(source))
    assert program(other) == program(source)
    assert (keys(other).text == keys(source).text) == (other == source)


def bytecode(source: str) -> object:
    """What Python runs, less line numbers: made without the code under test."""

    def plain(code: CodeType) -> tuple[object, ...]:
        constants = [
            plain(c) if isinstance(c, CodeType) else (type(c), repr(c))
            for c in code.co_consts
        ]
        names = (code.co_names, code.co_varnames, code.co_freevars)
        return (code.co_code, constants, *names, code.co_flags)

    return plain(compile(source, "cell", "exec"))


@st.composite
def almost(draw: st.DrawFn, source: str) -> str:
    """A program that may differ in one token, or in the order of its statements."""
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    kinds = {tokenize.NAME: names, tokenize.NUMBER: values, tokenize.STRING: values}
    places = [t for t in tokens if t.type in kinds or t.string in "+-*/" and t.string]
    if not places or draw(st.booleans()):
        return "\n".join(draw(st.permutations(source.split("\n"))))
    token = draw(st.sampled_from(places))
    fresh = draw(kinds.get(token.type, st.sampled_from("+-*/")))
    lines = source.splitlines(keepends=True)
    first, last = token.start[0] - 1, token.end[0] - 1
    before, after = lines[first][: token.start[1]], lines[last][token.end[1] :]
    lines[first : last + 1] = [before + fresh + after]
    return "".join(lines)


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.filter_too_much]
)
@given(st.data(), programs)
def test_programs_with_one_key_run_as_the_same_bytecode(
    data: st.DataObject, source: str
) -> None:
    other = data.draw(st.one_of(almost(source), programs))
    try:
        different = bytecode(other) != bytecode(source)
    except SyntaxError:
        assume(False)
    if different:
        assert program(other) != program(source)


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
