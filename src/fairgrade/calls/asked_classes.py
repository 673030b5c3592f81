"""Classes of the standard library and IPython whose objects stay in the kernel.

They are asked there. What their methods tell is no more than what an object of a
student's own class could say. None of them computes a result by which a test measures a
student's work, as an estimator's `score` does.
"""

from __future__ import annotations

import importlib

_NAMES = frozenset(
    {
        "IPython.utils.capture.CapturedIO",  # of %%capture
        *("argparse.Namespace", "contextlib.ExitStack", "contextlib.closing"),
        "contextlib._AsyncGeneratorContextManager",
        *("contextlib._GeneratorContextManager", "contextlib.nullcontext"),
        *("contextlib.redirect_stdout", "contextlib.suppress", "io.BytesIO"),
        *("io.StringIO", "re.Match", "sqlite3.Connection", "sqlite3.Cursor"),
        *("sqlite3.Row", "string.Template", "threading.Thread"),
        "types.SimpleNamespace",
    }
)


def asked_name(kind: type) -> str:
    """The name of such a class; "" of any other."""
    module = str(kind.__module__).removeprefix("_")
    name = f"{module}.{kind.__qualname__}"
    return name if name in _NAMES and asked_class(name) is kind else ""


def asked_class(name: object) -> type:
    """The class of such a name, `object` for any other."""
    if type(name) is not str or name not in _NAMES:
        return object
    module, _, path = name.rpartition(".")
    found: type = getattr(importlib.import_module(module), path)
    return found
