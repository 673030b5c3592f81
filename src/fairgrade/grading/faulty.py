"""What tests find with the reference solution: kept, for it takes a run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from fairgrade.files import write_whole


@dataclass(frozen=True)
class Baseline:
    """What the reference solution shows of an assignment's tests.

    Attributes:
        faulty: the tests that stop with it, too.
        kinds: how objects came up in tests that ask -> the names of their classes.
    """

    faulty: frozenset[str]
    kinds: dict[str, list[str]]


@dataclass(frozen=True)
class Faulty:
    """What was found for one state of a course, in a file.

    Attributes:
        key: of what decides it.
    """

    path: Path
    key: str

    def read(self) -> Baseline | None:
        """What was found, or None where it has to be found anew."""
        try:
            entry = json.loads(self.path.read_text(encoding="utf-8"))
            if entry["key"] == self.key:
                kinds = {str(k): [*map(str, v)] for k, v in entry["kinds"].items()}
                return Baseline(frozenset(map(str, entry["tests"])), kinds)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            pass
        return None

    def write(self, found: Baseline) -> None:
        """Keep what was found."""
        entry = {"key": self.key, "tests": sorted(found.faulty), "kinds": found.kinds}
        write_whole(self.path, json.dumps(entry, indent=1))
