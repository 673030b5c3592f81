"""nbgrader reads this file; what it needs to know stands in course.yml."""

import sys

c = get_config()  # noqa: F821  (nbgrader's loader provides it)
try:
    from fairgrade.nbgrader_bridge.config import configure
except ImportError:  # nbgrader would go on without it, and run students' code unsealed
    sys.exit(
        f"fairgrade is not installed for {sys.executable}, or not whole. "
        "Start nbgrader and JupyterLab from the environment that has it."
    )
configure(c, __file__)
