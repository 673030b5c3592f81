"""Lines of Colab and the like cost a notebook nothing but themselves."""

from __future__ import annotations

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from fairgrade.course.course import Limits
from fairgrade.run.request import RunRequest, RunResult
from fairgrade.run.run import run

pytestmark = pytest.mark.slow
#: Each leaves x as it should be, or asserts what it should.
CELLS = {
    "unknown line magic": "%tensorflow_version 2.x\nx = 1",
    "its value": "y = %nothing at all\nassert y is None\nx = 2",
    "pip": "!pip install -q numpy==1.0\n%pip install a\n%conda install b\nx = 3",
    "pip of this Python": "import sys\n!{sys.executable} -m pip install c\nx = 4",
    "another view": "%matplotlib widget\nimport matplotlib.pyplot as plt\nx = 5",
    "a screen": "import matplotlib as mpl\nmpl.use('TkAgg', force=True)\n"
    "import matplotlib.pyplot as plt\nplt.switch_backend('macosx')\n"
    "plt.plot([1, 2])\nplt.show()\nx = 5",
    "an extension": "%load_ext nothing_like_it\n%load_ext autoreload\nx = 6",
    "colab": "from google.colab import drive, files\n"
    "import google.colab.output\nfrom google.colab.patches import cv2_imshow\n"
    "drive.mount('/content/drive')\nassert files.upload() == {}\nx = 7",
    "unknown cell magic": "%%wandb\nx = 7\n%nothing\nx += 1",
    "known cell magics": "%%time\nassert x == 8\nx = 9",
    "captured": "%%capture taken\nprint('hidden')\nx = 10",
    "expanded": "_magic, name = 'no', '11'\nx = 11\n!echo {name}",
    "shell": "%%shell\necho shell",
}
END = """\
import math
assert x == 11 and taken.stdout == 'hidden\\n'
try:
    import google.colab.anything
    IN_COLAB = True
except ImportError:
    IN_COLAB = False
"""


@pytest.fixture(scope="module")
def result() -> RunResult:
    guess = "try:\n    import google.colab\n    guess = True\n"
    guess += "except ImportError:\n    guess = False\nassert not guess"
    cells = [new_code_cell(text) for text in (guess, *CELLS.values(), END)]
    cells.append(new_code_cell("%%nothing\nnot python at all"))
    cells.append(new_code_cell("%%nothing\nprint(1 / 0)"))
    limits = Limits(cell_seconds=30, submission_seconds=120)
    return run(RunRequest(new_notebook(cells=cells), {}, {}, {}, 0, limits))


def test_such_lines_are_left_out_and_the_rest_runs(result: RunResult) -> None:
    cells = result.notebook.cells
    errors = {
        cell.source: output["evalue"]
        for cell in cells[:-2]
        for output in cell.outputs
        if output.output_type == "error"
    }
    assert errors == {}
    printed = "".join(o.get("text", "") for cell in cells for o in cell.outputs)
    for left_out in (
        *("%tensorflow_version", "!pip install -q", "%pip", "%conda", "-m pip"),
        *("%matplotlib widget", "%load_ext nothing_like_it", "%%wandb"),
        *("matplotlib's TkAgg", "matplotlib's macosx"),
        *("google.colab.drive.mount()", "google.colab.files.upload()"),
    ):
        assert f"{left_out} is left out" in printed
    assert "11\n" in printed and "shell\n" in printed
    assert "autoreload is left out" not in printed


def test_what_is_no_python_or_fails_is_its_own_cells_error(result: RunResult) -> None:
    other, fails = result.notebook.cells[-2:]
    assert "not found" in str(other.outputs)
    assert fails.outputs[-1].ename == "ZeroDivisionError"
