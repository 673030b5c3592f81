"""What a network would allocate and compute, found out before it does.

TensorFlow is asked itself: the network is traced for one sample into a graph that
counts its operations as they are added, and that stops at a bound. So every layer
counts, also those that nobody has thought of here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fairgrade.errors import Handled
from fairgrade.kinds.keras.operations import multiplications, shape_of, size_of
from fairgrade.kinds.keras.repairs import install

#: Numbers that a network may put out for one sample, all of its operations together.
MAX_NUMBERS = 2**24
#: Multiplications for one sample; 5000 of them take about half a minute on two cores.
MAX_MULTIPLICATIONS = 2**28
#: Operations that one trace may have; each takes a millisecond.
MAX_OPERATIONS = 4_000
#: Numbers that may be held at once: 256 MiB.
AT_ONCE = 2**26

#: Operations that lead nowhere near the size of what they put out.
_FREE = {"Placeholder", "ReadVariableOp", "Const", "NoOp", "VarHandleOp"}
#: Operations that look only at what they put out.
_PICKING = {"StridedSlice", "Slice", "GatherV2", "ResourceGather", "Shape"}
#: Operations that run graphs of their own: their attributes with these.
_NESTED = {
    **dict.fromkeys(("While", "StatelessWhile"), ("body", "cond")),
    **dict.fromkeys(("If", "StatelessIf"), ("then_branch", "else_branch")),
    **dict.fromkeys(("PartitionedCall", "StatefulPartitionedCall"), ("f",)),
}


@dataclass
class Cost:
    """What one sample takes.

    Attributes:
        numbers: put out, over all operations.
        multiplications: or steps as long as one.
        operations: how many there are.
        untraced: whether TensorFlow could not follow it.
    """

    numbers: int = 0
    multiplications: int = 0
    operations: int = 0
    untraced: bool = False

    def excess(self) -> str:
        """What is too much, completing "it ..."; "" if all is within bounds."""
        if self.numbers > MAX_NUMBERS:
            return (
                f"puts out {self.numbers:,} numbers for one sample, "
                f"at most {MAX_NUMBERS:,} can be graded"
            )
        if self.multiplications > MAX_MULTIPLICATIONS:
            return (
                f"needs {self.multiplications:,} multiplications for one sample, "
                f"at most {MAX_MULTIPLICATIONS:,} can be graded"
            )
        if self.operations > MAX_OPERATIONS:
            return f"takes more than {MAX_OPERATIONS:,} operations for one sample"
        if self.untraced:
            return "computes in a way that cannot be followed for one sample beforehand"
        return ""


class _TooMuch(Handled):
    """A trace that has come to a bound."""


def cost_of(network: Any, shapes: Sequence[Sequence[int]]) -> Cost:
    """The cost of one sample for a network of Keras; it stops counting beyond a bound.

    Args:
        network: a built network; nothing of it is computed.
        shapes: of its inputs, in order, without the batch axis.
    """
    import tensorflow as tf

    install()
    cost = Cost()
    graph = _counting_graph(cost)
    try:
        with graph.as_default():
            inputs = [
                tf.compat.v1.placeholder(tensor.dtype, (1, *shape))
                for tensor, shape in zip(network.inputs, shapes, strict=True)
            ]
            network(_like(network, inputs), training=False)
    except _TooMuch:
        pass
    except Exception:  # what works with numbers alone, or with more samples than one
        cost.untraced = True
    return cost


def _like(network: Any, inputs: list[Any]) -> Any:
    """Inputs in the structure that the network takes them in."""
    import keras

    struct = getattr(network, "_inputs_struct", None)
    if struct is None:
        return inputs[0] if len(inputs) == 1 else inputs
    return keras.tree.pack_sequence_as(struct, inputs)


def _counting_graph(cost: Cost) -> Any:
    from tensorflow.python.framework.func_graph import FuncGraph

    sizes: dict[int, int] = {}

    class Counting(FuncGraph):  # type: ignore[misc]
        def _create_op_internal(self, *args: Any, **kwargs: Any) -> Any:
            op = super()._create_op_internal(*args, **kwargs)
            _count(op, cost, 1, sizes)
            if cost.excess():
                raise _TooMuch
            return op

    return Counting("cost")


def _count(op: Any, cost: Cost, times: int, sizes: dict[int, int]) -> None:
    """Add an operation to the cost.

    Args:
        times: how often it is done.
        sizes: of tensors whose shapes TensorFlow does not know, as far as we do.
    """
    cost.operations += 1
    if op.type in _FREE:
        return
    if op.type in _NESTED:
        rounds = _rounds(op)
        for body in _bodies(op):
            for inner in body.get_operations():
                _count(inner, cost, times * rounds, sizes)
    given = [size_of(tensor, sizes) for tensor in op.inputs]
    if any(_is_open(tensor) for tensor in op.outputs):
        asked = max([1, *given, *_asked(op)])
        sizes.update({id(t): asked for t in op.outputs if _is_open(t)})
    put_out = sum(size_of(tensor, sizes) for tensor in op.outputs)
    taken = put_out if op.type in _PICKING else max([put_out, *given])
    cost.numbers += put_out  # a loop keeps nothing but what it puts out
    cost.multiplications += multiplications(op, put_out, taken) * times


def _is_open(tensor: Any) -> bool:
    return tensor.dtype.name not in ("resource", "variant") and not (
        tensor.shape.is_fully_defined()
    )


def _asked(op: Any) -> list[int]:
    """The sizes that an operation is told, for shapes that depend on its inputs."""
    told = [t for t in op.inputs if t.dtype.is_integer and t.shape.rank == 0]
    return [most for t in told if (most := _most(t)) is not None]


def _most(tensor: Any, depth: int = 0) -> int | None:
    """The most that a whole number can be which a graph works out; None if unknown."""
    import tensorflow as tf

    value = tf.get_static_value(tensor)
    if value is not None:
        return max((abs(int(n)) for n in value.flat[:64]), default=0)
    if depth > 8 or not tensor.op.inputs:
        return None
    known = [_most(t, depth + 1) for t in tensor.op.inputs]
    if tensor.op.type in ("Identity", "Cast", "Max", "Min", "Reshape", "Squeeze"):
        return known[0]
    least = [most for most in known if most is not None]
    if tensor.op.type == "Minimum" and least:
        return min(least)
    if tensor.op.type == "Maximum" and None not in known:
        return max(least)
    return None


def _bodies(op: Any) -> list[Any]:
    """The graphs that an operation runs."""
    found = []
    for name in _NESTED[op.type]:
        function = op.get_attr(name).name
        graph = op.graph
        while graph is not None:
            known = graph._functions.get(function) or graph._functions.get(
                function.encode()
            )
            if known is not None:
                found.append(known.graph)
                break
            graph = getattr(graph, "outer_graph", None)
    return found


def _rounds(op: Any) -> int:
    """How often a loop goes round at most: its limit, or the longest axis so far."""
    if not op.type.endswith("While"):
        return 1
    limit = _most(op.inputs[1])
    if limit is not None:
        return max(limit, 1)
    tensors = [t for other in op.graph.get_operations() for t in other.outputs]
    return max((n or 1 for tensor in tensors for n in shape_of(tensor)), default=1)
