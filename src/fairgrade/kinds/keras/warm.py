"""Start Keras before a test's time runs."""

from __future__ import annotations

import gc
import importlib
import sys

import numpy as np


def warm_up() -> None:
    """Import it and let it calculate, the first time; a second call is idle.

    Raises:
        ImportError: it is not there.
    """
    if "keras" in sys.modules:
        return
    gc.disable()  # what imports make stays, and looking through it takes long
    keras = importlib.import_module("keras")
    importlib.import_module("fairgrade.kinds.keras.repairs").install()
    gc.enable()
    keras.Sequential([keras.layers.Dense(1)])(np.zeros((1, 1)))
    keras.backend.clear_session()  # names count from the start, as later
