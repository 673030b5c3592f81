"""Every layer of Keras leaves the sandbox and is built again, bit for bit the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fairgrade.inside.export import export
from fairgrade.judge.handoff import Handoff, read_handoff
from fairgrade.kinds.keras.schema import NOT_BUILT

pytestmark = pytest.mark.slow

#: Layer -> arguments of its constructor, where it needs some.
ARGUMENTS: dict[str, Any] = {
    "Activation": ("swish",),
    **{
        f"Adaptive{kind}Pooling{n}D": (2,)
        for kind in ("Average", "Max")
        for n in (1, 2, 3)
    },
    **{f"AveragePooling{n}D": (2,) for n in (1, 2, 3)},
    "AlphaDropout": (0.1,),
    "CenterCrop": (2, 2),
    **{f"Conv{n}D{t}": (2, 2) for n in (1, 2, 3) for t in ("", "Transpose")},
    **{f"ConvLSTM{n}D": (2, 2) for n in (1, 2, 3)},
    **{f"DepthwiseConv{n}D": (2,) for n in (1, 2)},
    **{f"SeparableConv{n}D": (2, 2) for n in (1, 2)},
    **{f"SpatialDropout{n}D": (0.1,) for n in (1, 2, 3)},
    "Dense": (3,),
    "Dot": (1,),
    "Dropout": (0.1,),
    "EinsumDense": ("abc,cd->abd", (None, 3)),
    "Embedding": (9, 3),
    "ReversibleEmbedding": (9, 3),
    "GRU": (3,),
    "LSTM": (3,),
    "SimpleRNN": (3,),
    "GaussianDropout": (0.1,),
    "GaussianNoise": (0.1,),
    "HashedCrossing": (5,),
    "Hashing": (5,),
    "MaxNumBoundingBoxes": (2,),
    "MultiHeadAttention": (2, 3),
    "GroupQueryAttention": (3, 2, 1),
    "Permute": ((2, 1),),
    "RepeatVector": (2,),
    "Rescaling": (0.5, 0.1),
    "Reshape": ((2, -1),),
    "Resizing": (3, 3),
    "RandomCrop": (2, 2),
    "RandomTranslation": (0.1, 0.1),
    "CategoryEncoding": (9,),
    **{
        name: (0.2,)
        for name in [
            "RandomBrightness",
            "RandomColorDegeneration",
            "RandomContrast",
            "RandomHue",
            "RandomPosterization",
            "RandomRotation",
            "RandomSaturation",
            "RandomSharpness",
            "RandomZoom",
        ]
    },
}
ARGUMENTS["RandomPosterization"] = (4,)
ARGUMENTS["RandomHue"] = (0.2,)
#: Layer -> arguments by name.
NAMED: dict[str, dict[str, Any]] = {
    "Discretization": {"bin_boundaries": [0.2, 0.5, 0.8]},
    "Normalization": {"axis": None, "mean": 0.3, "variance": 2.0},
    "GroupNormalization": {"groups": 3},
    "UnitNormalization": {"axis": -1},
    "RandomSaturation": {"value_range": (0, 1)},
    "MelSpectrogram": {"fft_length": 8, "sequence_stride": 4, "num_mel_bins": 3},
}
_BINARY = {"Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply"}
_BINARY |= {"Subtract", "Attention", "AdditiveAttention"}
_TWICE = {"MultiHeadAttention", "GroupQueryAttention"}
_ONE_AXIS = [
    "1D",
    "GRU",
    "LSTM",
    "SimpleRNN",
    "RNN",
    "Permute",
    "EinsumDense",
    "Attention",
    "Bidirectional",
    "TimeDistributed",
    "Masking",
    "MelSpectrogram",
]
_WHOLE = {"Embedding", "ReversibleEmbedding", "Hashing", "CategoryEncoding"}
#: Not for tensors of numbers alone: bounding boxes, or several inputs by name.
_ODD = {"MaxNumBoundingBoxes", "HashedCrossing", "LSTMCell", "GRUCell", "SimpleRNNCell"}
_ODD |= {"StackedRNNCells", "InputLayer"}
#: What Keras itself cannot put into a network here: a circle; no SciPy.
_ODD |= {"Equalization", "STFTSpectrogram"}


def crossed(folder: Path, model: Any) -> tuple[Any, Handoff]:
    export({"x": model}, {"x": "model"}, str(folder))
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    handoff = read_handoff(files, {"x": "model"}, max_bytes=2**24)
    return handoff.values().get("x"), handoff


def layer_names() -> list[str]:
    import keras

    return sorted(
        name
        for name, value in vars(keras.layers).items()
        if isinstance(value, type)
        and issubclass(value, keras.Layer)
        and value.__name__ == name
        and name not in NOT_BUILT | _ODD
    )


def shape_for(name: str) -> tuple[int, ...]:
    if name.startswith("ConvLSTM"):
        return (3, *[4] * int(name[8]), 2)
    if name == "RepeatVector" or name in _WHOLE:
        return (4,)
    if name.endswith(("2D", "2DTranspose")) or "Random" in name:
        return (6, 6, 3)
    if name.endswith(("3D", "3DTranspose")):
        return (4, 4, 4, 2)
    if name in ("MelSpectrogram",):
        return (64,)
    if any(part in name for part in _ONE_AXIS):
        return (4, 3)
    return (6, 6, 3)


def one_layer(name: str) -> tuple[Any, list[np.ndarray]]:
    """A network of one layer with weights of every sign, and inputs for it."""
    import keras

    kind = getattr(keras.layers, name)
    first: tuple[Any, ...] = ARGUMENTS.get(name, ())
    if name in ("Bidirectional", "RNN"):
        first = (keras.layers.LSTM(3) if name[0] == "B" else keras.layers.GRUCell(3),)
    if name in ("TimeDistributed", "SpectralNormalization"):
        first = (keras.layers.Dense(2),)
    if name == "Pipeline":
        first = ([keras.layers.Rescaling(2.0), keras.layers.RandomFlip()],)
    layer = kind(*first, **NAMED.get(name, {}))
    shape = shape_for(name)
    dtype = "int32" if name in _WHOLE else "float32"
    count = 2 if name in _BINARY | _TWICE else 1
    inputs = [keras.Input(shape, dtype=dtype) for _ in range(count)]
    if name in _TWICE:
        outputs = layer(inputs[0], inputs[1])
    else:
        outputs = layer(inputs if count > 1 else inputs[0])
    model = keras.Model(inputs if count > 1 else inputs[0], outputs)
    random = np.random.default_rng(1)
    values = [random.random(w.shape).astype(w.dtype) - 0.3 for w in layer.weights]
    if name not in ("Normalization",):
        layer.set_weights(
            [
                abs(v) if "variance" in w.path else v
                for v, w in zip(values, layer.weights, strict=True)
            ]
        )
    data = [
        random.integers(0, 9, (5, *shape)).astype("int32")
        if dtype == "int32"
        else random.random((5, *shape), "float32")
        for _ in range(count)
    ]
    return model, data


def same(found: Any, expected: Any) -> None:
    import keras

    pairs = zip(keras.tree.flatten(found), keras.tree.flatten(expected), strict=True)
    for ours, theirs in pairs:
        np.testing.assert_array_equal(np.asarray(ours), np.asarray(theirs))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", layer_names())
def test_every_layer_crosses_bit_for_bit(tmp_path: Path, name: str) -> None:
    import keras

    keras.utils.set_random_seed(1)
    model, data = one_layer(name)
    built, handoff = crossed(tmp_path, model)
    assert handoff.refusals == {}
    assert handoff.notes == {}
    assert type(built) is type(model)
    assert built.count_params() == model.count_params()
    given = data if len(data) > 1 else data[0]
    same(built(given, training=False), model(given, training=False))
    assert [la.get_config() for la in built.layers] == [
        la.get_config() for la in model.layers
    ]


#: Operations of keras.ops that only put numbers together in the judge's sight.
_NOT_FOLLOWED = {"isin", "kron", "get_item"}


@pytest.mark.filterwarnings("ignore")
def test_operations_between_layers_cross_bit_for_bit(tmp_path: Path) -> None:
    """Each function of keras.ops that takes one tensor, or two, in a network."""
    import keras

    data = np.random.default_rng(0).random((5, 4, 4), "float32") * 0.8 + 0.1
    names = [
        name
        for name, value in vars(keras.ops).items()
        if callable(value) and not isinstance(value, type)
    ]
    crossings = 0
    for name in sorted(set(names) - _NOT_FOLLOWED):
        model = _network_of(getattr(keras.ops, name), data)
        if model is None:
            continue
        built, handoff = crossed(tmp_path, model)
        assert handoff.refusals == handoff.notes == {}, name
        same(built(data), model(data))
        crossings += 1
    assert crossings > 200


def _network_of(function: Any, data: np.ndarray) -> Any:
    """A network that does nothing else, or None if it takes other arguments."""
    import keras

    source = keras.Input(data.shape[1:])
    for given in ((source,), (source, source), ([source, source],), (source, 2)):
        try:
            outputs = function(*given)
            model = keras.Model(source, outputs)
            model(data)
        except Exception:
            continue
        return model
    return None
