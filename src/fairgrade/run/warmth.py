"""What the process that runs are forked from has imported before: alike for a class.

Only packages whose import leaves a process as a fork needs it: no thread, no file, no
time or number of its own. What a release imports beyond them is imported where it runs.
"""

from __future__ import annotations

from collections.abc import Collection

from fairgrade.kinds import registry as kinds

_KNOWN = frozenset(
    [
        *("matplotlib", "networkx", "numpy", "pandas", "PIL", "scipy", "seaborn"),
        *("sklearn", "statsmodels", "sympy"),
    ]
)
#: What comes with the first use of a package. Not the inline backend of matplotlib: it
#: looks for the shell that imports it.
_WITH = {
    "matplotlib": ("matplotlib.pyplot", "matplotlib.backends.backend_agg"),
    "seaborn": ("matplotlib.backends.backend_agg",),
    "keras": (
        *("keras.src.backend.tensorflow.trainer", "fairgrade.inside.fast_training"),
        *("fairgrade.inside.fast_batches", "fairgrade.inside.fast_answers"),
        *("fairgrade.kinds.keras.guard", "rich._emoji_codes"),
    ),
    "PIL": (  # all that it looks for when it writes its first picture
        *("PIL.BmpImagePlugin", "PIL.GifImagePlugin", "PIL.JpegImagePlugin"),
        *("PIL.PpmImagePlugin", "PIL.PngImagePlugin"),
    ),
}
_NETWORKS = ("tensorflow", "keras", "matplotlib", "PIL", "h5py")


def modules(imports: Collection[str], *, keras: bool) -> tuple[str, ...]:
    """The modules that a parent imports, in order.

    Args:
        imports: of the release's own cells, as `plan.names.imported`.
        keras: whether its runs are of networks.
    """
    found = {name for name in imports if name.partition(".")[0] in _KNOWN}
    if "matplotlib" in found or "seaborn" in found:
        found.add("PIL")  # which writes pictures
    wanted = [*(_NETWORKS if keras else ()), *sorted(found)]
    packages = [name.partition(".")[0] for name in wanted]
    more = [module for name in packages for module in _WITH.get(name, ())]
    return tuple(dict.fromkeys([*wanted, *more, *kinds.modules(packages)]))
