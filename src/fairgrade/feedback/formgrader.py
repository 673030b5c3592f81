"""Formgrader's page of a submission without anything of the student's that can act.

nbgrader shows an autograded notebook with nbconvert, on the instructor's own server.
As a preprocessor and a filter of its exporter, this leaves code, text and pictures.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape
from nbconvert.preprocessors import Preprocessor
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_output

from fairgrade.feedback.sanitise import markdown_html, png_uri, text_of
from fairgrade.nbgrader_bridge.cells import name_of, settings

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
#: What formgrader writes into its page as it stands; names may come from an LMS.
_SHOWN = ("student", "last_name", "first_name")


@pass_context
def safe_markdown(context: Context, source: str) -> Markup:
    """nbconvert's filter `markdown2html`, of an allow-list of tags and pictures."""
    cell = context.get("cell") or {}
    return markdown_html(source, cell.get("attachments"))


class SafeNotebook(Preprocessor):
    """Takes from a notebook what a browser would run, load or draw by itself."""

    enabled = True

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Change the notebook, and the names that stand in the page's head."""
        nb.metadata = NotebookNode(language_info={"name": "python"})
        nb.cells = [_safe_cell(cell) for cell in nb.cells]
        for key in _SHOWN:
            if resources.get(key):
                resources[key] = str(escape(resources[key]))
        return nb, resources


def _safe_cell(cell: NotebookNode) -> NotebookNode:
    if cell.cell_type not in ("code", "markdown"):
        cell = new_code_cell(text_of(cell.source))  # raw text may be HTML
    named = _NAME.fullmatch(name_of(cell))
    cell.metadata = NotebookNode(nbgrader=settings(cell)) if named else NotebookNode()
    if cell.cell_type == "code":
        count = cell.get("execution_count")
        cell.execution_count = count if type(count) is int else None
        cell.outputs = [_safe_output(output) for output in cell.get("outputs", [])]
    return cell


def _safe_output(output: NotebookNode) -> NotebookNode:
    """The same as text, or as a picture drawn anew."""
    kind = output.get("output_type")
    fields: dict[str, Any] = {}
    if kind == "stream":
        fields["name"] = "stderr" if output.get("name") == "stderr" else "stdout"
        fields["text"] = text_of(output.get("text", ""))
    elif kind == "error":
        trace = output.get("traceback")
        lines = trace if isinstance(trace, list) else [output.get("evalue", "")]
        fields["ename"] = str(output.get("ename", ""))
        fields["evalue"] = str(output.get("evalue", ""))
        fields["traceback"] = [str(line) for line in lines]
    else:
        kind, fields = "display_data", {"data": _safe_data(output.get("data"))}
    made: NotebookNode = new_output(kind, **fields)
    return made


def _safe_data(data: Any) -> dict[str, str]:
    if not isinstance(data, Mapping):
        return {}
    if "image/png" in data:
        try:
            uri = png_uri(data["image/png"])
        except ValueError as err:
            return {"text/plain": str(err)}
        return {"image/png": uri.partition(",")[2]}
    if "text/plain" in data:
        return {"text/plain": text_of(data["text/plain"])}
    kinds = ", ".join(sorted(map(str, data)))[:100]
    return {"text/plain": f"An output of the kind {kinds} is not shown here."}
