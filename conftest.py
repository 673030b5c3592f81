"""What all tests share: what they start with, and in which order they are run."""

from __future__ import annotations

import gc
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

_ENVIRON, _ENVIRONMENT = os.environ, dict(os.environ)
#: In the text of a file whose tests are slow, every one.
_ALL_SLOW = re.compile(r"^pytestmark = \[?pytest\.mark\.slow\b", re.MULTILINE)
# jsonschema, which reads notebooks, would take a second for a grammar of web addresses.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
# Nothing of what imports make is garbage: Python would look for it time and again.
gc.disable()


@pytest.fixture(autouse=True, scope="module")
def _environment() -> Iterator[None]:
    """Forget what a course has set for nbgrader and kernels: a test has its own."""
    yield
    os.environ = _ENVIRON  # noqa: B003 (nbgrader's run_nbgrader leaves a dictionary)
    for name in os.environ.keys() - _ENVIRONMENT.keys():
        if not name.startswith("PYTEST_"):  # pytest's own
            del os.environ[name]
    os.environ.update(_ENVIRONMENT)


def pytest_ignore_collect(
    collection_path: Path, config: pytest.Config
) -> Literal[True] | None:
    """Without slow tests, import no file that has no other: most of them want Keras."""
    if config.option.markexpr != "not slow" or collection_path.suffix != ".py":
        return None
    return True if _ALL_SLOW.search(collection_path.read_text("utf-8")) else None


@pytest.hookimpl(trylast=True)  # of the tests that were asked for
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Show what libraries warn of in slow tests; in the quick ones it is an error.

    Files with many slow tests come first, whatever their parameters: else one process
    works for minutes on the last of them when the others are done.
    """
    slow = {item for item in items if item.get_closest_marker("slow")}
    functions = {(item.path, getattr(item, "originalname", "")) for item in slow}
    long = Counter(path for path, _ in functions)
    size = Counter(item.path for item in items)
    items.sort(key=lambda item: (-long[item.path], -size[item.path]))
    for item in slow:
        item.add_marker(pytest.mark.filterwarnings("default"))


def pytest_collection_finish() -> None:
    """Look for garbage from now on, and only in what tests make."""
    gc.freeze()
    gc.enable()
