"""What a notebook tries at the sandbox's walls."""

from __future__ import annotations

#: grade_id -> a cell of one notebook; each prints what it found, and harms no other.
CELLS = {
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
    # A loopback of one's own may answer, even a socket itself: who answers counts.
    with socket.create_connection(("127.0.0.1", HOST_PORT), 2) as host:
        print("the host" if host.recv(100) == HOST_ANSWER else "not the host")
except OSError:
    print("not the host")
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
