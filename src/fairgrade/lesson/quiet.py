"""Importing this imports Keras without what TensorFlow tells about itself on the way.

In a notebook those lines come as red boxes that look like errors: which instructions
the processor has, that a log is not set up yet, that .h5 is an older format. None of it
is the reader's doing. What is printed while an import fails is shown, all of it.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
import tempfile
import warnings


def _import_silently(name: str) -> None:
    # TensorFlow's C++ part writes to the file descriptor itself.
    with tempfile.TemporaryFile() as said:
        sys.stderr.flush()
        kept = os.dup(2)
        os.dup2(said.fileno(), 2)
        try:
            importlib.import_module(name)
        except BaseException:
            said.seek(0)
            os.write(kept, said.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)


if "keras" not in sys.modules:
    _import_silently("keras")
logging.getLogger("absl").setLevel(logging.ERROR)
warnings.filterwarnings("ignore", "Do not pass an `input_shape`", UserWarning)
