"""Texts of strangers, fit to be printed, logged or written into a table.

A student's name, file name, code, error message or output may hold what a terminal
obeys, what turns the direction of a line around, what a spreadsheet computes, or what
no encoding can write. Whatever is printed goes through here.
"""

from __future__ import annotations

import re
import shlex

#: Names of files and of people: longer ones are cut.
_NAME = 80
#: Joiners that some scripts are written with; they are invisible and harmless.
_JOINERS = "\u200c\u200d"
#: What spreadsheets take for a formula when a cell starts with it, wide forms included;
#: where columns are parted by semicolons, a cell starts after each of them.
_FORMULA = re.compile(r"(^|;)(?=\s*[=+\-@\uff1d\uff0b\uff0d\uff20]\s*\S)")


def one_line(text: object, most: int | None = None) -> str:
    """Any text as one line of signs that can be seen and written.

    Line breaks and tabs become spaces; signs that control a terminal, turn the
    direction of text, or stand for nothing become "?".

    Args:
        most: cut the middle out of what is longer.
    """
    whole = str(text)
    if most is not None and len(whole) > 8 * most:  # gigabytes cost no more than that
        whole = whole[: 4 * most] + whole[-4 * most :]
    plain = "".join(map(_visible, whole))
    if most is None or len(plain) <= most:
        return plain
    tail = most // 4
    return f"{plain[: most - tail - 3]}...{plain[-tail:]}"


def lines(text: object) -> str:
    """The same for a text of our own that may have several lines."""
    return "\n".join(map(one_line, str(text).split("\n")))


def shown(name: object) -> str:
    """A file's or a person's name in a sentence: one line, and not long."""
    return one_line(name, _NAME)


def command(*words: object) -> str:
    """A command to be copied into a shell: a name with blanks stays one word."""
    return shlex.join(map(str, words))


def table_cell(value: object) -> object:
    """A value for a CSV file: numbers as they are, no text that is a formula."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return value
    return _FORMULA.sub(r"\1'", one_line(value))


def _visible(sign: str) -> str:
    if sign.isprintable() or sign in _JOINERS:
        return sign
    return " " if sign.isspace() else "?"
