"""Where nbgrader's own commands and formgrader's buttons meet fairgrade."""
