"""A student's notebook, executed sealed off, as outputs and exports."""
