"""When a submission was handed in, and who says so."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fairgrade.collect.received import receipt

NAME = "preparing-data"
TIME = "2026-12-04 20:00:00.000000 UTC"


@pytest.fixture
def submitted(tmp_path: Path) -> Path:
    folder = tmp_path / "submitted" / "ada" / NAME
    folder.mkdir(parents=True)
    (folder / "timestamp.txt").write_text(TIME)
    return folder


def test_a_time_counts_only_with_the_exchange(submitted: Path, tmp_path: Path) -> None:
    inbound = tmp_path / "exchange" / "course" / "inbound"
    inbound.mkdir(parents=True)
    for where in (None, inbound):
        found = receipt(submitted, where)
        assert not found.time and "no exchange confirms" in found.doubt
    (inbound / f"ben+{NAME}+{TIME}+x").mkdir()
    assert not receipt(submitted, inbound).time
    (inbound / f"ada+{NAME}+{TIME}+x").mkdir()
    assert receipt(submitted, inbound).time == TIME


def test_a_folder_younger_than_its_name_is_told(
    submitted: Path, tmp_path: Path
) -> None:
    early = "2020-01-01 00:00:00.000000 UTC"
    (submitted / "timestamp.txt").write_text(early)
    (tmp_path / f"ada+{NAME}+{early}+x").mkdir()
    found = receipt(submitted, tmp_path)
    assert found.time == early and "handed in at 2020-01-01" in found.doubt


@pytest.mark.parametrize(
    ("written", "time"),
    [("2999-11-20 12:30:00 +0100", "11:30"), ("2999-11-20 12:30:00 -03", "15:30")],
)
def test_a_time_is_handed_on_as_nbgrader_reads_it(
    written: str, time: str, submitted: Path, tmp_path: Path
) -> None:
    (submitted / "timestamp.txt").write_text(written)
    (tmp_path / f"ada+{NAME}+{written}+x").mkdir()
    assert receipt(submitted, tmp_path).time == f"2999-11-20 {time}:00.000000 UTC"


def test_a_time_of_an_unknown_zone_is_told(submitted: Path, tmp_path: Path) -> None:
    (submitted / "timestamp.txt").write_text("2026-11-20 12:30:00 QQQT")
    found = receipt(submitted, tmp_path)
    assert not found.time and "'QQQT' is not known" in found.doubt


@pytest.mark.parametrize("text", ["", "soon", "x" * 500, "9" * 150])
def test_what_is_no_time_is_none(text: str, submitted: Path) -> None:
    (submitted / "timestamp.txt").write_text(text)
    assert receipt(submitted, None).time == ""


def test_a_pipe_is_no_time(submitted: Path) -> None:
    (submitted / "timestamp.txt").unlink()
    os.mkfifo(submitted / "timestamp.txt")
    assert receipt(submitted, None).time == ""
