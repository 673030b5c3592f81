"""Containers that are changed in place, in a function of a student's or in a test."""

from __future__ import annotations

from array import array
from collections import OrderedDict, defaultdict, deque
from typing import Any

import pytest

from calling import check
from carrying import Pair, exported
from fairgrade.errors import NotMeasured
from fairgrade.kinds.basic import changes
from fairgrade.protocol.calls import ProtocolError

IMPORTED = "from array import array\nfrom collections import *\n"


@pytest.mark.parametrize(
    ("made", "change", "holds"),
    [
        ("Counter('ab')", "c['a'] += 2", "c == Counter(a=3, b=1)"),
        ("Counter('ab')", "c.clear()", "type(c) is Counter and not c"),
        ("defaultdict(list)", "c['a'].append(1)", "c == {'a': [1]} and c['b'] == []"),
        ("defaultdict(int)", "c.default_factory = list", "c['x'] == []"),
        ("defaultdict(list, a=[1])", "c['a'].append(2)", "c == {'a': [1, 2]}"),
        ("deque([[1]])", "c[0].append(2)", "c[0] == [1, 2]"),
        ("OrderedDict(a={})", "c['a']['b'] = 1", "c == {'a': {'b': 1}}"),
        ("namedtuple('P', 'x')([1])", "c.x.append(2)", "c.x == [1, 2]"),
        ("deque([1], 2)", "c.extend([2, 3])", "list(c) == [2, 3] and c.maxlen == 2"),
        ("deque([1, 2])", "c.rotate()", "c == deque([2, 1])"),
        ("OrderedDict(a=1, b=2)", "c.move_to_end('a')", "list(c) == ['b', 'a']"),
        ("OrderedDict(a=1)", "c['z'] = c.pop('a')", "c.popitem() == ('z', 1)"),
        ("ChainMap({}, {'a': 1})", "c['a'] = 2", "c.maps == [{'a': 2}, {'a': 1}]"),
        ("array('i', [1, 2])", "c.append(3)", "c == array('i', [1, 2, 3])"),
        ("array('d')", "c.extend([0.5])", "c.tolist() == [0.5]"),
        ("bytearray(2)", "c[0] = 7; c.append(1)", "c == b'\\x07\\0\\1'"),
        ("[deque()]", "c[0].append(c)", "c[0][0] is c"),
    ],
)
def test_what_either_side_changes_both_have(made: str, change: str, holds: str) -> None:
    kept = f"{IMPORTED}c = {made}\n"
    function = f"{IMPORTED}def f(c):\n    {change}\n    return c\n"
    check(function, f"{IMPORTED}c = {made}\nf(c)\nassert {holds}")
    if "named" not in made:
        check(function, f"{IMPORTED}c = {made}\nassert f(c) is c")
    check(f"{kept}def f():\n    return {holds}\n", f"{IMPORTED}{change}\nassert f()")
    check(
        f"{kept}def f():\n    {change}\n", f"{IMPORTED}first = c\nf()\nassert {holds}"
    )


def test_an_objects_queue_is_one_queue() -> None:
    solution = (
        "class Line:\n    def __init__(self):\n        self.waiting = deque()\n"
        "    def join(self, name):\n        self.waiting.append(name)\n"
    )
    test = (
        "line = Line()\nwaiting = line.waiting\nline.join('ada')\n"
        "assert list(waiting) == ['ada']\nwaiting.appendleft('bob')\n"
        "assert line.waiting is waiting and list(line.waiting) == ['bob', 'ada']"
    )
    check(IMPORTED + solution, IMPORTED + test)


def test_what_is_missing_is_asked_where_it_is_made() -> None:
    solution = (
        "def tree():\n    return defaultdict(tree)\n"
        "def counts():\n    return defaultdict(lambda: 7)\n"
        "def fill(d):\n    return d['x'] + 1\n"
    )
    test = (
        "assert counts()['a'] == 7\nt = tree()\nt['a']['b']['c']\n"
        "assert 'b' in t['a'] and list(t['a']['b']) == ['c']\n"
        "own = defaultdict(lambda: 4)\nassert fill(own) == 5 and own == {'x': 4}"
    )
    check(IMPORTED + solution, IMPORTED + test)


def test_a_wrong_change_fails() -> None:
    solution = "def add(c, word):\n    c[word] += 1\n"
    test = "c = Counter()\nadd(c, 'a')\nadd(c, 'a')\nassert c == Counter(a=2)"
    student = f"{IMPORTED}def add(c, word):\n    c[word] = 1\n"
    with pytest.raises(AssertionError):
        check(IMPORTED + solution, IMPORTED + test, student=student)


def test_a_view_of_what_changes_waits_for_a_person() -> None:
    with pytest.raises(NotMeasured, match="memoryview"):
        check("def f():\n    return memoryview(bytearray(2))", "assert f()[0] == 0")


@pytest.mark.parametrize(
    ("thing", "tag", "parts"),
    [
        (deque([1]), "path", "x"),
        (deque([1], 2), "deque", [[1], 3]),
        (deque([1]), "counter", []),
        (OrderedDict(), "counter", []),
        (defaultdict(), "defaultdict", ["eval", []]),
        (array("i"), "array_of", ["d", array("d")]),
    ],
)
def test_it_does_not_become_another(thing: Any, tag: str, parts: Any) -> None:
    with pytest.raises((TypeError, ValueError, KeyError)):
        changes.fill(thing, tag, parts)


def test_what_holds_itself_is_one() -> None:
    one: Any = deque(maxlen=3)
    other: Any = OrderedDict(one=one)
    one.append(other)
    with pytest.raises(ValueError, match="nested too deeply"):
        exported(one)
    for way in (Pair().answer, Pair().ask):
        found = way(one)
        assert found[0]["one"] is found and found.maxlen == 3
    check(
        f"{IMPORTED}def child(top):\n    made = defaultdict(list, top=top)\n"
        "    top['all'].append(made)\n    return made\n",
        f"{IMPORTED}top = defaultdict(list)\nmade = child(top)\n"
        "assert made['top'] is top and top['all'][0] is made",
    )


@pytest.mark.parametrize(
    "shared",
    [
        [2, "T"],
        [2, "T", "deque"],
        [2, "T", "deque", []],
        [2, "T", "deque", "x"],
        [2, "T", "deque", ["l", ["l"], -1]],
        [2, "T", "deque", ["l", ["l"], True]],
        [2, "T", "deque", ["l", ["l"], 2**70]],
        [2, "T", "deque", ["l", ["l", 1, 2], 1]],
        [2, "T", ["deque"], ["l", ["l"], 1]],
        [2, "T", "counter", ["l", 1]],
        [2, "T", "chain", ["l"]],
        [2, "T", "chain", ["l", 1]],
        [2, "T", "defaultdict", ["l", "eval", ["l"]]],
        [2, "T", "defaultdict", ["l", "", ["l"], 1]],
        [2, "by", 5],
        [2, "by"],
        [2, "by", "x"],
    ],
)
def test_what_is_none_is_refused(shared: list[Any]) -> None:
    judge = Pair().judge
    with pytest.raises(ProtocolError):
        judge._take_shared([shared])
