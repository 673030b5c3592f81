"""The site's reference, from the program itself, made as MkDocs builds it."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from typer.main import get_command

from fairgrade.cli import app
from fairgrade.course.course import (
    Assignment,
    Canvas,
    Course,
    DataSet,
    Download,
    LatePolicy,
    Limits,
    Student,
)
from fairgrade.course.declared import Accepted, Equivalent, Mutant

HEAD = """# Reference

## Commands

`fairgrade COMMAND --help` says the same.
"""
SETTINGS = """
## course.yml

A setting that is not listed here is refused, with the nearest name that is.
"""
SECTIONS: dict[str, type[BaseModel]] = {
    "The course": Course,
    "`late:`": LatePolicy,
    "`canvas:`": Canvas,
    "`data:`, each": DataSet,
    "`download:` of data": Download,
    "`assignments:`, each": Assignment,
    "`limits:` of an assignment": Limits,
    "`mutants:` of an assignment, each": Mutant,
    "`equivalents:` of an assignment, each": Equivalent,
    "`accepted:` of an assignment, each": Accepted,
    "roster.csv, each line": Student,
}
_WORDS = {str: "text", int: "whole number", float: "number", bool: "yes or no"}
_WORDS |= {Path: "path", datetime: "time"}


def reference() -> str:
    """The whole page, as Markdown."""
    lines = [HEAD]
    for name, command in sorted(get_command(app).commands.items()):
        lines += _command(name, command)
    lines.append(SETTINGS)
    for title, model in SECTIONS.items():
        lines += [
            f"### {title}",
            "",
            "| setting | kind | default | |",
            "|---|---|---|---|",
        ]
        lines += _settings(model)
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _command(name: str, command: Any) -> Iterator[str]:
    about, _, example = (command.help or "").partition("Example: ")
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option"]
    usage = [
        _placeholder(p) if p.required else f"[{_placeholder(p)}]" for p in arguments
    ]
    yield f"### {name}"
    yield ""
    yield f"`fairgrade {' '.join([name, *usage])}`"
    yield ""
    yield re.sub(r"\s+", " ", about).strip()
    yield ""
    for parameter in arguments:
        text = getattr(parameter, "help", "") or ""
        yield f"- `{_placeholder(parameter)}`: {text}"
    for option in options:
        if option.name != "help":
            value = "" if option.is_flag else f" {_placeholder(option)}"
            off = "".join(f", `{name}`" for name in option.secondary_opts)
            yield f"- `{option.opts[0]}{value}`{off}: {option.help or ''}"
    yield ""
    yield f"Example: `{example.strip()}`"
    yield ""


def _placeholder(parameter: Any) -> str:
    return (parameter.metavar or parameter.name).upper()


def _settings(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        if name == "root":
            continue
        shown = field.alias or name
        text = (field.description or "").replace("|", "\\|")
        yield f"| `{shown}` | {_kind(field.annotation)} | {_default(field)} | {text} |"


def _kind(annotation: object) -> str:
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        return " or ".join(f"`{value}`" for value in inner)
    if origin in {tuple, list}:
        return f"list: {_kind(inner[0])}"
    if origin is dict:
        return f"names, each with: {_kind(inner[1])}"
    if origin in {typing.Union, types.UnionType}:
        return " or ".join(_kind(part) for part in inner if part is not type(None))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "settings"
    return _WORDS.get(annotation, str(annotation))


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**needed**"
    value = field.default
    if value is None or value in ("", (), {}) or isinstance(value, BaseModel):
        return ""
    return f"`{value}`"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """MkDocs's hook: add the page."""
    files.append(File.generated(config, "reference.md", content=reference()))
    return files
