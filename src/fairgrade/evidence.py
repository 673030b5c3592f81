"""`fairgrade.judge.evidence` under the name that notebooks of 0.1 know; until 0.3."""

from fairgrade.judge.evidence import *  # noqa: F403
