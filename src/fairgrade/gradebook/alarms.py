"""What hidden tests at fault said: for the instructor, and never in a notebook.

An exception's text may hold a test's line, names and right values. So it is kept beside
the results, in .fairgrade/, and students read a neutral sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fairgrade.course.folders import own_folder
from fairgrade.errors import FairgradeError
from fairgrade.files import keep_object, read_object
from fairgrade.protocol.texts import command

#: What a student reads of a test that was at fault.
COULD_NOT_BE_MADE = "This check could not be made. Your instructor looks into it."


class Alarms:
    """One file a student: grade_id of a cell -> why it could not be judged.

    Args:
        root: the course's folder.
        assignment: its name.
    """

    def __init__(self, root: Path, assignment: str) -> None:
        self._folder = own_folder(root, "alarms") / assignment

    def of(self, student: str) -> dict[str, str]:
        """What is known of a student's result.

        Raises:
            FairgradeError: something is, but it cannot be read.
        """
        path = self._folder / f"{student}.json"
        try:
            found = read_object(path)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as err:
            name = self._folder.name
            again = command(
                "fairgrade", "autograde", name, "--student", student, "--force"
            )
            raise FairgradeError(
                "What its hidden tests at fault have said cannot be read any more: "
                f"{path} is damaged. Run: {again}",
                student=student,
                assignment=name,
                file=path,
            ) from err
        return {str(name): str(text) for name, text in found.items()}

    def enter(self, student: str, alarms: Mapping[str, str]) -> None:
        """Replace what is known by what a new result came to."""
        keep_object(self._folder / f"{student}.json", alarms)
