"""Coroutines that students write, and tests of them that stock nbgrader passes."""

from __future__ import annotations

#: What is written, and a test of it that stock nbgrader passes.
CARRIED = {
    "coro run": (
        """
import asyncio
async def later(x):
    await asyncio.sleep(0)
    return x * 2
""",
        """
import asyncio
assert asyncio.run(later(3)) == 6
""",
    ),
    "coro await": (
        """
import asyncio
async def later(x):
    await asyncio.sleep(0)
    return x * 2
""",
        """
assert await later(3) == 6
""",
    ),
    "coro gather": (
        """
import asyncio
async def later(x):
    await asyncio.sleep(0)
    return x * 2
async def all_(xs): return await asyncio.gather(*map(later, xs))
""",
        """
import asyncio, inspect
async def main():
    return await asyncio.gather(later(1), later(2)), await all_([1, 2])
assert asyncio.run(main()) == ([2, 4], [2, 4])
assert inspect.iscoroutinefunction(later) and asyncio.iscoroutinefunction(later)
""",
    ),
    "coro loop": (
        """
async def later(x): return x * 2
""",
        """
import asyncio
loop = asyncio.new_event_loop()
assert loop.run_until_complete(later(3)) == 6
loop.close()
""",
    ),
    "async method": (
        """
class R:
    async def get(self, x): return x + 1
""",
        """
import asyncio
assert asyncio.run(R().get(3)) == 4
""",
    ),
    "coro raises": (
        """
async def bad(): raise ValueError("no")
""",
        """
import asyncio
try: asyncio.run(bad()); assert False
except ValueError: pass
""",
    ),
    "async method raises": (
        """
class R:
    async def get(self, x): raise KeyError(x)
""",
        """
import asyncio
async def main():
    try:
        await R().get(3)
    except KeyError as error:
        return error.args
assert asyncio.run(main()) == (3,)
""",
    ),
    "shared queue": (
        """
import asyncio
queue = asyncio.Queue()
async def put(x): await queue.put(x)
async def take(): return await queue.get()
""",
        """
import asyncio
async def main():
    await asyncio.gather(put(1), put(2))
    return [await take(), await take()]
assert asyncio.run(main()) == [1, 2]
asyncio.run(put(3))
assert asyncio.run(take()) == 3
""",
    ),
    "async gen": (
        """
async def agen(n):
    for i in range(n): yield i
""",
        """
import asyncio
async def main(): return [x async for x in agen(3)]
assert asyncio.run(main()) == [0, 1, 2]
""",
    ),
    "async ctx": (
        """
class R:
    async def __aenter__(self): return 5
    async def __aexit__(self, *a): return False
""",
        """
import asyncio
async def main():
    async with R() as x: return x
assert asyncio.run(main()) == 5
""",
    ),
}

#: What cannot be carried: the reference solution says so before anybody loses points.
TOLD = {
    "async call-back": (
        """
async def callback(f): return await f(3)
""",
        """
import asyncio
async def triple(x): return x * 3
assert asyncio.run(callback(triple)) == 9
""",
    ),
}
