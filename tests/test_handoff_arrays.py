"""Arrays from the kernel to the judge: which cross, and forged ones."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from handed_over import read, refusal, write


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype="uint8").reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(3, dtype=">i4"),
        np.array([True, False]),
        np.zeros((0, 3), "float16"),
        np.array([np.nan, 1]),  # a check can say so; only weights must be finite
        np.arange(4, dtype="longdouble") / 3,
        np.arange(4, dtype=">f8").reshape(2, 2).T,
        np.array([1j, 2]),
        np.array([1j], "clongdouble") / 3,
        np.ma.masked_less(np.arange(3), -1),
        np.array([2**63], "uint64"),
    ],
)
def test_arrays_cross_and_are_new_each_time(tmp_path: Path, array: np.ndarray) -> None:
    handoff = read(write(tmp_path, "array", x=array), "array")
    first, second = handoff.values()["x"], handoff.values()["x"]
    np.testing.assert_array_equal(first, array)
    assert first.dtype == array.dtype.newbyteorder("=")
    first[...] = 0
    np.testing.assert_array_equal(second, array)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (np.array([1, 2.5, True], object), np.array([1, 2.5, 1])),
        (np.array([[1], [2**40]], object), np.array([[1], [2**40]])),
        (np.array([2**63, 0], object), np.array([2**63, 0], "uint64")),
        (np.array([1j, 2], object), np.array([1j, 2])),
        (np.array([np.float32(0.5)], object), np.array([0.5])),
        (np.array(["cat", "owl"]), np.array(["cat", "owl"])),
        (np.array([["a", None]], object), np.array([["a", None]], object)),
        (np.array([2**70, -1], object), np.array([2**70, -1], object)),
        (np.array([2**53 + 1, 0.5], object), np.array([2**53 + 1, 0.5], object)),
    ],
)
def test_arrays_of_objects_cross_without_loss(
    tmp_path: Path, given: np.ndarray, found: np.ndarray
) -> None:
    values = read(write(tmp_path, "array", x=given, ok=[given])).values()
    for value in (values["x"], values["ok"][0]):
        np.testing.assert_array_equal(value, found)
        assert value.dtype == found.dtype


def test_arrays_inside_of_other_values_cross(tmp_path: Path) -> None:
    given = {"a": np.arange(3), "b": [np.ones((2, 2), "float16"), (np.zeros(0),)]}
    handoff = read(write(tmp_path, "value", x=given))
    first, second = handoff.values()["x"], handoff.values()["x"]
    first["a"][0] = 9
    np.testing.assert_array_equal(second["a"], [0, 1, 2])
    assert second["b"][0].dtype == "float16" and second["b"][1][0].shape == (0,)


def test_tables_cross_as_their_numbers(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"a": [1, 2], "b": [0.5, np.nan]})
    values = read(write(tmp_path, "array", x=table, ok=table["a"])).values()
    np.testing.assert_array_equal(values["x"], [[1, 0.5], [2, np.nan]])
    assert values["ok"].dtype == "int64"


def npy(header: str | bytes, data: bytes = b"", version: int = 1) -> bytes:
    text = header.encode() if isinstance(header, str) else header
    size = len(text).to_bytes(2 if version == 1 else 4, "little")
    return b"\x93NUMPY" + bytes([version, 0]) + size + text + data


def header(shape: str, descr: str = "<f4", order: str = "False") -> str:
    return f"{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n"


def objects() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.array([print, None]), allow_pickle=True)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (objects(), "x is an array of something else than plain numbers."),
        (b"PK\x03\x04", "x was handed over as something that is not a NumPy array."),
        (b"\x93NUMPY\x01\x00", "x was handed over as something that is not a NumPy"),
        (npy(header("(4,)"), b"\0" * 15), "x is an array of the shape (4,) that needs"),
        (npy(header("(4,)"), b"\0" * 17), "x is an array of the shape (4,) that needs"),
        (npy(header("(999999999999, 9)")), "x is an array of the shape (9999999999"),
        (npy(header("(0, 999999999999, 999999999999)")), "x is an array of the shape"),
        (npy(header("(9999999999999,)")), "x is an array of something else than"),
        (npy(header("(-1,)")), "x is an array of something else than plain numbers."),
        (npy(header("(" + "1, " * 9 + ")"), b"\0" * 4), "x is an array of the shape"),
        (npy(header("(1,)", "<m8"), b"\0" * 8), "x is an array of the type <m8"),
        (npy(header("(1,)", "<f32"), b"\0" * 32), "x is an array of the type <f32"),
        (npy(header("(1,)", "|S8"), b"\0" * 8), "x is an array of something else than"),
        (npy(header("(1,)", "|b1"), b"\2"), "x is an array of booleans with other"),
        (npy(header("(1,)", order="True"), b"\0" * 4), "x is an array that is not in"),
        (npy("(" * 60_000), "x is an array of something else than plain numbers."),
        (npy(header("(1,)"), b"\0" * 4)[:40], "x is an array of something else than"),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\xff", "x is an array of something else"),
    ],
)
def test_hostile_arrays_are_refused(data: bytes, reason: str) -> None:
    document = b'{"kind": "array", "array": 0}'
    assert refusal({"x.json": document, "x.0.npy": data}).startswith(reason)


def test_version_2_arrays_are_read() -> None:
    data = npy(header("(1, 2)"), np.array([1, 2], "<f4").tobytes(), version=2)
    files = {"x.json": b'{"kind": "array", "array": 0}', "x.0.npy": data}
    assert read(files).values()["x"].tolist() == [[1, 2]]
