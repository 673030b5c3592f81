"""What a course calls what its networks look at; messages to students say it so."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Terms:
    """The words for what a network looks at: one, several, and the axes of one."""

    sample: str = "sample"
    samples: str = "samples"
    axes: str = ""


#: Those of the running notebook.
TERMS = Terms()


def call_samples(one: str, several: str, axes: str = "") -> None:
    """Let messages of mistakes say "image" and "images" for a sample and samples.

    Args:
        axes: what the numbers of its shape are, as "rows, columns".
    """
    TERMS.sample, TERMS.samples, TERMS.axes = one, several, axes
