"""Commands about the machine that grades."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from fairgrade.cli.answers import Json, say_json
from fairgrade.cli.base import (
    app,
    say,
    this_course,
)
from fairgrade.errors import FairgradeError


@app.command()
def doctor(as_json: Json = False) -> None:
    """Say what this machine and course lack for grading.

    Example: fairgrade doctor
    """
    from fairgrade.doctor import examine

    findings = examine(this_course())
    good = all(finding.ok for finding in findings)
    if as_json:
        say_json(ok=good, findings=findings)
    for finding in () if as_json else findings:
        say(f"{'ok  ' if finding.ok else 'FAIL'} {finding.what}: {finding.text}")
    if not good:
        raise FairgradeError("Mend what is marked FAIL, then run this again.")


@app.command()
def kernel(
    prefix: Annotated[
        Path, typer.Option(help="the Python environment to install it for")
    ] = Path(sys.prefix),
) -> None:
    """Install a kernel that runs sealed off, for JupyterLab and nbgrader's commands.

    Example: fairgrade kernel
    """
    from fairgrade.nbgrader_bridge.kernels import install_for_course
    from fairgrade.sandbox.provisioner import KERNEL

    install_for_course(this_course(), prefix)
    say(f"Installed the kernel {KERNEL}.")
