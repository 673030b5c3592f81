"""Runs forked from a parent: the same results, and walls as between sandboxes."""

from __future__ import annotations

import ast
import os
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader import nbgraderformat

from fairgrade.course.course import Limits
from fairgrade.course.notebooks import SCHEMA_VERSION
from fairgrade.plan.names import imported
from fairgrade.protocol.places import HOME
from fairgrade.run.request import RunRequest, RunResult
from fairgrade.run.run import run
from fairgrade.sandbox import pool
from fairgrade.sandbox.cgroups import Group

DATA = {"mnist.npz": Path(__file__).parents[1] / "data" / "mnist.npz"}
LIMITS = {"cell_seconds": 20, "submission_seconds": 60, "memory_mb": 1500}
TRAIN = """
import keras, numpy as np, random, matplotlib.pyplot as plt
from fairgrade.lesson.data import load_arrays
digits = load_arrays("mnist.npz")
images, labels = digits["x_train"], digits["y_train"]
network = keras.Sequential([
    keras.Input((28, 28)), keras.layers.Flatten(),
    keras.layers.Dense(16, activation="relu"), keras.layers.Dropout(0.2),
    keras.layers.Dense(10, activation="softmax")])
network.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
history = network.fit(images[:9000] / 255, labels[:9000], epochs=2, verbose=0)
drawn = [random.random(), np.random.rand(), hash("digit"), list({"a", "b", "c"})]
plt.plot(history.history["loss"]); plt.show()
drawn
"""


def _run(*cells: str, warm: bool = True, **limits: Any) -> RunResult:
    sources = ["import keras", *cells]
    return run(
        RunRequest(
            notebook=new_notebook(cells=[new_code_cell(cell) for cell in sources]),
            files={},
            data=DATA,
            exports={"network": "model", "history": "history", "drawn": "value"},
            seed=3,
            limits=Limits(**LIMITS | limits),
            warm=warm,
        )
    )


def _shown(result: RunResult) -> Any:
    """What the last cell printed, read as a Python value."""
    return ast.literal_eval(result.notebook.cells[-1].outputs[0]["text"])


_BEGIN = """
import sys
from pathlib import Path
from fairgrade.course.notebooks import read_notebook
from fairgrade.grading import head_start
read_notebook(Path(sys.argv[1]))
sys.exit("nbgrader" in sys.modules)
"""


def test_a_head_start_waits_for_nothing_of_nbgraders() -> None:
    name = "preparing-data"
    path = Path(__file__).parents[1] / "source" / name / f"{name}.ipynb"
    subprocess.run([sys.executable, "-c", _BEGIN, str(path)], check=True)
    assert SCHEMA_VERSION == nbgraderformat.SCHEMA_VERSION


@pytest.mark.slow
def test_a_forked_run_computes_the_same_as_one_on_its_own() -> None:
    forked, alone = _run(TRAIN), _run(TRAIN, warm=False)

    assert forked.warm and not alone.warm
    assert "network.json" in alone.exports.last and len(alone.exports.last) == 7
    assert forked.exports == alone.exports
    assert [cell.outputs for cell in forked.notebook.cells] == [
        cell.outputs for cell in alone.notebook.cells
    ]
    assert (forked.outcome, forked.notices, forked.isolation) == (
        alone.outcome,
        alone.notices,
        alone.isolation,
    )


PLAIN = {
    "numbers": [
        "import numpy as np\nimport random, time, uuid, decimal, fractions",
        "drawn = [random.random(), np.random.rand(3), hash('digit'), {'a', 'b', 'c'}]",
        "print(drawn, np.random.default_rng(4).normal(size=2), np.get_printoptions())",
        "total = np.linalg.solve(np.arange(9.0).reshape(3, 3) + np.eye(3), [1, 2, 3])",
        "np.array([1, 2]) / 0",
        "%%time\nnp.fft.fft(np.arange(8))[1]",
        "total.nothing",
    ],
    "tables and plots": [
        "import pandas as pd\nimport matplotlib.pyplot as plt\n%matplotlib inline",
        "table = pd.DataFrame({'a': [1, 2, None], 'b': list('xyz')})\ntable",
        "table.groupby('b').a.sum().plot.bar(); plt.title('sums'); plt.show()",
        "figure, axes = plt.subplots()\naxes.plot([1, 3, 2])\nfigure",
        "print(plt.get_backend(), pd.options.display.max_rows)\n"
        "sorted(plt.rcParams.items())[40:50]",
        "pd.DataFrame({'a': [1]}).c",
        "plt.imshow([[1, 2], [3, 4]]); plt.savefig('saved.png')\n"
        "drawn = open('saved.png', 'rb').read()",
        "import warnings; warnings.warn('own words')\npd.Series(dtype=float).mean()",
    ],
    "estimators": [
        "import numpy as np, scipy.stats\n"
        "from sklearn.linear_model import LogisticRegression\n"
        "from sklearn.model_selection import train_test_split\nimport seaborn as sns",
        "X = np.random.normal(size=(80, 3)); y = (X.sum(axis=1) > 0).astype(int)",
        "parts = train_test_split(X, y)\ndrawn = parts[0]",
        "total = LogisticRegression().fit(parts[0], parts[2]).predict_proba(parts[1])",
        "print(total, scipy.stats.norm(0, 1).rvs(4), scipy.stats.ttest_ind(*X.T[:2]))",
        "sns.histplot(X[:, 0]);",
    ],
    "the shell": [
        "import os, sys, __main__, logging",
        "print(os.getcwd(), sorted(os.environ), os.listdir(), __name__, sys.argv[1:2])",
        "logging.warning('seen')\nprint(In[1], Out, get_ipython().user_ns['__name__'])",
        "!echo from a shell",
        "def doubled(x):\n    'Twice.'\n    return 2 * x",
        "import inspect\nprint(inspect.getsource(doubled), doubled.__module__)",
        "print(gone)",
        "%whos",
        "import subprocess\n"
        "print(subprocess.run(['id', '-u'], capture_output=True).stdout)",
        "drawn = doubled(21)\ndrawn",
    ],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PLAIN)
def test_a_plain_notebook_is_forked_and_computes_the_same(name: str) -> None:
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in PLAIN[name]])
    results = [
        run(
            RunRequest(
                notebook=notebook,
                files={},
                data={},
                exports={"drawn": "value", "total": "value", "table": "value"},
                seed=3,
                limits=Limits(**LIMITS),
                imports=imported(notebook),
                warm=warm,
            )
        )
        for warm in (True, False)
    ]

    forked, alone = results
    assert forked.warm and not alone.warm
    assert "drawn.json" in alone.exports.last or name == "tables and plots"
    assert forked.exports == alone.exports
    assert _told(forked) == _told(alone)
    assert (forked.outcome, forked.notices) == (alone.outcome, alone.notices)


def _told(result: RunResult) -> list[str]:
    """All that a run shows, but for the times of %%time and of places in memory."""
    text = [str(cell.outputs) for cell in result.notebook.cells]
    return [
        "" if "Wall time" in one else re.sub(r"ipykernel_\d+|0x[0-9a-f]+", "", one)
        for one in text
    ]


@pytest.mark.slow
def test_a_package_that_cannot_be_imported_before_costs_nobody_anything() -> None:
    notebook = new_notebook(
        cells=[new_code_cell("import scipy.nothing_of_it\n"), new_code_cell("print(5)")]
    )
    request = RunRequest(
        notebook=notebook,
        files={},
        data={},
        exports={},
        seed=3,
        limits=Limits(**LIMITS),
        imports=imported(notebook),
    )
    result = run(request)

    assert result.warm
    assert result.notebook.cells[0].outputs[0].ename == "ModuleNotFoundError"
    assert _shown(result) == 5


LOOK = """
import glob, multiprocessing.shared_memory, os, signal, socket, time
mine = "mark-{name}"
begun = time.time()
for folder in ("/home/student", "/tmp", "/out"):
    open(f"{{folder}}/{{mine}}", "w").close()
memory = multiprocessing.shared_memory.SharedMemory(mine, create=True, size=8)
server = socket.socket(socket.AF_UNIX); server.bind("\\0" + mine); server.listen()
port = socket.create_server(("127.0.0.1", 4711))
terminal = os.openpty()
seen, queues, killed = set(), 0, []
while time.time() < begun + 8:
    for place in ("/home/student", "/tmp", "/out", "/dev/shm", "/dev/pts"):
        seen |= set(glob.glob(f"{{place}}/*mark-*")) | set(glob.glob("/dev/pts/[0-9]*"))
    with socket.socket(socket.AF_UNIX) as other:
        if other.connect_ex("\\0mark-{other}") == 0:
            seen.add("socket")
    time.sleep(0.1)
pids = sorted(int(name) for name in os.listdir("/proc") if name.isdigit())
own = {{int(path.split("/")[-1]) for path in glob.glob("/proc/[0-9]*/task/*")}}
for pid in set(range(1, 3000)) - own:
    try:
        os.kill(pid, signal.SIGKILL)
        killed.append(pid)
    except OSError:
        pass
print([begun, time.time(), sorted(seen), pids, killed])
"""


@pytest.mark.slow
def test_runs_of_one_parent_do_not_meet() -> None:
    cells = [LOOK.format(name=a, other=b) for a, b in (("a", "b"), ("b", "a"))]
    _run("1")  # for a parent that can fork them at once
    with ThreadPoolExecutor(2) as threads:
        results = list(threads.map(_run, cells))

    assert all(result.warm and result.outcome == "finished" for result in results)
    looks = [_shown(result) for result in results]
    assert max(look[0] for look in looks) < min(look[1] for look in looks)  # together
    for name, (_, _, seen, pids, killed) in zip("ab", looks, strict=True):
        files = [f"{folder}/mark-{name}" for folder in (HOME, "/out", "/tmp")]
        assert seen == sorted([*files, "/dev/pts/0", f"/dev/shm/mark-{name}"])
        assert len(pids) <= 4  # the first process, runner, kernel, and shared memory's
        assert killed == []


@pytest.mark.slow
def test_a_run_whose_parent_was_killed_starts_again_on_its_own() -> None:
    assert _run("1").warm

    parents = [kept.parent._popen.pid for kept in pool._pools[os.getpid()]._kept]
    before = _descendants(parents)

    def end_parent() -> None:
        while _descendants(parents) <= before:  # until a run is forked
            time.sleep(0.1)
        for pid in parents:
            os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=end_parent)
    killer.start()
    result = _run("import time", "time.sleep(5)", "print(5)")
    killer.join()

    assert (result.outcome, result.notices, result.warm) == ("finished", [], False)
    assert _shown(result) == 5
    assert _run("1").warm  # from a new parent


def _descendants(pids: list[int]) -> set[int]:
    """The processes below some."""
    found = (psutil.Process(pid).children(recursive=True) for pid in pids)
    return {process.pid for processes in found for process in processes}


SPEND = """
import os, time
full = {}
for folder in ("/home/student", "/tmp", "/out", "/dev/shm"):
    try:
        with open(folder + "/x", "wb") as file:
            for _ in range(2000):
                file.write(bytes(2**20))
    except OSError as err:
        full[folder] = (err.errno, os.path.getsize(folder + "/x") >> 20)
    os.unlink(folder + "/x")
children = []
try:
    for _ in range(400):
        pid = os.fork()
        if pid == 0:
            time.sleep(60)
            os._exit(0)
        children.append(pid)
except BlockingIOError:
    pass
print([full, len(children)])
for pid in children:
    os.kill(pid, 9)
"""


SPIN = """
import os, time
for _ in range(20):
    if os.fork() == 0:
        os.setsid()
        while True: pass
time.sleep(600)
"""


@pytest.mark.slow
def test_limits_hold_in_a_forked_run() -> None:
    result = _run(SPEND, disk_mb=64, export_mb=8, processes=200)
    full, children = _shown(result)
    assert result.warm and result.outcome == "finished"
    most = {"/home/student": 64, "/tmp": 64, "/out": 16, "/dev/shm": 64}
    assert full.keys() == most.keys()
    assert all(size <= most[folder] for folder, (_, size) in full.items())
    assert 100 < children < 200

    loop = _run("while True: pass", "print(1)", cell_seconds=3)
    assert loop.warm and loop.outcome == "timed out" and _shown(loop) == 1
    flood = _run("while True: print('x' * 1000)", "print(2)", output_mb=1)
    assert flood.warm and "outputs together" in flood.notices[0]
    grow = _run("kept = [bytearray(2**26) for _ in range(40)]", "print(3)")
    assert grow.warm and grow.outcome == "out of memory"
    stop = _run("import time", "time.sleep(600)", submission_seconds=6)
    assert stop.warm and stop.outcome == "timed out" and "by the clock" in str(stop)
    busy = _run(SPIN, "print(4)", cell_seconds=3)
    assert busy.warm and "3 s of processor time" in busy.notices[0]


@pytest.mark.slow
def test_what_is_probed_in_a_sandbox_holds_in_a_forked_run() -> None:
    with pool.parent(3, DATA, ()) as parent:
        assert parent.answers()
        assert not parent.start(b"{", Group({})).stdout.read()  # a task that is none
