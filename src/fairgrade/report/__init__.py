"""The class report: what a class got, where it lost points, and why, as one page."""

from __future__ import annotations

from fairgrade.report.page import class_report

__all__ = ["class_report"]
