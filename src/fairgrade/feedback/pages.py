"""Templates of pages that people read: everything put into them is escaped."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from fairgrade.feedback.sanitise import POLICY, publish

_WITH_TEMPLATES = ("feedback", "report", "watch")


def render(template: str, **values: Any) -> str:
    """A whole page from a template of one of these packages."""
    page = _environment().get_template(template)
    return publish(page.render(policy=POLICY, **values))


@cache  # with all templates, as Python
def _environment() -> Environment:
    environment = Environment(
        loader=ChoiceLoader(
            [PackageLoader(f"fairgrade.{name}") for name in _WITH_TEMPLATES]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["points"] = points
    return environment


def points(value: float) -> str:
    """Points as people write them: 4, 2.5, 0.33."""
    return f"{value:.2f}".rstrip("0").rstrip(".").replace("-", "\u2212") or "0"
