"""Asynchronous generators, iterators, contexts and awaitables of students' code."""

from __future__ import annotations

import pytest

from calling import check
from fairgrade.errors import CallFailed, NotMeasured

SOLUTION = """
import asyncio
from contextlib import asynccontextmanager
closed = []
async def agen(n):
    try:
        for i in range(n):
            await asyncio.sleep(0)
            sent = yield i
            if sent: yield sent * 10
    finally: closed.append(n)
class Ctx:
    def __init__(self): self.log = []
    async def __aenter__(self):
        self.log.append("in")
        return self
    async def __aexit__(self, kind, err, trace):
        self.log.append("out")
        return kind is KeyError
    async def work(self, x): return x + 1
class Count:
    def __init__(self, n): self.n = n
    def __aiter__(self): return self
    async def __anext__(self):
        if self.n == 0: raise StopAsyncIteration
        self.n -= 1
        return self.n
class Aw:
    def __await__(self):
        yield from asyncio.sleep(0).__await__()
        return 5
@asynccontextmanager
async def opened(log):
    log.append("open")
    try: yield 7
    finally: log.append("close")
"""
OTHER = """
import asyncio
closed = []
class agen:
    def __init__(self, n): self.i, self.n, self.todo = -1, n, []
    def __aiter__(self): return self
    async def __anext__(self):
        self.i += 1
        if self.i >= self.n:
            if not closed: closed.append(self.n)
            raise StopAsyncIteration
        return self.i
    async def asend(self, x): return x * 10
    async def athrow(self, e):
        await self.aclose()
        raise e
    async def aclose(self):
        self.i = self.n
        closed.append(self.n)
class Ctx:
    def __init__(self): self.log = []
    async def __aenter__(self):
        self.log += ["in"]
        return self
    async def __aexit__(self, kind, *rest):
        self.log += ["out"]
        return kind is KeyError
    async def work(self, x): return x + 1
class Count:
    def __init__(self, n): self.n = n
    async def __aiter__(self):
        for i in range(self.n)[::-1]: yield i
def Aw():
    async def f(): return 5
    return f()
class opened:
    def __init__(self, log): self.log = log
    async def __aenter__(self):
        self.log.append("open")
        return 7
    async def __aexit__(self, *rest): self.log.append("close")
"""
WRONG = """
closed = []
async def agen(n): yield 1
class Ctx:
    def __init__(self): self.log = []
    async def __aenter__(self): return self
    async def __aexit__(self, *rest): return True
    async def work(self, x): return x
class Count:
    def __init__(self, n): self.n = n
    def __aiter__(self): return self
    async def __anext__(self): raise StopAsyncIteration
class Aw:
    def __await__(self):
        yield
        return 4
opened = Ctx
"""
TESTS = [
    "out = []\nasync for i in agen(3): out.append(i)\n"
    "assert out == [0, 1, 2] and closed == [3]",
    "assert [i async for i in agen(2)] == [0, 1]",
    "g = agen(3)\nassert await anext(g) == 0 and await g.asend(4) == 40",
    "g = agen(5)\nasync for i in g:\n    if i == 1: break\nawait g.aclose()\n"
    "assert closed == [5] and [i async for i in g] == []",
    "g = agen(3)\nawait anext(g)\ntry: await g.athrow(ValueError('x'))\n"
    "except ValueError as e: assert str(e) == 'x' and closed == [3]\n"
    "else: assert False",
    "c = Ctx()\nasync with c as d:\n    assert d is c and await c.work(1) == 2\n"
    "assert c.log == ['in', 'out']",
    "c = Ctx()\nasync with c: raise KeyError\nassert c.log == ['in', 'out']\n"
    "try:\n    async with c: raise ValueError('v')\n    assert False\n"
    "except ValueError: pass",
    "assert [i async for i in Count(3)] == [2, 1, 0]",
    "assert await Aw() == 5",
    "log = []\nasync with opened(log) as v: assert v == 7\n"
    "assert log == ['open', 'close']",
]


@pytest.mark.parametrize("test", TESTS)
def test_what_is_asynchronous_is_awaited_in_the_kernel(test: str) -> None:
    check(SOLUTION, test)
    check(SOLUTION, test, student=OTHER)
    with pytest.raises((Exception, CallFailed, NotMeasured)):
        check(SOLUTION, test, student=WRONG)


def test_a_context_does_not_forgive_a_failed_check() -> None:
    test = "async with Ctx() as c: assert await c.work(1) == 2"
    check(SOLUTION, test)
    with pytest.raises(AssertionError):
        check(SOLUTION, test, student=WRONG)
