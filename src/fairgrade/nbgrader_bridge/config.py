"""nbgrader's configuration, made from course.yml so that nothing is said twice."""

from __future__ import annotations

import contextlib
import os
import sys
from copy import deepcopy
from functools import partial
from pathlib import Path

from nbgrader.preprocessors import ClearSolutions, SaveCells
from traitlets.config import Config
from traitlets.log import get_logger
from traitlets.utils.importstring import import_item

from fairgrade.course.course import FILE_NAME, Course, load_course
from fairgrade.course.plain_path import plain_path
from fairgrade.nbgrader_bridge import own_config
from fairgrade.nbgrader_bridge.blanks import ClearBlanks
from fairgrade.nbgrader_bridge.kernels import (
    JUPYTER_FOLDER,
    VALIDATION_KERNEL,
    validation_settings,
)
from fairgrade.nbgrader_bridge.late import LatePenalty
from fairgrade.nbgrader_bridge.own_limits import limited_by
from fairgrade.protocol.places import DATA_VARIABLE
from fairgrade.protocol.texts import one_line

_STOCK = "fairgrade.stock_commands"
#: What was said of course.yml: nbgrader reads its configuration several times.
_told: set[str] = set()


def configure(c: Config, config_file: str) -> None:
    """Have nbgrader work as course.yml says; the same as `seal`, by its older name."""
    seal(c, Path(config_file).parent)


def seal(c: Config, root: Path | str | None = None) -> None:
    """Fill nbgrader's config object for a course, in its nbgrader_config.py.

    What that file sets below this line has the last word.

    Args:
        c: from `get_config()`.
        root: the course's folder; else the one that `c` names, or that of the file.

    Also sets what kernels inherit: the course folder on PYTHONPATH, where stock
    nbgrader finds grader_tests, and this environment's programs on PATH, for alembic.
    Where course.yml cannot be used, what would run students' code says so and refuses:
    nbgrader goes on without a configuration that raises, and would run it unsealed.
    """
    if own_config.reading():  # by us, for what else the file says
        return
    named = c.CourseDirectory.get("root", None)
    root = Path(root or named or own_config.folder_being_read()).resolve()
    c.CourseDirectory.root = str(root)
    try:
        if (root / FILE_NAME).is_file():
            course = load_course(root)
        else:  # nbgrader's own, which its commands take in when they are called
            layout, known = own_config.layout_of(c), c.CourseDirectory
            course = Course(id=known.get("course_id", ""), nbgrader=layout, root=root)
            if "db_url" in known:
                course = course.model_copy(update={"gradebook": known.db_url})
        c.merge(nbgrader_config(course))
        prepare_environment(course)
    except Exception as err:
        if str(err) not in _told:
            get_logger().error("%s", one_line(err))
            _told.add(str(err))
    c.merge(_handed_over())


def _sealed() -> Config:
    """Have students' code run by fairgrade; as texts, so that nothing can fail here."""
    c = Config()
    c.Autograde.exporter_class = f"{_STOCK}.autograding.SealedAutograde"
    return c


def _handed_over() -> Config:
    """Have nbgrader's own commands do as fairgrade's; these use nbgrader's classes."""
    c = _sealed()
    c.GenerateAssignment.exporter_class = f"{_STOCK}.converting.CourseAssignment"
    c.GenerateFeedback.exporter_class = f"{_STOCK}.converting.CourseFeedback"
    c.ExchangeFactory.collect = f"{_STOCK}.taking_in.CourseCollect"
    c.ExchangeFactory.release_assignment = f"{_STOCK}.giving_out.CheckedRelease"
    c.ExchangeFactory.release_feedback = f"{_STOCK}.giving_out.CheckedFeedback"
    c.ExportApp.plugin_class = f"{_STOCK}.giving_out.CourseExport"
    return c


def nbgrader_config(course: Course) -> Config:
    """Everything nbgrader needs to know of a course."""
    from nbgrader.converters import GenerateAssignment

    c = Config()
    if course.nbgrader is not None:
        c = own_config.own_config(course.configured or course.root)
        c.CourseDirectory.pop("db_url", None)
    c.merge(deepcopy(Config(course.given)))
    c.CourseDirectory.root = str(plain_path(course.root))
    c.CourseDirectory.course_id = course.id
    for trait, value in own_config.traits_of(course.layout).items():
        c.CourseDirectory[trait] = value
    if course.nbgrader is None:
        # ".*": hidden files reach neither a release nor the course from a hand-in.
        c.CourseDirectory.ignore = [".*", "*.pyc", "__pycache__", "*.h5"]
    if course.gradebook is not None:
        c.CourseDirectory.db_url = course.gradebook
    if course.nbgrader is None or "late" in course.model_fields_set:
        c.AssignLatePenalties.plugin_class = LatePenalty
    c.LatePenalty.penalty_method = course.late.penalty
    c.LatePenalty.percent_per_day = course.late.percent_per_day
    c.LatePenalty.grace_minutes = course.late.grace_minutes
    c.merge(_sealed())
    save = import_item("fairgrade.gradebook.changed_cells.SaveChangedCells")
    instead = {ClearSolutions: ClearBlanks, SaveCells: save}
    given = c.GenerateAssignment.get("preprocessors", None)
    steps = [
        instead.get(step, step)
        for step in given or GenerateAssignment.preprocessors.default()
    ]
    if ClearBlanks in steps:
        bring = import_item("fairgrade.authoring.standalone.StandAlone")
        steps.insert(steps.index(ClearBlanks) + 1, bring)
    c.GenerateAssignment.preprocessors = steps
    c.ExchangeFactory.collect = "fairgrade.collect.exchange.PlainCollect"
    c.GenerateFeedback.exporter_class = "fairgrade.feedback.FeedbackExporter"
    # Formgrader shows what students' code put out: as text and pictures alone.
    c.HTMLExporter.preprocessors = ["fairgrade.feedback.formgrader.SafeNotebook"]
    c.HTMLExporter.filters = {
        "markdown2html": "fairgrade.feedback.formgrader.safe_markdown"
    }
    # Validate runs notebooks, students' too: sealed off, and a tag skips no cell.
    c.Execute.kernel_name = VALIDATION_KERNEL
    c.SandboxProvisioner.settings = partial(validation_settings, course)
    c.Execute.skip_cells_with_tag = "fairgrade-never-skips-a-cell"
    course = limited_by(course, c)
    limits = [a.limits.cell_seconds for a in course.assignments] or [120.0]
    c.Execute.timeout = int(max(limits))
    if course.exchange is not None:
        exchange = course.root / course.exchange
        with contextlib.suppress(OSError):  # formgrader releases only where it exists
            exchange.mkdir(parents=True, exist_ok=True)
        c.Exchange.root = str(plain_path(exchange))
    return c


def prepare_environment(course: Course) -> None:
    """Set the environment that nbgrader and the kernels it starts inherit."""
    _prepend("PYTHONPATH", str(course.root))
    _prepend("PATH", str(Path(sys.executable).parent))
    _prepend("JUPYTER_PATH", str(JUPYTER_FOLDER))
    os.environ.setdefault(DATA_VARIABLE, str(course.root / "data"))


def _prepend(variable: str, entry: str) -> None:
    entries = os.environ.get(variable, "").split(os.pathsep)
    if entry not in entries:
        os.environ[variable] = os.pathsep.join(filter(None, [entry, *entries]))
