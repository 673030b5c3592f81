"""What a graded notebook says of itself: the record in its metadata."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbformat.notebooknode import NotebookNode

from fairgrade.files import read_object
from fairgrade.run.use import Use

_KEY = "fairgrade"


@dataclass(frozen=True)
class Notes:
    """The record, as the writer wrote it; a person may have edited it since.

    Attributes:
        notices: what its student should know of how it was graded.
        provenance: what it was graded with, by name.
        shared: whether it was computed once for several equal submissions.
        refusal: why nothing was run; "" where it was.
        findings: what a person should look at before its page goes out.
        unmeasured: cell -> why it could not be measured, completing "it ...".
        calls: cell -> what its hidden test asked of the student's functions.
        resubmission: why a newer submission was refused, so that this result stands.
        doubt: what is not certain of when it was handed in.
        used: what its run took, by cell; None where that was not kept.
    """

    notices: tuple[str, ...] = ()
    provenance: Mapping[str, str] = field(default_factory=dict)
    shared: bool = False
    refusal: str = ""
    findings: tuple[str, ...] = ()
    unmeasured: Mapping[str, str] = field(default_factory=dict)
    calls: Mapping[str, Any] = field(default_factory=dict)
    resubmission: str = ""
    doubt: str = ""
    used: Use | None = None

    @classmethod
    def of(cls, notebook: Mapping[str, Any]) -> Notes:
        """The record of a notebook, as nbformat or JSON have it; empty without one."""
        own = _mapping(_mapping(notebook.get("metadata")).get(_KEY))
        return cls(
            notices=_texts(own.get("notices")),
            provenance=_named(own.get("provenance")),
            shared=own.get("shared") is True,
            refusal=_text(own.get("refusal")),
            findings=_texts(own.get("findings")),
            unmeasured=_named(own.get("unmeasured")),
            calls=_mapping(own.get("calls")),
            resubmission=_text(own.get("resubmission")),
            doubt=_text(own.get("doubt")),
            used=Use.of(own.get("used")),
        )

    @classmethod
    def read(cls, path: Path) -> Notes:
        """The record of a notebook's file.

        Raises:
            OSError, ValueError: it cannot be read, or is no JSON object.
        """
        return cls.of(read_object(path))

    def write(self, notebook: NotebookNode) -> None:
        """Put it into a notebook, in place of the record there; what is empty, not."""
        always = {"notices", "provenance", "shared"}
        notebook.metadata[_KEY] = {
            name: _plain(value)
            for name, value in vars(self).items()
            if value or name in always
        }


def _plain(value: Any) -> Any:
    if isinstance(value, Use):
        return value.data()
    return list(value) if isinstance(value, tuple) else value


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return str(value) if value else ""


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else ()


def _named(value: Any) -> dict[str, str]:
    return {str(name): str(text) for name, text in _mapping(value).items()}
