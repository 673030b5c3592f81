"""What is wrong with a cell that Python cannot read, from where it gave up."""

from __future__ import annotations

import re

from fairgrade.lesson.told import Told, shortened

_PAIRS = {"(": ")", "[": "]", "{": "}"}
_CURLY = "“”„‟‘’‚«»"
#: `name=1, 2, 3`: numbers that belong together, without their brackets.
_LOOSE_NUMBERS = re.compile(r"(\w+)\s*=\s*([\w.]+(?:\s*,\s*\d[\w.]*)+)")


def explain_syntax(error: SyntaxError, source: str) -> Told:
    """What a person would say to a syntax error.

    Args:
        source: the cell's text; an error of IPython's own reading is looked at again.
    """
    error = _as_python_says(error, source)
    message = error.msg or "invalid syntax"
    lines = source.splitlines()
    number = error.lineno or 0
    line = lines[number - 1] if 0 < number <= len(lines) else ""
    what, hint = _meaning(message, line, error)
    # The line stands last and alone: whoever counts its brackets counts no other.
    said = message.partition("(detected")[0].strip()
    stop = "" if said.endswith("?") else "."
    place = f"{stop} Line {number}: {shortened(line.strip())}" if line else ""
    found = f"SyntaxError: {said}{place}"
    return Told(what, hint, found, "a cell that Python can read")


def _as_python_says(error: SyntaxError, source: str) -> SyntaxError:
    """The error without IPython's marks for cells that somebody is still typing."""
    try:
        compile(source, "cell", "exec")
    except SyntaxError as plain:
        if not re.search(r"^\s*[%!]", source, re.MULTILINE):
            return plain
    except (ValueError, RecursionError, MemoryError):
        pass
    return error


def _meaning(message: str, line: str, error: SyntaxError) -> tuple[str, str]:
    if isinstance(error, IndentationError):
        return (
            f"The spaces at the beginning of line {error.lineno} are not as Python "
            "needs them.",
            "lines that belong together begin in the same column",
        )
    if found := re.match(r"'([(\[{])' was never closed", message):
        closing = _PAIRS[found[1]]
        return (
            f"A bracket is missing: a {found[1]} is opened and never closed.",
            f"every {found[1]} needs its {closing}; count them",
        )
    if found := re.match(r"unmatched '(.)'", message):
        return (
            f"There is a {found[1]} too many.",
            "every closing bracket needs one that opens; count them",
        )
    if found := re.match(r"closing parenthesis '(.)' does not match .* '(.)'", message):
        return (
            f"The brackets do not fit: {found[2]} is opened, {found[1]} closes.",
            f"close {found[2]} with {_PAIRS.get(found[2], 'its pair')}",
        )
    if "unterminated" in message:
        return (
            "A quote is missing: a text begins and does not end.",
            'a text has the same quote at both ends: "text"',
        )
    if any(quote in line for quote in _CURLY) and "invalid character" in message:
        return (
            "The quotes are those of a word processor.",
            'type them anew, straight: "text"',
        )
    if "positional argument follows keyword argument" in message:
        return _after_a_name(line)
    if found := re.match(r"keyword argument repeated: (\w+)", message):
        return f"{found[1]} is given twice.", f"keep one {found[1]}=..."
    if "forgot a comma" in message:
        return "A comma is missing.", "values in brackets have a comma between them"
    if "cannot assign" in message or "cannot contain assignment" in message:
        return (
            "Left of = stands something that is no name.",
            "name = value; and in a call name=value, the name without quotes",
        )
    if "expected ':'" in message:
        return "A colon is missing at the end of the line.", "for ...:, if ...:"
    if "invalid decimal literal" in message:
        return (
            "A number has letters in it.",
            "in Python the sign for times is *, and a name begins with a letter",
        )
    if told := _by_the_sign(line, error):
        return told
    return (
        "Python cannot read this cell.",
        "look at the place that ^ marks, and just before it: a bracket, comma or quote",
    )


def _by_the_sign(line: str, error: SyntaxError) -> tuple[str, str] | None:
    """What a sign was meant for that Python does not know at that place."""
    place = (error.offset or 1) - 1
    sign, before = line[place : place + 1], line[:place]
    if sign == ":" and re.search(r"[(,]\s*\w+\s*$", before):
        return "In a call a name gets its value by =, not by a colon.", "name=value"
    if sign == ";":
        return "A ; stands where a comma belongs.", "values have a comma between them"
    if sign == "`":
        return "The quotes are not those of a text.", 'straight ones: "text"'
    if sign == "," and before.rstrip().endswith(","):
        return "There are two commas side by side.", "one of them is too many"
    if "%" in before[-2:] + sign and re.search(r"\d\s*%", line):
        return "Python knows no per cent.", "20 % is 0.2"
    if found := re.search(r"(\w+)[\[{][^\]}]*\w\s*=[^=]", line):
        return (
            "Other brackets stand where round ones belong.",
            f"what is called has round brackets: {found[1]}(...)",
        )
    return None


def _after_a_name(line: str) -> tuple[str, str]:
    if found := re.search(r"(\w+)\s*=\s*0,(\d+)", line):
        return (
            "A number with a fraction has a point, and no comma.",
            f"{found[1]}=0.{found[2]}",
        )
    if found := _LOOSE_NUMBERS.search(line):
        return (
            f"The numbers of {found[1]} belong together, in brackets of their own.",
            f"a tuple: {found[1]}=({found[2]})",
        )
    return (
        "A value without a name stands after one with a name.",
        "once a value has its name, as units=..., the next ones need theirs",
    )
