"""What a command found, as JSON for scripts: one document on stdout, whatever the exit.

Keys stay as they are once they are published (docs/scripts.md has them); new ones may
come. A command that could not begin prints none, and says why on stderr.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from fairgrade.verify.compare import Comparison, Score
    from fairgrade.verify.judgement import Judgement
    from fairgrade.verify.verification import Verification

Json = Annotated[
    bool, typer.Option("--json", help="print what was found as JSON, for scripts")
]


def say_json(**found: object) -> None:
    """Print one JSON object; every letter that a terminal might obey is escaped."""
    print(json.dumps(found, indent=2, default=_plain))


def _plain(value: object) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {field.name: getattr(value, field.name) for field in fields}
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, (Set, Sequence)) else str(value)


def verification(result: Verification, page: Path) -> dict[str, object]:
    """A verification as data: what its tables and its list of faults show."""
    from fairgrade.verify.verification import test_rows

    return {
        "notebook": result.assignment.stem,
        "passed": result.passed,
        "quick": result.quick,
        "summary": result.summary(),
        "seconds": round(result.seconds, 1),
        "page": page,
        "problems": result.problems,
        "tests": test_rows(result),
        "variants": [_judgement(each) for each in result.judgements],
        "accuracies": result.spread.accuracies if result.spread else (),
        "threshold": result.spread.threshold if result.spread else None,
    }


def comparison(found: Comparison) -> dict[str, object]:
    """An assignment graded both ways as data: points by submission, test by test."""

    def points(scores: Mapping[str, Score]) -> dict[str, float | None]:
        return {who: score.points for who, score in scores.items()}

    return {
        "assignment": found.assignment,
        "problems": found.problems,
        "told": found.told,
        "in_kernel": found.beside,
        "tests": [
            {
                "test": found.name(row),
                "points": row.points,
                "beside": row.beside,
                "stock": points(row.stock),
                "here": points(row.ours),
            }
            for row in found.rows
        ],
    }


def _judgement(found: Judgement) -> dict[str, object]:
    return {
        "kind": found.variant.kind,
        "cell": found.variant.cell,
        "name": found.variant.name,
        "status": found.status.value,
        "good": found.good,
        "told": found.told,
        "reasons": found.reasons,
        "processor_seconds": round(found.outcome.seconds, 2),
    }
