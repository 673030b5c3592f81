"""What of a machine may change the last bits of what a network learns."""

from __future__ import annotations

import platform
from functools import lru_cache
from pathlib import Path

from fairgrade.sandbox.environment import fixed_environment

#: Instructions that libraries choose their arithmetic by.
_CHOSEN_BY = (
    *("sse4_1", "avx", "fma", "avx2", "avx512f", "avx512_bf16", "avx512_vnni"),
    *("amx_bf16", "amx_int8", "asimd", "asimddp", "bf16", "sve"),
)
_SETTINGS = ("KERAS_BACKEND", "TF_", "OMP_NUM_THREADS", "CUDA_VISIBLE_DEVICES")


@lru_cache
def computed_on() -> dict[str, str]:
    """The processor with its features, and how TensorFlow is set, for a record."""
    model, flags = _processor(Path("/proc/cpuinfo"))
    features = " ".join(name for name in _CHOSEN_BY if name in flags)
    settings = fixed_environment(seed=0, home=Path("/"), data=Path("/"))
    return {
        "processor": ", ".join(filter(None, [model, features])),
        "settings": " ".join(
            f"{name}={value}"
            for name, value in sorted(settings.items())
            if name.startswith(_SETTINGS)
        ),
    }


def _processor(told: Path) -> tuple[str, frozenset[str]]:
    """Its name and features, as Linux tells them; its kind alone elsewhere."""
    try:
        lines = told.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor() or platform.machine(), frozenset()
    fields = dict(line.split(":", 1) for line in reversed(lines) if ":" in line)
    known = {name.strip(): value.strip() for name, value in fields.items()}
    flags = known.get("flags") or known.get("Features") or ""
    return known.get("model name") or platform.machine(), frozenset(flags.split())
