"""The meaning of IR functions, one sample at a time, in NumPy: what emitted code is compared with.

Naive on purpose: no batch, no fusion, loops are loops, contractions are sums over all indices.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import special

from hqn.compiler.ir import nn
from hqn.compiler.ir.hqn import DrawOp, FuncOp, GradOp, ReturnOp
from hqn.compiler.ir.instances import CallOp, SlotOp
from hqn.compiler.ir.loops import LoopOp, YieldOp
from hqn.compiler.ir.nn_base import PrimOp
from hqn.compiler.ir.tensors import dtype, shape
from hqn.compiler.ir.tn import ContractOp
from hqn.compiler.ir.turns import Turn
from hqn.compiler.ir.xdsl_api import Block, Operation, SSAValue
from hqn.compiler.types.model import DType
from hqn.runtime import keys as rnd

Tree = Mapping[str, Any]

ELEMENTWISE: dict[str, Any] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "floordiv": np.floor_divide,
    "mod": np.mod, "pow": np.power, "neg": np.negative, "eq": np.equal, "ne": np.not_equal, "lt": np.less,
    "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal, "and": np.logical_and,
    "or": np.logical_or, "not": np.logical_not, "select": np.where, "abs": np.abs, "sign": np.sign,
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "sin": np.sin, "cos": np.cos, "tan": np.tan,
    "tanh": np.tanh, "sinh": np.sinh, "cosh": np.cosh, "asin": np.arcsin, "acos": np.arccos,
    "atan": np.arctan, "atan2": np.arctan2, "sigmoid": special.expit, "relu": lambda x: np.maximum(x, 0),
    "gelu": lambda x: x * special.ndtr(x), "silu": lambda x: x * special.expit(x),
    "softplus": lambda x: np.logaddexp(x, 0), "floor": np.floor, "ceil": np.ceil, "round": np.round,
    "minimum": np.minimum, "maximum": np.maximum, "clip": np.clip, "square": np.square,
    "reciprocal": np.reciprocal, "erf": special.erf,
}  # fmt: skip
NUMPY = {DType.I32: np.int32, DType.I8: np.int8, DType.BOOL: np.bool_}


class Reference:
    """Evaluates functions by name. `state` collects what a call sets, by path."""

    def __init__(self, functions: Sequence[FuncOp]) -> None:
        self.functions = {func.symbol_name: func for func in functions}

    def __call__(self, name: str, p: Tree, args: Sequence[Any], keys: rnd.Keys | None = None) -> list[Any]:
        """The results for one sample."""
        return _Call(self, self.functions[name], p, keys).run(args)


class _Call:
    def __init__(self, owner: Reference, func: FuncOp, p: Tree, keys: rnd.Keys | None) -> None:
        self.owner, self.func, self.p, self.keys = owner, func, p, keys
        self.values: dict[SSAValue, Any] = {}

    def run(self, args: Sequence[Any]) -> list[Any]:
        self.values.update(zip(self.func.args, args, strict=True))
        return self.block(self.func.block)

    def block(self, block: Block) -> list[Any]:
        """The operands of the block's end."""
        for op in block.ops:
            if isinstance(op, YieldOp | ReturnOp):
                return [self.values[value] for value in op.operands]
            results = self.operation(op)
            self.values.update(zip(op.results, results, strict=True))
        raise AssertionError("a block has no end")

    def operation(self, op: Operation) -> list[Any]:
        match op:
            case nn.ConstantOp():
                return [_typed(np.array(op.values).reshape(shape(op.result)), op.result)]
            case nn.MapOp():
                return [_typed(ELEMENTWISE[op.fn](*self.all(op.args)), op.result)]
            case PrimOp():
                return [_typed(_primitive(op, self.all(op.args)), op.result)]
            case ContractOp():
                return [contraction(op, self.all(op.factors))]
            case SlotOp():
                return [self.turn(self.p[op.slot], op.turns)]
            case CallOp():
                return self.call(op)
            case LoopOp():
                return self.loop(op)
            case GradOp():
                return [self.gradient(op)]
            case DrawOp():
                return [self.draw(op)]
        raise AssertionError(f"the reference does not know {op.name}")

    def all(self, values: Sequence[SSAValue]) -> list[Any]:
        return [self.values[value] for value in values]

    def turn(self, slots: Any, turns: Sequence[Turn]) -> Any:
        for turn in turns:
            number = turn.offset + (0 if turn.index is None else turn.stride * int(self.values[turn.index]))
            slots = _taken(slots, number)
        return slots

    def call(self, op: CallOp) -> list[Any]:
        """A lifted call is the call of every element of its batch."""
        p = self.turn(self.p.get(op.instance, {}), op.turns)
        keys, results = self.keys if op.draws else None, []
        for place in itertools.product(*map(range, op.batch)):
            args = [self.values[arg][place if up else ()] for arg, up in zip(op.args, op.lifted, strict=True)]
            own = keys
            for number in place:
                own = own.turn(number) if own is not None else None
            results.append(self.owner(op.callee, p, args, None if own is None else own[op.instance]))
        return [
            np.array([result[number] for result in results]).reshape(shape(output))
            for number, output in enumerate(op.outputs)
        ]

    def loop(self, op: LoopOp) -> list[Any]:
        carries, stacked = self.all(op.initial), [[] for _ in op.stacked]
        keys = self.keys
        for number in range(op.trips):
            slices = [self.values[domain][number] for domain in op.domains]
            self.keys = None if keys is None else keys.turn(number)
            self.values.update(zip(op.block.args, [np.int32(number), *slices, *carries], strict=True))
            results = self.block(op.block)
            if op.take is None or number < self.values[op.take]:
                carries = results[: len(carries)]
            for given, kept in zip(results[len(carries) :], stacked, strict=True):
                kept.append(given)
        self.keys = keys
        return [*carries, *(np.array(kept) for kept in stacked)]

    def gradient(self, op: GradOp) -> Any:
        """Central differences."""
        at, slope, step = np.array(self.values[op.wrt], float), [], 1e-5
        for place in np.ndindex(at.shape):
            ends = []
            for sign in (1, -1):
                moved = at.copy()
                moved[place] += sign * step
                self.values[op.block.args[0]] = moved
                ends.append(float(self.block(op.block)[0]))
            slope.append((ends[0] - ends[1]) / (2 * step))
        return np.array(slope).reshape(at.shape)

    def draw(self, op: DrawOp) -> Any:
        assert self.keys is not None
        function = getattr(rnd, op.distribution)
        drawn = function(self.keys[op.site], op.per, *self.all(op.args), shape(op.result))
        return _typed(np.asarray(drawn), op.result)


def _taken(slots: Any, number: int) -> Any:
    if isinstance(slots, Mapping):
        return {name: _taken(below, number) for name, below in slots.items()}
    return slots[number]


def _typed(array: Any, like: SSAValue) -> Any:
    kind = NUMPY.get(dtype(like), np.float64)
    return np.asarray(array).astype(kind)


def contraction(op: ContractOp, factors: Sequence[Any]) -> Any:
    """The sum over every assignment of the indices."""
    total = np.zeros(shape(op.result))
    for place in itertools.product(*map(range, op.index_sizes)):
        term = 1.0
        for factor, positions in zip(factors, op.positions, strict=True):
            at = tuple(
                sum(coefficient * place[index] for index, coefficient in position.terms) + position.offset
                for position in positions
            )
            term = term * factor[at]
        total[tuple(place[index] for index in op.output)] += term
    return total


def _primitive(op: Any, args: Sequence[Any]) -> Any:
    x = args[0] if args else None
    if op.fn in ("sum", "mean", "max", "min", "prod", "any", "all", "std", "var"):
        return getattr(np, op.fn)(x, axis=op.axes)
    match op.fn:
        case "argmax" | "argmin":
            rest = [axis for axis in range(x.ndim) if axis not in op.axes]
            flat = np.transpose(x, (*rest, *op.axes)).reshape((*(x.shape[axis] for axis in rest), -1))
            return getattr(np, op.fn)(flat, axis=-1)
        case "logsumexp":
            return special.logsumexp(x, axis=op.axes)
        case "norm":
            return np.sqrt(np.sum(x * x, axis=op.axes))
        case "softmax" | "log_softmax":
            return getattr(special, op.fn)(x, axis=op.axis)
        case "cumsum":
            return np.cumsum(x, axis=op.axis)
        case "cast" | "stop" | "ste":
            return x
        case "conv2d":
            return _conv2d(op, x, args[1])
        case "maxpool2d" | "avgpool2d":
            reduce = np.max if op.fn == "maxpool2d" else np.mean
            return _over_windows(x, op.size, op.stride, lambda window: reduce(window, axis=(0, 1)))
        case "patches":
            return _over_windows(x, op.size, op.stride, lambda window: np.moveaxis(window, -1, 0))
    return _arranged(op, args)


def _arranged(op: Any, args: Sequence[Any]) -> Any:
    dims = shape(op.result)
    x = args[0] if args else None
    match op.fn:
        case "reshape":
            return x.reshape(dims)
        case "transpose":
            return np.transpose(x, op.axes)
        case "slice":
            return x[tuple(slice(*bounds) for bounds in zip(op.starts, op.stops, op.steps, strict=True))]
        case "gather":
            return np.take(x, args[1], axis=op.axis)
        case "take_along":
            return np.take_along_axis(x, np.asarray(args[1])[..., None], axis=-1)[..., 0]
        case "concat" | "stack":
            return {"concat": np.concatenate, "stack": np.stack}[op.fn](args, axis=op.axis)
        case "broadcast":
            return np.broadcast_to(x, dims)
        case "full":
            return np.full(dims, op.value)
        case "iota":
            return np.arange(dims[0])
        case "one_hot":
            return np.asarray(x)[..., None] == np.arange(dims[-1])
        case "pad":
            return np.pad(x, list(zip(op.low, op.high, strict=True)))
    raise AssertionError(f"the reference does not know {op.fn}")


def _over_windows(x: Any, size: Sequence[int], stride: Sequence[int], function: Any) -> Any:
    rows = range(0, x.shape[0] - size[0] + 1, stride[0])
    columns = range(0, x.shape[1] - size[1] + 1, stride[1])
    return np.array([[function(x[i : i + size[0], j : j + size[1]]) for j in columns] for i in rows])


def _conv2d(op: Any, image: Any, kernel: Any) -> Any:
    top, bottom, left, right = op.pad
    padded = np.pad(image, ((top, bottom), (left, right), (0, 0)))
    inputs, outputs = kernel.shape[2], kernel.shape[3] // op.groups

    def one(window: Any) -> Any:
        parts = [
            np.einsum(
                "hwc,hwco->o",
                window[..., group * inputs : (group + 1) * inputs],
                kernel[..., group * outputs : (group + 1) * outputs],
            )
            for group in range(op.groups)
        ]
        return np.concatenate(parts)

    return _over_windows(padded, kernel.shape[:2], op.stride, one)
