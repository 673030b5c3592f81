"""The page a student gets: scores, hints, and their notebook, as safe HTML."""

from __future__ import annotations

from fairgrade.feedback.exporter import FeedbackExporter

__all__ = ["FeedbackExporter"]
