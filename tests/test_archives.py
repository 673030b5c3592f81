"""Zips from anywhere: what is in them is read within bounds, or refused by name."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest

from fairgrade import archives
from fairgrade.archives import Member, notebooks_in
from fairgrade.errors import FairgradeError


def zip_of(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content, zipfile.ZIP_DEFLATED)
    return path


def only(path: Path) -> Member:
    (member,) = notebooks_in(path)
    return member


def test_only_notebooks_are_read(tmp_path: Path) -> None:
    path = zip_of(
        tmp_path / "a.zip",
        ("b/work.ipynb", b"{}"),
        ("b/photo.jpg", b"x" * 100),
        ("c/WORK.IPYNB", b"[]"),
        ("d/work.ipynb.txt", b"1"),
    )
    found = {str(m.path): m.content for m in notebooks_in(path)}
    assert found == {
        "b/work.ipynb": b"{}",
        "c/WORK.IPYNB": b"[]",
        "d/work.ipynb.txt": b"1",
    }


@pytest.mark.parametrize(
    "name", ["../up.ipynb", "a/../../up.ipynb", "/etc/up.ipynb", "..\\up.ipynb"]
)
def test_a_path_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    member = only(zip_of(tmp_path / "a.zip", (name, b"{}")))
    assert member.content is None
    assert "leads out" in member.problem


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO])
def test_a_link_or_device_is_refused(tmp_path: Path, kind: int) -> None:
    info = zipfile.ZipInfo("link.ipynb")
    info.create_system, info.external_attr = 3, (kind | 0o777) << 16
    member = only(zip_of(tmp_path / "a.zip", (info, b"/etc/passwd")))
    assert member.content is None
    assert "not a file" in member.problem


def test_a_bomb_is_stopped_while_it_unpacks(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", ("bomb.ipynb", bytes(40 * 2**20)))
    assert path.stat().st_size < 2**20
    member = only(path)
    assert member.content is None
    assert "far more" in member.problem


def test_a_size_that_lies_does_not_help_a_bomb(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", ("bomb.ipynb", bytes(40 * 2**20)))
    claimed = (40 * 2**20).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(claimed, (10).to_bytes(4, "little")))
    member = only(path)
    assert member.content is None or len(member.content) == 10


def test_one_damaged_member_leaves_the_others(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", ("a.ipynb", b"a" * 500), ("b.ipynb", b"{}"))
    data = bytearray(path.read_bytes())
    data[40] ^= 0xFF  # inside the first member's packed bytes
    path.write_bytes(bytes(data))
    first, second = notebooks_in(path)
    assert first.content is None and "damaged" in first.problem
    assert second.content == b"{}"


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", ("a.ipynb", b"{}"))
    data = path.read_bytes()
    central = data.rindex(b"PK\x01\x02")
    flagged = bytearray(data)
    flagged[6] |= 1  # the local header's flags
    flagged[central + 8] |= 1  # and the central directory's
    path.write_bytes(bytes(flagged))
    assert only(path).problem == "it is encrypted"


def test_too_many_members_or_bytes_stop_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = zip_of(tmp_path / "a.zip", ("a.ipynb", b"123"), ("b.ipynb", b"456"))
    monkeypatch.setattr(archives, "MAX_TOTAL_BYTES", 5)
    with pytest.raises(FairgradeError, match="Split it"):
        list(notebooks_in(path))
    monkeypatch.setattr(archives, "MAX_MEMBERS", 1)
    with pytest.raises(FairgradeError, match="2 members"):
        list(notebooks_in(path))


def test_what_is_no_zip_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(b"<html>Please log in</html>")
    with pytest.raises(FairgradeError, match="cannot be read as a zip"):
        list(notebooks_in(path))


def test_a_name_in_utf8_without_the_flag_for_it(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", ("zoé.ipynb", b"{}"))
    data = bytearray(path.read_bytes())
    central = data.rindex(b"PK\x01\x02")
    data[7] &= ~0x08  # the flag for UTF-8 is bit 11
    data[central + 9] &= ~0x08
    path.write_bytes(bytes(data))
    assert str(only(path).path) == "zoé.ipynb"
