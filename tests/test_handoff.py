"""From the student's kernel to the judge as data: what crosses, what is refused."""

from __future__ import annotations

import json
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from fairgrade.inside.export import export
from fairgrade.judge.handoff import read_handoff
from handed_over import MAX_BYTES, read, refusal, write


class Loud(int):
    """Equal to everything; must not cross as itself."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = int.__hash__


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ((28, 28, 1), (28, 28, 1)),
        (range(3, 9, 2), range(3, 9, 2)),
        ({3, "a"}, {3, "a"}),
        (frozenset({(1, 2)}), frozenset({(1, 2)})),
        ({1: "one", (2, 3): {4.5}}, {1: "one", (2, 3): {4.5}}),
        ({"!tuple": 1}, {"!tuple": 1}),
        ({"!tuple": 1, "b": 2}, {"!tuple": 1, "b": 2}),
        (-math.inf, -math.inf),
        ([1, math.inf], [1, math.inf]),
        (3 - 2j, 3 - 2j),
        (np.complex64(1j), 1j),
        (10**30, 10**30),
        (-(2**64), -(2**64)),
        (list(range(20_000)), list(range(20_000))),
        ([True] * 20_000, [True] * 20_000),
        (np.longdouble(1) / 3, np.longdouble(1) / 3),
        ([np.longdouble(1) / 3], [np.longdouble(1) / 3]),
        (np.str_("a"), "a"),
        (np.bool_(True), True),
        (np.int64(10), 10),
        (np.float32(0.1), np.float32(0.1)),
        (np.float64(0.1), np.float64(0.1)),
        ({"mean": np.float16(0.1)}, {"mean": np.float16(0.1)}),
        (np.array(0.25), 0.25),
        (Loud(3), 3),
        (None, None),
        ("text é", "text é"),
        ({"epochs": 10, "rates": [0.1, True]}, {"epochs": 10, "rates": [0.1, True]}),
        ({"arrays": [0, 1]}, {"arrays": [0, 1]}),
    ],
)
def test_values_cross_in_exact_types(tmp_path: Path, given: Any, found: Any) -> None:
    value = read(write(tmp_path, "value", x=given)).values()["x"]
    assert value == found
    assert type(value) is type(found)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"f": print}, "x holds a builtin_function_or_method, which cannot be handed"),
        ((0,) * 10_001, "x has more than 10000 items; make it an array."),
        ([0] * 10_000 + ["a"], "x holds items that no array of numbers can hold exac"),
        ([2**63, -1] * 9999, "x holds items that no array of numbers can hold exactl"),
        (np.array([object()]), "x holds a object, which cannot be handed over."),
        (np.ma.masked_less(np.arange(3), 1), "x is an array with masked items."),
        (np.array(["2026-01-01"], "M8[D]"), "x is an array of datetime64[D], not of"),
        (10**4000, "x holds a whole number of more than 12000 bits."),
        ("\ud800", "x holds text that is not Unicode."),
    ],
)
def test_what_cannot_cross_says_why(tmp_path: Path, given: Any, reason: str) -> None:
    assert refusal(write(tmp_path, "value", x=given)).startswith(reason)


def test_export_never_raises(tmp_path: Path) -> None:
    class Hostile:
        def __getattr__(self, name: str) -> Any:
            raise SystemExit(name)

    endless: list[Any] = []
    endless.append(endless)
    names = {"a": Hostile(), "b": endless, "ok": 1}
    declared = dict.fromkeys([*names, "gone", "../up", "no name"], "value")
    export(names | {"../up": 1, "no name": 1}, declared, str(tmp_path))
    export(names, declared, str(tmp_path / "absent"))
    found = {path.name for path in tmp_path.iterdir()}
    assert found == {"a.json", "b.json", "ok.json"}
    for name in ("a", "b"):
        assert json.loads((tmp_path / f"{name}.json").read_text())["kind"] == "refused"


def test_the_last_export_replaces_the_one_before(tmp_path: Path) -> None:
    write(tmp_path, "array", x=np.arange(3))
    files = write(tmp_path, "array", x=np.arange(4))
    assert len(files) == 2
    assert read(files, "array").values()["x"].tolist() == [0, 1, 2, 3]
    assert list(write(tmp_path, "array", x=5)) == ["x.json"]


def test_an_export_that_fails_says_so_and_leaves_nothing_stale(tmp_path: Path) -> None:
    write(tmp_path, "array", x=np.arange(3))
    # The array of the next export lands on a folder: writing it must fail.
    (tmp_path / "x.0.npy.part").mkdir()
    export({"x": np.arange(9)}, {"x": "array"}, str(tmp_path))
    (tmp_path / "x.0.npy.part").rmdir()
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert list(files) == ["x.json"]
    assert refusal(files) == "x is too large to be handed over."


def test_an_interrupt_refuses_the_name_that_took_too_long(tmp_path: Path) -> None:
    class Slow:
        def __array__(self) -> np.ndarray:
            raise KeyboardInterrupt

    files = write(tmp_path, "array", x=Slow(), ok=np.ones(1))
    handoff = read(files)
    assert handoff.refusals == {"x": "x took too long to be handed over."}
    assert handoff.values()["ok"] == 1


def test_what_has_not_changed_is_not_written_again(tmp_path: Path) -> None:
    names: dict[str, Any] = {"x": np.arange(3.0), "y": np.arange(4), "ok": [1]}
    write(tmp_path, "array", **names)
    before = {path.name: path.stat().st_ino for path in tmp_path.iterdir()}
    names["y"][0] = 7
    files = write(tmp_path, "array", **names)
    after = {path.name: path.stat().st_ino for path in tmp_path.iterdir()}
    assert {name for name in after if after[name] != before[name]} == {
        *("y.json", "y.0.npy")
    }
    assert read_handoff(files, {"y": "array"}, max_bytes=99_999).values()["y"][0] == 7


def test_a_name_that_is_gone_leaves_nothing(tmp_path: Path) -> None:
    write(tmp_path, "array", x=np.arange(3))
    export({}, {"x": "array"}, str(tmp_path))
    assert not (tmp_path / "x.json").exists()
    files = write(tmp_path, "array", x=np.arange(3))
    assert read(files).values()["x"].tolist() == [0, 1, 2]


def test_nan_crosses_as_a_value(tmp_path: Path) -> None:
    value = read(write(tmp_path, "value", x=[math.nan, 1])).values()["x"]
    assert math.isnan(value[0]) and value[1] == 1


@pytest.mark.parametrize(
    "value",
    [
        *('{"!float": "1"}', '{"!float": []}', '{"!tuple": 3}', '{"!set": [[]]}'),
        *('{"!dict": [[1]]}', '{"!dict": [[[], 1]]}', '{"!range": [1, 2, 0]}'),
        *('{"!range": [1]}', '{"!complex": [1, 2]}', '{"!eval": []}', '{"!": []}'),
        *('{"!objects": [[2], [1]]}', '{"!objects": [[-1, -1], [1]]}'),
        *('{"!text": [[1], [1]]}', '{"!text": [[1, 1], ["a"], 3]}', '{"!range":["a"]}'),
        *('{"!array": true}', '{"!list": "0"}', '{"!array": 3}'),
        f'{{"!set": [{", ".join(map(str, range(10_001)))}]}}',
        f'{{"!text": [[9999], ["{"a" * 9999}"{", 0" * 9998}]]}}'.replace("0", '""'),
        '[{"!array": 0}, {"!array": 0}]',
    ],
)
def test_forged_forms_are_refused(value: str) -> None:
    refusal({"x.json": f'{{"kind": "value", "value": {value}}}'.encode()})


def test_a_value_of_another_kind_crosses_as_what_it_is(tmp_path: Path) -> None:
    """`model = model.fit(...)` is for the checks to find, not a reason to stop."""
    files = write(tmp_path, "model", x=[1, 2], ok=np.arange(2))
    values = read(files, "model").values()
    assert values["x"] == [1, 2] and values["ok"].tolist() == [0, 1]


def test_history_crosses(tmp_path: Path) -> None:
    history = SimpleNamespace(
        history={"loss": [np.float32(0.5), 0.25]},
        params={"epochs": 2, "steps": None},
        epoch=[0, 1],
        model=object(),
    )
    value = read(write(tmp_path, "history", x=history), "history").values()["x"]
    assert isinstance(value, SimpleNamespace)
    assert vars(value) == {
        "history": {"loss": [0.5, 0.25]},
        "params": {"epochs": 2, "steps": None},
        "epoch": [0, 1],
    }
    history.history["loss"].append(math.nan)  # the training went out of bounds
    value = read(write(tmp_path, "history", x=history), "history").values()["x"]
    assert math.isnan(value.history["loss"][2])


def test_a_history_crosses_record_by_record(tmp_path: Path) -> None:
    """What one metric or callback has put there takes no other record along."""
    history = SimpleNamespace(
        history={
            "loss": [0.5, math.nan, math.inf],
            "f1_score": [np.array([0.5, 1.0], "float32")] * 3,
            "learning_rate": [np.float32(0.5), 1, 0.25],
            "odd": ["high", "low", None],
            "val_größe (%)": [0.0, 0.1, 0.2],
        },
        params={"epochs": 3, "steps": np.int64(2), "callback": object()},
        epoch=[0, 1, 2],
    )
    handoff = read(write(tmp_path, "history", x=history), "history")
    value = handoff.values()["x"]
    np.testing.assert_array_equal(value.history["loss"], [0.5, math.nan, math.inf])
    assert [list(scores) for scores in value.history["f1_score"]] == [[0.5, 1.0]] * 3
    assert value.history["learning_rate"] == [0.5, 1, 0.25]
    assert value.history["val_größe (%)"] == [0.0, 0.1, 0.2]
    assert "odd" not in value.history
    said = handoff.notes["x"]
    assert said == "x came without odd, callback, which are no numbers"
    assert value.params == {"epochs": 3, "steps": 2}
    assert value.epoch == [0, 1, 2]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "x was handed over as something that is not JSON."),
        (b"{", "x was handed over as something that is not JSON."),
        (b"[]", "x was handed over in an unknown form."),
        (b'{"kind": "pickle"}', "x was handed over in an unknown form."),
        (b'{"kind": ["value"]}', "x was handed over in an unknown form."),
        (b'{"kind": "value"}', "x was handed over with fields missing or added."),
        (b'{"kind":"value","value":1,"y":1}', "x was handed over with fields missing"),
        (b'{"kind":"value","value":1,"value":2}', "x was handed over with a field twi"),
        (b'{"kind":"value","value":NaN}', "x holds NaN, which is not a finite number."),
        (b'{"kind":"value","value":-Infinity}', "x holds -Infinity, which is not a"),
        (b'{"kind":"value","value":1e999}', "x holds a number too large for a float."),
        (b'{"kind":"value","value":"\\ud800"}', "x holds text that is not Unicode."),
        (b'{"kind":"value","value":"\xff"}', "x holds text that is not Unicode."),
        (b'{"kind":"value","value":' + b"9" * 99_999 + b"}", "x holds a whole number"),
        (b'{"kind":"value","value":' + b"[" * 80 + b"]" * 80 + b"}", "x is nested too"),
        (b"[" * 100_000, "x is nested too deeply."),
        (
            b" " * 2**20 + b"1",
            "x takes 1,048,577 bytes as text, at most 1,048,576 fit.",
        ),
        (
            b'{"kind":"history","history":{"a":[true]},"params":{},"epoch":[],'
            b'"left_out":[]}',
            "x is a history whose records are not lists of numbers.",
        ),
        (
            b'{"kind":"history","history":{"a":[["1"]]},"params":{},"epoch":[],'
            b'"left_out":[]}',
            "x is a history whose records are not lists of numbers.",
        ),
        (
            b'{"kind":"history","history":{},"params":{},"epoch":[],"left_out":[1]}',
            "x is a history that does not say what it lacks.",
        ),
        (
            b'{"kind":"refused","reason":"is\\u001b[31m odd"}',
            "x is?[31m odd.",
        ),
        (
            b'{"kind":"array","array":"../../x"}',
            "x speaks of arrays that cannot exist.",
        ),
        (b'{"kind":"array","array":7}', "x was handed over without all of its arrays."),
    ],
)
def test_hostile_json_is_refused(text: bytes, reason: str) -> None:
    assert refusal({"x.json": text}).startswith(reason)


def test_other_files_and_too_many_bytes() -> None:
    files = {"x.json": b'{"kind": "value", "value": 1}', "../ok.json": b"?", "y": b""}
    assert read(files).values() == {"x": 1}
    handoff = read({**files, "y": b"\0" * MAX_BYTES})
    assert handoff.values() == {}
    assert handoff.refusals["x"] == (
        "x came with 16 MiB of data in all, at most 16 MiB can be handed over."
    )
