"""A lesson's first cell loads Keras without red boxes, and hides no failure."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

LESSON = """
import fairgrade.lesson.quiet
import keras
model = keras.Sequential()
model.add(keras.layers.Flatten(input_shape=(28, 28, 1)))
model.add(keras.layers.Dense(10))
model.compile(loss="mse", optimizer="adam")
model.save("my_model.h5")
"""


@pytest.mark.slow
def test_the_lessons_calls_write_nothing_to_stderr(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LESSON], cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_failing_import_shows_all_that_it_said(tmp_path: Path) -> None:
    (tmp_path / "keras.py").write_text(
        "import os\nos.write(2, b'no such library\\n')\nraise ImportError('broken')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", "import fairgrade.lesson.quiet"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "no such library" in done.stderr and "broken" in done.stderr
