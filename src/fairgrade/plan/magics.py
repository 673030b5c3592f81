"""IPython's magics that a test works without, as the Python that is in them.

Times are not measured again where tests are judged, and figures are not drawn: of
`%time f(2)` and a cell under `%%timeit` what counts is `f(2)`.
"""

from __future__ import annotations

import ast
import re

#: Of a cell: the rest is run as it is. And those after which it has no value.
_TRANSPARENT = ("%%time", "%%timeit", "%%capture", "%%prun")
_SILENT = _TRANSPARENT[1:]
_LINE = re.compile(
    r"^(?P<indent>[ \t]*)get_ipython\(\)\.run_line_magic\("
    r"(?P<name>'\w+'), (?P<line>'.*'|\".*\")\)[ \t]*$",
    re.MULTILINE,
)
#: What says how often, and of what kind, something is timed.
_OPTIONS = re.compile(r"(?:-[nrp][ ]*\d+[ ]*|-[qvtc]+[ ]+)*")
_TIMED = frozenset({"time", "timeit", "prun"})
_OF_VIEWS = frozenset(
    ("matplotlib", "load_ext", "reload_ext", "autoreload", "config", "precision")
)


def under_magic(source: str) -> tuple[str, str]:
    """The magic that a whole cell stands under, with its line, and the rest of it.

    "" and the cell itself where there is none that it works without.
    """
    first, _, rest = source.lstrip().partition("\n")
    if first.split(" ")[0].strip() in _TRANSPARENT:
        return first.strip(), rest
    return "", source


def is_silent(magic: str) -> bool:
    """Whether a cell under it has no value."""
    return magic.split(" ")[0] in _SILENT


def captured(source: str) -> tuple[str, frozenset[str]] | None:
    """Of a cell under `%%capture`, the name that it binds, or "", and its options."""
    words = under_magic(source)[0].split()
    if words[:1] != ["%%capture"]:
        return None
    names = [word for word in words[1:] if word.isidentifier()]
    return "".join(names[:1]), frozenset(w for w in words if w.startswith("--no-"))


def without_magics(code: str) -> str:
    """IPython's Python with what stands in its lines' magics in their places."""
    return _LINE.sub(_plain, code)


def _plain(found: re.Match[str]) -> str:
    name, line = (ast.literal_eval(found[part]) for part in ("name", "line"))
    if name in _OF_VIEWS:
        return f"{found['indent']}pass"
    if name not in _TIMED:
        return found[0]
    if name != "time":
        line = f"{_OPTIONS.sub('', line, count=1)}; pass"
    return f"{found['indent']}{line}"
