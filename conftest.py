"""What all tests share: the environment is the same at the start of every module."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

_ENVIRONMENT = dict(os.environ)


@pytest.fixture(autouse=True, scope="module")
def _environment() -> Iterator[None]:
    """Forget what a course has set for nbgrader and kernels: a test has its own."""
    yield
    for name in os.environ.keys() - _ENVIRONMENT.keys():
        if not name.startswith("PYTEST_"):  # pytest's own
            del os.environ[name]
    os.environ.update(_ENVIRONMENT)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Show what libraries warn of in slow tests; in the quick ones it is an error."""
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.filterwarnings("default"))
