"""Names of places that both sides of the sandbox agree on."""

from __future__ import annotations

from pathlib import Path

#: Variable with the folder of the data that a notebook may read.
DATA_VARIABLE = "FAIRGRADE_DATA"
#: In a course's folder: file -> arrays of which notebooks see only half the rows.
HELD_OUT = ".fairgrade/data/held-out.json"
#: Variable in which a released notebook says what course.yml does of data files: JSON.
DECLARED_VARIABLE = "FAIRGRADE_DECLARED"
MIB = 2**20
#: The private folder of a run, as the run sees it.
HOME = Path("/home/student")
#: Of shared memory.
SHM_BYTES = 256 * MIB
#: The folders, with their sizes in bytes, in which the walls are tried.
PROBE_HOME_MB = 4
PROBE_FOLDERS = {str(HOME): PROBE_HOME_MB * MIB, "/tmp": MIB}
