"""A test that seeds a generator and calls what draws from it, in another process."""

from __future__ import annotations

import pytest

from calling import talk

CASES = {
    "numpy": ("import numpy as np", "np.random.rand()", "np.random.seed(0)"),
    "numpy's state": (
        "import numpy as np\nkept = np.random.RandomState(3).get_state()",
        "np.random.rand()",
        "np.random.set_state(kept)",
    ),
    "random": ("import random", "random.random()", "random.seed(0)"),
    "by name": ("import random\nfrom random import seed", "random.random()", "seed(1)"),
}


@pytest.mark.parametrize("case", CASES)
def test_it_draws_the_same_after_each_seed(case: str) -> None:
    imports, draw, seed = CASES[case]
    test = (
        f"{imports}\n{seed}\na = f()\nb = f()\nassert a != b\n"
        f"{seed}\nassert [f(), f()] == [a, b]\n{seed}\nassert f() == a == {{own}}"
    )
    own = test.replace("{own}", draw)
    with talk(
        ("own", imports), ("solution", f"def f(): return {draw}"), ("test", own),
        apart=True,
    ) as made:  # fmt: skip
        made.test()


def test_what_the_kernel_draws_does_not_move_the_judges_own() -> None:
    test = (
        "import numpy as np\nnp.random.seed(0)\nfirst = np.random.rand()\nf()\n"
        "second = np.random.rand()\nnp.random.seed(0)\n"
        "assert [first, second] == np.random.rand(2).tolist()"
    )
    solution = "import numpy as np\ndef f(): return np.random.rand(1000).sum()"
    with talk(("solution", solution), ("test", test), apart=True) as made:
        made.test()
