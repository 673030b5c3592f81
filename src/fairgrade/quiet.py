"""`fairgrade.lesson.quiet` under the name that notebooks of 0.1 know; until 0.3."""

from fairgrade.lesson.quiet import *  # noqa: F403
