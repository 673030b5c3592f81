"""What the reference solution shows is found out anew where what runs it changed."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fairgrade.grading import reference
from fairgrade.grading.reference import Reference


def test_another_fairgrade_finds_out_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = list[int]()

    def verdicts(*_: Any) -> list[Any]:
        runs.append(1)
        return []

    monkeypatch.setattr(Reference, "_verdicts", verdicts)
    course, part = SimpleNamespace(root=tmp_path), SimpleNamespace(name="a", stem="a")
    terms: Any = SimpleNamespace(course=course, part=part)
    preparing: Any = None
    for digest, count in (("1", 1), ("1", 1), ("2", 2)):
        monkeypatch.setattr(reference, "environment_digest", lambda d=digest: d)
        assert not Reference(preparing, terms, "key").baseline.faulty
        assert len(runs) == count
