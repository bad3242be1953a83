"""`simplify_shapes` against NumPy: whatever is sliced, reshaped and joined, the elements stay the same."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hqn.compiler.ir import hqn
from hqn.compiler.ir.module import Built, Module
from hqn.compiler.ir.nn_shape import ConcatOp, ReshapeOp, SliceOp, StackOp, TransposeOp
from hqn.compiler.ir.tensors import shape, tensor
from hqn.compiler.ir.xdsl_api import Block, Operation, SSAValue
from hqn.compiler.passes import run_passes
from hqn.compiler.types.model import DType

SHAPE = (4, 3, 2)


def f32(*dims: int):
    return tensor(DType.F32, dims)


def add(block: Block, op: Operation) -> SSAValue:
    block.add_op(op)
    return op.results[0]


@st.composite
def piece(draw: st.DrawFn, block: Block, value: SSAValue) -> SSAValue:
    """A slice of a value, perhaps reshaped and transposed."""
    dims = shape(value)
    starts = [draw(st.integers(0, dim - 1)) for dim in dims]
    stops = [draw(st.integers(start + 1, dim)) for start, dim in zip(starts, dims)]
    steps = [draw(st.sampled_from([1, 1, 1, 2])) for _ in dims]
    taken = [len(range(*bounds)) for bounds in zip(starts, stops, steps)]
    bounds = {"starts": tuple(starts), "stops": tuple(stops), "steps": tuple(steps)}
    result = add(block, SliceOp.of(f32(*taken), value, **bounds))
    if draw(st.booleans()):
        axes = tuple(draw(st.permutations(range(len(dims)))))
        result = add(block, TransposeOp.of(f32(*(taken[axis] for axis in axes)), result, axes=axes))
    return result


@st.composite
def tables(draw: st.DrawFn) -> Module:
    """A concatenation of flattened pieces of one argument, then once more of parts of that."""
    block = Block(arg_types=[f32(*SHAPE)])
    value: SSAValue = block.args[0]
    for _ in range(draw(st.integers(1, 2))):
        parts = [draw(piece(block, value)) for _ in range(draw(st.integers(1, 4)))]
        flat = [add(block, ReshapeOp.of(f32(int(np.prod(shape(part)))), part)) for part in parts]
        value = add(block, ConcatOp.of(f32(sum(shape(part)[0] for part in flat)), *flat, axis=0))
    return _function(block, value)


def rows(count: int, first: int, last: int) -> Module:
    """Rows `first` up to `last` of a matrix, taken one by one and stacked again."""
    block = Block(arg_types=[f32(count, 3)])
    parts = []
    for row in range(first, last):
        bounds = {"starts": (row, 0), "stops": (row + 1, 3), "steps": (1, 1)}
        one = add(block, SliceOp.of(f32(1, 3), block.args[0], **bounds))
        parts.append(add(block, ReshapeOp.of(f32(3), one)))
    return _function(block, add(block, StackOp.of(f32(last - first, 3), *parts, axis=0)))


def _function(block: Block, value: SSAValue) -> Module:
    block.add_op(hqn.ReturnOp([value]))
    return Module.of([hqn.FuncOp("f", "layer", block, [value.type], ["x"])])


def run(module: Module) -> NDArray[np.int64]:
    """What the function makes of 0, 1, 2, …"""
    block = module["f"].block
    values: dict[SSAValue, NDArray[np.int64]] = {}
    values[block.args[0]] = np.arange(np.prod(shape(block.args[0]))).reshape(shape(block.args[0]))
    for op in block.ops:
        given = [values[value] for value in op.operands]
        match op:
            case ReshapeOp():
                values[op.result] = given[0].reshape(shape(op.result))
            case TransposeOp():
                values[op.result] = given[0].transpose(op.axes)
            case SliceOp():
                bounds = zip(op.starts, op.stops, op.steps)
                values[op.result] = given[0][tuple(slice(*one) for one in bounds)]
            case ConcatOp():
                values[op.result] = np.concatenate(given, op.axis)
            case StackOp():
                values[op.result] = np.stack(given, op.axis)
    return values[module["f"].returned[0]]


def simplified(module: Module) -> Module:
    return run_passes(Built(module), ["simplify_shapes", "eliminate_dead"], verify=True).module


@given(tables())
def test_elements_stay_where_they_are(module: Module) -> None:
    np.testing.assert_array_equal(run(module), run(simplified(module)))


def names(module: Module) -> list[str]:
    return [op.name for op in module["f"].block.ops]


def test_all_rows_are_the_matrix() -> None:
    assert names(simplified(rows(4, 0, 4))) == ["hqn.return"]


def test_some_rows_are_a_slice() -> None:
    end = simplified(rows(4, 1, 3))
    assert names(end) == ["nn.slice", "hqn.return"]
    np.testing.assert_array_equal(run(end), run(rows(4, 1, 3)))
