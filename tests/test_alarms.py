"""What hidden tests at fault have said is kept, and what is damaged is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairgrade.errors import FairgradeError
from fairgrade.gradebook.alarms import Alarms

NAME = "doubling"


def test_what_a_test_said_is_read_until_a_new_result_comes(tmp_path: Path) -> None:
    alarms = Alarms(tmp_path, NAME)
    assert alarms.of("ada") == {}
    alarms.enter("ada", {"double-test": "NameError: n"})
    assert alarms.of("ada") == {"double-test": "NameError: n"}
    alarms.enter("ada", {})
    assert alarms.of("ada") == {}


@pytest.mark.parametrize("text", ["[1, 2]", "7", "null", "{", "[" * 100_000, "\xff"])
def test_a_damaged_file_is_told_and_replaced_by_a_new_result(
    text: str, tmp_path: Path
) -> None:
    alarms = Alarms(tmp_path, NAME)
    alarms.enter("ada", {"double-test": "NameError: n"})
    (path,) = (tmp_path / ".fairgrade" / "alarms" / NAME).iterdir()
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(FairgradeError, match="is damaged.*--student ada") as raised:
        alarms.of("ada")
    assert raised.value.offender == {
        "student": "ada",
        "assignment": NAME,
        "file": str(path),
    }
    assert path.read_bytes() == text.encode("latin-1")
    alarms.enter("ada", {"double-test": "NameError: n"})
    assert alarms.of("ada") == {"double-test": "NameError: n"}
