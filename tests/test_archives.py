"""Zips from anywhere: what is in them is read within bounds, or refused by name."""

from __future__ import annotations

import stat
import struct
import zipfile
from pathlib import Path

import pytest

from fairgrade.collect.archives import opened_zip
from fairgrade.collect.downloads import Unreadable
from fairgrade.errors import FairgradeError


def zip_of(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content, zipfile.ZIP_DEFLATED)
    return path


def read(path: Path, most: int = 10**9) -> dict[str, bytes | str]:
    """Each file's bytes, or why it cannot be read."""
    found: dict[str, bytes | str] = {}
    with opened_zip(path, path.name) as entries:
        for entry in entries:
            try:
                found[str(entry.path)] = entry.read(most)
            except Unreadable as err:
                found[str(entry.path)] = str(err)
    return found


def only(path: Path) -> bytes | str:
    (content,) = read(path).values()
    return content


def test_every_file_is_there(tmp_path: Path) -> None:
    files = {"b/work.ipynb": b"{}", "b/photo.jpg": b"x" * 100, "c/WORK.IPYNB": b"[]"}
    path = zip_of(tmp_path / "a.zip", *files.items(), ("empty/", b""))
    assert read(path) == files
    assert read(path, 1)["b/photo.jpg"] == b"x"


@pytest.mark.parametrize(
    "name", ["../up.ipynb", "a/../../up.ipynb", "/etc/up.ipynb", "..\\up.ipynb"]
)
def test_a_path_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    assert "leads out" in str(only(zip_of(tmp_path / "a.zip", (name, b"{}"))))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO])
def test_a_link_or_device_is_refused(tmp_path: Path, kind: int) -> None:
    info = zipfile.ZipInfo("link.ipynb")
    info.create_system, info.external_attr = 3, (kind | 0o777) << 16
    assert "not a file" in str(only(zip_of(tmp_path / "a.zip", (info, b"/etc/passwd"))))


def test_a_bomb_is_stopped_while_it_unpacks(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", ("bomb.ipynb", bytes(40 * 2**20)))
    assert path.stat().st_size < 2**20
    assert "far more" in str(only(path))


def test_a_size_that_lies_does_not_help_a_bomb(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", ("bomb.ipynb", bytes(40 * 2**20)))
    claimed = (40 * 2**20).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(claimed, (10).to_bytes(4, "little")))
    found = only(path)
    assert isinstance(found, str) or len(found) == 10


def test_one_damaged_member_leaves_the_others(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", ("a.ipynb", b"a" * 500), ("b.ipynb", b"{}"))
    data = bytearray(path.read_bytes())
    data[40] ^= 0xFF  # inside the first member's packed bytes
    path.write_bytes(bytes(data))
    found = read(path)
    assert "damaged" in str(found["a.ipynb"])
    assert found["b.ipynb"] == b"{}"


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", ("a.ipynb", b"{}"))
    data = path.read_bytes()
    central = data.rindex(b"PK\x01\x02")
    flagged = bytearray(data)
    flagged[6] |= 1  # the local header's flags
    flagged[central + 8] |= 1  # and the central directory's
    path.write_bytes(bytes(flagged))
    assert only(path) == "it is encrypted"


def test_too_many_members_stop_the_whole(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", ("a.ipynb", b"123"), ("b.ipynb", b"456"))
    message = "a.zip has 2 members, at most 1"
    with pytest.raises(FairgradeError, match=message), opened_zip(path, path.name, 1):
        pass


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("cp437", "Zoé"), ("cp1252", "Zoé Müßig"), ("cp850", "João")],
)
def test_names_of_old_programs_are_read_in_every_likely_way(
    tmp_path: Path, encoding: str, name: str
) -> None:
    raw = f"{name}.ipynb".encode(encoding)
    placeholder = "x" * len(raw)
    path = zip_of(tmp_path / "a.zip", (placeholder, b"{}"))
    path.write_bytes(path.read_bytes().replace(placeholder.encode(), raw))
    with opened_zip(path, path.name) as (entry,):
        assert f"{name}.ipynb" in map(str, entry.paths)
        assert entry.read(10) == b"{}"


def test_a_name_in_the_field_for_it(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("Zo_.ipynb")
    text = b"\x01" + bytes(4) + "Zoë.ipynb".encode()
    info.extra = struct.pack("<HH", 0x7075, len(text)) + text
    path = zip_of(tmp_path / "a.zip", (info, b"{}"))
    assert read(path) == {"Zoë.ipynb": b"{}"}


def test_a_compression_that_is_not_known_leaves_the_others(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", ("a.ipynb", b"a" * 500), ("b.ipynb", b"{}"))
    data = bytearray(path.read_bytes())
    central = data.index(b"PK\x01\x02")
    data[8] = data[central + 10] = 97  # WavPack's number
    path.write_bytes(bytes(data))
    found = read(path)
    assert "damaged" in str(found["a.ipynb"])
    assert found["b.ipynb"] == b"{}"


def test_what_is_no_zip_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    for data in (b"<html>Please log in</html>", b"", b"PK\x05\x06" + bytes(5)):
        path.write_bytes(data)
        with pytest.raises(FairgradeError, match="cannot be read as a zip"):
            read(path)


def test_a_name_in_utf8_without_the_flag_for_it(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", ("zoé.ipynb", b"{}"))
    data = bytearray(path.read_bytes())
    central = data.rindex(b"PK\x01\x02")
    data[7] &= ~0x08  # the flag for UTF-8 is bit 11
    data[central + 9] &= ~0x08
    path.write_bytes(bytes(data))
    assert list(read(path)) == ["zoé.ipynb"]


def with_damage(path: Path, place: int, change: bytes) -> Path:
    """A zip of three, the second's entry in the directory changed at `place`."""
    zip_of(path, ("a.ipynb", b"{1}"), ("bad.ipynb", b"{2}"), ("c.ipynb", b"{3}"))
    data = bytearray(path.read_bytes())
    entry = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 1)
    data[entry + place : entry + place + len(change)] = change
    path.write_bytes(bytes(data))
    return path


@pytest.mark.parametrize(
    ("place", "change"),
    [
        (8, b"\x00\x08"),  # a name in UTF-8 ...
        (6, b"\xff\x00"),  # a version from the future
        (0, b"XX"),  # no entry at all
        (28, b"\x00\x00"),  # no name
        (28, b"\x03\x00"),  # a name of another length
        (28, b"\xff\xff"),
        (30, b"\x40\x00"),  # extra fields that are not there
        (32, b"\xff\xff"),
        (42, b"\xff\xff\xff\x7f"),  # it lies far behind the end
    ],
)
def test_one_damaged_entry_of_the_directory_leaves_the_others(
    tmp_path: Path, place: int, change: bytes
) -> None:
    path = with_damage(tmp_path / "a.zip", place, change)
    if place == 8:  # ... which it is not
        data = path.read_bytes()
        at = data.rindex(b"bad.ipynb")
        path.write_bytes(data[:at] + b"b\xe9d.ipynb" + data[at + 9 :])
    found = read(path)
    assert (found.pop("a.ipynb"), found.pop("c.ipynb")) == (b"{1}", b"{3}")
    assert found  # the other one is taken or named
    assert all(c == b"{2}" or "damaged" in str(c) for c in found.values())


def test_a_name_that_is_no_utf8_though_it_says_so_is_read(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", ("Zxe.ipynb", b"{}"), ("b.ipynb", b"[]"))
    data = bytearray(path.read_bytes().replace(b"Zxe", "Zoë".encode("cp1252")))
    data[7] |= 0x08  # bit 11, for the name in front of the content ...
    data[data.index(b"PK\x01\x02") + 9] |= 0x08  # ... and in the directory
    path.write_bytes(bytes(data))
    found = read(path)
    assert found["b.ipynb"] == b"[]" and len(found) == 2


def test_a_large_damaged_directory_is_read_whole(tmp_path: Path) -> None:
    counts = []
    for many in (200, 2000):
        members = [(f"{number}.ipynb", b"{}") for number in range(many)]
        path = zip_of(tmp_path / f"{many}.zip", *members)
        data = bytearray(path.read_bytes())
        data[data.index(b"PK\x01\x02") + 6] = 255
        path.write_bytes(bytes(data))
        counts.append(len(read(path)))
    assert counts == [200, 2000]


@pytest.mark.parametrize("name", [".", "./", "/", "//", ""])
def test_a_file_without_a_name_is_a_file(tmp_path: Path, name: str) -> None:
    path = zip_of(tmp_path / "a.zip", ("x.ipynb", b"{}"), ("y", b"[]"))
    with zipfile.ZipFile(path) as archive:
        members = [
            (zipfile.ZipInfo(i.filename), archive.read(i)) for i in archive.infolist()
        ]
    members[1][0].filename = name
    with zipfile.ZipFile(path, "w") as archive:
        for info, content in members:
            archive.writestr(info, content)
    with opened_zip(path, path.name) as entries:
        assert all(entry.path.parts for entry in entries)
        assert entries[0].read(10) == b"{}"
