"""Names of places that both sides of the sandbox agree on."""

from __future__ import annotations

#: Variable with the folder of the data that a notebook may read.
DATA_VARIABLE = "FAIRGRADE_DATA"
#: In a course's folder: file -> arrays of which notebooks see only half the rows.
HELD_OUT = ".fairgrade/data/held-out.json"
