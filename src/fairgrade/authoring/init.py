"""A course of one's own in a new folder: nothing in it but what every course needs."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path
from string import Template

import yaml

from fairgrade.course.course import FILE_NAME, NAME, Course, load_course
from fairgrade.errors import FairgradeError

#: File of a course -> the skeleton that it is made from.
_FILES = {
    FILE_NAME: "course.txt",
    "roster.csv": "roster.txt",
    "nbgrader_config.py": "nbgrader_config.txt",
    ".gitignore": "gitignore.txt",
}


def init_course(folder: Path, *, title: str = "") -> Course:
    """Make a course without assignments.

    Args:
        folder: a new or empty one; the course's id is its name.
        title: for people; made from the name if empty.

    Raises:
        FairgradeError: the folder holds something, or its name cannot be an id.
    """
    name = re.sub(r"[\s_.]+", "-", folder.resolve().name.lower())
    if not re.match(NAME, name):
        raise FairgradeError(
            f"'{folder.name}' cannot name a course. Use letters, digits and hyphens, "
            "beginning with a letter.",
            file=folder,
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FairgradeError(
            f"{folder} is there already, and not empty. Name another folder; for an "
            "nbgrader course that is there, run in it: fairgrade adopt",
            file=folder,
        )
    folder.mkdir(parents=True, exist_ok=True)
    title = title or name.replace("-", " ").capitalize()
    values = {"id": name, "title": yaml.safe_dump(title, width=1000).split("\n")[0]}
    skeleton = resources.files("fairgrade") / "skeletons" / "course"
    for file, source in _FILES.items():
        text = (skeleton / source).read_text(encoding="utf-8")
        if file == FILE_NAME:
            text = Template(text).substitute(values)
        (folder / file).write_text(text, encoding="utf-8")
    return load_course(folder)
