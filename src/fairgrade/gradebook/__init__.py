"""Verdicts into nbgrader's gradebook, and tables out of it."""
