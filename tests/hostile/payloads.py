"""What a student's notebook may hold that would run in a reader's browser."""

from __future__ import annotations

import json

import nbformat
from hostile_course import answers
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell

#: Every payload calls pwn, which this puts into each page before anything else.
WATCH = """
window.ran = [];
window.pwn = name => { window.ran.push(name); };
window.alert = window.pwn;
window.open = window.pwn;
"""


def image(name: str) -> str:
    return f"<img src=/pwned onerror=\"pwn('{name}')\">"


def script(name: str) -> str:
    return f"<script>pwn('{name}')</script>"


SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" onload="pwn(\'svg-load\')">'
    "<script>pwn('svg-script')</script>"
    "<foreignObject><body onload=\"pwn('svg-body')\"></body></foreignObject></svg>"
)
OUT = '" onerror="pwn(\'{0}\')" x="'
#: name -> a bundle of mimetypes, as `display(..., raw=True)` sends it
BUNDLES: dict[str, dict[str, object]] = {
    "script": {"text/html": script("html-script")},
    "image": {"text/html": image("html-image")},
    "handlers": {
        "text/html": "<details open ontoggle=\"pwn('toggle')\"><summary>x</summary>"
        "</details><input autofocus onfocus=\"pwn('focus')\">"
        "<video><source onerror=\"pwn('source')\"></video>"
        "<body onload=\"pwn('body')\"><svg onload=\"pwn('inner-svg')\"></svg>"
    },
    "frame": {
        "text/html": "<iframe srcdoc=\"<script>parent.pwn('frame')</script>\"></iframe>"
        "<iframe src=\"javascript:parent.pwn('frame-address')\"></iframe>"
        "<object data=\"javascript:pwn('object')\"></object>"
    },
    "load": {
        "text/html": "<style>@import '/pwned.css'; body {background: url(/pwned)}"
        "</style><link rel=stylesheet href=/pwned.css><form action=/pwned></form>"
    },
    "leave": {"text/html": "<meta http-equiv=refresh content='1;url=/pwned'>"},
    "base": {"text/html": "<base href='https://example.org/'>"},
    "svg": {"image/svg+xml": SVG},
    "javascript": {"application/javascript": "pwn('javascript')"},
    "markdown": {"text/markdown": image("markdown") + "[x](javascript:pwn('link'))"},
    "latex": {"text/latex": r"$\href{javascript:pwn('latex')}{x}$" + image("latex")},
    "mermaid": {"text/vnd.mermaid": f"graph TD; A[{image('mermaid')}]</pre>"
                + script("mermaid")},
    "vega": {"application/vnd.vegalite.v5+json": {"mark": script("vega")}},
    "plotly": {"application/vnd.plotly.v1+json": {"data": script("plotly")}},
    "widget": {
        "application/vnd.jupyter.widget-view+json": {
            "model_id": "</script>" + script("widget")
        }
    },
    "png": {"image/png": "AAAA" + OUT.format("png")},
    "jpeg": {"image/jpeg": "AAAA" + OUT.format("jpeg")},
    "pdf": {"application/pdf": "AAAA" + OUT.format("pdf")},
    "plain": {"text/plain": image("plain") + script("plain")},
    "unknown": {f"text/{image('kind')}": script("unknown")},
}  # fmt: skip
PRINTED = [
    image("printed"),
    f"\x1b[31m{image('ansi')}\x1b[0m",
    f"\x1b]8;;javascript:pwn('osc')\x07{script('osc')}\x1b]8;;\x07",
    "\x1b[38;5;1\"onmouseover=\"pwn('colour')m",
]
ERROR = (
    f"raise type({image('error')!r}, (Exception,), {{}})"
    f"({(script('error-value') + image('error-value'))!r})"
)
MARKDOWN = f"""# {image("title")}
{script("markdown-cell")}

[link](javascript:pwn('markdown-link')) <a href="javascript:pwn('markdown-a')">a</a>
![x](x"onerror="pwn('markdown-image')) ![x](attachment:x.svg) ![x](attachment:x.png)

<svg onload="pwn('markdown-svg')"></svg> $\\href{{javascript:pwn('math')}}{{x}}$

```{{onload="pwn('fence')"}}
{image("fence")}
```
"""
ATTACHED = {
    "x.svg": {"image/svg+xml": SVG},
    "x.png": {"image/png": "AAAA" + OUT.format("attached")},
}
NAMES = {"first_name": image("first-name"), "last_name": script("last-name")}


def displaying() -> str:
    """A student's cell that displays, prints and raises all of it."""
    lines = ["import json", "from IPython.display import display"]
    for bundle in BUNDLES.values():
        lines.append(f"display(json.loads({json.dumps(bundle)!r}), raw=True)")
    lines += [f"print({text!r})" for text in PRINTED]
    return "\n".join([answers("numbers")["total"], *lines, ERROR])


def with_own_cells(notebook: NotebookNode) -> None:
    own = new_markdown_cell(MARKDOWN, id="own", attachments=ATTACHED)
    own.metadata["nbgrader"] = {"grade_id": "own"}
    raw = new_raw_cell(image("raw") + script("raw"), id="raw")
    raw.metadata.update(nbgrader={"grade_id": "raw"}, raw_mimetype="text/html")
    notebook.cells += [own, raw]


def hostile_notebook() -> NotebookNode:
    """As stock nbgrader might leave one in autograded/: with all its metadata."""
    notebook = nbformat.v4.new_notebook()
    for name, bundle in BUNDLES.items():
        output = new_output("display_data", data=dict(bundle))
        output.metadata = {
            key: {"width": OUT.format(f"width-{name}"), "isolated": name == "frame"}
            for key in bundle
        }
        cell = new_code_cell(image("source"), outputs=[output])
        cell.metadata.update(
            tags=[OUT.format("tag")],
            nbgrader={
                "grade_id": '"></script>' + script("grade-id"),
                "grade": True,
                "points": 1,
            },
        )
        notebook.cells.append(cell)
    raw = new_raw_cell(image("raw") + script("raw"))
    notebook.cells += [new_markdown_cell(MARKDOWN, attachments=ATTACHED), raw]
    notebook.metadata.update(
        title=script("title"),
        language_info={"name": OUT.format("language"), "pygments_lexer": "ipython3"},
        widgets={
            "application/vnd.jupyter.widget-state+json": {
                "state": {"x": "</script>" + script("state")}
            }
        },
    )
    return notebook
