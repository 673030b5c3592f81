"""`fairgrade.lesson.networks` under the name that notebooks of 0.1 know; until 0.3."""

from fairgrade.lesson.networks import *  # noqa: F403
