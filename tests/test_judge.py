"""The judge: points come from its own record, within 0 and the cell's points."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fairgrade.inside.export import export
from fairgrade.judge.client import Judge
from fairgrade.judge.patching import patches
from fairgrade.lesson.checks import CheckFailed, Grading, State, expect
from judging import FILES, GRADER, WITH_NETWORK, make_course, run, small, value


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def process(root: Path) -> Iterator[Judge]:
    with Judge(root, "one") as process:
        yield process


#: Without a network: a judge that may have to build one imports Keras for seconds.


def test_partial_credit_carries_its_checks(process: Judge) -> None:
    (verdict,) = run(process, small("partial"))
    assert (verdict.earned, verdict.ran, verdict.message) == (1, True, "")
    length, order = verdict.checks
    assert length.passed and length.found == "3" and length.trust == "recomputed"
    assert not order.passed and order.hint == "Sort them."
    assert order.found == "[3, 1, 2]" and order.trust == "reported"


@pytest.mark.parametrize(
    ("source", "earned"),
    [
        ("numbers", None),  # a list is no number
        ("assert len(numbers) == 3", 3),
        ("None", 3),
        ("1.5", 1.5),
        ("import numpy\nnumpy.float32(2)", 2),
        ("0", 0),
        ("0;", 3),  # no notebook shows it, so that it gives no points
        ("%%capture\nprint(numbers)\n0", 3),
        ("numbers; # as they are", 3),
        ("len(numbers) == 4;", None),
        ("-1", None),
        ("float('nan')", None),
        ("float('inf')", None),
        ("1e9", None),
        ("3.1", None),
        ("'text'", None),
        ("True", None),
        ("2\nraise ValueError('late')", None),
        ("1 +", None),
        ("a\0b", None),
        ("raise SystemExit(0)", None),
        ("raise KeyboardInterrupt", None),
        ("undeclared", None),
        (small("too_much"), None),
        (small("slip"), None),
        (small("own_number"), None),  # `number` is exported, but this is a slip
    ],
)
def test_odd_ends_are_faults_of_the_test_and_never_points(
    process: Judge, source: str, earned: float | None
) -> None:
    (verdict,) = run(process, source)
    if earned is None:
        assert (verdict.state, verdict.earned) == (State.AT_FAULT, 0)
        assert verdict.message
    else:
        assert (verdict.ran, verdict.earned, verdict.message) == (True, earned, "")


def test_checks_must_add_up_to_the_cells_points(process: Judge) -> None:
    (verdict,) = run(process, small("partial"), points=4)
    assert (verdict.ran, verdict.earned) == (False, 0)
    assert (
        verdict.message == "the test cell's checks add up to 3, the cell has 4 points"
    )


def test_a_check_that_was_not_made_holds_the_cell_back(process: Judge) -> None:
    (verdict,) = run(process, small("not_made"))
    assert (verdict.state, verdict.earned) == (State.AT_FAULT, 0)
    assert verdict.message == "1 of 2 checks could not be made"
    assert [check.ran for check in verdict.checks] == [True, False]


def test_an_assertion_is_0_with_its_message(process: Judge) -> None:
    failed, plain = run(process, small("stop"), "assert numbers == [1]")
    assert (failed.earned, failed.ran) == (0, True)
    assert failed.message.startswith("numbers are odd.\n  expected: 3")
    (check,) = failed.checks
    assert (check.name, check.points, check.earned) == ("numbers are odd.", 3, 0)
    found = "something else that is written so: 3"
    assert (check.expected, check.found, check.hint) == ("3", found, "Count them.")
    assert (plain.earned, plain.ran) == (0, True)
    assert plain.message == "numbers is not what is expected."


def test_a_missing_name_costs_only_its_own_cell(process: Judge) -> None:
    files = FILES | {"number.json": b'{"kind": "value", "value": NaN}'}
    missing, refused, fine = run(
        process, "mean.real", "number > 2", "assert numbers", files=files
    )
    assert (missing.earned, missing.ran) == (0, True)
    assert missing.checks[0].name == "mean is not defined in your notebook"
    assert (refused.auto_score, refused.state) == (None, State.UNMEASURED)
    assert refused.message == (
        "could not be measured: number holds NaN, which is not a finite number"
    )
    assert fine.earned == 3


def test_no_cell_changes_what_the_next_one_sees(process: Judge) -> None:
    first, second = run(
        process,
        "numbers.append(9); extra = 1; assert len(numbers) == 4",
        "assert numbers == [3, 1, 2] and 'extra' not in globals()",
    )
    assert (first.earned, second.earned) == (3, 3)


def test_a_test_that_changes_a_library_changes_it_for_nobody_else(
    process: Judge,
) -> None:
    source = "import math\nassert math.floor(2.5) == 2\nmath.floor = None"
    for _ in range(2):
        (verdict,) = run(process, source)
        assert verdict.earned == 3, verdict.message
    helped = "from grader_tests import changing\nchanging.twice()\nNone"
    for _ in range(2):
        (verdict,) = run(process, helped)
        assert verdict.earned == 3, verdict.message
    assert patches("%matplotlib inline\nimport numpy as np\nnp.dot = None")
    assert not patches("%matplotlib inline\ndef test(model):\n    model.x = 1")
    assert patches("import numpy as np\ntry:\n    np.linalg.solve = None\nexcept: pass")
    assert patches("from unittest.mock import patch\nwith patch('a.b'): pass")
    assert patches("setattr(np, 'dot', None)") and patches("del np.dot")
    assert not patches("class A: pass\na = A()\na.x = 1\nassert np.dot(1, 2) == 2")


def test_tests_may_print_read_and_import_the_lessons_checks(process: Judge) -> None:
    source = (
        "import checks, os, sys\nchecks.visible(numbers)\n"
        "os.write(1, b'{}\\n'); print('x', file=sys.stderr)\n"
        "assert not sys.stdin.read()"
    )
    assert [v.earned for v in run(process, source, "2")] == [3, 2]


def test_values_are_of_exact_types(process: Judge) -> None:
    """An object with a hostile __eq__ cannot cross: only JSON's own types exist."""
    files = {"numbers.json": value({"a": [1, 2.5, "x", None, True]})}
    source = (
        "assert type(numbers) is dict\n"
        "kinds = [type(item).__name__ for item in numbers['a']]\n"
        "assert kinds == ['int', 'float', 'str', 'NoneType', 'bool'], kinds"
    )
    assert run(process, source, files=files)[0].earned == 3


def test_faults_say_where(process: Judge) -> None:
    in_module, in_cell = run(process, small("slip"), "x = 1\nx / 0")
    line = GRADER.splitlines().index("    return missing_here") + 1
    assert in_module.message == (
        "NameError: name 'missing_here' is not defined "
        f"(line {line} of grader_tests/small.py)"
    )
    assert in_cell.message == (
        "ZeroDivisionError: division by zero (line 2 of the test cell)"
    )


def test_a_test_sees_its_own_things_and_nothing_else(
    root: Path, process: Judge
) -> None:
    """What students made is read there; it finds nothing of theirs or the machine's."""
    for name in ("gradebook.db", "submitted/ada/one.ipynb", "source/one/one.ipynb"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("secret")
    look = f"""
import os, socket, pathlib
root = pathlib.Path({str(root)!r})
assert (root / "grader_tests/small.py").is_file() and (root / "source/one/checks.py")
found = [str(p) for p in root.rglob("*") if p.is_file() and "secret" in p.read_text()]
assert not found and not os.path.exists("/etc/shadow")
for path in (root / "grader_tests/small.py", root / "source/one/checks.py", "/x"):
    try:
        open(path, "w")
        assert False, path
    except OSError:
        pass
try:
    socket.create_connection(("192.0.2.1", 80), 2)
    assert False, "network"
except OSError:
    pass
open(pathlib.Path.home() / "x", "w").write("own")
"""
    with Judge(root, "one") as process:
        (verdict,) = run(process, look)
    assert verdict.earned == 3, verdict.message


def test_a_hint_is_looked_for_where_a_check_failed() -> None:
    asked: list[str] = []

    def hint(name: str) -> str:
        asked.append(name)
        return f"Look at {name}."

    grading = Grading()
    grading.check("right", True, points=1, hint=lambda: hint("a"))
    grading.check("wrong", False, points=1, hint=lambda: hint("b"))
    checks = grading.score().checks
    assert asked == ["b"]
    assert [check.hint for check in checks] == ["", "Look at b."]


UNMEASURED = """
from fairgrade.lesson.checks import Grading
from fairgrade.errors import NotMeasured

def measure(numbers):
    try:
        raise NotMeasured("a layer is a program")
    except Exception:
        return False
"""


@pytest.mark.parametrize(
    "source",
    [
        "assert measure(numbers)",
        "measure(numbers)",
        "try:\n    measure(numbers)\nexcept BaseException as err:\n"
        "    raise ValueError('no network') from err",
        "try:\n    measure(numbers)\nexcept BaseException:\n    assert False",
    ],
)
def test_what_cannot_be_measured_is_neither_pass_nor_fail(
    process: Judge, source: str
) -> None:
    (verdict,) = run(process, UNMEASURED + source)
    assert (verdict.state, verdict.auto_score) == (State.UNMEASURED, None)
    assert verdict.message == "could not be measured: a layer is a program"


@pytest.mark.parametrize(
    "checks",
    [
        "g.check('b', lambda: measure(numbers), points=1)\n",
        "with g.measuring('b', points=1):\n"
        "    g.check('b', measure(numbers), points=1)\n",
        "with g.measuring('b', points=1):\n"
        "    g.check('b1', True, points=0, found=measure(numbers))\n"
        "    g.check('b2', True, points=1)\n",
    ],
)
def test_one_check_that_cannot_be_measured_leaves_the_others(
    process: Judge, checks: str
) -> None:
    source = (
        "g = Grading()\ng.check('a', True, points=1)\n"
        f"{checks}g.check('c', False, points=1)\ng.finding('odd')\ng.score()"
    )
    (verdict,) = run(process, UNMEASURED + source)
    assert (verdict.state, verdict.auto_score) == (State.UNMEASURED, 1)
    assert verdict.message == "could not be measured: a layer is a program"
    assert verdict.findings == ["odd"]
    a, b, c = verdict.checks
    assert (a.passed, c.ran, c.passed) == (True, True, False)
    assert (b.name, b.state, b.points) == ("b", State.UNMEASURED, 1)
    assert b.reason == "a layer is a program"


def test_checks_made_before_it_count_in_any_grader(process: Judge) -> None:
    source = (
        "def grade(numbers):\n    g = Grading()\n    g.check('a', True, points=1)\n"
        "    g.check('b', measure(numbers), points=1)\n    return g.score()\n"
        "grade(numbers)"
    )
    (verdict,) = run(process, UNMEASURED + source)
    assert (verdict.state, verdict.auto_score) == (State.UNMEASURED, 1)
    assert [check.points for check in verdict.checks] == [1, 2]


def test_a_part_of_a_block_that_was_measured_counts(process: Judge) -> None:
    source = (
        "g = Grading()\nwith g.measuring('all', points=3):\n"
        "    g.check('a', True, points=1)\n    measure(numbers)\ng.score()"
    )
    (verdict,) = run(process, UNMEASURED + source)
    assert (verdict.state, verdict.auto_score) == (State.UNMEASURED, 1)
    assert [(c.name, c.points) for c in verdict.checks] == [("a", 1), ("all", 2)]


@pytest.mark.slow
def test_networks_of_several_submissions(process: Judge, tmp_path: Path) -> None:
    keras = pytest.importorskip("keras")
    model = keras.Sequential(
        [keras.layers.Flatten(input_shape=(4, 4, 1)), keras.layers.Dense(2)]
    )
    model.compile("adam", loss=lambda y, p: p, metrics=["accuracy"])
    export({"model": model, "numbers": [1]}, WITH_NETWORK, str(tmp_path))
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    same, changed = (
        "import numpy as np\nassert model.input_shape == (None, 4, 4, 1)\n"
        "assert model.count_params() == 34\n"
        "np.testing.assert_allclose(model.layers[1].bias, 0)\n"
        "model.layers[1].bias.assign([1, 1])\nNone",
        "1 if model.compiled else 0",
    )
    for _ in range(2):
        first, again, compiled = run(
            process,
            *(same, same, changed),
            files=files,
            seconds=60,
            declared=WITH_NETWORK,
        )
        assert (first.earned, again.earned) == (3, 3), again.message
        assert compiled.earned == 1
        assert compiled.message == (
            "model was compiled with the loss <lambda>, which is code of its own: "
            "only its name crossed"
        )
    lost = {name: data for name, data in files.items() if name != "model.0.npy"}
    (verdict,) = run(process, same, files=lost, declared=WITH_NETWORK)
    assert verdict.message == (
        "could not be measured: model was handed over without all of its arrays"
    )


def test_a_text_of_the_right_number_is_told_apart_from_it() -> None:
    grading = Grading()
    grading.check("a", False, points=1, expected=True, found="True")
    grading.check("b", True, points=1, expected=10, found=10)
    grading.check("c", False, points=1)
    found = [check.found for check in grading.score().checks]
    assert found == ["something else that is written so: True (str)", "10", ""]
    with pytest.raises(CheckFailed, match="written so: 10 .str."):
        expect(False, "epochs", 10, "10", "no quotes")
