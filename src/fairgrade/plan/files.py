"""Whether a test cell looks at files, from its syntax tree."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from typing import Literal

#: How a test uses files: not at all, reads them, or may run what it reads.
Use = Literal["", "reads", "runs"]

_READS = re.compile(
    r"open|read|read_\w+|write_text|write_bytes|[Pp]ath|exists|is_?file|is_?dir|i?r?glob"
    r"|listdir|scandir|i?walk|stat|getsize|getmtime|load|load_\w+|loadtxt|genfromtxt"
    r"|fromfile|i?mread|loadmat|ZipFile|TarFile|connect|cmpfiles|File|Dataset"
    r"|mkdtemp|mkstemp|(Named)?TemporaryFile|TemporaryDirectory|mkdir|makedirs"
    r"|filecmp|rmtree|savefig|savetxt|to_(csv|json|excel|pickle|parquet|html|sql)"
)
_RUNS = frozenset(
    {"exec", "eval", "compile", "__import__", "import_module", "run_path"}
    | {"run_module", "spec_from_file_location"}
)
#: What is a method of many a thing, and runs no text.
_OF_OTHERS = frozenset({"eval", "compile"})
_FILE = re.compile(r"(?:[^{}%\n]*/)?([^{}%/\n]+\.[A-Za-z]\w{0,8})")


def use_of_files(node: ast.AST) -> Use:
    """How a piece of a program uses files, by the names in it."""
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    members = {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}
    if not any(_READS.fullmatch(name) for name in names | members):
        return ""
    return "runs" if _RUNS & (names | (members - _OF_OTHERS)) else "reads"


def most_use(uses: Iterable[Use]) -> Use:
    """What several pieces come to that are used together."""
    found = set(uses)
    return "runs" if "runs" in found else "reads" if "reads" in found else ""


def file_names(node: ast.AST) -> frozenset[str]:
    """What of the texts in a program looks like a file's name, without its folder."""
    texts = {n.value for n in ast.walk(node) if isinstance(n, ast.Constant)}
    matches = (_FILE.fullmatch(text) for text in texts if isinstance(text, str))
    return frozenset(match[1] for match in matches if match)
