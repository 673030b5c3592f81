"""Mistakes and other right spellings, made from a solution's syntax tree."""

from __future__ import annotations

import ast

import nbformat
import pytest

from fairgrade.authoring.generate import read_source
from fairgrade.course.course import Course
from fairgrade.nbgrader_bridge.blanks import solution_only
from fairgrade.verify.equivalents import spellings
from fairgrade.verify.gaps import Gap, find_gaps
from fairgrade.verify.known_names import Names, known_names
from fairgrade.verify.mutate import mistakes
from fairgrade.verify.syntax import Change
from fairgrade.verify.variants import all_variants, difference


def gap(code: str, *lines: int) -> Gap:
    everything = range(1, code.count("\n") + 2)
    return Gap("answer", 0, code, frozenset(lines or everything))


def made(code: str, *lines: int, names: tuple[str, ...] = ()) -> dict[str, Change]:
    """Each mistake by its whole code."""
    changes = mistakes(gap(code, *lines), frozenset(names))
    return {change.code: change for change in changes}


def gaps_of(course: Course, name: str) -> list[Gap]:
    return find_gaps(read_source(course, course.assignment(name)))


@pytest.mark.parametrize(
    ("code", "mistake"),
    [
        ("n = 28", "n = 27"),
        ("n = 28", "n = 29"),
        ("n = 28", "n = None"),
        ("rate = 0.25", "rate = 0.5"),
        ("x = a / 255", "x = a * 255"),
        ("x = a / 255", "x = a"),
        ("ok = a < b", "ok = a <= b"),
        ("ok = a and b", "ok = a or b"),
        ("kind = 'float32'", 'kind = "float64"'),
        ("x = f(a, b)", "x = f(b, a)"),
        ("x = f(a, key=b)", "x = f(a)"),
        ("x = a.reshape(shape)", "x = a"),
        ("x = f(a, flag=True)", "x = f(a, flag=False)"),
        ("total += n", "pass"),
        ("total += n", "total += n\ntotal += n"),
        ("if a == b:\n    f()", "if not (a == b):\n    f()"),
        ("if a == b:\n    f()", "if a == b:\n    pass"),
        ("def f(a):\n    return a", "def f(a):\n    return None"),
        ("x = values[-1]", "x = values[-2]"),
        ("x = v[a:b]", "x = v[a + 1:b]"),
        ("x = v[a:b]", "x = v[a:b - 1]"),
        ("for i in range(n):\n    f(i)", "for i in range(n - 1):\n    f(i)"),
        ("for i in range(n):\n    f(i)", "for i in range(1, n):\n    f(i)"),
        ("def f(a):\n    return [a]", "def f(a):\n    return tuple([a])"),
        ("def f(a):\n    return a, 1", "def f(a):\n    return list((a, 1))"),
        ("def f(a):\n    return a - 1", "def f(a):\n    return str(a - 1)"),
        ("def f(a) -> int:\n    return a", "def f(a) -> int:\n    return float(a)"),
        ("def f(a):\n    return a > 1", "def f(a):\n    return True"),
        ("def f(a):\n    return a", "def f(a):\n    print(a)"),
        (
            "def f(v):\n    for a in v:\n        g(a)\n    return v",
            "def f(v):\n    for a in v:\n        g(a)\n        return v\n    return v",
        ),
        (
            "def f(v):\n    for a in v:\n        g(a)",
            "def f(v):\n    for a in v:\n        g(a)\n        break",
        ),
        ("raise ValueError(a)", "raise TypeError(a)"),
        ("raise Overdrawn(a)", "raise Exception(a)"),
        ("def f(a):\n    raise ValueError(a)", "def f(a):\n    return None"),
        (
            "try:\n    f()\nexcept KeyError:\n    g()",
            "try:\n    f()\nexcept IndexError:\n    g()",
        ),
        (
            "def f(a, to=None):\n    to = to or []\n    return to + [a]",
            "def f(a, to=[]):\n    to = to or []\n    return to + [a]",
        ),
        (
            "def f(a):\n    found = []\n    found.append(a)\n    return found",
            "def f(a, found=[]):\n    found.append(a)\n    return found",
        ),
        (
            "def __init__(self):\n    self._all = {}",
            "def __init__(self, all={}):\n    self._all = all",
        ),
        ("def __init__(self, a):\n    self.a = a", "def __init__(self, a):\n    a = a"),
        (
            "def f(v):\n    return sorted(v, key=g)",
            "def f(v):\n    return v.sort(key=g) or v",
        ),
        ("def f(v):\n    return v[::-1]", "def f(v):\n    return v.reverse() or v"),
        (
            "def f(v):\n    return [*v, len(v)]",
            "def f(v):\n    return [[*v, len(v)], v.clear()][0]",
        ),
        (
            "def f(d):\n    return {**d, 'a': 1}",
            "def f(d):\n    return d.update({'a': 1}) or d",
        ),
    ],
)
def test_mistakes_in_any_code(code: str, mistake: str) -> None:
    programs = [ast.dump(ast.parse(changed)) for changed in made(code)]
    assert ast.dump(ast.parse(mistake)) in programs
    assert ast.dump(ast.parse(code)) not in programs
    assert len(programs) == len(set(programs))


@pytest.mark.parametrize(
    ("cell", "mistake"),
    [
        ("hidden-layer", 'model.add(Dense(15, activation="relu"))'),
        ("hidden-layer", 'model.add(Dense(32, activation="relu"))'),
        ("hidden-layer", 'model.add(Dense(16, activation="sigmoid"))'),
        ("hidden-layer", "model.add(Dense(16))"),
        ("hidden-layer", "pass"),
        ("output-layer", "model.add(Dense(num_classes))"),
        ("output-layer", 'model.add(Dense(num_classes - 1, activation="softmax"))'),
        ("flatten", "model.add(Flatten(input_shape=input_shape[:-1]))"),
        ("flatten", "model.add(Flatten())"),
        ("flatten", "model.add(Flatten(input_shape=input_shape))\n" * 2),
        (
            "flatten",
            'model.add(Dense(8, activation="relu"))\n'
            "model.add(Flatten(input_shape=input_shape))",
        ),
        (
            "compile",
            'model.compile(loss="mse", optimizer="adam", metrics=["accuracy"])',
        ),
        ("compile", 'model.compile(loss="categorical_crossentropy", optimizer="adam")'),
        (
            "fit",
            "history = model.fit("
            "train_labels, train_images, epochs=epochs, shuffle=True)",
        ),
        (
            "fit",
            "history = model.fit(train_images, train_labels, epochs=1, shuffle=True)",
        ),
        (
            "fit",
            "history = model.fit("
            "train_images, train_labels, epochs=epochs, shuffle=False)",
        ),
        (
            "fit",
            "history = model.fit("
            "test_images, train_labels, epochs=epochs, shuffle=True)",
        ),
    ],
)
def test_mistakes_with_keras(course: Course, cell: str, mistake: str) -> None:
    source = read_source(course, course.assignment("dense-network"))
    gaps = find_gaps(source)
    chosen = next(gap for gap in gaps if gap.grade_id == cell)
    code = [solution_only(c.source) for c in source.cells if c.cell_type == "code"]
    changes = mistakes(chosen, known_names(code, gaps).defined)
    programs = [ast.dump(ast.parse(change.code)) for change in changes]
    assert ast.dump(ast.parse(mistake)) in programs


def test_what_keras_would_do_anyway_is_no_mistake() -> None:
    assert "model.fit(x, y)" not in made("model.fit(x, y, shuffle=True)")


@pytest.mark.parametrize(
    "code",
    [
        "def f(v):\n    v = list(v)\n    return sorted(v)",  # a copy of its own
        "def f(a):\n    return a + a",  # perhaps texts
        "def f(a):\n    return len(a)",  # a float that is equal is right, too
        "def f(a, found):\n    b = 3\n    return b",
    ],
)
def test_what_may_be_right_is_no_mistake(code: str) -> None:
    for word in (".sort(", "str(a + a)", "float(", "=3"):
        assert not any(word in changed for changed in made(code))


def test_what_is_printed_is_left_alone() -> None:
    code = 'x = 1\nprint("a", 5, x / 2)'
    assert {change.line for change in made(code).values()} == {1}
    assert made('"""Text."""\nprint(3)') == {}


def test_what_an_error_says_is_left_alone() -> None:
    code = 'if n < 1:\n    raise ValueError("too few")\n'
    changed = [change.code for change in made(code).values()]
    assert changed and not any("too fewx" in each for each in changed)


def test_only_the_students_lines_are_changed(course: Course) -> None:
    for gap in gaps_of(course, "improving-your-network"):
        lines = gap.code.split("\n")
        kept = [line for n, line in enumerate(lines, 1) if n not in gap.lines]
        for change in mistakes(gap, frozenset()):
            assert change.line in gap.lines
            assert [line for line in kept if line not in change.code] == []


def test_layers_in_a_list_are_left_out_doubled_and_added() -> None:
    code = 'm = Sequential(\n    [\n        Dense(8, activation="relu"),\n    ]\n)'
    codes = "\n".join(made(code, 3, names=("Dense",)))
    assert "m = Sequential(\n    [\n        \n    ]\n)" in codes
    twice = 'Dense(8, activation="relu"), Dense(8, activation="relu")'
    assert twice in codes


def test_spellings_are_other_programs_with_the_same_meaning(course: Course) -> None:
    source = read_source(course, course.assignment("dense-network"))
    gaps = find_gaps(source)
    code = [solution_only(c.source) for c in source.cells if c.cell_type == "code"]
    found = spellings(gaps, known_names(code, gaps))
    assert "units=16" in found["arguments by name"]["hidden-layer"]
    assert "keras.optimizers.Adam()" in found["objects for names"]["compile"]
    assert found["an Input layer first"]["flatten"].splitlines()[1:] == [
        "model.add(keras.Input(shape=input_shape))",
        "model.add(Flatten())",
    ]
    assert found["activations as layers"]["hidden-layer"].splitlines()[1:] == [
        "model.add(Dense(16))",
        'model.add(keras.layers.Activation("relu"))',
    ]
    assert "epochs=10" in found["numbers for names"]["fit"]
    assert "as own_Dense" in found["imports of one's own"]["hidden-layer"]
    for cells in found.values():
        for changed in cells.values():
            ast.parse(changed)


def test_a_constant_is_one_only_if_it_never_changes() -> None:
    names = known_names(["a = 1\nb = 2", "b = 3"], [gap("c = a")])
    assert names.constants == {"a": "1"}
    assert known_names(["c = 4"], [gap("c = a")]).constants == {}
    assert spellings([gap("x = a + b")], Names(constants={"a": "1"}))[
        "numbers for names"
    ] == {"answer": "x = 1 + b"}


def test_a_difference_shows_only_changed_lines() -> None:
    assert difference("a\nb\nc", "a\nB\nc") == ("-b", "+B")


def test_every_notebook_has_mutants_in_every_gap(course: Course) -> None:
    for assignment in course.assignments:
        source = read_source(course, assignment)
        released = nbformat.from_dict(source)
        variants = all_variants(assignment, source, released, seeds=3)
        automatic = {v.cell for v in variants if v.kind == "mutant" and v.operator}
        assert automatic == {gap.grade_id for gap in find_gaps(source)}
