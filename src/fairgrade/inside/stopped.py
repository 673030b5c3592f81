"""Why a cell was stopped, in words for its student."""

from __future__ import annotations

from dataclasses import dataclass

from fairgrade.inside.kernel import Ending
from fairgrade.inside.outputs import Outputs
from fairgrade.protocol.allowance import Allowance
from fairgrade.protocol.job import Job, JobCell

_LOWERED = "No cell of the solution takes a tenth of that."
_LATER = " Later cells were not run."


@dataclass(frozen=True)
class Stopped:
    """A cell that was stopped.

    Attributes:
        outcome: what the run came to by it; "" where it goes on as it was.
    """

    message: str
    outcome: str = ""


def why_stopped(
    job: Job,
    cell: JobCell,
    ending: Ending,
    allowance: Allowance,
    outputs: Outputs,
    exit_status: int | None,
) -> Stopped | None:
    """Why a cell did not come to its end; None where it did.

    Args:
        allowance: the cell's, within the whole notebook's.
        outputs: what it showed.
        exit_status: the kernel's, where it has ended.
    """
    label = f"{cell.label[0].upper()}{cell.label[1:]}"
    if ending == "died":
        status = _status(exit_status)
        return Stopped(f"The kernel died in {cell.label} ({status}).{_LATER}", "killed")
    if ending == "done":
        return None
    outcome = "timed out"
    if outputs.full:
        outcome = ""
        message = (
            f"{label} was stopped: all outputs together may have "
            f"{job.output_mb:g} MiB. The rest was dropped."
        )
    else:
        message = f"{label} was stopped{_limit(allowance)}"
        if job.lowered and not (allowance.within and allowance.within.spent()):
            message += f" {_LOWERED}"
    if ending == "stuck":
        outcome = "timed out"
        message += f" It did not react, so the kernel was ended.{_LATER}"
    return Stopped(message, outcome)


def time_spent(allowance: Allowance, spent: str) -> str:
    """Of an allowance what was spent, the time of processors or the clock's, in words.

    Args:
        spent: as `Allowance.spent` says it.
    """
    if spent == "clock":
        return f"{allowance.wall_seconds:g} s by the clock"
    return f"{allowance.seconds:g} s of processor time"


def _limit(allowance: Allowance) -> str:
    """Which limit of time a cell reached, completing "it was stopped"."""
    whole = allowance.within
    if whole is not None and (spent := whole.spent()):
        return (
            f": the time for the whole notebook ({time_spent(whole, spent)}) was "
            "used up."
        )
    if allowance.spent() == "processor":
        return f" after {time_spent(allowance, 'processor')}."
    return (
        f" after {time_spent(allowance, 'clock')}, though it computed for less than "
        f"the {allowance.seconds:g} s it may."
    )


def _status(exit_status: int | None) -> str:
    if exit_status is not None and exit_status < 0:
        return f"signal {-exit_status}"
    return f"exit status {exit_status}"
