"""Write one layer's or operation's arguments as plain data: in the student's kernel."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from fairgrade.errors import Handled
from fairgrade.kinds.keras.builtin import class_name, classes, function_name
from fairgrade.kinds.keras.schema import MAX_NAME, POLICIES, TRAINING_ONLY

#: Arguments whose object a layer keeps under another name.
_KEPT_AS = {"layer": ("forward_layer", "layer"), "layers": ("_pipeline_layers",)}
#: What a layer's configuration says of how it was made and nobody needs.
_LEFT_OUT = {"build_config", "quantization_config", "layout"}
_MISSING = object()


class NotBuiltIn(Handled):
    """Something of one's own stands where Keras's own is needed; completes "it ..."."""


def name_of(value: Any) -> str:
    """A layer's name, in any language, as Keras accepts it."""
    name = str(getattr(value, "name", "")).replace("/", "_")
    name = "".join(c if c.isprintable() else "_" for c in name)
    return name[:MAX_NAME] or "unnamed"


class Writer:
    """Turns arguments into plain data.

    Attributes:
        calls: id of a symbolic tensor -> the call it comes from, and which output.
    """

    def __init__(
        self, keras: Any, part: Callable[[Any], int], array: Callable[[Any], int]
    ) -> None:
        self._keras = keras
        self._part = part
        self._array = array
        self.calls: dict[int, tuple[int, int]] = {}

    def arguments(
        self, layer: Any, known: Mapping[str, Any] = MappingProxyType({})
    ) -> dict[str, Any]:
        """What the constructor of a layer or operation takes to make it again.

        Args:
            known: plain values in place of what it has.

        Raises:
            NotBuiltIn: its outputs depend on something that is not built into Keras.
        """
        config = _config(layer)
        written: dict[str, Any] = {}
        for key, value in config.items():
            if key in _LEFT_OUT:
                continue
            if key in known:
                written[key] = known[key]
            elif key == "name":
                written[key] = name_of(layer)
            elif key == "dtype":
                written[key] = self._policy(layer, value)
            elif key == "seed":
                written[key] = value if type(value) is int else None
            else:
                written[key] = self._argument(layer, key, value)
        return written

    def _policy(self, layer: Any, value: Any) -> Any:
        policy = getattr(layer, "dtype_policy", None)
        name = value if isinstance(value, str) else getattr(policy, "name", None)
        if name is None and value is None:
            return None
        if name not in POLICIES:
            raise NotBuiltIn(f"computes in {name}, which cannot be handed over")
        return name if isinstance(value, str) else {"@policy": name}

    def _argument(self, layer: Any, key: str, value: Any) -> Any:
        """One argument, from the object that the layer holds where it holds one.

        The configuration alone would not do: a function of one's own that is called
        relu stands there as the name of Keras's.
        """
        held = _MISSING
        for name in _KEPT_AS.get(key, (key,)):
            held = getattr(layer, name, _MISSING)
            if held is not _MISSING:
                break
        return self.value(held if self._is_object(held) else value, key)

    def _is_object(self, value: Any) -> bool:
        if isinstance(value, (list, tuple)):
            return bool(value) and all(map(self._is_object, value))
        return callable(value) and not isinstance(value, type)

    def value(self, value: Any, key: str = "") -> Any:
        """A value, whatever it is made of, in types that JSON has.

        Raises:
            NotBuiltIn: it holds something else.
        """
        if value is None or type(value) in (bool, int, str):
            return value
        if isinstance(value, float):
            number = float(value)
            return number if math.isfinite(number) else {"@float": str(number)}
        if isinstance(value, slice):
            ends = (value.start, value.stop, value.step)
            return {"@slice": [self.value(end) for end in ends]}
        if value is Ellipsis:
            return {"@ellipsis": True}
        if isinstance(value, (list, tuple)):
            items = [self.value(item, key) for item in value]
            return items if isinstance(value, list) else {"@tuple": items}
        if isinstance(value, dict):
            if "class_name" in value and "config" in value:
                return self._serialised(value, key)
            if not all(isinstance(name, str) for name in value):
                raise NotBuiltIn("has a dictionary with keys that are not text")
            return {"@dict": {k: self.value(v, k) for k, v in value.items()}}
        if id(value) in self.calls:
            return {"@tensor": list(self.calls[id(value)])}
        if isinstance(value, self._keras.KerasTensor):
            raise NotBuiltIn("takes from a layer outside of its network")
        return self._object(value, key)

    def _object(self, value: Any, key: str) -> Any:
        keras = self._keras
        if isinstance(value, keras.Layer):
            return {"@layer": self._part(value)}
        if name := function_name(keras, value):
            return {"@function": name}
        if name := class_name(keras, value):
            return {"@object": name, "arguments": self.arguments(value)}
        if isinstance(value, keras.DTypePolicy):
            return self._policy(value, None) or {"@policy": value.name}
        if hasattr(value, "__array__") and not isinstance(value, type):
            import numpy as np

            if (
                hasattr(value, "trainable")
                or type(value).__name__ == "ResourceVariable"
            ):
                raise NotBuiltIn("holds a variable of its own")
            array = np.asarray(value)
            return array.item() if array.ndim == 0 else {"@array": self._array(array)}
        if callable(value):
            name = getattr(value, "__name__", None) or type(value).__name__
            return {"@own": str(name)[:MAX_NAME]}
        dtype = getattr(value, "name", None)  # tf.float32 and its like
        if type(value).__name__ == "DType" and dtype in POLICIES:
            return dtype
        raise NotBuiltIn(f"holds a {type(value).__name__}, which cannot be handed over")

    def _serialised(self, value: dict[str, Any], key: str) -> Any:
        """An object that Keras has already written down, in our form."""
        kind, config = value["class_name"], value["config"]
        if kind == "DTypePolicy":
            return {"@policy": config["name"]}
        space = str(value.get("module")).removeprefix("keras.")
        known = classes(self._keras).get(f"{space}.{kind}")
        if known is None or value.get("registered_name") is not None:
            if key.endswith(TRAINING_ONLY):
                return {"@own": str(config if kind == "function" else kind)[:MAX_NAME]}
            raise NotBuiltIn(f"has {kind} as {key}, which is code of its own")
        arguments = {k: self.value(v, k) for k, v in config.items() if k != "seed"}
        return {"@object": f"{space}.{kind}", "arguments": arguments}

    def call(self, node: Any) -> list[Any]:
        """What a layer was called with: a list, and a dictionary of the named ones."""
        args, kwargs = node.arguments.args, dict(node.arguments.kwargs)
        if kwargs.get("training") in (None, False):  # Keras notes it by itself
            kwargs.pop("training", None)
        masks = {id(_mask(tensor)) for tensor in self._flat(args)}
        for key, value in list(kwargs.items()):
            flat = self._flat(value)
            if key.endswith("mask") and all(v is None or id(v) in masks for v in flat):
                del kwargs[key]  # Keras finds the same again
        return [
            [self.value(value) for value in args],
            {key: self.value(value, key) for key, value in kwargs.items()},
        ]

    def _flat(self, value: Any) -> list[Any]:
        return list(self._keras.tree.flatten(value)) if value is not None else [None]


def _config(layer: Any) -> dict[str, Any]:
    """A layer's configuration; an operation's also where Keras has none for it."""
    try:
        config = layer.get_config()
        assert isinstance(config, dict)
        return config
    except NotImplementedError:  # an argument was a number of NumPy's
        names = list(inspect.signature(type(layer).__init__).parameters)[1:]
        return {name: getattr(layer, name) for name in names if hasattr(layer, name)}


def _mask(tensor: Any) -> Any:
    return getattr(tensor, "_keras_mask", None)
