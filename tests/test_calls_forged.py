"""Far sides that forge messages: nothing that they say makes a test pass."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from calling import talk
from fairgrade.errors import CallFailed, NotMeasured
from fairgrade.judge import conversation
from forging import (
    FUNCTION,
    HEAD,
    Forger,
    about,
    body,
    cut,
    message,
    of_version_2,
    ok,
    play,
    shared,
    text,
    wrong_sizes,
)

FORGED = (CallFailed, "answered nonsense")


CLASS = ("class", "V", [], [], [], [])

#: What is answered to `f([1], peek)` -> how the test `f([1], peek) == 4` ends.
ANSWERS: dict[str, tuple[Callable[[int], bytes | None], Any]] = {
    "nothing": (lambda n: b"", FORGED),
    "noise": (lambda n: b"\x00\xff" * 100, FORGED),
    "another protocol": (lambda n: b"HTTP/1.1 200 OK" + bytes(20), FORGED),
    "another version": (of_version_2, FORGED),
    "the number of before": (lambda n: ok(4)(n - 1), FORGED),
    "the number of later": (lambda n: ok(4)(n + 1), FORGED),
    "half a message": (cut, FORGED),
    "a message and more": (lambda n: ok(4)(n) + b"x", FORGED),
    "two messages": (lambda n: ok(5)(n) + ok(4)(n + 1), FORGED),
    "lengths that lie": (wrong_sizes, FORGED),
    "no JSON": (text(b"{body: ok}"), FORGED),
    "a list for an object": (text(b'["ok", 4]'), FORGED),
    "a field twice": (text(b'{"body":["ok",5],"body":["ok",4]}'), FORGED),
    "NaN": (text(b'{"body":["ok",NaN]}'), FORGED),
    "an unknown field": (body("ok", 4, more=[1]), FORGED),
    "a field that is no list": (body("ok", 4, shared={"a": 1}), FORGED),
    "no body": (lambda n: message(n, {"shared": []}), FORGED),
    "an empty body": (body(), FORGED),
    "a body of numbers": (body(1, 4), FORGED),
    "an answer of no kind": (body("yes", 4), FORGED),
    "no value": (body("ok"), AssertionError),
    "text too deep": (text(b'{"body":["ok",' + b"[" * 99_999 + b"]}"), FORGED),
    "millions of values": (text(b'{"body":["ok"' + b",1" * 2_100_000 + b"]}"), FORGED),
    "endless digits": (text(b'{"body":["ok",' + b"4" * 9_999 + b"]}"), FORGED),
    "a dictionary as a value": (ok({"a": 4}), FORGED),
    "an empty form": (ok([]), FORGED),
    "an unknown form": (ok(["eval", "4"]), FORGED),
    "a form of a number": (ok([4]), FORGED),
    "tuples too deep": (
        text(b'{"body":["ok",' + b'["t",' * 90 + b"1" + b"]" * 90 + b"]}"),
        FORGED,
    ),
    "what was never shared": (ok(["=", 2]), FORGED),
    "a number of the judge's": (shared([99, "l", 4], value=["=", 99]), FORGED),
    "a list that became a dictionary": (shared([1, "di", 1, 4]), FORGED),
    "a list of another kind": (shared([2, "tu", 4]), FORGED),
    "half a pair": (shared([2, "di", 1]), FORGED),
    "a key that cannot be one": (shared([4, "l"], [2, "di", ["=", 4], 1]), FORGED),
    "a set of lists": (shared([4, "l"], [2, "se", ["=", 4]]), FORGED),
    "an object of no class": (shared([2, "ob", "int", "x", 1]), FORGED),
    "a generator of no kind": (shared([2, "rg", "SystemRandom", 1]), FORGED),
    "a generator of no state": (shared([2, "rg", "Random", ["t", 1]]), FORGED),
    "bytes that did not come": (ok(["b", 0]), FORGED),
    "bytes below zero": (ok(["s", -1], b"abcd"), FORGED),
    "text of no letters": (ok(["s", 0], b"\xff\xfe"), FORGED),
    "an array too short": (shared([2, "a", "<f8", [3], 0], buffers=[bytes(8)]), FORGED),
    "an array of no size": (shared([2, "a", "<f8", [-1], 0], buffers=[b""]), FORGED),
    "an array of objects": (shared([2, "a", "|O", [1], 0], buffers=[bytes(8)]), FORGED),
    "an array of records": (
        shared([2, "a", "i4,i4", [1], 0], buffers=[bytes(8)]),
        FORGED,
    ),
    "an array of halves": (shared([2, "a", "|b1", [1], 0], buffers=[b"\x02"]), FORGED),
    "endless axes": (shared([2, "a", "<f8", [1] * 99, 0], buffers=[bytes(8)]), FORGED),
    "a number of no type": (ok(["n", "<V8", 0], bytes(8)), FORGED),
    "a whole number of no digits": (ok(["i", "0x"]), FORGED),
    "a whole number too long": (ok(["i", "f" * 300_000]), FORGED),
    "a range of no step": (ok(["r", 1, 2, 0]), FORGED),
    "a complex number of texts": (ok(["c", "1", "2"]), FORGED),
    "a float of no name": (ok(["f", "four"]), FORGED),
    "a library's value of no type": (ok(["T", "system", "4"]), FORGED),
    "a decimal too long": (ok(["T", "decimal", "9" * 9999]), FORGED),
    "a tuple with odd names": (
        ok(["T", "named", ["l", "P", ["l", "__class__"], ["l", 4]]]),
        FORGED,
    ),
    "os._exit": (ok(["k", "os:_exit"]), FORGED),
    "eval": (ok(["k", "builtins:eval"]), FORGED),
    "a class of the judge": (ok(["k", "fairgrade.judge.far:Far"]), FORGED),
    "subprocess.Popen": (ok(["k", "subprocess:Popen"]), FORGED),
    "a name of the course's": (ok(["k", "@:check"]), FORGED),
    "a thing never told": (ok(["o", 99]), FORGED),
    "a thing told twice": (ok(4, about=[FUNCTION]), FORGED),
    "a thing of no kind": (about("ghost"), FORGED),
    "a thing of nothing": (ok(4, about=[[9]]), FORGED),
    "a function of no name": (about("function", 3), FORGED),
    "a function of odd parameters": (
        about("function", "g", None, [["a b", 9, True, 1]]),
        FORGED,
    ),
    "a class of no bases": (about("class", "V", 3, [], [], []), FORGED),
    "an object of a function": (about("instance", ["o", 7]), FORGED),
    "an object of itself": (about("instance", ["o", 9]), FORGED),
    "a class of itself": (about("class", "V", [["o", 9]], [], [], []), FORGED),
    "an error of the judge's": (
        body("raise", None, ["*", "fairgrade.errors:NotMeasured"], ["t"], "x", ["*"]),
        Exception,
    ),
    "an exit": (
        body("raise", None, ["*", "builtins:SystemExit"], ["t", 0], "x", ["*"]),
        SystemExit,
    ),
    "a failed assertion": (
        body("raise", None, ["*", "builtins:AssertionError"], ["t", "hm"], "hm", ["*"]),
        AssertionError,
    ),
    "an error of no parts": (body("raise", None), FORGED),
    "an error whose attributes are none": (
        body("raise", None, ["*", "builtins:KeyError"], ["t"], "x", ["*", ["*", 3, 3]]),
        FORGED,
    ),
    "an error of no class": (body("raise", None, 3, ["t"], "x", ["*"]), FORGED),
    "an excuse": (body("cannot", "too large"), (NotMeasured, "too large")),
    "too late": (body("late"), (CallFailed, "longer")),
    "its death": (lambda n: None, (CallFailed, "ended")),
    "a question for nothing lent": (body("lent-call", 55, ["*"], ["*"]), FORGED),
    "a question of no kind": (body("lent-exec", 1, "x"), FORGED),
    "a question of no parts": (body("lent-call"), AssertionError),
    "printed numbers": (body("ok", 4, said=[[1, 2]]), FORGED),
    "printed nothing": (body("ok", 5, said=[1]), FORGED),
    "a state of its own": (body("ok", 5, random=[["t", "random", 1]]), AssertionError),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_no_forged_answer_passes(name: str) -> None:
    answer, expected = ANSWERS[name]
    kind, match = expected if isinstance(expected, tuple) else (expected, None)
    with pytest.raises(kind, match=match) as raised:
        play(Forger(answer))
    assert kind is not Exception or type(raised.value) is Exception


def test_the_honest_answer_passes() -> None:
    play(Forger(ok(4)))


def test_after_nonsense_nothing_is_believed_any_more() -> None:
    test = "try:\n    f(1)\nexcept BaseException:\n    pass\nassert f(1) == 4"
    answers = iter([b"nonsense", ok(4)(99)])
    forger = Forger(lambda number: next(answers))
    given = ("solution", "def f(a): return 4"), ("test", test)
    with talk(*given, hostile=forger) as made, pytest.raises(CallFailed):
        made.test()
    assert sum(question[0] == "call" for question in forger.questions) == 1


def test_a_class_cannot_claim_to_lie_to_isinstance() -> None:
    """A class with the name of a function makes its objects where they are expected."""
    members = [["__class__", "property", None, None]]
    answer = ok(
        ["o", 9],
        about=[[8, "class", "f", [], members, [], []], [9, "instance", ["o", 8]]],
    )
    forger = Forger(answer)

    def play_along(data: bytes) -> bytes | None:
        reply = forger(data)
        if forger.questions[-1][0] != "get":
            return reply
        return ok(["k", "builtins:int"])(HEAD.unpack_from(data)[2] + 1)

    given = ("solution", "def f(a): return 4"), ("test", "assert isinstance(f(1), int)")
    with (
        talk(*given, hostile=play_along, kinds={}) as made,
        pytest.raises(AssertionError),
    ):
        made.test()


class Asker(Forger):
    """Asks something of the judge for each question, again and again."""

    def __init__(self, *asked: Any) -> None:
        super().__init__(body(*asked))
        self.heard: list[Any] = []

    def __call__(self, data: bytes) -> bytes | None:
        _, _, number, size, count = HEAD.unpack_from(data)
        start = HEAD.size + 8 * count
        said = json.loads(data[start : start + size])["body"]
        if said[0] in ("ok", "raise", "cannot"):
            self.heard.append(said)
            return (
                ok(4)(number + 1) if len(self.heard) > 3 else self._answer(number + 1)
            )
        return super().__call__(data)


@pytest.mark.parametrize(
    "asked",
    [
        *(("lent-get", 1, name) for name in ("__globals__", "__code__", "secret")),
        *(("lent-get", 1, name) for name in ("__closure__", "__self__", "gi_frame")),
        ("lent-set", 1, "__code__", 4),
        ("lent-special", 1, "__getattribute__", ["*", "__globals__"]),
        ("lent-special", 1, "__reduce__", ["*"]),
        ("lent-special", 1, "__class__", ["*"]),
    ],
)
def test_a_call_back_tells_nothing_of_the_test(asked: tuple[Any, ...]) -> None:
    asker = Asker(*asked)
    play(asker)
    assert {said[0] for said in asker.heard} == {"raise"}
    assert "secret" not in str(asker.heard) or "secret" in asked


def test_a_call_back_can_be_called_and_no_more() -> None:
    asker = Asker("lent-call", 1, ["*"], ["*"])
    play(asker)
    assert asker.heard[0] == ["ok", 4]


def test_endless_questions_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "MAX_QUESTIONS", 300)

    class Endless(Asker):
        def __call__(self, data: bytes) -> bytes | None:
            self.heard.clear()
            return super().__call__(data)

    with pytest.raises(CallFailed, match="asked more than"):
        play(Endless("lent-call", 1, ["*"], ["*"]))


def test_the_far_side_sees_no_test_and_no_expected_value() -> None:
    test = "wanted = 'a secret text'\nassert f([1], len) == wanted"
    seen: list[bytes] = []
    forger = Forger(ok("x"))

    def note(data: bytes) -> bytes | None:
        seen.append(data)
        return forger(data)

    given = ("solution", "def f(a, b): return 4"), ("test", test)
    with talk(*given, hostile=note) as made, pytest.raises(AssertionError):
        made.test()
    assert seen and not any(b"secret" in data or b"wanted" in data for data in seen)
