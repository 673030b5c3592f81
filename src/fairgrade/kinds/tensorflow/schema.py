"""Which types tensors of numbers may have; texts travel as bytes."""

from __future__ import annotations

TAG = "tensor"
#: Type of TensorFlow -> the plain type in which its numbers travel, exactly.
TYPES = {
    **{name: name for name in ("bool", "float16", "float32", "float64")},
    **{name: name for name in ("int8", "int16", "int32", "int64")},
    **{name: name for name in ("uint8", "uint16", "uint32", "uint64")},
    **{"complex64": "complex64", "complex128": "complex128", "bfloat16": "float32"},
}
MAX_AXES = 32
