"""Special methods that cross between judge and kernel, and those of what is lent."""

from __future__ import annotations


def _dunders(text: str) -> tuple[str, ...]:
    return tuple(f"__{word}__" for word in text.split())


#: They answer whether two things are alike: they decide points.
COMPARISONS = _dunders("eq ne lt le gt ge contains")
_BINARY = "add sub mul matmul truediv floordiv mod divmod pow lshift rshift and xor or"
#: They compute with another thing.
OPERATORS = (
    *_dunders(_BINARY),
    *_dunders(" ".join(f"r{word}" for word in _BINARY.split())),
    *_dunders(" ".join(f"i{word}" for word in _BINARY.replace("divmod ", "").split())),
)
#: They look at one thing alone, or at an item of it.
_ALONE = _dunders(
    "neg pos abs invert bool int float complex index round trunc floor ceil len "
    "getitem setitem delitem iter next reversed call enter exit repr str format "
    "bytes hash aiter anext aenter aexit await"
)
#: All that a mirror of a student's object passes on, if its class has it. Never what
#: copies, pickles, shows or turns into arrays, as `__reduce__` and `__array__` do.
FORWARDED = (*COMPARISONS, *OPERATORS, *_ALONE)
#: What a student's code may do to an object of the judge that it was handed.
LENT = (
    *COMPARISONS,
    *OPERATORS,
    *_dunders("neg pos abs invert bool int float index round len getitem setitem"),
    *_dunders("delitem iter next reversed call enter exit"),
)
