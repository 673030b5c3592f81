"""Grading while work comes in: hand-ins to grades and pages, as they arrive."""
