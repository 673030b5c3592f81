"""`fairgrade.lesson.data` under the name that notebooks of 0.1 know; until 0.3."""

from fairgrade.lesson.data import (  # type: ignore[attr-defined]  # noqa: F401
    __getattr__,
    load_arrays,
    notebook_part,
)
