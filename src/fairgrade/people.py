"""Whether two spellings are one person's name, as LMSs and people write names."""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass

from fairgrade.roster import Student

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


class People:
    """A class by its names, in any order of first and last ones."""

    def __init__(self, students: list[Student]) -> None:
        self._students = [s for s in students if s.name]
        self._forms: list[dict[str, list[Student]]] = [{}, {}, {}]
        for student in self._students:
            for rank, forms in enumerate(_forms(student)):
                for form in forms - {""}:
                    self._forms[rank].setdefault(form, []).append(student)

    def called(self, name: str) -> Namesakes:
        """Who has this name; of several spellings, who has the nearest."""
        name = name[:_LONGEST]
        for rank, form in enumerate((_plain(name), _cleaned(name), *_bare(name))):
            found = self._forms[min(rank, 2)].get(form, [])
            if found:
                return Namesakes(tuple(found), exact=rank == 0)
        words = _words(name, german=False)
        return Namesakes(tuple(s for s in self._students if _shortened(s, words)))

    def like(self, name: str) -> list[Student]:
        """Who has a name that a person might take for this one; a few at most."""
        words = set(_words(name[:_LONGEST], german=False))
        joined = "".join(sorted(words))
        found = []
        for student in self._students:
            own = set(_words(student.name, german=False))
            within = len(own & words) > 1 and (own <= words or words <= own)
            other = difflib.SequenceMatcher(a=joined, b="".join(sorted(own)))
            if within or (other.quick_ratio() >= _ALIKE <= other.ratio()):
                found.append(student)
        return found[:3]


def run_together(name: str) -> str:
    """A name as Canvas writes it: letters and digits alone, in a row, without case."""
    return "".join(_words(name, german=False, numbers=True))


def orders(student: Student) -> tuple[str, str]:
    """A student's name with the first and with the last name in front."""
    first, last = student.first_name, student.last_name
    return f"{first} {last}", f"{last} {first}"


def _shortened(student: Student, words: list[str]) -> bool:
    """Whether two names differ in middle names alone: one has all words of the other.

    The first given name and one of the last names are in both.
    """
    first = _words(student.first_name, german=False)
    last = _words(student.last_name, german=False)
    there, own = set(words), {*first, *last}
    if not first or first[0] not in there or not there & set(last):
        return False
    # Another given name in front makes another person.
    return there <= own or (own <= there and words[0] in (first[0], last[0]))


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


def _words(name: str, *, german: bool, numbers: bool = False) -> list[str]:
    """The words of a name without accents; numbers that an LMS adds are no part."""
    text = unicodedata.normalize("NFC", _cleaned(name))
    text = (text.translate(_GERMAN) if german else text).translate(_LETTERS)
    text = unicodedata.normalize("NFKD", text)
    plain = "".join(sign for sign in text if not unicodedata.combining(sign))
    found = _WORD.findall(plain)
    return [w for w in found if numbers or not any(map(str.isdigit, w))]
