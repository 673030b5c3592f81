"""The words that answers are made of, and which one a misspelt one was meant for."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

#: How alike two words are that are taken for one: 0 to 1.
_ALIKE, _ALMOST = 0.72, 0.85
#: So many letters may stand for a longer word that begins with them.
_LEAST = 3
#: Types of numbers by name.
TYPES = ("float32", "float64", "float16", "int32", "int64", "uint8")


def near(word: str, known: Iterable[str]) -> str:
    """The known word that another was meant for; "" if none is like it."""
    words = list(dict.fromkeys(known))
    plain: dict[str, str] = {}
    for candidate in words:
        plain.setdefault(_plain(candidate), candidate)
    short = _plain(word)
    if exact := plain.get(short):
        return exact
    first = _plain(word.split()[0]) if word.split() else ""
    if first in plain:  # "relu function"
        return plain[first]
    stem = next((k for k in plain if short.startswith(k) and _is_ending(short, k)), "")
    if stem:  # "compiled"
        return plain[stem]
    longer = [known for known in plain if known.startswith(short)]
    if len(longer) == 1 and len(short) >= _LEAST:
        return plain[longer[0]]
    among = [known for known in plain if short in known]
    if len(among) == 1 and len(short) >= _LEAST:
        return plain[among[0]]
    # Which of several longer words is meant, nobody knows.
    cutoff = _ALMOST if len(among) > 1 else _ALIKE
    found = difflib.get_close_matches(short, plain, n=1, cutoff=cutoff)
    return plain[found[0]] if found else ""


def _is_ending(word: str, stem: str) -> bool:
    return len(stem) > _LEAST and len(word) - len(stem) <= 2


def some_of(word: str, known: Sequence[str], most: int = 6) -> list[str]:
    """A few known words to choose from, those first that are like another one."""
    short = _plain(word)
    alike = sorted((name for name in known if short in _plain(name)), key=len)
    return [*alike, *(name for name in known if name not in alike)][:most]


def _plain(word: str) -> str:
    return re.sub(r"[\W_]+", "", word).lower()


def words_for(parameter: str) -> tuple[str, ...]:
    """The words that Keras takes for a parameter, as "relu"; () if it takes any."""
    return _words(parameter) if "keras" in sys.modules else ()


def is_word(parameter: str, word: str) -> bool:
    """Whether Keras knows a word, in whatever spelling, for a parameter."""
    keras: Any = sys.modules.get("keras")
    if keras is None or (parameter == "metrics" and word in ("accuracy", "acc")):
        return True
    places = {
        "activation": keras.activations,
        "loss": keras.losses,
        "optimizer": keras.optimizers,
        "metrics": keras.metrics,
    }
    try:
        return places[parameter].get(word) is not None
    except ValueError:
        return False


@cache
def _words(parameter: str) -> tuple[str, ...]:
    import keras  # it is imported already

    if parameter == "activation":
        return _functions(keras.activations)
    if parameter == "loss":
        return _functions(keras.losses)
    if parameter == "metrics":
        return ("accuracy", "acc", *_functions(keras.metrics), *_named(keras.metrics))
    if parameter == "optimizer":
        names = (name.lower() for name in _classes(keras.optimizers))
        return tuple(name for name in names if not name.endswith("optimizer"))
    return ()


def _functions(module: Any) -> tuple[str, ...]:
    tools = {"get", "serialize", "deserialize"}
    names = (n for n in dir(module) if n.islower() and not n.startswith("_"))
    return tuple(n for n in names if n not in tools and callable(getattr(module, n)))


def _classes(module: Any) -> tuple[str, ...]:
    return tuple(n for n in dir(module) if isinstance(getattr(module, n), type))


def _named(module: Any) -> tuple[str, ...]:
    """Its classes as their names are written in text, as "top_k_accuracy"."""
    apart = (re.sub(r"(?<=[a-z])(?=[A-Z])", "_", n) for n in _classes(module))
    return tuple(name.lower() for name in apart)


def word_anywhere(word: str) -> str:
    """The word of any parameter that a text is, written in whatever case."""
    parameters = ("activation", "loss", "optimizer", "metrics")
    words = (known for parameter in parameters for known in words_for(parameter))
    plain = _plain(word)
    return next((w for w in (*words, *TYPES) if _plain(w) == plain), "")


def defined(namespace: Mapping[str, Any]) -> list[str]:
    """The names of a notebook that somebody gave, the tools of Python left out."""
    hidden = {"In", "Out", "exit", "quit", "get_ipython"}
    return [name for name in namespace if name[:1] != "_" and name not in hidden]


def place_in_keras(name: str) -> str:
    """Where Keras has something of that name, as "keras.layers.Dropout"; else ""."""
    keras: Any = sys.modules.get("keras")
    if keras is None or not name[:1].isupper():
        return ""
    for place in ("layers", "optimizers", "losses", "metrics", "callbacks"):
        if hasattr(getattr(keras, place, None), name):
            return f"keras.{place}.{name}"
    return f"keras.{name}" if hasattr(keras, name) else ""
