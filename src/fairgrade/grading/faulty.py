"""Which tests stop with the reference solution, too: kept, for it takes a run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from fairgrade.files import write_whole


@dataclass(frozen=True)
class Faulty:
    """What was found for one state of a course, in a file.

    Attributes:
        key: of what decides it.
    """

    path: Path
    key: str

    def read(self) -> frozenset[str] | None:
        """The tests, or None where they have to be found anew."""
        try:
            entry = json.loads(self.path.read_text(encoding="utf-8"))
            if entry["key"] == self.key:
                return frozenset(map(str, entry["tests"]))
        except (OSError, ValueError, TypeError, KeyError):
            pass
        return None

    def write(self, tests: frozenset[str]) -> None:
        """Keep what was found."""
        entry = {"key": self.key, "tests": sorted(tests)}
        write_whole(self.path, json.dumps(entry, indent=1))
