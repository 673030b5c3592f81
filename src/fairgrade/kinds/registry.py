"""The kinds of results that cross, one line each; a kind's modules come when it does.

A kind is a folder: `describe` gives a value's form, in the sandbox for what leaves it;
`read` makes the value again, as if the form was forged. A form is a tag and parts:
lists of parts, arrays of plain numbers, and values that have a form of their own. How
parts become bytes is the business of whoever carries them: `inside.export` and
`judge.handoff` for what is taken at a test's place, `calls` for arguments and results.
"""

from __future__ import annotations

import importlib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

from fairgrade.errors import HandoffError

#: A tag, and what the value is made of.
Form = tuple[str, Any]


@dataclass(frozen=True)
class Kind:
    """A kind of results.

    Attributes:
        name: what it is called, in messages too.
        packages: whose classes its values are of; of two, the longer name counts.
        tags: of its forms.
        describe: module and function: a value to its form, None where it has none.
            Raises NotDescribed for one that has to be refused.
        read: module and function: a tag and parts to the value; any error refuses it.
        changes: the module that tells whether a value was changed in place and changes
            it so; "" where its values never change. It needs a `same` only where
            snapshots cannot be compared by `==`.
        modules: what a run imports first, so that no student's time pays for it.
        warm_up: module and function that a judge calls first, for the same reason.
    """

    name: str
    packages: tuple[str, ...]
    tags: tuple[str, ...]
    describe: str
    read: str
    changes: str = ""
    modules: tuple[str, ...] = ()
    warm_up: str = ""


_BASIC_PACKAGES = (
    "builtins array collections datetime decimal fractions pathlib re numpy"
)
_BASIC_TAGS = (
    "bytes bytearray decimal fraction date time datetime timedelta counter ordered "
    "defaultdict deque chain array_of view named path pure_path scalar dtype type "
    "slice polynomial pattern"
)
KINDS = (
    Kind(
        "data",
        tuple(_BASIC_PACKAGES.split()),
        tuple(_BASIC_TAGS.split()),
        "fairgrade.kinds.basic.describe_types:form",
        "fairgrade.kinds.basic.read_types:read",
        changes="fairgrade.kinds.basic.changes",
    ),
    Kind(
        "network",
        ("keras",),
        ("network", "history"),
        "fairgrade.kinds.keras.form:describe",
        "fairgrade.kinds.keras.form:read",
        modules=("fairgrade.kinds.keras.describe", "fairgrade.kinds.keras.repairs"),
        warm_up="fairgrade.kinds.keras.warm:warm_up",
    ),
    Kind(
        "tensor",
        ("tensorflow",),
        ("tensor",),
        "fairgrade.kinds.tensorflow.describe:describe",
        "fairgrade.kinds.tensorflow.read:read",
    ),
    Kind(
        "table",
        ("pandas",),
        ("pandas",),
        "fairgrade.kinds.pandas.describe:describe",
        "fairgrade.kinds.pandas.read:read",
        changes="fairgrade.kinds.pandas.changes",
        modules=("pandas", "fairgrade.kinds.pandas.describe"),
    ),
    Kind(
        "figure",
        ("matplotlib",),
        ("matplotlib",),
        "fairgrade.kinds.matplotlib.describe:describe",
        "fairgrade.kinds.matplotlib.read:read",
        changes="fairgrade.kinds.matplotlib.changes",
        modules=("fairgrade.kinds.matplotlib.describe",),
    ),
    Kind(
        "image",
        ("PIL",),
        ("image",),
        "fairgrade.kinds.pillow.describe:describe",
        "fairgrade.kinds.pillow.read:read",
        changes="fairgrade.kinds.pillow.changes",
    ),
    Kind(
        "estimator",
        ("sklearn",),
        ("sklearn",),
        "fairgrade.kinds.sklearn.describe:describe",
        "fairgrade.kinds.sklearn.read:read",
        changes="fairgrade.kinds.sklearn.changes",
    ),
    Kind(
        "result",
        ("scipy",),
        ("result",),
        "fairgrade.kinds.results.describe:describe",
        "fairgrade.kinds.results.read:read",
    ),
    Kind(
        "sparse",
        ("scipy.sparse",),
        ("scipy",),
        "fairgrade.kinds.scipy.describe:describe",
        "fairgrade.kinds.scipy.read:read",
        changes="fairgrade.kinds.scipy.changes",
    ),
    Kind(
        "module",
        ("torch",),
        ("torch",),
        "fairgrade.kinds.torch.describe:describe",
        "fairgrade.kinds.torch.read:read",
        changes="fairgrade.kinds.torch.changes",
    ),
)
_BY_PACKAGE = {package: kind for kind in KINDS for package in kind.packages}
_BY_TAG = {tag: kind for kind in KINDS for tag in kind.tags}


def form_of(value: Any) -> Form | None:
    """The form of a value by its exact type; None where it has none.

    Raises:
        NotDescribed: it is of a kind, but cannot be handed over.
    """
    kind = _kind_of(type(value))
    found: Form | None = None if kind is None else _function(kind.describe)(value)
    return found


def read_form(tag: Any, parts: Any) -> Any:
    """The value of a form.

    Raises:
        HandoffError: completing "<name> ...": it is none.
    """
    kind = _BY_TAG.get(tag) if isinstance(tag, str) else None
    if kind is None:
        raise HandoffError("was handed over in an unknown form")
    try:
        return _function(kind.read)(tag, parts)
    except HandoffError:
        raise
    except Exception as err:  # whatever a library raises for forged parts
        raise HandoffError(f"was handed over with a {tag} that is none") from err


def has_tag(tag: str) -> bool:
    """Whether a tag is one of a kind's."""
    return tag in _BY_TAG


def name_of(tag: Any) -> str:
    """The kind of a tag; "" for a tag of none."""
    kind = _BY_TAG.get(tag) if isinstance(tag, str) else None
    return kind.name if kind else ""


def changes_of(value: Any) -> Any:
    """The module that follows a value that can be changed in place; None for others."""
    kind = _kind_of(type(value))
    if kind is None or not kind.changes:
        return None
    found = importlib.import_module(kind.changes)
    return found if found.can_change(value) else None


def modules(packages: Collection[str]) -> tuple[str, ...]:
    """What a run that uses these packages imports first."""
    found = [kind for kind in KINDS if not set(packages).isdisjoint(kind.packages)]
    return tuple(module for kind in found for module in kind.modules)


def warm_up(name: str) -> None:
    """Let a kind do beforehand what would else take a test's time.

    Raises:
        ImportError: its library is not there.
    """
    for kind in KINDS:
        if kind.name == name and kind.warm_up:
            _function(kind.warm_up)()


@cache
def _function(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)


def _kind_of(kind: type) -> Kind | None:
    package, *rest = str(kind.__module__).split(".", 2)
    own = ("torch", "scipy")  # which have more than names in theirs
    if issubclass(kind, tuple) and kind.__bases__ == (tuple,) and package not in own:
        return _BY_TAG["named"]
    found = _BY_PACKAGE.get(f"{package}.{rest[0]}") if rest else None
    return found or _BY_PACKAGE.get(package)
