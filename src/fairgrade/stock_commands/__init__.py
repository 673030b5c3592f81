"""nbgrader's own commands, done the sealed way."""
