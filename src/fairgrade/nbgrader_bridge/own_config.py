"""What an nbgrader course says of itself: its own nbgrader_config.py, read as it is."""

from __future__ import annotations

import contextvars
import sys
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from jupyter_core.paths import jupyter_config_path
from traitlets.config import Config
from traitlets.config.loader import (
    ConfigFileNotFound,
    JSONFileConfigLoader,
    PyFileConfigLoader,
)

from fairgrade.course.layout import Layout
from fairgrade.errors import CourseError
from fairgrade.protocol.texts import one_line

CONFIG_FILE = "nbgrader_config.py"
_NAME = CONFIG_FILE.removesuffix(".py")
#: Fields of a layout -> traits of nbgrader's CourseDirectory.
_TRAITS = {
    "structure": "directory_structure",
    **{
        step: f"{step}_directory"
        for step in ("source", "release", "submitted", "autograded", "feedback")
    },
}
_reading = contextvars.ContextVar("reading", default=False)


def reading() -> bool:
    """Whether a configuration is being read by `own_config`."""
    return _reading.get()


def own_config(root: Path) -> Config:
    """What nbgrader's files of configuration say of a course, ours left out.

    nbgrader reads Jupyter's folders first, the course's last; so does this.

    Raises:
        CourseError: a file raises an error.
    """
    config = Config()
    token = _reading.set(True)
    try:
        for folder in [*reversed(jupyter_config_path()), str(root)]:
            for loader in (
                PyFileConfigLoader(f"{_NAME}.py", path=folder),
                JSONFileConfigLoader(f"{_NAME}.json", path=folder),
            ):
                try:
                    config.merge(loader.load_config())
                except ConfigFileNotFound:
                    continue
                except (Exception, SystemExit) as err:
                    reason = one_line(f"{type(err).__name__}: {err}")
                    raise CourseError(
                        f"{loader.full_filename} cannot be used: {reason}. Mend it.",
                        file=loader.full_filename,
                    ) from err
    finally:
        _reading.reset(token)
    # nbgrader takes these from the folder that it is started in.
    for trait in ("header", "footer"):
        if path := config.IncludeHeaderFooter.get(trait):
            config.IncludeHeaderFooter[trait] = str(root / str(path))
    return config


def folder_being_read() -> Path:
    """The folder of the nbgrader_config.py that calls; else the working folder.

    Who reads a configuration runs it with its path as `__file__`.
    """
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        path = Path(str(frame.f_globals.get("__file__", "")))
        if path.name == CONFIG_FILE:
            return path.parent
        frame = frame.f_back
    return Path.cwd()


def layout_of(config: Config) -> Layout:
    """Where a course's folders are, by its configuration.

    Raises:
        ValueError: nbgrader could not use it either.
    """
    said = config.CourseDirectory
    found: Mapping[str, str] = {
        field: str(said[trait]) for field, trait in _TRAITS.items() if trait in said
    }
    return Layout(**found)


def traits_of(layout: Layout) -> dict[str, str]:
    """A layout as traits of nbgrader's CourseDirectory."""
    return {trait: getattr(layout, field) for field, trait in _TRAITS.items()}
