"""In a notebook with a gap, what needs the gap's name says which step is still open.

Without this a check below an open gap stops with "name 'train_images' is not defined",
in JupyterLab as in nbgrader's Validate, which show the check and not the gap.
"""

from __future__ import annotations

import ast
from types import TracebackType
from typing import Any

from IPython import get_ipython

#: Name in the notebook -> message of the gap that would have set it.
_open: dict[str, str] = {}


def remember(message: str) -> None:
    """Note that the names which the running cell sets wait for this message's step."""
    shell = get_ipython()
    if shell is not None:
        _note(shell, message)
        shell.set_custom_exc((NameError,), _explain)


def _note(shell: Any, message: str) -> None:
    try:
        cell = ast.parse(shell.user_ns["In"][-1])
    except (SyntaxError, LookupError):
        return
    for node in ast.walk(cell):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            _open[node.id] = message


def _explain(
    shell: Any,
    kind: type[Exception],
    error: Exception,
    trace: TracebackType,
    tb_offset: int | None = None,
) -> None:
    """Show a NameError as IPython does, or the open step that it comes from."""
    message = _open.get(getattr(error, "name", ""))
    if message is not None:
        _note(shell, message)  # what this cell would have set is missing, too
        # The kind stays: nbgrader would show an error of another kind a second time.
        error = NameError(message)
    shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
