"""How far a right solution's accuracy lies above the threshold, and what that means."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """Accuracies of the solution at several seeds, against a threshold; all 0 to 1."""

    threshold: float
    accuracies: tuple[float, ...]

    @property
    def mean(self) -> float:
        return statistics.fmean(self.accuracies)

    @property
    def deviation(self) -> float:
        """The sample's standard deviation; 0 for a single seed."""
        return statistics.stdev(self.accuracies) if len(self.accuracies) > 1 else 0.0

    @property
    def chance(self) -> float | None:
        """The chance that another right solution falls below the threshold.

        Student's t for one more value of a normal distribution whose mean and spread
        are estimated from the seeds: few seeds give a cautious, large number. None
        where the seeds show no spread to estimate from.
        """
        count = len(self.accuracies)
        if count < 2 or self.deviation == 0:
            return None
        scale = self.deviation * math.sqrt(1 + 1 / count)
        return t_tail((self.mean - self.threshold) / scale, count - 1)


def t_tail(value: float, freedom: int) -> float:
    """P(T > value) for Student's t with `freedom` degrees, by Simpson's rule.

    With t = sqrt(freedom) * tan(angle) the tail is an integral of a power of a cosine
    over a bounded interval.
    """
    start = math.atan(value / math.sqrt(freedom))
    steps = 2000
    width = (math.pi / 2 - start) / steps
    total = 0.0
    for index in range(steps + 1):
        weight = 1 if index in (0, steps) else 4 if index % 2 else 2
        total += weight * math.cos(start + index * width) ** (freedom - 1)
    area = total * width / 3
    logs = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)
    return area * math.exp(logs) / math.sqrt(math.pi)
