"""The command line: parse, call, print. Everything it does is importable elsewhere.

Commands import what they call when they are called: nbgrader and Keras take seconds,
`--help` should not.
"""

from __future__ import annotations

from fairgrade.cli import (
    authoring,
    autograding,
    canvas,
    grading,
    machine,
    previewing,
    publishing,
    replaying,
    starting,
    watching,
)
from fairgrade.cli.base import app, main

__all__ = [
    "app",
    "authoring",
    "autograding",
    "canvas",
    "grading",
    "machine",
    "main",
    "previewing",
    "publishing",
    "replaying",
    "starting",
    "watching",
]
