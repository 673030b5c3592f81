"""Which types of tensors and which modules of PyTorch's both sides know."""

from __future__ import annotations

TAG = "torch"
#: Type of PyTorch -> the plain type as which its bytes travel.
TYPES = {
    **{"bool": "|b1", "uint8": "|u1", "int8": "|i1", "int16": "<i2", "int32": "<i4"},
    **{"int64": "<i8", "float16": "<f2", "float32": "<f4", "float64": "<f8"},
    **{"complex64": "<c8", "complex128": "<c16", "bfloat16": "<i2"},
}
_SIZES = ("1d", "2d", "3d")
#: Modules whose code is PyTorch's alone and whose work is bounded by what they hold.
MODULES = frozenset(
    {
        *(f"{name}{n}" for name in ("Conv", "ConvTranspose") for n in _SIZES),
        *(f"{name}{n}" for name in ("BatchNorm", "InstanceNorm") for n in _SIZES),
        *(f"{name}Pool{n}" for name in ("Max", "Avg") for n in _SIZES),
        *(f"Adaptive{name}Pool{n}" for name in ("Max", "Avg") for n in _SIZES),
        *("Linear", "Bilinear", "Identity", "Embedding", "Flatten", "Unflatten"),
        *("Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout"),
        *("LayerNorm", "GroupNorm", "Sequential", "ModuleList", "ModuleDict"),
        *("ReLU", "ReLU6", "LeakyReLU", "PReLU", "ELU", "SELU", "CELU", "GELU", "SiLU"),
        *("Sigmoid", "Tanh", "Softmax", "LogSoftmax", "Softplus", "Softsign", "Mish"),
        *("Hardtanh", "Hardsigmoid", "Hardswish", "LogSigmoid", "Softmin", "Threshold"),
        *("MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss", "CrossEntropyLoss"),
        *("NLLLoss", "BCELoss", "BCEWithLogitsLoss", "KLDivLoss", "PoissonNLLLoss"),
        *("HingeEmbeddingLoss", "MarginRankingLoss", "TripletMarginLoss"),
    }
)
#: What a module keeps for itself, which is told in other ways or not at all.
OWN = frozenset({"_parameters", "_buffers", "_modules", "training"})
#: Where it keeps functions that are called beside its code.
HOOKS = (
    *("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks"),
    *("_state_dict_hooks", "_state_dict_pre_hooks", "_load_state_dict_pre_hooks"),
    "_load_state_dict_post_hooks",
)
#: The largest number in a module's settings, beside those that its tensors bear out.
MAX_NUMBER, MAX_WINDOW, MAX_DEPTH, MAX_PARTS = 10**7, 256, 20, 10_000
#: How many times as long as its input the output of transposed ones may be.
MAX_GROWTH = 1024
WINDOWS = frozenset(
    {"kernel_size", "stride", "padding", "dilation", "output_padding", "output_size"}
    | {"_reversed_padding_repeated_twice", "unflattened_size"}
)
