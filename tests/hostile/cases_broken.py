"""Broken and unusual submissions, as large classes hand them in (B01 to B40)."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable
from pathlib import Path

import nbformat
from hostile_case import Case, Write, cell_of
from hostile_course import answers
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_output

TOTAL = answers("numbers")["total"]
EVENS = answers("numbers")["evens"]
NAME = "numbers.ipynb"


def text_of(notebook: NotebookNode) -> str:
    return nbformat.v4.writes_json(notebook)


def remove(*names: str) -> Callable[[NotebookNode], None]:
    def edit(notebook: NotebookNode) -> None:
        for name in names:
            notebook.cells.remove(cell_of(notebook, name))

    return edit


def repeat(name: str) -> Callable[[NotebookNode], None]:
    def edit(notebook: NotebookNode) -> None:
        cell = cell_of(notebook, name)
        twin = copy.deepcopy(cell)
        twin.id = "twin"
        notebook.cells.insert(notebook.cells.index(cell) + 1, twin)

    return edit


def settings(name: str, **values: object) -> Callable[[NotebookNode], None]:
    def edit(notebook: NotebookNode) -> None:
        cell_of(notebook, name).metadata.nbgrader.update(values)

    return edit


def to_markdown(notebook: NotebookNode) -> None:
    cell = cell_of(notebook, "squares")
    cell.cell_type = "markdown"
    del cell["outputs"], cell["execution_count"]


def version(major: int, minor: int) -> Callable[[NotebookNode], None]:
    def edit(notebook: NotebookNode) -> None:
        notebook.nbformat, notebook.nbformat_minor = major, minor

    return edit


def without_ids(notebook: NotebookNode) -> None:
    version(4, 0)(notebook)
    for cell in notebook.cells:
        del cell["id"]


def kernel(name: str) -> Callable[[NotebookNode], None]:
    def edit(notebook: NotebookNode) -> None:
        notebook.metadata.kernelspec.update(name=name, language=name)

    return edit


def other_order(notebook: NotebookNode) -> None:
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            cell.execution_count = 100 - number


def many_cells(notebook: NotebookNode) -> None:
    notebook.cells += [new_code_cell("1", id=f"c{n}") for n in range(3_000)]


def large_output(notebook: NotebookNode) -> None:
    data = {"image/png": "A" * 100_000_000}
    cell_of(notebook, "setup").outputs = [new_output("display_data", data=data)]


def changed(change: Callable[[str], str | bytes], name: str = NAME) -> Write:
    """The notebook's text, changed, under a name."""

    def write(folder: Path, notebook: NotebookNode) -> None:
        text = change(text_of(notebook))
        data = text if isinstance(text, bytes) else text.encode()
        (folder / name).write_bytes(data)

    return write


def beside(make: Callable[[Path], None]) -> Write:
    """The notebook, and what `make` puts beside it."""

    def write(folder: Path, notebook: NotebookNode) -> None:
        (folder / NAME).write_text(text_of(notebook))
        make(folder)

    return write


def as_version_3(text: str) -> str:
    notebook = nbformat.reads(text, as_version=4)
    return nbformat.writes(nbformat.convert(notebook, 3), version=3)


def deep(text: str) -> str:
    tree = json.loads(text)
    tree["metadata"]["deep"] = 0
    nested = "[" * 100_000 + "]" * 100_000
    return json.dumps(tree).replace('"deep": 0', f'"deep": {nested}')


def in_the_way(folder: Path) -> None:
    """Files with names that Python or nbgrader would take for their own."""
    for name in ("numpy.py", "sitecustomize.py", "conftest.py", "nbgrader_config.py"):
        (folder / name).write_text("raise RuntimeError('the file beside it')")
    (folder / "gradebook.db").write_bytes(b"mine")


def odd_names(folder: Path) -> None:
    for name in ("-rf", "a\nb", "x" * 200, "\u202egpj.exe", "; touch x", "%s%n"):
        (folder / name).write_text("x")


def link(name: str, target: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        (folder / name).symlink_to(target)

    return make


def linked_notebook(folder: Path, notebook: NotebookNode) -> None:
    link(NAME, "../../../source/numbers/numbers.ipynb")(folder)


def two_others(folder: Path, notebook: NotebookNode) -> None:
    for name in ("first.ipynb", "second.ipynb"):
        (folder / name).write_text(text_of(notebook))


def in_a_folder(folder: Path, notebook: NotebookNode) -> None:
    (folder / "week 1").mkdir()
    (folder / "week 1" / NAME).write_text(text_of(notebook))


def file(data: bytes) -> Write:
    return lambda folder, notebook: (folder / NAME).write_bytes(data)


FOREVER = "while True:\n    pass\n"
STUBBORN = (
    "import time\nwhile True:\n    try:\n        while True: time.sleep(0.01)\n"
    "    except BaseException: pass\n"
)
NOISE = (
    "import sys, threading, time\ndef progress():\n    while True:\n"
    "        print('.', file=sys.stderr, flush=True)\n        time.sleep(0.005)\n"
    "threading.Thread(target=progress, daemon=True).start()\n"
)

BROKEN = [
    Case("b01-syntax", "B01", "a bracket is missing", 6,
         change={"squares": "squares = [n * n for n in range(10)"}),
    Case("b01-error", "B01", "an answer stops with an error", 7,
         change={"total": "total = 1 / 0"}),
    Case("b02-test-gone", "B02", "a graded test cell is deleted", 10,
         said="was missing and was put back", edit=remove("total-test")),
    Case("b02-tests-gone", "B02", "all graded test cells are deleted", 10,
         edit=remove("total-test", "evens-test", "squares-test")),
    Case("b03-answer-gone", "B03", "an answer cell is deleted", 7,
         said="lacks the answer cell 'total'", edit=remove("total")),
    Case("b04-twice", "B04", "an answer cell is there twice", 10, said="2 times",
         edit=repeat("evens"), alone=True),
    Case("b04-test-twice", "B04", "a test cell is there twice", 10,
         edit=repeat("evens-test"), alone=True),
    Case("b05-renamed", "B05", "an answer cell has another grade_id", 10,
         said="has lost its mark", edit=settings("total", grade_id="my_total")),
    Case("b06-not-graded", "B06", "a test says that it is not graded", 10,
         edit=settings("evens-test", grade=False, locked=False)),
    Case("b06-points", "B06", "a test says that it is worth 1000 points", 10,
         edit=settings("evens-test", points=1000)),
    Case("b06-type", "B06", "an answer has become a text cell", 10,
         said="it is code again", edit=to_markdown),
    Case("b07-new-schema", "B07", "one cell has nbgrader's schema 99", 10,
         edit=settings("total", schema_version=99), alone=True),
    Case("b07-old-schema", "B07", "one cell has nbgrader's schema 0", 10,
         edit=settings("total", schema_version=0), alone=True),
    Case("b08-version-3", "B08", "a notebook of format 3", 10,
         write=changed(as_version_3)),
    Case("b08-version-40", "B08", "a notebook of format 4.0, no cell ids", 10,
         edit=without_ids),
    Case("b08-version-9", "B08", "a notebook of format 9", 0, person=True,
         said="is newer than", edit=version(9, 0)),
    Case("b08-minor-99", "B08", "a notebook of format 4.99", 10, edit=version(4, 99)),
    Case("b09-kernel", "B09", "the notebook asks for a Julia kernel", 10,
         edit=kernel("julia-1.10")),
    Case("b10-browser-name", "B10", "the file is called 'numbers (1).ipynb'", 10,
         said="graded all the same", write=changed(str, "numbers (1).ipynb")),
    Case("b10-txt", "B10", "the file is called numbers.ipynb.txt", 10,
         said="graded all the same", write=changed(str, "numbers.ipynb.txt")),
    Case("b10-folder", "B10", "the notebook is in a folder", 10,
         said="graded all the same", write=in_a_folder),
    Case("b10-two", "B10", "two notebooks of other names", 0, person=True,
         said="Hand in one of them", write=two_others),
    Case("b11-empty", "B11", "an empty file", 0, person=True, said="is empty",
         write=file(b"")),
    Case("b11-braces", "B11", "a file with {}", 0, person=True, write=file(b"{}")),
    Case("b12-page", "B12", "a web page saved as .ipynb", 0, person=True,
         said="is a web page", write=file(b"<!DOCTYPE html><html></html>")),
    Case("b12-pdf", "B12", "a PDF", 0, person=True, said="is a PDF",
         write=file(b"%PDF-1.7 ...")),
    Case("b12-conflict", "B12", "marks of a git conflict", 0, person=True,
         said="git conflict",
         write=changed(lambda text: "<<<<<<< HEAD\n" + text + "=======\n>>>>>>> a\n")),
    Case("b12-cut", "B12", "a download cut off in the middle", 0, person=True,
         said="ends in the middle", write=changed(lambda text: text[:900])),
    Case("b13-bom", "B13", "UTF-8 with a byte order mark", 10,
         write=changed(lambda text: text.encode("utf-8-sig"))),
    Case("b13-utf16", "B13", "UTF-16", 10,
         write=changed(lambda text: text.encode("utf-16"))),
    Case("b13-latin", "B13", "Latin-1", 0, person=True, said="not UTF-8",
         write=changed(lambda t: t.replace("Hand", "H\xe4nd").encode("latin-1"))),
    Case("b13-nul", "B13", "a NUL in a cell", 7,
         change={"total": "total = 338350\0"}),
    Case("b13-surrogate", "B13", "half a character in a cell", 7,
         write=changed(lambda t: t.replace("total = sum", "total = '\\ud800' +"))),
    Case("b14-deep", "B14", "JSON nested 100,000 deep", 0, person=True, said="deeper",
         write=changed(deep)),
    Case("b14-cells", "B14", "3,000 cells", 0, answers=10, person=True, said="cells",
         edit=many_cells),
    Case("b14-source", "B14", "a cell of 30 MB", 0, answers=6, person=True,
         said="of text",
         change={"squares": "# " + "x" * 30_000_000}),
    Case("b15-output", "B15", "a stored picture of 100 MB", 10, edit=large_output),
    Case("b16-print", "B16", "prints without end", 10, said="0.25 MiB",
         change={"total": f"{TOTAL}\nwhile True: print('x' * 500)"}),
    Case("b16-display", "B16", "displays without end", 10, said="0.25 MiB",
         change={"total": f"{TOTAL}\nfrom IPython.display import HTML, display\n"
                 "while True: display(HTML('x' * 500))"}),
    Case("b17-loop", "B17", "an endless loop", 7, said="was stopped after 3 s",
         change={"total": FOREVER + TOTAL}),
    Case("b18-stubborn", "B18", "an endless loop that catches the interrupt", 3,
         answers=7, said="did not react", change={"evens": STUBBORN + EVENS}),
    Case("b19-sleep", "B19", "sleeps for an hour", 7, said="after 12 s by the clock",
         change={"total": f"import time; time.sleep(3600)\n{TOTAL}"}),
    Case("b19-thread", "B19", "leaves threads that never end", 10,
         change={"total": f"{TOTAL}\nimport threading, time\nfor _ in range(5):\n"
                 "    threading.Thread(target=time.sleep, args=(3600,)).start()"}),
    Case("b20-input", "B20", "asks for input()", 7, said="nobody to type",
         change={"total": f"n = int(input('n? '))\n{TOTAL}"}),
    Case("b20-pdb", "B20", "stops in the debugger", 7,
         change={"total": f"import pdb; pdb.set_trace()\n{TOTAL}"}),
    Case("b21-exit", "B21", "os._exit in the second answer", 3, answers=7,
         said="kernel died", change={"evens": f"import os; os._exit(7)\n{EVENS}"}),
    Case("b21-crash", "B21", "a segmentation fault in the second answer", 3, answers=7,
         said="signal 11",
         change={"evens": f"import ctypes; ctypes.string_at(0)\n{EVENS}"}),
    Case("b21-sys-exit", "B21", "sys.exit() in the second answer", 7,
         change={"evens": f"import sys; sys.exit()\n{EVENS}"}),
    Case("b22-memory", "B22", "takes all memory in the second answer", 3, answers=7,
         said="more than 600 MiB",
         change={"evens": "held = []\nwhile True: held.append(b'1' * 2**23)\n"
                 f"{EVENS}"}),
    Case("b23-forks", "B23", "a fork storm in the last answer", 6,
         change={"squares": "import os\nwhile True:\n    try: os.fork()\n"
                 "    except OSError: pass\nsquares = [n * n for n in range(10)]"}),
    Case("b23-threads", "B23", "a storm of threads", 7,
         change={"total": "import threading, time\nwhile True:\n"
                 "    threading.Thread(target=time.sleep, args=(60,)).start()\n"
                 f"{TOTAL}"}),
    Case("b24-disk", "B24", "fills the disk", 7, answers=10,
         change={"total": "with open('fill', 'wb') as file:\n"
                 f"    for _ in range(400): file.write(bytes(2**20))\n{TOTAL}"}),
    Case("b24-tmp", "B24", "leaves /tmp and /dev/shm full", 10,
         change={"total": f"{TOTAL}\nfor folder in ('/tmp', '/dev/shm'):\n    try:\n"
                 "        with open(folder + '/fill', 'wb') as file:\n"
                 "            for _ in range(300): file.write(bytes(2**20))\n"
                 "    except OSError as err: print(err)"}),
    Case("b25-colab", "B25", "imports what only Colab has", 10,
         change={"total": f"from google.colab import drive\n{TOTAL}"}),
    Case("b25-pip", "B25", "installs a package", 10,
         change={"total": f"!pip install --quiet --retries 0 fastai 2>&1\n{TOTAL}"}),
    Case("b26-download", "B26", "downloads its data", 7,
         change={"total": "import urllib.request\n"
                 f"urllib.request.urlopen('https://example.org/x.csv')\n{TOTAL}"}),
    Case("b27-path", "B27", "reads C:\\Users\\me\\data.csv", 7,
         change={"total": f"open(r'C:\\Users\\me\\data.csv').read()\n{TOTAL}"}),
    Case("b28-stderr", "B28", "a thread of its own prints to stderr", 10,
         change={"total": f"{NOISE}{TOTAL}"}),
    Case("b30-random-1", "B30", "depends on random numbers", 10,
         change={"squares": "numbers = np.random.permutation(10)\n"
                 "squares = sorted(int(n * n) for n in numbers)"}),
    Case("b31-shell", "B31", "deletes what it can with rm -rf", 7, alone=True,
         change={"squares": "squares = []\n!rm -rf ../../../* ~/* 2>/dev/null\n"
                 "squares = [n * n for n in range(10)]",
                 "total": "total = 0"}),
    Case("b31-magic", "B31", "answers below %%time and %%capture", 10,
         change={"total": f"%%time\n{TOTAL}", "evens": f"%%capture\n{EVENS}"}),
    Case("b31-order", "B31", "was last run in another order", 10,
         said="in another order", edit=other_order),
    Case("b32-files", "B32", "numpy.py and others beside the notebook", 10,
         write=beside(in_the_way)),
    Case("b33-link", "B33", "the notebook is a link to the solution", 0, person=True,
         said="a link", write=linked_notebook),
    Case("b33-links", "B33", "links to the gradebook beside the notebook", 10,
         write=beside(link("mine.db", "../../../gradebook.db"))),
    Case("b33-pipe", "B33", "a pipe beside the notebook", 10, alone=True,
         write=beside(lambda folder: os.mkfifo(folder / "data.csv"))),
    Case("b34-names", "B34", "files with odd names", 10, write=beside(odd_names)),
    Case("b37-again", "B37", "right, before a broken file is handed in", 10),
    Case("b36-time", "B36", "a timestamp.txt that is no time", 10, alone=True,
         write=beside(lambda f: (f / "timestamp.txt").write_text("yesterday"))),
]  # fmt: skip
