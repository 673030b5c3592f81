"""What SciPy's tests, fits and solvers give, and its distributions."""
