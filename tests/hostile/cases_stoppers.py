"""Small submissions that ask for much of who reads them (S01 to S12).

Each would end a class's run, or hold it up for minutes, if what is done with a
student's bytes could raise or grow faster than their size.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from cases_broken import NAME, TOTAL, beside
from hostile_case import Case
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_markdown_cell

#: From here on the kernel sends whatever it is given, valid or not.
RAW = (
    "import json\nfrom IPython import get_ipython\n"
    "session = get_ipython().kernel.session\n"
    "session.pack = lambda o: json.dumps(o, default=str).encode()\n"
)
NESTED = (
    "from IPython.display import display\nx = 1\nfor _ in range(300): x = {'a': x}\n"
    "display({'application/json': x, 'text/plain': 'x'}, raw=True)\n"
)
COUNTED = "print('In[' + '1' * 5000 + ']')\n"
TRACEBACK = (
    "class E(Exception):\n    def _render_traceback_(self):\n"
    "        return ['Cell In[' + '1' * 5000 + '], line 1']\n"
)
TYPES = (
    "from IPython.display import display\n"
    "display({f'a/{n}': 'x' for n in range(30_000)}, raw=True)\n"
)
DISPLAYS = (
    "from IPython.display import display\nfor n in range(2_000): display(n, clear=True)"
    "\n"
)


def half_a_sign(folder: Path, notebook: NotebookNode) -> None:
    cell = new_markdown_cell("a picture", id="own")
    cell.attachments = {"\ud800.png": {"image/png": "x"}}
    notebook.cells.append(cell)
    (folder / NAME).write_text(json.dumps(notebook))


def sparse(folder: Path) -> None:
    with (folder / "large.bin").open("wb") as file:
        file.truncate(20 * 2**30)


def link_to_a_folder(folder: Path, notebook: NotebookNode) -> None:
    folder.rmdir()
    folder.symlink_to("/usr/share")


def link_to_a_file(folder: Path) -> None:
    os.symlink("/etc/passwd", folder / "data.csv")


def program(
    id: str, of: str, what: str, code: str, points: float = 10, **more: object
) -> Case:
    """An honest program whose first answer does something large besides."""
    return Case(id, of, what, points, change={"total": f"{code}{TOTAL}"}, **more)


STOPPERS = [
    program("s01-magics", "S01", "501 lines for the shell", "!true\n" * 501,
            points=7, answers=10, said="was stopped"),
    Case("s02-attachment", "S02", "an attachment named by half a sign", 10,
         write=half_a_sign, alone=True),
    program("s02-output", "S02", "half a sign in an output",
            f"{RAW}print('\\ud800')\n", alone=True),
    program("s03-nested", "S03", "an output 300 levels deep", NESTED, alone=True),
    program("s04-digits-1", "S04", "a number of 5,000 digits in an output",
            f"# one\n{COUNTED}"),
    program("s04-digits-2", "S04", "the same program once more", f"# two\n{COUNTED}"),
    Case("s05-trace-1", "S05", "a number of 5,000 digits in a traceback", 10,
         change={"total": f"# one\n{TRACEBACK}{TOTAL}\nraise E"}),
    Case("s05-trace-2", "S05", "the same program once more", 10,
         change={"total": f"# two\n{TRACEBACK}{TOTAL}\nraise E"}),
    program("s06-blank", "S06", "100,000 blank lines", "\n" * 100_000),
    program("s06-spaces", "S06", "50,000 lines of a space", " \n" * 50_000),
    program("s07-literal", "S07", "a list of 100,000 numbers, written out",
            f"big = [{'1, ' * 100_000}]\n"),
    program("s08-types", "S08", "an output of 30,000 types", TYPES),
    program("s09-displays", "S09", "2,000 displays", DISPLAYS),
    Case("s10-sparse", "S10", "an empty file of 20 GiB beside the notebook", 10,
         write=beside(sparse), alone=True),
    Case("s11-link", "S11", "the submission's folder is a link", 0, person=True,
         write=link_to_a_folder, alone=True, answers=0),
    Case("s12-file-link", "S12", "a link beside the notebook", 10,
         write=beside(link_to_a_file), alone=True),
]  # fmt: skip
