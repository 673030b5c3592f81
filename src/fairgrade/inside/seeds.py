"""Random generators as every run finds them: runs in the student's own kernel."""

from __future__ import annotations


def set_seeds(seed: int, *, keras: bool) -> None:
    """Seed the random generators of this process, before a notebook's first cell.

    Args:
        seed: from 0 to 2**32 - 1.
        keras: also seed Keras and TensorFlow, whose import takes seconds.
    """
    if keras:
        from keras.utils import set_random_seed  # seeds Python's and NumPy's as well

        set_random_seed(seed)
        return
    import random

    import numpy as np

    random.seed(seed)
    np.random.seed(seed)
