"""What both sides of a network's export agree on: its form, bounds and allow-lists.

A network is a flat table of parts and the calls between them:

    {"kind": "model", "top": 3, "arrays": [..], "compile": null or {..}, "layers": [
      {"class": "layers.Dense", "arguments": {..}, "weights": [0, 1]},  built into Keras
      {"class": "ops.numpy.Add", "arguments": {}},                    between layers
      {"described": {..}},                               code: what is known about it
      {"network": {"class": "Sequential", "layers": [0, 2], ..}}]}

A part refers only to parts before it, so there are no circles. Values that JSON does
not have are an object with one key that begins with "@", as {"@tuple": [1, 2]}. This
module needs neither Keras nor NumPy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairgrade.protocol.texts import one_line

#: Parts of a network, those of networks inside it included.
MAX_PARTS = 600
#: Calls of a network, those of networks called in it counted each time.
MAX_CALLS = 3000
#: How deep networks and wrappers may lie in one another.
MAX_NESTING = 6
MAX_NAME = 100
MAX_TEXT = 1000
MAX_ITEMS = 10_000
MAX_AXES = 8
#: The largest axis of a shape, and the largest whole number of an argument.
MAX_NUMBER = 2**40

#: Classes of keras.layers that are never built again: they hold code or files.
NOT_BUILT = frozenset(
    {
        *("Lambda", "TFSMLayer", "TorchModuleWrapper", "FlaxLayer", "JaxLayer"),
        *("Layer", "Wrapper", "StringLookup", "IntegerLookup", "TextVectorization"),
    }
)
#: Modules of keras.src with the operations that may stand between layers.
OPERATIONS = (
    *("ops.numpy", "ops.nn", "ops.math", "ops.core", "ops.image", "ops.linalg"),
    *("ops.einops", "activations.activations"),
)
#: Operations that take a function.
NOT_CALLED = frozenset(
    {
        *("Map", "Scan", "AssociativeScan", "Switch", "WhileLoop", "ForiLoop"),
        *("Cond", "VectorizedMap", "CustomGradient", "Vectorize", "JVP"),
    }
)
#: Functions of keras.ops that students use as activations besides keras.activations.
UNARY = frozenset(
    [
        "gelu",
        "abs",
        "sin",
        "cos",
        "exp",
        "log",
        "square",
        "sqrt",
        "rsqrt",
        "sign",
        "erf",
        "log1p",
        "expm1",
        "arctan",
        "sinh",
        "cosh",
    ]
)
POLICIES = frozenset(
    [
        "float16",
        "float32",
        "float64",
        "bfloat16",
        "mixed_float16",
        "mixed_bfloat16",
        "bool",
        "string",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
    ]
)
#: Endings of arguments that only training needs: left out where they are code.
TRAINING_ONLY = ("initializer", "regularizer", "constraint")


def printable(text: Any, most: int = MAX_NAME) -> str:
    """A stranger's text on one line, shortened to `most` signs."""
    return one_line(text, most).strip()


def first_line(err: BaseException) -> str:
    """What an error says first, on one line."""
    lines = str(err).strip().splitlines() or [type(err).__name__]
    return printable(lines[0], 200)


def reasons(document: Mapping[str, Any]) -> list[str]:
    """Why a described network's outputs cannot be measured, each completing "it ...".

    Args:
        document: as written by `describe`; nothing in it is trusted.
    """
    found: list[str] = []
    layers = document.get("layers")
    for part in layers if isinstance(layers, list) else []:
        told = part.get("described") if isinstance(part, dict) else None
        if isinstance(told, dict):
            kind = printable(told.get("class"))
            name = printable(told.get("name"))
            why = printable(told.get("why") or "is code of its own", 200)
            found.append(f"has the part {name} ({kind}), which {why}")
        elif isinstance(part, dict) and (own := _own(part.get("arguments"))):
            name = printable((part.get("arguments") or {}).get("name") or "?")
            found.append(f"has {own}, a function of its own, as activation in {name}")
    return list(dict.fromkeys(found))


def _own(arguments: Any) -> str:
    """A function of one's own that a layer's outputs depend on, by name; or ""."""
    for key, value in arguments.items() if isinstance(arguments, dict) else ():
        own = isinstance(value, dict) and "@own" in value
        if own and not str(key).endswith(TRAINING_ONLY):
            return printable(value["@own"])
    return ""
