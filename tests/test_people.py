"""Spellings of names: whose they are, and when nobody can say."""

from __future__ import annotations

import unicodedata

import pytest

from fairgrade.course.people import People
from fairgrade.course.roster import Student


def student(name: str) -> Student:
    first, last = name.split("/")
    return Student(id=first + last, first_name=first, last_name=last)


def called(written: str, *names: str) -> list[str]:
    found = People([student(name) for name in names]).called(written)
    return [s.name for s in found.students]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Ada/Lovelace", "Lovelace Ada"),
        ("Ada/Lovelace", "LOVELACE,  ada"),
        (
            "Ana María/López García",
            unicodedata.normalize("NFD", "Ana María López García"),
        ),
        ("丽/王", "王 丽"),
        ("Ａｄａ/Lovelace", "Ada Lovelace"),
        ("Weiß/Groß", "WEISS GROSS"),
    ],
)
def test_these_are_one_name(name: str, written: str) -> None:
    found = People([student(name), student("Grace/Hopper")]).called(written)
    assert [s.name for s in found.students] == [name.replace("/", " ")]
    assert found.exact


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Sinéad/O'Connor", "Sinéad OConnor"),
        ("Sinéad/O'Connor", "Sinéad O’Connor"),
        ("Sinéad/O'Connor", "O Connor Sinead"),
        (
            "Kumar a/l/Rajan".replace("/", "\\", 1).replace("\\", "|", 1),
            "Kumar al Rajan",
        ),
        ("Max: Jr./Muster", "MUSTER,MAX JR-2018147546"),
        ("Jürgen/Müller", "Juergen Mueller"),
        ("Jürgen/Müller", "Jurgen Muller"),
        ("Søren/Łukasz", "Soren Lukasz"),
        ("Ana María/López García", "Ana Lopez"),
        ("Ana/López", "Ana María López García"),
        ("Jean-Luc/Picard", "Jean Luc Picard"),
        ("丽/王", "王丽"),
        ("Ada_B/Lovelace", "Ada B Lovelace"),
    ],
)
def test_these_are_one_name_to_be_looked_at(name: str, written: str) -> None:
    first, _, last = name.rpartition("/")
    one = Student(id="x", first_name=first.replace("|", "/"), last_name=last)
    found = People([one, student("Grace/Hopper")]).called(written)
    assert [s.id for s in found.students] == ["x"]
    assert not found.exact


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("Anna Maria Smith", ["Maria/Smith"]),
        ("Ada", ["Ada/Lovelace"]),
        ("Lovelace", ["Ada/Lovelace"]),
        ("Ada Hopper", ["Ada/Lovelace", "Grace/Hopper"]),
        ("", ["Ada/Lovelace"]),
        ("71", ["Ada/Lovelace"]),
        ("Participant", ["Ada/Lovelace"]),
    ],
)
def test_these_are_nobodys(written: str, names: list[str]) -> None:
    assert called(written, *names) == []


def test_the_nearest_spelling_decides_and_equal_ones_are_both_named() -> None:
    names = ["Jo/Müller", "Jo/Mueller"]
    assert called("Jo Müller", *names) == ["Jo Müller"]
    assert called("JO MUELLER", *names) == ["Jo Mueller"]
    assert called("Jo-Mueller", *names) == ["Jo Müller", "Jo Mueller"]
    assert called("Jo Smith", "Jo/Smith", "jo/smith") == ["Jo Smith", "jo smith"]


def test_who_has_a_name_like_it() -> None:
    people = People([student("Ada/Lovelace"), student("Grace/Hopper")])
    assert [s.name for s in people.like("Ada Lovelase")] == ["Ada Lovelace"]
    assert people.like("Xu Li") == []
    assert people.like("x" * 100_000) == []
