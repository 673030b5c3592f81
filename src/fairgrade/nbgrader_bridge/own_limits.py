"""nbgrader's time for a cell, where course.yml says none: read anew by each command."""

from __future__ import annotations

from traitlets.config import Config

from fairgrade.course.course import Course, Limits
from fairgrade.nbgrader_bridge.own_config import own_config

_CELL, _RUN = "cell_seconds", "submission_seconds"
#: The classes whose `timeout` nbgrader's Execute has; a later one's goes before.
_CLASSES = ("NotebookClient", "ExecutePreprocessor", "Execute")


def with_own_limits(course: Course) -> Course:
    """The course as its nbgrader_config.py limits it at this moment.

    Raises:
        CourseError: that file cannot be used.
    """
    if course.nbgrader is None:
        return course
    return limited_by(course, own_config(course.configured or course.root))


def limited_by(course: Course, config: Config) -> Course:
    """An nbgrader course with the time of a configuration, where it says none itself.

    Args:
        config: nbgrader's, without what course.yml says.
    """
    seconds = _timeout(config)
    if course.nbgrader is None or seconds is None:
        return course
    usual = Limits()
    share = usual.submission_seconds / usual.cell_seconds
    times = {_CELL: seconds, _RUN: max(usual.submission_seconds, share * seconds)}

    def limited(limits: Limits) -> Limits:
        said = limits.model_fields_set
        if _CELL in said:
            return limits
        own = {name: value for name, value in times.items() if name not in said}
        made = limits.model_copy(update=own)
        # Still nobody has said them: another configuration may say something else.
        made.model_fields_set.difference_update(own)
        return made

    assignments = tuple(
        each.model_copy(update={"limits": limited(each.limits)})
        for each in course.assignments
    )
    update = {"limits": limited(course.limits), "assignments": assignments}
    return course.model_copy(update=update)


def _timeout(config: Config) -> float | None:
    """The seconds of a cell, or None where nothing or no end is set."""
    found: object = None
    for name in _CLASSES:
        if "timeout" in config[name]:
            found = config[name]["timeout"]
    try:
        seconds = float(str(found))
    except ValueError:  # None, or set by a function
        return None
    return seconds if seconds > 0 else None
