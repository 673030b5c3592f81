"""A threshold is judged by several seeds: they are moved, and their spread is told."""

from __future__ import annotations

import pytest

from fairgrade.verify.scratch import reseeded
from fairgrade.verify.threshold import Spread, t_tail


def test_seeds_are_moved_and_other_numbers_are_not() -> None:
    code = "keras.utils.set_random_seed(0)\nnp.random.seed(7)\nDense(16)"
    moved = "keras.utils.set_random_seed(2)\nnp.random.seed(9)\nDense(16)"
    assert reseeded(code, 2) == moved
    assert reseeded("%matplotlib inline", 2) == "%matplotlib inline"


def test_the_tail_of_students_t() -> None:
    # From a table of critical values.
    assert t_tail(2.015, 5) == pytest.approx(0.05, rel=1e-3)
    assert t_tail(12.706, 1) == pytest.approx(0.025, rel=1e-3)
    assert t_tail(2.576, 10**4) == pytest.approx(0.005, rel=1e-2)


def test_few_seeds_give_a_cautious_chance() -> None:
    few = Spread(0.93, (0.950, 0.952, 0.948))
    many = Spread(0.93, (0.950, 0.952, 0.948) * 4)
    assert few.chance > many.chance > 0
    assert Spread(0.93, (0.95,)).chance is None
    assert Spread(0.93, (0.92, 0.93, 0.94)).chance > 0.4
