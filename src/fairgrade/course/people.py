"""Whether two spellings are one person's name, as LMSs and people write names."""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass

from fairgrade.course.roster import Student

#: What Moodle drops from the names of files, and the same signs as word processors set
#: them; it writes a blank for _.
_DROPPED = re.compile(r"""["'`´‘’‚‛“”„‟′″:/\\|&<>]|[^\S ]""")
#: Letters whose accent is a part of them.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa"})
_WORD = re.compile(r"[^\W_]+")
#: No name is longer, though a file's may be.
_LONGEST = 300
#: How alike two names are that a person should compare.
_ALIKE = 0.8


@dataclass(frozen=True)
class Namesakes:
    """The students that a name may be; `exact` if it is spelled as in the roster."""

    students: tuple[Student, ...] = ()
    exact: bool = False


@dataclass(frozen=True)
class _Words:
    """The words of a student's name, without accents."""

    student: Student
    first: tuple[str, ...]
    last: tuple[str, ...]

    @property
    def sorted(self) -> str:
        return "".join(sorted({*self.first, *self.last}))


class People:
    """A class by its names, in any order of first and last ones."""

    def __init__(self, students: list[Student]) -> None:
        self._forms: list[dict[str, list[Student]]] = [{}, {}, {}]
        self._having: dict[str, list[_Words]] = {}
        self._sorted: dict[str, list[Student]] = {}
        for student in students:
            for rank, forms in enumerate(_forms(student)):
                for form in forms - {""}:
                    self._forms[rank].setdefault(form, []).append(student)
            first, last = student.first_name, student.last_name
            words = _Words(student, (*_words(first),), (*_words(last),))
            for word in {*words.first, *words.last}:
                self._having.setdefault(word, []).append(words)
            self._sorted.setdefault(words.sorted, []).append(student)

    def called(self, name: str) -> Namesakes:
        """Who has this name; of several spellings, who has the nearest."""
        name = name[:_LONGEST]
        for rank, form in enumerate((_plain(name), _cleaned(name), *_bare(name))):
            found = self._forms[min(rank, 2)].get(form, [])
            if found:
                return Namesakes(tuple(found), exact=rank == 0)
        words = _words(name)
        fits = (w.student for w in self._sharing(words) if _shortened(w, words))
        return Namesakes(tuple(fits))

    def like(self, name: str) -> list[Student]:
        """Who has a name that a person might take for this one; a few at most."""
        words = _words(name[:_LONGEST])
        found = []
        for other in self._sharing(words):
            own = {*other.first, *other.last}
            there = own & set(words)
            if len(there) > 1 and there in (own, set(words)):
                found.append(other.student)
        joined = "".join(sorted(set(words)))
        for near in difflib.get_close_matches(joined, self._sorted, 3, _ALIKE):
            found += [s for s in self._sorted[near] if s not in found]
        return found[:3]

    def _sharing(self, words: list[str]) -> list[_Words]:
        """The names with a word of these, each once."""
        found = (other for word in words for other in self._having.get(word, []))
        return list({other.student.id: other for other in found}.values())


def run_together(name: str) -> str:
    """A name as Canvas writes it: letters and digits alone, in a row, without case."""
    return "".join(_words(name, numbers=True))


def orders(student: Student) -> tuple[str, str]:
    """A student's name with the first and with the last name in front."""
    first, last = student.first_name, student.last_name
    return f"{first} {last}", f"{last} {first}"


def _shortened(name: _Words, words: list[str]) -> bool:
    """Whether two names differ in middle names alone: one has all words of the other.

    The first given name and one of the last names are in both.
    """
    there, own = set(words), {*name.first, *name.last}
    if not name.first or name.first[0] not in there or not there & {*name.last}:
        return False
    # Another given name in front makes another person.
    return there <= own or (own <= there and words[0] in (name.first[0], name.last[0]))


def _forms(student: Student) -> tuple[set[str], set[str], set[str]]:
    names = orders(student)
    bare = {form for name in names for form in _bare(name)}
    return {*map(_plain, names)}, {*map(_cleaned, names)}, bare


def _plain(name: str) -> str:
    """A name without case; a Mac writes one é as two characters."""
    text = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(text.replace(",", " ").split())


def _cleaned(name: str) -> str:
    return _plain(_DROPPED.sub("", name).replace("_", " "))


def _bare(name: str) -> tuple[str, ...]:
    """A name by its letters alone: in any order of words, and run together."""
    forms = []
    for german in (False, True):
        words = _words(name, german=german)
        forms += [" ".join(sorted(words)), "".join(words)]
    return tuple(forms)


def _words(name: str, *, german: bool = False, numbers: bool = False) -> list[str]:
    """The words of a name without accents; numbers that an LMS adds are no part."""
    text = unicodedata.normalize("NFC", _cleaned(name))
    text = (text.translate(_GERMAN) if german else text).translate(_LETTERS)
    text = unicodedata.normalize("NFKD", text)
    plain = "".join(sign for sign in text if not unicodedata.combining(sign))
    found = _WORD.findall(plain)
    return [w for w in found if numbers or not any(map(str.isdigit, w))]
