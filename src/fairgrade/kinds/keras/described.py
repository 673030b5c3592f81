"""A network that is partly code: what is known of it, and no answers.

The code stayed in the sandbox. What can be built again is there as layers of Keras with
their weights; the rest is what the student's run reported. Whatever would need the code
raises NotMeasured, so that a person looks.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, ClassVar, NoReturn

from fairgrade.errors import NotMeasured


class _Stayed:
    """What has the names of a class of Keras, and refuses what would need its code."""

    _in_place_of: ClassVar[str]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        import keras  # whoever holds a described network has it imported

        if not hasattr(getattr(keras, self._in_place_of), name):
            raise AttributeError(name)
        self._refuse()

    def __call__(self, *_: Any, **__: Any) -> NoReturn:
        self._refuse()

    def _refuse(self) -> NoReturn:
        """Say what stayed, and why.

        Raises:
            NotMeasured: always.
        """
        raise NotImplementedError


class DescribedLayer(_Stayed):
    """A layer whose code did not cross, as the student's run reported it.

    Its class has the name of the student's class.

    Attributes:
        name: the layer's name.
        units, activation: where they are plain, else None.
        output: shape and dtype, None where unknown.
    """

    _in_place_of = "Layer"

    def __init__(self, told: dict[str, Any]) -> None:
        self.name: str = told["name"]
        self.units: int | None = told["units"]
        self.activation: str | None = told["activation"]
        self.trainable: bool = told["trainable"]
        self.built: bool = told["built"]
        outputs = [SimpleNamespace(shape=s, dtype=d) for s, d in told["outputs"]]
        self.output = outputs[0] if len(outputs) == 1 else outputs or None
        self._parameters: int = told["parameters"]
        self._why: str = told["why"]

    def count_params(self) -> int:
        """The numbers in its weights, as reported."""
        return self._parameters

    def _refuse(self) -> NoReturn:
        kind = type(self).__name__
        raise NotMeasured(f"the part {self.name} ({kind}) {self._why}")


def described_layer(told: dict[str, Any]) -> DescribedLayer:
    """A described layer, of a class that is called as the student's was."""
    kind = type(told["class"], (DescribedLayer,), {"__doc__": DescribedLayer.__doc__})
    made = kind(told)
    assert isinstance(made, DescribedLayer)
    return made


class DescribedNetwork(_Stayed):
    """What is known of a network whose outputs cannot be measured.

    Attributes:
        layers: layers of Keras, and DescribedLayer for those that are code.
        input_shape, output_shape: with the batch axis, None where unknown.
        reported: whether all of it is the student's own account: no layer's weights
            crossed, as with a network of a class of one's own.
        reason: why it cannot be measured, completing "it ...".
    """

    _in_place_of = "Model"

    def __init__(
        self,
        name: str,
        layers: list[Any],
        shapes: tuple[Any, Any],
        *,
        built: bool,
        parameters: int,
        reported: bool,
        reason: str,
        compiled: Any,
    ) -> None:
        self.name = name
        self.layers = layers
        self.input_shape, self.output_shape = shapes
        self.built = built
        self.reported = reported
        self.reason = reason
        self._parameters = parameters
        self._compiled = compiled

    @property
    def compiled(self) -> bool:
        return bool(self._compiled.compiled)

    @property
    def optimizer(self) -> Any:
        return self._compiled.optimizer

    @property
    def loss(self) -> Any:
        return self._compiled.loss

    @property
    def _compile_config(self) -> Any:
        return self._compiled._compile_config

    def get_compile_config(self) -> Any:
        """What it was compiled with, as Keras writes it down."""
        return self._compiled.get_compile_config()

    def count_params(self) -> int:
        """The numbers in its weights; those of code as reported."""
        return self._parameters

    def get_layer(self, name: str | None = None, index: int | None = None) -> Any:
        """One of its layers, as `keras.Model.get_layer` gives it.

        Raises:
            ValueError: there is no such layer.
        """
        if index is not None and index < len(self.layers):
            return self.layers[index]
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise ValueError(f"No such layer: {name if index is None else index}")

    def _refuse(self) -> NoReturn:
        raise NotMeasured(f"the network {self.name} {self.reason}")
