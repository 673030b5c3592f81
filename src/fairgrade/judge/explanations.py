"""Why a test failed, in words: what was called, what came of it, what was expected.

Made after the verdict, of what was noted and recorded on the way to it. Nothing of a
test is run for it, and no student's code is asked.
"""

from __future__ import annotations

import ast
import contextlib
import copy
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from fairgrade.judge.asserts import Asserts, Failed
from fairgrade.judge.relations import Relation, difference, relation_of
from fairgrade.judge.shortly import kind_of, shown
from fairgrade.judge.transcripts import Asked, Transcript
from fairgrade.protocol.texts import one_line

_MOST = 400
#: Values that take the place of names in a text: no longer than this.
_MAX_VALUE = 60
#: Of what was done to an object, so many are told.
_STEPS = 6


@dataclass(frozen=True)
class Explanation:
    """Why a test failed.

    Attributes:
        brief: one line without any value of the test's; "" if there is none to tell.
        what: what was called, with what, as the test does it.
        expected, found: in words, in one line each; may be "".
    """

    brief: str = ""
    what: str = ""
    expected: str = ""
    found: str = ""

    @property
    def full(self) -> dict[str, str]:
        """All of it as data; nothing where there is but the brief line."""
        more = self.what or self.expected or self.found
        return {name: text for name, text in vars(self).items() if text and more}


def in_one_line(explained: Mapping[str, str]) -> str:
    """What `Explanation.full` says, for an instructor."""
    parts = [f"{n} {explained[n]}" for n in ("expected", "found") if explained.get(n)]
    told = ": ".join(filter(None, (explained.get("what", ""), ", ".join(parts))))
    return one_line(told, 3 * _MOST)


@dataclass(frozen=True)
class Explainer:
    """Explains failures at one test cell.

    Attributes:
        asserts: compiled the test.
        transcript: what was asked there.
        known: names that are a student's.
    """

    asserts: Asserts
    transcript: Transcript = field(default_factory=Transcript)
    known: Set[str] = frozenset()

    def of(self, err: BaseException, *, wanted: str = "") -> Explanation:
        """Of an error that ended the test.

        Args:
            wanted: what was expected instead, where that is known.
        """
        # Whatever goes wrong here, the verdict stands.
        with contextlib.suppress(Exception):
            failed = self.asserts.failed(err)
            return self._of_last(wanted) if failed is None else self._of_assert(failed)
        return Explanation()

    def _of_assert(self, failed: Failed) -> Explanation:
        if _is_reached(failed.node.test):
            return self._of_no_error(failed)
        scene = _Scene(failed, self)
        relation = relation_of(failed.node.test, scene)
        subject = relation.subject
        if subject is None:
            return self._of_last()
        expected, found = relation.expected, scene.told(subject)
        if scene.seen(subject) and relation.other is not None:
            apart = difference(scene.value(subject), scene.value(relation.other))
            found, expected = apart or (found, expected)
        if scene.seen(subject) and relation.kind == "type":
            found = f"{type(scene.value(subject)).__name__}: {found}"
        return Explanation(
            brief=self._brief(scene, subject, relation),
            what=scene.text(subject),
            expected=one_line(expected, _MOST),
            found=one_line(found, _MOST),
        )

    def _of_last(self, expected: str = "") -> Explanation:
        """Of anything else: what was asked last, and the answer."""
        if not self.transcript.last:
            return Explanation(expected=expected)
        last = self.transcript.last[-1]
        brief = f"A check failed. {_named(last)} was looked at last."
        answer = f"{'raised ' if last.raised else ''}{last.found}"
        steps = _in_words(self.transcript.steps(last))
        return Explanation(brief, steps, expected, answer or "no answer")

    def _of_no_error(self, failed: Failed) -> Explanation:
        """Of `assert False` at a place that a test should not get to."""
        errors = _errors_around(failed)
        told = self._of_last()
        if not errors:
            return told
        brief = ""
        if self.transcript.last and self.transcript.last[-1].kind == "call":
            brief = f"{_named(self.transcript.last[-1])} did not raise an error."
        expected = f"an error: {errors}"
        return Explanation(brief or told.brief, told.what, expected, told.found)

    def _brief(self, scene: _Scene, subject: ast.AST, relation: Relation) -> str:
        asked = scene.asked(subject)
        if not asked:
            name = subject.id if isinstance(subject, ast.Name) else ""
            if name in self.known:
                return f"{name} is not what is expected."
            return self._of_last().brief
        last = asked[-1]
        if not scene.is_all_of(subject):
            names = list(dict.fromkeys(map(_named, asked)))
            told = ", ".join(names[:3]) + (" and others" if len(names) > 3 else "")
            return f"What comes of {told} is not what is expected."
        if last.kind != "call":
            return f"{last.called} is not what is expected."
        kind = kind_of(scene.value(subject))
        if relation.kind == "type":
            return f"{_named(last)} returned {kind}: another type is expected."
        if kind == "None":
            return f"{_named(last)} returned None, which is not what is expected."
        return f"{_named(last)} returned {kind} that is not what is expected."


class _Scene:
    """What is known of the expressions of an assert that has failed."""

    def __init__(self, failed: Failed, explainer: Explainer) -> None:
        self._failed, self._explainer = failed, explainer

    def noted(self, node: ast.AST) -> bool:
        """Whether it was seen to be evaluated."""
        return node in self._failed.seen

    def seen(self, node: ast.AST) -> bool:
        """Whether what it comes to is known."""
        return self.noted(node) or isinstance(node, ast.Constant)

    def value(self, node: ast.AST) -> Any:
        """What it came to; None where that is not known."""
        if isinstance(node, ast.Constant):
            return node.value
        found = self._failed.seen.get(node)
        return None if found is None else found.value

    def asked(self, node: ast.AST) -> Sequence[Asked]:
        """What was asked of a student's code for it, here or where it was made."""
        parts = [*ast.walk(node)]
        here = [self._failed.seen[n].questions for n in parts if n in self._failed.seen]
        names = [n.id for n in parts if isinstance(n, ast.Name)]
        made = [self._failed.made[n] for n in names if n in self._failed.made]
        return self._between(here) or self._between(made)

    def _between(self, spans: Sequence[tuple[int, int]]) -> Sequence[Asked]:
        between = self._explainer.transcript.between
        found = {asked.number: asked for span in spans for asked in between(span)}
        return [found[number] for number in sorted(found)]

    def is_theirs(self, node: ast.AST) -> bool:
        """Whether a student's code has to do with it."""
        known = self._explainer.known
        return bool(self.asked(node)) or any(
            isinstance(each, ast.Name) and each.id in known for each in ast.walk(node)
        )

    def is_all_of(self, node: ast.AST) -> bool:
        """Whether an expression is just what was answered to one question."""
        asked = self.asked(node)
        return len(asked) == 1 and asked[0].found == one_line(shown(self.value(node)))

    def text(self, node: ast.AST) -> str:
        """An expression as it stands in the test, with values for its names."""
        asked = self.asked(node)
        if self.is_all_of(node):
            return _in_words(self._explainer.transcript.steps(asked[0]))
        made = copy.deepcopy(node)
        for ours, original in zip(ast.walk(made), ast.walk(node), strict=True):
            for part, name in _filled(ours, original):
                if value := self._plain(name):
                    part.id = value  # it is only written down
        text = ast.unparse(made)
        if isinstance(node, ast.Name) and asked:
            text = (
                f"{text}, of {_in_words(self._explainer.transcript.steps(asked[-1]))}"
            )
        return one_line(text, _MOST)

    def told(self, node: ast.AST) -> str:
        """The value of an expression; where none is known, the expression."""
        return shown(self.value(node), _MOST) if self.seen(node) else self.text(node)

    def _plain(self, name: ast.AST) -> str:
        """What a name stands for, if it is short and plain; else ""."""
        found = self._failed.seen.get(name)
        if found is None or callable(found.value):
            return ""
        if type(found.value).__module__ not in ("builtins", "numpy"):
            return ""
        text = shown(found.value, _MOST)
        short = len(text) <= _MAX_VALUE and "..." not in text
        return text if short and text[:1] != "<" else ""


def _filled(ours: ast.AST, original: ast.AST) -> Iterator[tuple[ast.Name, ast.AST]]:
    """Names in a copy in whose place a value can be read, and the names themselves."""
    if isinstance(ours, (ast.Attribute, ast.Subscript)):
        parts: list[ast.AST] = [getattr(ours, "slice", ours)]
        originals: list[ast.AST] = [getattr(original, "slice", original)]
    else:
        parts, originals = (
            [*ast.iter_child_nodes(ours)],
            [*ast.iter_child_nodes(original)],
        )
    for part, name in zip(parts, originals, strict=True):
        if isinstance(part, ast.Name):
            yield part, name


def _in_words(steps: Sequence[Asked]) -> str:
    """What was done to an object, in one line: "Account('ada'), then .deposit(5)"."""
    first, *rest = steps[-_STEPS:]
    told = [first.text, *(f".{each.text.partition('.')[2]}" for each in rest)]
    before = "..., then " if len(steps) > _STEPS else ""
    return one_line(before + ", then ".join(told), _MOST)


def _named(asked: Asked) -> str:
    return f"{asked.called}()" if asked.kind == "call" else asked.called


def _is_reached(test: ast.expr) -> bool:
    """Whether an assert only says that a test should not have come this far."""
    return isinstance(test, ast.Constant) and not test.value


def _errors_around(failed: Failed) -> str:
    """The errors that are expected where an assert stands, as the test names them."""
    inner: ast.AST = failed.node
    for outer in reversed(failed.within):
        if isinstance(outer, ast.Try) and inner not in outer.finalbody:
            if any(inner is handler for handler in outer.handlers):
                return ""  # it was raised
            kinds = [h.type for h in outer.handlers if h.type is not None]
            return ", ".join(ast.unparse(kind) for kind in kinds)
        inner = outer
    return ""
