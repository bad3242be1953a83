"""Functions of the IR, by hand: a block with a little sugar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hqn.compiler.ir import nn
from hqn.compiler.ir.declarations import Child, Slot
from hqn.compiler.ir.hqn import DrawOp, FuncOp, GradOp, ReturnOp
from hqn.compiler.ir.instances import CallOp, SetStateOp, SlotOp
from hqn.compiler.ir.loops import LOOPS, YieldOp
from hqn.compiler.ir.nn_reduce import REDUCE
from hqn.compiler.ir.nn_shape import ARRANGE
from hqn.compiler.ir.nn_window import WINDOW
from hqn.compiler.ir.tensors import INDEX, dtype, shape, tensor
from hqn.compiler.ir.tn import ContractOp, Position
from hqn.compiler.ir.turns import Turn
from hqn.compiler.ir.xdsl_api import Block, SSAValue
from hqn.compiler.types.model import DType

F32, I32, BOOL = DType.F32, DType.I32, DType.BOOL
PRIMS = {op.name.removeprefix("nn."): op for op in (*ARRANGE, *REDUCE, *WINDOW)}
Shape = tuple[int, ...]


class Function:
    """What the blocks of one function share: slots, instances and what they do."""

    def __init__(
        self, name: str, params: Sequence[Shape | tuple[DType, Shape]] = (), kind: str = "layer"
    ) -> None:
        self.name, self.kind = name, kind
        self.slots: dict[str, Slot] = {}
        self.children: dict[str, Child] = {}
        self.draws = self.sets_state = False
        types = [_type(param) for param in params]
        self.body = Builder(self, Block(arg_types=types))
        self.names = [f"x{place}" if place else "x" for place in range(len(params))]

    def done(self, *results: SSAValue, source: str = "test.hqn:1", doc: str | None = None) -> FuncOp:
        self.body.block.add_op(ReturnOp(results))
        return FuncOp(
            self.name, self.kind, self.body.block, [value.type for value in results], self.names,
            slots=list(self.slots.values()), children=list(self.children.values()), source=source, doc=doc,
            draws=self.draws, sets_state=self.sets_state,
        )  # fmt: skip


def _type(param: Any) -> Any:
    return tensor(*param) if param and isinstance(param[0], DType) else tensor(F32, param)


class Builder:
    """Appends operations to one block; every method gives the value it made."""

    def __init__(self, owner: Function, block: Block) -> None:
        self.owner, self.block = owner, block

    @property
    def args(self) -> tuple[SSAValue, ...]:
        return tuple(self.block.args)

    def add(self, op: Any, hint: str | None = None) -> SSAValue:
        self.block.add_op(op)
        result = op.results[0]
        if hint:
            result.name_hint = hint
        return result

    def constant(self, values: Any, dims: Shape = (), kind: DType = F32) -> SSAValue:
        return self.add(nn.ConstantOp(values, tensor(kind, dims)))

    def map(self, fn: str, *args: SSAValue, hint: str | None = None) -> SSAValue:
        return self.add(nn.MapOp(fn, list(args)), hint)

    def prim(self, fn: str, dims: Shape, *args: SSAValue, kind: DType = F32, **options: Any) -> SSAValue:
        return self.add(PRIMS[fn].of(tensor(kind, dims), *args, **options))

    def slot(
        self, name: str, dims: Shape, turns: Sequence[Turn] = (), loops: Shape = (), kind: str = "weight"
    ) -> SSAValue:
        self.owner.slots.setdefault(name, Slot(name, kind, loops, tensor(F32, dims), "normal", (1.0,)))
        return self.add(SlotOp(name, tensor(F32, dims), turns))

    def set_state(self, name: str, value: SSAValue, turns: Sequence[Turn] = ()) -> None:
        self.owner.sets_state = True
        self.block.add_op(SetStateOp(name, value, turns))

    def call(
        self, callee: FuncOp, label: str, *args: SSAValue, turns: Sequence[Turn] = (), loops: Shape = (),
        batch: Shape = (), lifted: Sequence[bool] = (),
    ) -> SSAValue:  # fmt: skip
        self.owner.children.setdefault(label, Child(label, callee.symbol_name, loops))
        self.owner.draws |= callee.draws
        self.owner.sets_state |= callee.sets_state
        results = [tensor(dtype(type_), (*batch, *shape(type_))) for type_ in callee.returns]
        effects = {"draws": callee.draws, "sets_state": callee.sets_state}
        up = tuple(lifted) or (bool(batch),) * len(args)
        return self.add(
            CallOp(callee.symbol_name, label, args, results, turns=turns, batch=batch, lifted=up, **effects)
        )

    def draw(
        self, distribution: str, dims: Shape, *args: SSAValue, per: str = "sample", site: str = "u"
    ) -> SSAValue:
        self.owner.draws = True
        kind = BOOL if distribution == "bernoulli" else F32
        return self.add(DrawOp(distribution, args, per, site, tensor(kind, dims)), site)

    def loop(
        self,
        kind: str,
        trips: int,
        domains: Sequence[SSAValue],
        initial: Sequence[SSAValue],
        body: Callable[[Builder], tuple[Sequence[SSAValue], Sequence[SSAValue]]],
        take: SSAValue | None = None,
    ) -> Any:
        """`body` gives the next carries and what is yielded."""
        slices = [tensor(dtype(value), shape(value)[1:]) for value in domains]
        inner = Builder(self.owner, Block(arg_types=[INDEX, *slices, *(value.type for value in initial)]))
        following, yielded = body(inner)
        inner.block.add_op(YieldOp([*following, *yielded]))
        op = LOOPS[kind](trips, domains, initial, inner.block, take)
        self.block.add_op(op)
        return op

    def grad(self, wrt: SSAValue, body: Callable[[Builder], SSAValue]) -> SSAValue:
        inner = Builder(self.owner, Block(arg_types=[wrt.type]))
        inner.block.add_op(YieldOp([body(inner)]))
        return self.add(GradOp(wrt, inner.block))

    def einsum(self, pattern: str, *factors: SSAValue) -> SSAValue:
        """`ij,j->i`."""
        inputs, output = pattern.split("->")
        names = list(dict.fromkeys(pattern.replace(",", "").replace("->", "")))
        sizes = {
            name: dim
            for one, value in zip(inputs.split(","), factors)
            for name, dim in zip(one, shape(value))
        }
        positions = tuple(
            tuple(Position(((names.index(name), 1),)) for name in one) for one in inputs.split(",")
        )
        indices = [(name, sizes[name]) for name in names]
        type_ = tensor(F32, [sizes[name] for name in output])
        return self.add(
            ContractOp(factors, positions, indices, [names.index(name) for name in output], type_)
        )


def dense(inputs: int, outputs: int) -> FuncOp:
    """y = W x + b."""
    function = Function(f"dense_{inputs}_{outputs}", [(inputs,)])
    body = function.body
    y = body.einsum("oi,i->o", body.slot("W", (outputs, inputs)), body.args[0])
    y.name_hint = "y"
    return function.done(body.map("add", y, body.slot("b", (outputs,))))
