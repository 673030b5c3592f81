"""Whether hidden tests give points where there is nothing.

Each name that the solution hands over is replaced by an empty array, None, a text, and
the like, by numbers that are none, and by a network that was never trained. Nothing is
run for it: the tests judge the solution's exports with that one name changed.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fairgrade.judge.verdict import CellVerdict
from fairgrade.nbgrader_bridge.test_cell import TestCell
from fairgrade.protocol.exports import Exports, digest, owner
from fairgrade.verify.lint import Problem

#: Judges some test cells on exports.
JudgeExports = Callable[[Sequence[TestCell], Exports], list[CellVerdict]]
Files = dict[str, bytes]


@dataclass(frozen=True)
class StandIn:
    """What takes the place of a name.

    Attributes:
        what: in words, with its article.
        files: as an export writes it.
        some: whether parts of it may be right, so that one test or the other may
            give points; else none should.
        advice: what a test should look at.
    """

    what: str
    files: Files
    some: bool = False
    advice: str = "Assert its type, and its shape or its length, before its values."


def points_for_nothing(
    tests: Sequence[TestCell], solution: Exports, judging: JudgeExports
) -> Iterator[Problem]:
    """Test cells that give points for nothing, and what to do.

    Args:
        tests: the cells with hidden tests.
        solution: what the solution handed over.
        judging: judges test cells on exports.
    """
    names = sorted({name for file in solution.last if (name := owner(file))})
    for name in names:
        own = [t for t in tests if t.names is None or name in t.names]
        if not own:
            continue
        without = judging(own, replaced(solution, name, {}))
        needs = [t for t, v in zip(own, without, strict=True) if v.earned < t.points]
        others = {*names} - {name}
        alone = {t.grade_id for t in needs if others.isdisjoint(t.names or ())}
        for other in stand_ins(name, solution.files):
            found = judging(needs, replaced(solution, name, other.files))
            yield from _told(name, other, found, alone)


def _told(
    name: str, other: StandIn, found: list[CellVerdict], alone: set[str]
) -> Iterator[Problem]:
    full = [v for v in found if v.earned >= v.points]
    if other.some:
        if found and len(full) == len(found):
            cells = ", ".join(v.grade_id for v in found)
            yield Problem(
                found[0].grade_id,
                f"{cells}: no point is lost for {other.what} in place of '{name}'. "
                f"{other.advice}",
            )
        return
    for verdict in found:
        if verdict in full or (verdict.earned > 0 and verdict.grade_id in alone):
            yield Problem(
                verdict.grade_id,
                f"It gives {verdict.earned:g} points for {other.what} in place of "
                f"'{name}'. {other.advice}",
            )


def replaced(solution: Exports, name: str, files: Mapping[str, bytes]) -> Exports:
    """The same exports, but for one name, which these files are of at every test."""
    new = {file: digest(data) for file, data in files.items()}

    def changed(there: Mapping[str, str]) -> dict[str, str]:
        return {file: d for file, d in there.items() if owner(file) != name} | new

    content = dict(solution.content) | {new[file]: d for file, d in files.items()}
    places = {test: changed(there) for test, there in solution.places.items()}
    return Exports(content, changed(solution.last), places)


def stand_ins(name: str, files: Mapping[str, bytes]) -> Iterator[StandIn]:
    """What may take the place of a name that was handed over so."""
    document = json.loads(files[f"{name}.json"])
    kind, value = document.get("kind"), document.get("value")
    arrays = {
        file: np.load(io.BytesIO(data))
        for file, data in files.items()
        if owner(file) == name and file.endswith(".npy")
    }
    if value is not None or kind != "value":
        yield _value(name, "None", None)
    if not isinstance(value, str):
        yield _value(name, "a text", "nothing")
    refusal = {"kind": "refused", "reason": "holds an object of a class of its own"}
    always = "an object that is equal to everything"
    yield StandIn(always, _document(name, refusal))
    if kind == "array":
        yield from _of_array(name, next(iter(arrays.values())))
    elif kind == "history":
        parts: dict[str, Any] = {"history": {}, "params": {}, "epoch": []}
        parts |= {"kind": "history", "left_out": []}
        empty = _document(name, parts)
        yield StandIn("a history of nothing", empty)
    elif kind == "model":
        yield from _of_network(name, document, arrays)
    elif value not in ([], "", {}):
        yield _value(name, "an empty list", [])
        if isinstance(value, (str, dict)):
            empty_one = type(value)()
            yield _value(name, f"an empty {type(value).__name__}", empty_one)


def _of_array(name: str, array: np.ndarray) -> Iterator[StandIn]:
    if array.size:
        shapes = {(0, *array.shape), (0, *array.shape[1:])}
        for shape in sorted(shapes, key=len):
            empty = np.zeros(shape, array.dtype)
            yield _array(name, f"an empty array of shape {shape}", empty)
        yield _value(name, "an empty list", [])
    if array.dtype.kind == "f":
        yield _array(
            name,
            "an array of NaN",
            np.full_like(array, np.nan),
            some=True,
            advice="Compare its values with what is right: NaN is never close to it.",
        )
    if array.size > 1:
        one = array.ravel()[:1].reshape((1,) * array.ndim)
        yield _array(
            name,
            "a single number",
            one,
            some=True,
            advice="Assert its shape: a single number is compared with every other.",
        )


def _of_network(
    name: str, document: dict[str, Any], arrays: Mapping[str, np.ndarray]
) -> Iterator[StandIn]:
    settings = document.get("compile")
    if not isinstance(settings, dict) or not settings.get("iterations"):
        return  # the solution does not train it
    random = np.random.default_rng(0)
    weights = {
        file: _npy(random.normal(0, 0.05, a.shape).astype(a.dtype))
        for file, a in arrays.items()
        if a.dtype.kind == "f"
    }
    fresh = document | {"compile": settings | {"iterations": 0}}
    others = {f: _npy(a) for f, a in arrays.items() if f not in weights}
    yield StandIn(
        "a network that was never trained",
        _document(name, fresh) | weights | others,
        some=True,
        advice="Measure what it can do, on data that the notebook does not have.",
    )


def _value(name: str, what: str, value: Any, **more: Any) -> StandIn:
    """A plain value as a notebook would hand it over."""
    return StandIn(what, _document(name, {"kind": "value", "value": value}), **more)


def _array(name: str, what: str, array: np.ndarray, **more: Any) -> StandIn:
    files = _document(name, {"kind": "array", "array": 0})
    return StandIn(what, files | {f"{name}.0.npy": _npy(array)}, **more)


def _document(name: str, document: Mapping[str, Any]) -> Files:
    return {f"{name}.json": json.dumps(document).encode()}


def _npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, version=(1, 0), allow_pickle=False)
    return buffer.getvalue()
