"""Assignments are tried out before release: solution, blank, mutants, equivalents."""
