"""CSV files as people save them: any usual encoding, separator and ends of lines."""

from __future__ import annotations

import csv
import io
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fairgrade.errors import FairgradeError
from fairgrade.files import read_plain

_MAX_BYTES = 64 * 2**20
_BOMS = {BOM_UTF8: "utf-8", BOM_UTF16_LE: "utf-16-le", BOM_UTF16_BE: "utf-16-be"}
_SEPARATORS = ",;\t|"
#: The line that tells Excel the separator.
_SEP_LINE = re.compile(r'"?sep=(?P<sep>[,;\t|])"?[,;\t|]*(\r\n|\r|\n)', re.IGNORECASE)
#: Ends as Windows, Unix and old Macs write them, and no others.
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


@dataclass(frozen=True)
class Form:
    """How a table was written, so that it can be written again like that."""

    encoding: str = "utf-8"
    bom: bytes = b""
    separator: str = ","
    line_end: str = "\r\n"
    first_line: str = ""

    def write(self, rows: Iterable[Sequence[object]]) -> bytes:
        """The rows as a file of this form; what cp1252 lacks makes it UTF-8."""
        text = io.StringIO()
        text.write(self.first_line)
        csv.writer(
            text, delimiter=self.separator, lineterminator=self.line_end
        ).writerows(rows)
        try:
            return self.bom + text.getvalue().encode(self.encoding)
        except UnicodeEncodeError:
            return BOM_UTF8 + text.getvalue().encode()


@dataclass(frozen=True)
class Row:
    """A row of a table that holds anything, and the line that it starts in."""

    line: int
    cells: list[str]


@dataclass(frozen=True)
class Sheet:
    """A table: its first row, the others, and how it was written."""

    header: Row
    rows: list[Row]
    form: Form


def read_sheet(path: Path) -> Sheet:
    """Read a CSV file, whoever saved it.

    The encoding is UTF-8, UTF-16 or, where it is neither, Windows-1252; columns are
    parted by what the header is parted by most. Rows without anything are left out.

    Raises:
        FairgradeError: it cannot be read, is no table, or holds nothing.
    """
    try:
        data = read_plain(path, _MAX_BYTES)
    except OSError as err:
        raise FairgradeError(f"{path} cannot be read: {err}.", file=path) from err
    text, encoding, bom = _decoded(path, data)
    declared = _SEP_LINE.match(text)
    start = declared.end() if declared else 0
    lines = _LINE.findall(text[start:])
    first = next((line for line in lines if line.strip(_SEPARATORS + " \r\n")), "")
    separator = declared["sep"] if declared else _separator(first)
    end = re.search(r"\r\n|\r|\n", text)
    form = Form(encoding, bom, separator, end[0] if end else "\r\n", text[:start])
    reader = csv.reader(lines, delimiter=separator)
    before = 1 if declared else 0
    rows, line = [], before + 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append(Row(line, cells))
            line = before + reader.line_num + 1
    except csv.Error as err:
        raise FairgradeError(
            f"{path}:{line}: cannot be read as a CSV file: {err}. Mend that line.",
            file=path,
        ) from err
    if not rows:
        raise FairgradeError(
            f"{path} is empty. Its first line names the columns.", file=path
        )
    return Sheet(rows[0], rows[1:], form)


def _decoded(path: Path, data: bytes) -> tuple[str, str, bytes]:
    """The text, its encoding, and the mark at its start."""
    bom = next((mark for mark in _BOMS if data.startswith(mark)), b"")
    encoding = _BOMS[bom] if bom else _unmarked(data)
    try:
        text = data[len(bom) :].decode(encoding)
    except UnicodeDecodeError as err:
        if encoding == "cp1252":
            where = "is in no encoding that is known"
        else:
            where = f"starts as {encoding.upper()}, but is not"
        raise FairgradeError(
            f"{path} {where}. Save it as CSV in UTF-8.", file=path
        ) from err
    if "\0" in text:
        raise FairgradeError(
            f"{path} is no CSV file. Save it as CSV in UTF-8.", file=path
        )
    return text, encoding, bom


def _unmarked(data: bytes) -> str:
    """The encoding of a file without a mark."""
    head = data[:1000]
    if len(head) > 1 and not any(head[1::2][:20]):
        return "utf-16-le"
    if len(head) > 1 and not any(head[::2][:20]):
        return "utf-16-be"
    try:
        data.decode()
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _separator(header: str) -> str:
    """What parts the columns of a header, counted outside quotes."""
    bare = re.sub(r'"[^"]*"', "", header)
    return max(_SEPARATORS, key=bare.count)
