"""Whatever a test does with a student's file, nothing in it runs in the judge."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import PurePosixPath

import pytest

#: What a test does, in a folder with the files below -> what stops it, or "".
DOES = {
    "pickle.load(open('evil.pkl', 'rb'))": "pickle.load is given what a student made",
    "pickle.Unpickler(open('evil.pkl', 'rb')).load()": "the test unpickles",
    "pickle._Unpickler(open('evil.pkl', 'rb')).load()": "the test unpickles",
    "pickle.loads(open('evil.pkl', 'rb').read())": "the test unpickles",
    "pickle.load(gzip.open('evil.gz'))": "pickle.load is given",
    "shelve.Shelf({b'x': open('evil.pkl', 'rb').read()})['x']": "the test unpickles",
    "np.load('evil.pkl', allow_pickle=True)": "pickle.load is given",
    "np.load('evil.npz', allow_pickle=True)['x']": "pickle.load is given",
    "pd.read_pickle('evil.pkl')": "pickle.load is given",
    "joblib.load('evil.pkl')": "joblib.load is given",
    "runpy.run_path('evil.txt')": "the test runs evil.txt",
    "subprocess.run([sys.executable, 'evil.txt'])": "the test starts a program",
    "os.system('true')": "the test starts a program",
    "ctypes.CDLL('./evil.txt')": "the test loads a student's file",
    "open('evil.py').read()": "evil.py is a program",
    "Path('evil.py').read_text()": "evil.py is a program",
    "__import__('evil')": "evil.py is a program",
    "open('evil.txt').read()": "",
    "pickle.load(open('course.pkl', 'rb'))": "",
    "pickle.loads(pickle.dumps({1, 2}))": "",
    "pickle.loads(pickle.dumps(np.arange(3)))": "the test unpickles",
    "copy.deepcopy({1: np.arange(3)})": "",
    "pickle.load(claims)": "pickle.load is given a student's object",
    "np.load(claims, allow_pickle=True)": "pickle.load is given",
    "pd.read_pickle(claims)": "pickle.load is given",
}
PROGRAM = """
import copy, ctypes, gzip, io, json, os, pickle, runpy, shelve, subprocess, sys, zipfile
from pathlib import Path
import numpy as np
import pandas as pd
from fairgrade.errors import NotMeasured
from fairgrade.judge.folder import Folder
from fairgrade.judge.class_mirrors import MirrorType
from fairgrade.judge.guard import Guard

class Evil:
    def __reduce__(self):
        return os.mkdir, ("ran",)

class Claims:  # to be a file of the course's
    name = os.path.join(sys.prefix, "pyvenv.cfg")
    _fairgrade_asks = None
    def read(self, *size): return evil
    def readline(self): return evil
    def seek(self, *to): return 0

members = {name: each for name, each in vars(Claims).items() if name[:2] != "__"}
Claims = type.__new__(MirrorType, "Claims", (), members)
claims = object.__new__(Claims)
evil = pickle.dumps(Evil())
many = io.BytesIO()
np.savez(many, x=np.array([Evil()]))
files = {"evil.pkl": evil, "evil.gz": gzip.compress(evil), "evil.npz": many.getvalue()}
files |= dict.fromkeys(("evil.txt", "evil.py"), b"import os; os.mkdir('ran')")
folder = Folder(Path.cwd())
folder.put(tuple((n, "file", "s", len(d), d) for n, d in files.items()))
guard = Guard(folder)
guard.install()
sys.path.insert(0, "")
found = {}
for does in json.loads(sys.argv[1]):
    with guard.cell({"source": does}, None):
        try:
            import joblib
            eval(does)
            found[does] = ""
        except NotMeasured as err:
            found[does] = err.reason
        except BaseException as err:
            found[does] = repr(err)
found["ran"] = os.path.exists("ran")
with_none = pickle.loads(evil) or os.path.exists("ran")  # the watch is over
print(json.dumps(found | {"after": with_none}))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    folder = tmp_path_factory.mktemp("guard")
    (folder / "course.pkl").write_bytes(pickle.dumps(PurePosixPath("a")))
    done = subprocess.run(
        [sys.executable, "-P", "-c", PROGRAM, json.dumps([*DOES])],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize("does", DOES)
def test_what_would_run_it_is_stopped(found: dict[str, object], does: str) -> None:
    told = str(found[does])
    assert told.startswith(DOES[does]) and bool(told) == bool(DOES[does])


def test_nothing_ran(found: dict[str, object]) -> None:
    assert (found["ran"], found["after"]) == (False, True)
