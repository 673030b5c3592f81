"""What strangers wrote is printed, and obeyed by no terminal and no spreadsheet."""

from __future__ import annotations

import ast
import csv
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.apps.nbgraderapp import NbGraderApp
from rich.console import Console
from rich.table import Table
from typer.main import get_command

import fairgrade
from fairgrade.cli import app
from fairgrade.cli.base import add_row
from fairgrade.gradebook.tables import write_table
from fairgrade.protocol.texts import command, lines, one_line, shown, table_cell

_PACKAGE = Path(fairgrade.__file__).parent
_VERBS = {*NbGraderApp.subcommands, *get_command(app).commands}  # type: ignore[attr-defined]
#: A command that a text tells, up to a name that is put in.
_TOLD = re.compile(
    rf"\b((fairgrade|nbgrader) ({'|'.join(_VERBS)})|cd|chmod|pip install)\b"
    r"[^.,;`]*(\0|%s)"
)
_NASTY = "a\x1b[2J\x1b]8;;http://x\x07b\u202ec\ud800d\r\ne\x9bf\u2028g\x7f\0"


@given(st.text(st.characters(codec=None), max_size=60))
def test_any_text_becomes_one_line_that_can_be_written(text: str) -> None:
    plain = one_line(text)
    assert plain.splitlines() in ([], [plain])
    assert plain.encode("utf-8").decode("utf-8") == plain
    assert not [sign for sign in plain if sign < " " or "\x7f" <= sign < "\xa0"]
    assert len(plain) == len(text)


def test_no_sign_that_a_terminal_obeys_is_left() -> None:
    assert one_line(_NASTY) == "a?[2J?]8;;http://x?b?c?d  e?f g??"
    assert lines("one\n\x1btwo") == "one\n?two"


@pytest.mark.parametrize(
    "name",
    ["Sinéad O'Connor", "王 丽", "می\u200cخواهم", "👩\u200d🚀", "e\u0301"],
)
def test_names_of_people_stay_as_they_are(name: str) -> None:
    assert one_line(name) == shown(name) == table_cell(name) == name


def test_a_long_name_keeps_both_its_ends() -> None:
    cut = shown("a" * 10**7 + ".ipynb")
    assert len(cut) == 80
    assert cut.startswith("aaaa")
    assert cut.endswith(".ipynb")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=HYPERLINK(A1)", "'=HYPERLINK(A1)"),
        ("\t=1+1", "' =1+1"),
        ("  @SUM(A1)", "'  @SUM(A1)"),
        ("Lee;=1+1", "Lee;'=1+1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("a\n=1", "a =1"),
        ("-", "-"),
        ("Smith-Jones", "Smith-Jones"),
        ("    Points Possible", "    Points Possible"),
    ],
)
def test_no_text_in_a_table_is_a_formula(text: str, written: str) -> None:
    assert table_cell(text) == written


def test_numbers_in_a_table_stay_numbers(tmp_path: Path) -> None:
    write_table(tmp_path / "t.csv", iter([[-1.5, None, "=1", "a\ud800"]]))
    with (tmp_path / "t.csv").open(encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert rows == [["-1.5", "", "'=1", "a?"]]


def test_a_table_in_the_terminal_reads_no_markup(capsys: pytest.CaptureFixture) -> None:
    table = Table("name")
    add_row(table, "[bold]ada[/bold] :smile: [/x] \x1b[31m")
    Console(width=80).print(table)
    assert "[bold]ada[/bold] :smile: [/x] ?[31m" in capsys.readouterr().out


def test_a_terminal_of_few_letters_ends_no_command(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    code = (
        "from fairgrade.cli import base\n"
        "from fairgrade.errors import FairgradeError\n"
        "def app():\n"
        "    base.say('caf\\xe9')\n"
        "    raise FairgradeError('na\\xefve\\x1b[31m\\nsecond')\n"
        "base.app = app\n"
        "base.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        env=environment,
        cwd=tmp_path,
        timeout=600,
    )
    assert (done.stdout, done.returncode) == (b"caf?\n", 1)
    assert done.stderr == b"na?ve?[31m second\n"


def told(text: ast.AST) -> Iterator[str]:
    """Commands in a text of the source with a name that was put in as it is."""
    parts = text.values if isinstance(text, ast.JoinedStr) else [text]
    values = [getattr(part, "value", None) for part in parts]
    whole = "".join(v if isinstance(v, str) else "\0" for v in values)
    yield from (found[0] for found in _TOLD.finditer(whole))


def test_a_name_stays_one_word_in_every_command_that_is_told() -> None:
    for path in _PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr | ast.Constant):
                assert list(told(node)) == [], path


@pytest.mark.parametrize(
    "source",
    [
        "f'Run: fairgrade generate {name}'",
        "f'See: fairgrade queue ' f'NAME --accept {student}.'",
        "'Run: nbgrader db student add %s'",
        "f'Next: cd {folder}; fairgrade doctor'",
    ],
)
def test_the_rule_sees_what_breaks_it(source: str) -> None:
    assert list(told(ast.parse(source, mode="eval").body))


@given(st.lists(st.text(min_size=1), min_size=1))
def test_a_shell_reads_the_words_of_a_command(words: list[str]) -> None:
    assert shlex.split(command(*words)) == words
    assert command("cd", Path("/home/ada/my course")) == "cd '/home/ada/my course'"
