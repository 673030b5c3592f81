"""Templates of pages that people read: everything put into them is escaped."""

from __future__ import annotations

from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from fairgrade.feedback.sanitise import POLICY, publish

_WITH_TEMPLATES = ("feedback", "report", "watch")


def render(template: str, **values: Any) -> str:
    """A whole page from a template of one of these packages."""
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
    return publish(environment.get_template(template).render(policy=POLICY, **values))


def points(value: float) -> str:
    """Points as people write them: 4, 2.5, 0.33."""
    return f"{value:.2f}".rstrip("0").rstrip(".").replace("-", "\u2212") or "0"
