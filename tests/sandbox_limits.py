"""Notebooks that go past a limit, die, or write where they should not."""

from __future__ import annotations

from typing import Any

#: So large that a test whose notice of a death comes by waiting fails at the guard.
NEVER = 100_000

#: name -> (limits, cells)
RUNS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "cell time": (
        {"cell_seconds": 1},
        {"first": "x = 1", "loop": "while True: pass", "after": "y = 2"},
    ),
    "sleep": (
        {"cell_seconds": 1},
        {"first": "x = 1", "sleep": "import time; time.sleep(600)", "after": "y = 2"},
    ),
    "time of children": (
        {"cell_seconds": 2},
        {
            "first": "x = 1",
            "spin": "import os, time\nfor _ in range(20):\n    if os.fork() == 0:\n"
            "        os.setsid()\n        while True: pass\ntime.sleep(600)",
            "after": "y = 2",
        },
    ),
    "stopped runner": (
        {"cell_seconds": 1},
        {
            "first": "x = 1",
            "loop": "import os, signal\nos.kill(os.getppid(), signal.SIGSTOP)\n"
            "while True: pass",
            "after": "y = 2",
        },
    ),
    "swallowed interrupt": (
        {"cell_seconds": 1},
        {
            "first": "x = 1",
            "loop": "import time\nwhile True:\n    try:\n"
            "        while True: time.sleep(0.01)\n"
            "    except KeyboardInterrupt: pass",
            "after": "y = 2",
        },
    ),
    "sleep in C": (
        {"cell_seconds": 1},
        {
            "first": "x = 1",
            "loop": "import ctypes, signal\nsignal.signal(2, signal.SIG_IGN)\n"
            "ctypes.CDLL(None).sleep(1000)",
        },
    ),
    "submission time": (
        {"cell_seconds": 3, "submission_seconds": 8},
        {
            "first": "x = 1",
            **{f"loop{n}": "while True: pass" for n in range(4)},
            "after": "y = 2",
        },
    ),
    "memory": (
        {"memory_mb": 400, "cell_seconds": 60},
        {
            "first": "x = 1",
            "grow": "import time\nheld = []\nwhile True:\n"
            "    held.append(bytearray(b'1') * 2**23)\n    time.sleep(0.02)",
        },
    ),
    "memory of children": (
        {"memory_mb": 400, "cell_seconds": 60},
        {
            "first": "x = 1",
            "grow": "import os, time\nfor n in range(8):\n    if os.fork() == 0:\n"
            "        held = bytearray(b'1') * (100 * 2**20)\n        time.sleep(600)\n"
            "os.wait()",
        },
    ),
    "one large request": (
        {"memory_mb": 400},
        {"first": "x = 1", "ask": "y = bytearray(2**34)", "after": "y = 2"},
    ),
    "fork storm": (
        {"processes": 80, "cell_seconds": 20},
        {
            "first": "x = 1",
            "storm": """
import os, signal, time
children = []
try:
    while len(children) < 5000:
        pid = os.fork()
        if pid == 0:
            time.sleep(600)
            os._exit(0)
        children.append(pid)
except OSError as err:
    print(err.errno, len(children))
for pid in children:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
""",
            "after": "y = 2",
        },
    ),
    "fork bomb": (
        {"processes": 80, "cell_seconds": 2, "submission_seconds": 15},
        {
            "first": "x = 1",
            "bomb": "import os\nwhile True:\n    try: os.fork()\n"
            "    except OSError: pass",
        },
    ),
    "thread storm": (
        {"processes": 80, "cell_seconds": 20},
        {
            "first": "x = 1",
            "storm": """
import threading
started = threading.Event()
try:
    for count in range(5000):
        threading.Thread(target=started.wait).start()
except RuntimeError as err:
    print(err, count)
started.set()
""",
            "after": "y = 2",
        },
    ),
    "disk": (
        {"disk_mb": 8, "cell_seconds": 30},
        {
            "first": "x = 1",
            "fill": """
import errno, os, pathlib
for folder in (pathlib.Path.home(), "/tmp", "/dev/shm"):
    size = 0
    try:
        for n in range(100):
            with open(f"{folder}/fill{n}", "wb") as file:
                for _ in range(7):
                    size += file.write(bytes(2**20))
    except OSError as err:
        print(errno.errorcode[err.errno], size // 2**20)
try:
    with open("sparse", "wb") as file:
        file.truncate(2**40)
except OSError as err:
    print(errno.errorcode[err.errno])
for path in pathlib.Path.home().glob("fill*"):
    path.unlink()
""",
            "after": "y = 2",
        },
    ),
    "export too large": (
        {"export_mb": 1, "disk_mb": 8},
        {
            "first": "x = 1",
            "fill": "import numpy as np\ny = np.zeros(3 * 2**16)",
            "after": "x = 2",
        },
    ),
    "output": (
        {"output_mb": 0.25, "cell_seconds": 30},
        {
            "first": "x = 1",
            "flood": "print('the first line')\nwhile True: print('x' * 200)",
            "after": "y = 2\nprint('after')",
        },
    ),
    "output at once": (
        {"output_mb": 0.25},
        {"first": "x = 1", "flood": "print('a' * 2**24)", "after": "y = 2"},
    ),
    "displays": (
        {"output_mb": 0.25, "cell_seconds": 30},
        {
            "first": "x = 1",
            "flood": "from IPython.display import display, HTML\n"
            "while True: display(HTML('<b>' + 'x' * 1000))",
            "after": "y = 2",
        },
    ),
    "exit": (
        {"cell_seconds": NEVER, "submission_seconds": NEVER},
        {
            "first": "x = 1\nprint('kept')",
            "die": "print('last words')\nimport os, time; time.sleep(3)\nos._exit(7)",
            "after": "y = 2",
        },
    ),
    "segfault": (
        {"cell_seconds": NEVER, "submission_seconds": NEVER},
        {"first": "x = 1", "die": "import ctypes; ctypes.string_at(0)"},
    ),
    "runner killed": (
        {"cell_seconds": NEVER, "submission_seconds": NEVER},
        {
            "first": "x = 1",
            "die": "import os, time; os.kill(os.getppid(), 9); time.sleep(10**6)",
        },
    ),
    "sys.exit": (
        {},
        {"first": "x = 1", "leave": "import sys; sys.exit(3)", "after": "y = 2"},
    ),
    "broken shell": (
        {},
        {
            "first": "x = 1",
            "break": "get_ipython().input_transformers_cleanup.append(lambda s: 1 / 0)",
            "after": "x = 2; y = 2",
        },
    ),
    "names of builtins": (
        {},
        {
            "first": "globals = {}; __import__ = None; x = 1",
            "path": "import sys; sys.path.clear(); y = 2",
        },
    ),
    "not here": (
        {},
        {
            "module": "x = 1; import quillwort.spores",
            "file": "y = 2; open('mine.csv')",
            "own": "raise KeyError('No module named nothing')",
        },
    ),
    "forged frames": (
        {},
        {
            "first": "x = 1",
            "forge": "import os\nfor fd in range(3, 256):\n"
            "    try: os.write(fd, b'X' * 64)\n    except OSError: pass",
        },
    ),
}
