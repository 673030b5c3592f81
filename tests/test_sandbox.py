"""The sandbox held against what student code can try, as root and as a user.

One batch of notebooks runs for each kind of user; every test looks at its part of it.
"""

from __future__ import annotations

import json
import os
import pwd
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap needs Linux"),
]
BATCH = Path(__file__).with_name("sandbox_batch.py")
GUARD_SECONDS = 240
#: So large that a test whose notice of a death comes by waiting fails at the guard.
NEVER = 100_000
SECRET = f"canary-{secrets.token_hex(8)}"

#: grade_id -> a cell of one notebook; each prints what it found, and harms no other.
WALLS = {
    "connect": """
import socket
for family, address in ((2, ("192.0.2.1", 80)), (10, ("2001:db8::1", 80))):
    try:
        socket.socket(family).connect(address)
        print("connected")
    except OSError as err:
        print(err.errno)
try:
    print(socket.getaddrinfo("example.org", 80))
except OSError as err:
    print("no name:", type(err).__name__)
try:
    socket.create_connection(("127.0.0.1", HOST_PORT), 2)
    print("connected")
except OSError as err:
    print(err.errno)
""",
    "families": """
import errno, socket
families = {"vsock": (40, 1), "netlink": (16, 3, 9), "packet": (17, 3), "alg": (38, 5),
            "bluetooth": (31, 3), "xdp": (44, 3)}
for name, arguments in families.items():
    try:
        socket.socket(*arguments)
        print(name, "OPEN")
    except OSError as err:
        print(name, errno.errorcode[err.errno])
""",
    "files": """
import os
for path in ("/etc/shadow", "/etc/passwd", "/root", "/var", "/sys", "/run", "/srv",
             CANARY_FILE, COURSE_FILE, "/proc/1/root/etc/shadow", "/in/../etc/shadow"):
    print(path, os.path.exists(path))
""",
    "search": """
import os
found = []
for folder, folders, names in os.walk("/"):
    if folder.startswith(("/proc", "/usr", "/dev")):
        folders.clear()
        continue
    found += [os.path.join(folder, n) for n in names if SECRET in n]
    for name in names:
        try:
            with open(os.path.join(folder, name), "rb") as file:
                if SECRET.encode() in file.read(2**20) and folder != "/in":
                    found.append(os.path.join(folder, name))
        except OSError:
            pass
print(found)
""",
    "processes": """
import os
for pid in sorted(int(name) for name in os.listdir("/proc") if name.isdigit()):
    with open(f"/proc/{pid}/status") as file:
        status = dict(line.split(":", 1) for line in file if ":" in line)
    print(pid, [int(status[k].strip(), 16) for k in ("CapEff", "CapPrm", "CapBnd")],
          status["NoNewPrivs"].strip(), status["Seccomp"].strip())
""",
    "environment": """
import glob
for path in glob.glob("/proc/[0-9]*/environ"):
    try:
        with open(path, "rb") as file:
            print(path, HOST_VARIABLE.encode() in file.read())
    except OSError:
        pass
""",
    "namespaces": """
import ctypes, errno, subprocess
library = ctypes.CDLL(None, use_errno=True)
for flag in (0x10000000, 0x20000, 0x40000000):
    print(library.unshare(flag), errno.errorcode[ctypes.get_errno()])
print(library.syscall(435, ctypes.create_string_buffer(88), 88),
      errno.errorcode[ctypes.get_errno()])
print(subprocess.run(["unshare", "-Ur", "true"], stderr=-1).returncode)
""",
    "mounts": """
import ctypes, errno
library = ctypes.CDLL(None, use_errno=True)
for target in (b"/usr", b"/", b"/in", b"/dev"):
    library.mount(None, target, None, 32 | 4096, None)
    print(errno.errorcode[ctypes.get_errno()])
library.mount(b"none", b"/tmp", b"tmpfs", 0, None)
print(errno.errorcode[ctypes.get_errno()])
library.umount2(b"/proc", 2)
print(errno.errorcode[ctypes.get_errno()])
""",
    "writes": """
import site, errno
for path in ("/x", "/usr/x", "/dev/x", "/in/x", "/data/x", "/etc/x",
             site.getsitepackages()[0] + "/x.pth", "/proc/sys/kernel/core_pattern",
             "/proc/sys/kernel/hostname", "/proc/sysrq-trigger"):
    try:
        open(path, "w")
        print(path, "WRITABLE")
    except OSError as err:
        print(path, errno.errorcode[err.errno])
""",
    "identity": """
import os
for call in (os.setuid, os.setgid, lambda n: os.setgroups([n]), os.chroot):
    try:
        call(0 if call is not os.chroot else "/tmp")
        print("ALLOWED")
    except (OSError, TypeError) as err:
        print(err.errno)
print(os.getuid(), os.getgid())
""",
    "devices": """
import os
print(sorted(os.listdir("/dev")))
""",
    "calls": """
import ctypes, errno, platform
library = ctypes.CDLL(None, use_errno=True)
column = 0 if platform.machine() == "x86_64" else 1
for name, numbers in {
    "keyctl": (250, 219), "bpf": (321, 280), "ptrace": (101, 117), "kcmp": (312, 272),
    "io_uring_setup": (425, 425), "userfaultfd": (323, 282), "pidfd_getfd": (438, 438),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "mount_setattr": (442, 442), "perf_event_open": (298, 241),
    "process_vm_readv": (310, 270), "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265), "sched_setaffinity": (203, 122),
    "inotify_init1": (294, 26), "memfd_create": (319, 279), "shmget": (29, 194),
    "mq_open": (240, 180), "statmount": (457, 457), "of a kernel to come": (599, 599),
}.items():
    ctypes.set_errno(0)
    library.syscall(numbers[column], 0, 0, 0, 0, 0)
    print(errno.errorcode.get(ctypes.get_errno(), 0), name)
""",
    "x32": """
import ctypes, errno
library = ctypes.CDLL(None, use_errno=True)
library.syscall(0x40000000 + 39)
print(errno.errorcode.get(ctypes.get_errno(), 0))
""",
    "protocols": """
import errno, socket
for family in (socket.AF_INET, socket.AF_INET6):
    for protocol in (1, 132, 33, 262):  # ICMP, SCTP, DCCP, MPTCP
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            try:
                socket.socket(family, kind, protocol)
                print("OPEN", protocol)
            except OSError as err:
                print(errno.errorcode[err.errno])
""",
    "programs": """
import asyncio, ctypes, mmap, multiprocessing, os, signal, sqlite3, subprocess, sys
import tempfile, threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
import matplotlib.pyplot as plt, numpy as np
print(subprocess.run([sys.executable, "-c", "print(6 * 7)"], stdout=-1).stdout)
print(subprocess.check_output("echo shell | tr a-z A-Z", shell=True))
with ThreadPoolExecutor(4) as threads:
    print(sum(threads.map(abs, range(-4, 0))))
with ProcessPoolExecutor(2, multiprocessing.get_context("fork")) as workers:
    print(sum(workers.map(abs, range(-4, 0))))
def sleep():
    async def wait():
        child = await asyncio.create_subprocess_exec("true")
        return await child.wait()
    found.append(asyncio.run(wait()))
found = []
thread = threading.Thread(target=sleep); thread.start(); thread.join()
print(found)
with tempfile.TemporaryFile() as file:
    file.truncate(4096)
    with mmap.mmap(file.fileno(), 4096) as shared:
        shared[:2] = b"ok"
        print(os.pread(file.fileno(), 2, 0))
database = sqlite3.connect("numbers.db")
database.execute("create table n (x)"); database.execute("insert into n values (3)")
database.commit()
print(database.execute("select x from n").fetchall())
signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 0.01); signal.pause()
a = np.random.rand(300, 300)
print(np.allclose(a @ np.linalg.inv(a), np.eye(300), atol=1e-6))
plt.plot([1, 2]); plt.savefig("figure.png"); plt.close()
print(os.path.getsize("figure.png") > 1000, os.sched_getaffinity(0) != set())
""",
    "descriptors": """
import glob, os
for path in glob.glob("/proc/[0-9]*/fd/*"):
    if int(path.split("/")[2]) != os.getpid():
        try:
            os.write(os.open(path, os.O_WRONLY | os.O_NONBLOCK), b"E" * 64)
        except OSError:
            pass
print(os.getpid() > 1)
""",
    "cores": """
import resource
print(resource.getrlimit(resource.RLIMIT_CORE))
try:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    print("CHANGED")
except ValueError:
    print("kept")
""",
    "data": """
import os
print([(name, os.access("/data/" + name, os.W_OK)) for name in os.listdir("/data")])
""",
    "input": "input('your name? ')",
}

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
            "die": "print('last words')\nimport os, time; time.sleep(1)\nos._exit(7)",
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


@dataclass(frozen=True)
class Batch:
    """What the batch gave for one kind of user."""

    results: dict[str, Any]

    def lines(self, cell: str, name: str = "walls") -> list[str]:
        """What a cell printed."""
        outputs = self.results[name]["outputs"][cell]
        return "".join(o.get("text", "") for o in outputs).splitlines()

    def error(self, cell: str, name: str = "walls") -> tuple[str, str]:
        """The name and text of a cell's error."""
        outputs = self.results[name]["outputs"][cell]
        return next(
            (o["ename"], o["evalue"]) for o in outputs if o["output_type"] == "error"
        )

    def exported(self, name: str) -> dict[str, Any]:
        """What left the sandbox, by name."""
        files = self.results[name]["files"]
        found = {f[:-5]: json.loads(t) for f, t in files.items()}
        return {name: f.get("value", f.get("reason")) for name, f in found.items()}

    def told(self, name: str) -> str:
        """The notices for the student."""
        return " ".join(self.results[name]["notices"])


@pytest.fixture(scope="module", params=["root", "ordinary user"])
def batch(request: pytest.FixtureRequest) -> Iterator[Batch]:
    as_root = os.geteuid() == 0
    if request.param == "root" and not as_root:
        pytest.skip("these tests do not run as root")
    folder = Path(tempfile.mkdtemp(prefix="fairgrade-test-"))
    name = None
    try:
        if request.param == "ordinary user" and as_root:
            name = f"fg{secrets.token_hex(4)}"
            _create_user(name)
            shutil.chown(folder, name)
        yield Batch(_run_batch(folder, name))
    finally:
        shutil.rmtree(folder)
        if name is not None:
            subprocess.run(["userdel", name], check=True)


def _create_user(name: str) -> None:
    if shutil.which("useradd") is None:
        pytest.skip("useradd is not here to make an ordinary user")
    subprocess.run(["useradd", "--no-create-home", name], check=True)
    reading = [sys.executable, "-c", "import fairgrade.run.run"]
    if subprocess.run(reading, user=name, cwd="/", stderr=-1).returncode:
        subprocess.run(["userdel", name], check=True)
        pytest.skip("an ordinary user cannot read this Python environment")


def _run_batch(folder: Path, user: str | None) -> dict[str, Any]:
    canary = folder / f"{SECRET}.txt"
    canary.write_text(SECRET)
    canary.chmod(0o644)
    folder.chmod(0o755)
    data = folder / "numbers.npz"
    data.write_bytes(b"0")
    with _listening() as port:
        names = {
            "HOST_PORT": port,
            "CANARY_FILE": str(canary),
            "COURSE_FILE": str(Path(__file__).resolve()),
            "HOST_VARIABLE": "FAIRGRADE_TEST_VARIABLE",
        }
        setup = "".join(f"{key} = {value!r}\n" for key, value in names.items())
        # In two parts, so that the canary itself is not in the notebook's own file.
        setup += f"SECRET = {SECRET[:10]!r} + {SECRET[10:]!r}"
        jobs = {
            "walls": {"cells": {"setup": setup} | WALLS, "limits": {}},
            **{
                name: {"cells": cells, "limits": limits}
                for name, (limits, cells) in RUNS.items()
            },
        }
        jobs["walls"]["data"] = [str(data)]
        (folder / "jobs.json").write_text(json.dumps(jobs))
        (folder / "jobs.json").chmod(0o644)
        home = pwd.getpwuid(os.geteuid()).pw_dir if user is None else str(folder)
        done = subprocess.run(
            [sys.executable, str(BATCH), "jobs.json", "results.json"],
            cwd=folder,
            env={
                "PATH": os.environ["PATH"],
                "HOME": home,
                "FAIRGRADE_TEST_VARIABLE": SECRET,
            },
            user=user,
            extra_groups=None if user is None else [],
            capture_output=True,
            text=True,
            timeout=GUARD_SECONDS,
        )
    assert done.returncode == 0, done.stderr
    return json.loads((folder / "results.json").read_text())


class _listening:
    """A port of this machine that would answer."""

    def __enter__(self) -> int:
        import socket

        self._socket = socket.create_server(("127.0.0.1", 0))
        return self._socket.getsockname()[1]

    def __exit__(self, *_: object) -> None:
        self._socket.close()


def test_isolation_is_full(batch: Batch) -> None:
    level = batch.results["walls"]["isolation"]
    assert level == "full" or level == (
        "partial: not so that memory is capped by the kernel"
    )
    assert batch.results["walls"]["outcome"] == "finished"


def test_there_is_no_network(batch: Batch) -> None:
    assert batch.lines("connect") == ["101", "101", "no name: gaierror", "111"]


def test_no_other_kind_of_socket_opens(batch: Batch) -> None:
    lines = batch.lines("families")
    assert len(lines) == 6
    assert all(line.endswith("EAFNOSUPPORT") for line in lines), lines


def test_no_file_of_the_machine_is_there(batch: Batch) -> None:
    lines = batch.lines("files")
    assert len(lines) == 11
    assert all(line.endswith("False") for line in lines), lines
    assert batch.lines("search") == ["[]"]


def test_no_process_inside_has_a_capability_or_is_unfiltered(batch: Batch) -> None:
    lines = batch.lines("processes")
    assert len(lines) == 3, lines  # bubblewrap, our runner, the kernel
    assert all(line.endswith("[0, 0, 0] 1 2") for line in lines), lines


def test_nothing_of_the_graders_environment_is_there(batch: Batch) -> None:
    lines = batch.lines("environment")
    assert lines and all(line.endswith("False") for line in lines), lines


def test_no_namespace_can_be_made(batch: Batch) -> None:
    *calls, program = batch.lines("namespaces")
    assert calls == ["-1 EPERM"] * 3 + ["-1 ENOSYS"]
    assert program != "0"


def test_nothing_can_be_mounted_or_remounted(batch: Batch) -> None:
    assert batch.lines("mounts") == ["EPERM"] * 6


def test_what_is_shown_cannot_be_written(batch: Batch) -> None:
    lines = batch.lines("writes")
    assert len(lines) == 10
    assert not any("WRITABLE" in line for line in lines), lines
    assert batch.lines("data") == ["[('numbers.npz', False)]"]


def test_nobody_becomes_root(batch: Batch) -> None:
    *refusals, ids = batch.lines("identity")
    assert len(refusals) == 4 and "ALLOWED" not in refusals
    assert ids == "1000 1000"


def test_only_harmless_devices_are_there(batch: Batch) -> None:
    harmless = {"console", "core", "fd", "full", "null", "ptmx", "pts", "random"}
    harmless |= {"shm", "stderr", "stdin", "stdout", "tty", "urandom", "zero"}
    (line,) = batch.lines("devices")
    assert set(json.loads(line.replace("'", '"'))) <= harmless


def test_only_system_calls_that_notebooks_need_are_made(batch: Batch) -> None:
    lines = batch.lines("calls")
    assert [line for line in lines if line.startswith("EPERM")] == lines[:16]
    assert [line.split()[0] for line in lines[16:]] == ["ENOSYS"] * 6
    assert batch.lines("x32") == ["ENOSYS"]


def test_no_protocol_of_the_kernel_but_the_usual_opens(batch: Batch) -> None:
    assert batch.lines("protocols") == ["EPROTONOSUPPORT"] * 16


def test_programs_find_the_system_calls_they_need(batch: Batch) -> None:
    assert batch.lines("programs") == [
        "b'42\\n'",
        "b'SHELL\\n'",
        "10",
        "10",
        "[0]",
        "b'ok'",
        "[(3,)]",
        "True",
        "True True",
    ]


def test_no_descriptor_of_a_neighbour_leads_to_the_grader(batch: Batch) -> None:
    assert batch.lines("descriptors") == ["True"]  # and what it wrote forged nothing:
    assert batch.results["walls"]["outcome"] == "finished"
    assert "handed over" not in batch.told("walls")


def test_no_core_dump_starts_a_program_of_the_machine(batch: Batch) -> None:
    assert batch.lines("cores") == ["(1, 1)", "kept"]


def test_nobody_answers_an_input(batch: Batch) -> None:
    assert batch.error("input")[0] == "StdinNotImplementedError"
    assert "nobody to type" in batch.told("walls")


def test_a_cell_past_its_time_is_stopped_and_the_next_runs(batch: Batch) -> None:
    assert batch.error("loop", "cell time")[0] == "CellStopped"
    assert "cell 2 (loop) was stopped after 1 s" in batch.told("cell time").lower()
    assert batch.exported("cell time") == {"x": 1, "y": 2}


def test_a_cell_that_sleeps_ends_by_the_clock(batch: Batch) -> None:
    assert "was stopped after 4 s by the clock" in batch.told("sleep")
    assert batch.exported("sleep") == {"x": 1, "y": 2}


def test_the_time_of_all_processes_counts(batch: Batch) -> None:
    assert "stopped after 2 s of processor time" in batch.told("time of children")
    assert batch.exported("time of children") == {"x": 1, "y": 2}


def test_a_notebook_that_stops_the_runner_is_stopped_itself(batch: Batch) -> None:
    assert "went on past its 1 s of processor time" in batch.told("stopped runner")
    assert batch.results["stopped runner"]["outcome"] == "timed out"
    assert batch.exported("stopped runner") == {"x": 1}


@pytest.mark.parametrize("name", ["swallowed interrupt", "sleep in C"])
def test_a_kernel_that_ignores_interrupts_is_ended(batch: Batch, name: str) -> None:
    assert "did not react, so the kernel was ended" in batch.told(name)
    assert batch.results[name]["outcome"] == "timed out"
    assert batch.exported(name) == {"x": 1}


def test_a_notebook_past_its_time_is_stopped(batch: Batch) -> None:
    assert batch.results["submission time"]["outcome"] == "timed out"
    assert "was used up before cell" in batch.told("submission time")
    assert batch.exported("submission time") == {"x": 1}


@pytest.mark.parametrize("name", ["memory", "memory of children"])
def test_memory_of_all_processes_is_bounded(batch: Batch, name: str) -> None:
    assert batch.results[name]["outcome"] == "out of memory", batch.told(name)
    assert "more than 400 MiB of memory in cell 2 (grow)" in batch.told(name)
    assert batch.exported(name) == {"x": 1}


def test_a_request_far_too_large_is_an_ordinary_error(batch: Batch) -> None:
    assert batch.error("ask", "one large request")[0] == "MemoryError"
    assert batch.exported("one large request") == {"x": 1, "y": 2}


@pytest.mark.parametrize("name", ["fork storm", "thread storm"])
def test_processes_and_threads_are_bounded(batch: Batch, name: str) -> None:
    (line,) = batch.lines("storm", name)
    assert 0 < int(line.split()[-1]) < 80
    assert batch.exported(name) == {"x": 1, "y": 2}


def test_a_fork_bomb_ends_with_its_sandbox(batch: Batch) -> None:
    assert batch.exported("fork bomb") == {"x": 1}
    assert batch.results["fork bomb"]["outcome"] in ("timed out", "killed")


def test_disk_is_bounded(batch: Batch) -> None:
    home, temporary, shared, sparse = batch.lines("fill", "disk")
    for line in (home, temporary):
        error, size = line.split()
        assert error == "ENOSPC" and int(size) <= 8
    assert shared.startswith("ENOSPC") and int(shared.split()[1]) <= 256
    assert sparse == "EFBIG"
    assert batch.exported("disk") == {"x": 1, "y": 2}


def test_an_export_too_large_is_not_taken(batch: Batch) -> None:
    exported = batch.exported("export too large")
    assert exported["x"] == 2
    assert "too large" in exported["y"]
    assert "y was too large to be handed over" in batch.told("export too large")


@pytest.mark.parametrize("name", ["output", "output at once", "displays"])
def test_what_fits_of_an_output_is_kept(batch: Batch, name: str) -> None:
    shown = json.dumps(batch.results[name]["outputs"]["flood"])
    assert 100_000 < len(shown) < 2**19
    assert "all outputs together may have 0.25 MiB" in batch.told(name) or (
        name == "output at once"  # over before anybody could stop it
    )
    assert batch.exported(name) == {"x": 1, "y": 2}


def test_the_start_of_a_cut_output_is_shown(batch: Batch) -> None:
    assert batch.lines("flood", "output")[0] == "the first line"
    assert batch.lines("after", "output") == ["after"]


def test_a_dead_kernel_is_noticed_at_once(batch: Batch) -> None:
    """Its limits are longer than the tests' own guard."""
    assert "The kernel died in cell 2 (die) (exit status 7)" in batch.told("exit")
    assert "(signal 11)" in batch.told("segfault")
    assert batch.lines("first", "exit") == ["kept"]
    assert batch.lines("die", "exit") == ["last words"]
    for name in ("exit", "segfault", "runner killed"):
        assert batch.results[name]["outcome"] == "killed"


def test_exports_before_a_crash_are_kept(batch: Batch) -> None:
    for name in ("exit", "segfault", "runner killed"):
        assert batch.exported(name) == {"x": 1}


def test_leaving_is_an_error_like_any_other(batch: Batch) -> None:
    assert batch.error("leave", "sys.exit") == ("SystemExit", "3")
    assert batch.exported("sys.exit") == {"x": 1, "y": 2}


def test_names_that_no_export_saw_are_refused_and_not_missing(batch: Batch) -> None:
    for name in "xy":
        document = json.loads(batch.results["broken shell"]["files"][f"{name}.json"])
        assert document["kind"] == "refused"
        assert document["reason"].startswith("could not be collected: a cell before")


def test_names_of_builtins_may_be_a_notebooks_own(batch: Batch) -> None:
    assert batch.exported("names of builtins") == {"x": 1, "y": 2}


def test_what_is_not_there_is_named_to_the_student(batch: Batch) -> None:
    assert batch.exported("not here") == {"x": 1, "y": 2}
    module, file = batch.results["not here"]["notices"]
    assert module.startswith("There is no module quillwort")
    assert file.startswith("There is no mine.csv")


def test_bytes_written_to_every_descriptor_reach_nobody(batch: Batch) -> None:
    assert batch.exported("forged frames") == {"x": 1}


def test_nothing_is_left_of_a_sandbox(batch: Batch) -> None:
    assert batch.results["left over"] == []
