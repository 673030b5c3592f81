"""What a notebook's run is told about its surroundings: the same for every run."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from fairgrade.protocol.places import DATA_VARIABLE


def fixed_environment(*, seed: int, home: Path, data: Path) -> dict[str, str]:
    """The whole environment of a kernel: nothing of the caller's own is passed on.

    One thread and no oneDNN make TensorFlow add up in one order, so that two runs, on
    one machine or on two of a kind, give the same weights to the last bit.

    Args:
        seed: of string hashes here, and of the generators in `set_seeds`.
        home: the kernel's private folder, as the kernel sees it.
        data: the folder of the course's data files, as the kernel sees it.
    """
    threads = dict.fromkeys(
        [
            "TF_NUM_INTRAOP_THREADS",
            "TF_NUM_INTEROP_THREADS",
            "OMP_NUM_THREADS",
            "OPENBLAS_NUM_THREADS",
            "MKL_NUM_THREADS",
        ],
        "1",
    )
    return {
        "PATH": os.pathsep.join([str(Path(sys.prefix, "bin")), "/usr/bin", "/bin"]),
        "HOME": str(home),
        "USER": "student",
        "LOGNAME": "student",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "TMPDIR": "/tmp",
        "IPYTHONDIR": str(home / ".ipython"),
        "JUPYTER_RUNTIME_DIR": str(home / ".jupyter-runtime"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": str(seed),
        "PYTHONNOUSERSITE": "1",
        "PIP_NO_INDEX": "1",  # there is no network to wait for
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # a warning of ipykernel's debugger
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": str(home / ".matplotlib"),
        "KERAS_BACKEND": "tensorflow",
        "KERAS_HOME": str(home / ".keras"),
        "CUDA_VISIBLE_DEVICES": "-1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "0",
        DATA_VARIABLE: str(data),
        **threads,
    }
