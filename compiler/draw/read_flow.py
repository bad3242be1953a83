"""A model of the IR as a flow: calls are boxes, loops are groups, the arithmetic between them is steps.

What came before: a function of kind model. What leaves: a `Flow`. Invariants: every call and every loop is
one node; consecutive operations of one value are one step; layers of the user that hold instances are
groups, those of the library are boxes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from hqn.compiler.diagnostics.visible import visible
from hqn.compiler.draw.facts import call_facts, model_facts, signature_text, type_text
from hqn.compiler.draw.flow import INLET, Flow, Link, Node, in_chains
from hqn.compiler.draw.steps import is_still, is_still_value, step_text, weights_of
from hqn.compiler.ir.hqn import FuncOp, ReturnOp
from hqn.compiler.ir.instances import CallOp, SlotOp
from hqn.compiler.ir.loops import LoopOp, YieldOp
from hqn.compiler.ir.module import Module
from hqn.compiler.ir.quant import FakeOp, IntegersOp
from hqn.compiler.ir.tensors import shape
from hqn.compiler.ir.xdsl_api import Block, BlockArgument, Operation, SSAValue

MOST = 400
"""Nodes of one picture; what is beyond is counted and not drawn."""

_DEEPEST = 4


def read_flow(module: Module, func: FuncOp) -> Flow:
    """A model with its inputs, what it does, and its results."""
    reader = _Reader(module, count())
    level = _Level()
    for name, arg in zip(func.arg_names, func.args):
        title = f"{visible(name)}: {type_text(arg.type)}"
        reader.add(level, [arg], Node(next(reader.keys), "value", title))
    reader.read(level, func.block, 0)
    links = reader.links(level, func.returned)
    result = Node(next(reader.keys), "value", "result", links=links)
    facts = model_facts(module, func)
    left_out = (f"{reader.left_out:,} more steps are not drawn",) if reader.left_out else ()
    return Flow(signature_text(func), (*facts, *left_out), (*in_chains(level.nodes), result))


@dataclass
class _Level:
    """One body being read: which node made which value, and what came in from outside."""

    made: dict[SSAValue, int] = field(default_factory=dict)
    nodes: list[Node] = field(default_factory=list)
    captured: list[SSAValue] = field(default_factory=list)


@dataclass
class _Reader:
    module: Module
    keys: count[int]
    left_out: int = 0

    def add(self, level: _Level, results: Iterable[SSAValue], node: Node) -> None:
        level.nodes.append(node)
        level.made.update((value, node.key) for value in results)

    def read(self, level: _Level, block: Block, depth: int) -> None:
        for op in block.ops:
            if isinstance(op, ReturnOp | YieldOp) or is_still(op):
                continue
            key = next(self.keys)
            if key > MOST:
                self.left_out += 1
            elif isinstance(op, LoopOp):
                self.add(level, op.results, self._loop(level, op, key, depth))
            elif isinstance(op, CallOp):
                self.add(level, op.results, self._call(level, op, key, depth))
            else:
                self._step(level, op, key)

    def links(self, level: _Level, values: Sequence[SSAValue], texts: Sequence[str] = ()) -> tuple[Link, ...]:
        """What flows into an operation; values from outside of the body come through its inlet."""
        found: list[Link] = []
        for at, value in enumerate(values):
            if is_still_value(value):
                continue
            if value not in level.made and value not in level.captured:
                level.captured.append(value)
            link = Link(level.made.get(value, INLET), texts[at] if texts else _named(value))
            if link not in found:
                found.append(link)
        return tuple(found)

    def _call(self, level: _Level, op: CallOp, key: int, depth: int) -> Node:
        callee = self.module.callee(op)
        links = self.links(level, op.args, [_given(value, arg) for value, arg in zip(op.args, callee.args)])
        name, label = visible(callee.definition), visible(op.instance)
        title = name if name == label else f"{label}: {name}"
        facts = call_facts(self.module, callee)
        if op.batch:
            facts = (f"for each of {' x '.join(map(str, op.batch))}", *facts)
        node = Node(key, "circuit" if callee.kind == "circuit" else "layer", title, facts, links)
        if callee.kind == "circuit" or depth >= _DEEPEST or not _is_opened(callee):
            return node
        return self._opened(node, callee, depth)

    def _opened(self, node: Node, callee: FuncOp, depth: int) -> Node:
        inner = _Level(made=dict.fromkeys(callee.args, INLET))
        self.read(inner, callee.block, depth + 1)
        outlets = self.links(inner, callee.returned)
        return replace(node, kind="group", body=in_chains(inner.nodes), outlets=outlets)

    def _loop(self, level: _Level, op: LoopOp, key: int, depth: int) -> Node:
        inner = _Level(made=dict.fromkeys(op.block.args, INLET))
        self.read(inner, op.block, depth + 1)
        last = op.block.last_op
        outlets = self.links(inner, last.operands if last else ())
        outside = [value for value in inner.captured if value not in op.operands]
        links = self.links(level, [*op.operands, *outside])
        kind = op.name.partition(".")[2]
        used = any(isinstance(use.operation, SlotOp | CallOp) for use in op.index.uses)
        names = ", ".join(visible(one.name_hint) for one in op.slices if one.name_hint)
        title = f"{kind} {names} x {op.trips}" if names else f"{kind} x {op.trips}"
        facts = ("own weights per turn",) if op.CREATES and used else ()
        return Node(key, "group", title, facts, links, in_chains(inner.nodes), outlets, stacked=True)

    def _step(self, level: _Level, op: Operation, key: int) -> None:
        """A new step, or one more word of the step before where nothing else sees what it gave."""
        flowing = [value for value in op.operands if not is_still_value(value)]
        text, weights = step_text(op), weights_of(op)
        last = level.nodes[-1] if level.nodes else None
        if last is not None and last.kind == "step" and _continues(level, last.key, flowing):
            facts = (*last.facts, *weights)
            level.nodes[-1] = replace(last, title=f"{last.title}, {text}", facts=facts)
            level.made.update((value, last.key) for value in op.results)
            return
        self.add(level, op.results, Node(key, "step", text, weights, self.links(level, flowing)))


def _continues(level: _Level, key: int, flowing: list[SSAValue]) -> bool:
    values = set(flowing)
    if len(values) != 1:
        return False
    value = values.pop()
    return level.made.get(value) == key and len({use.operation for use in value.uses}) == 1


def _is_opened(callee: FuncOp) -> bool:
    return bool(callee.children) and not callee.source.startswith("std/")


def _named(value: SSAValue) -> str:
    """`h: f32[20]`, or the type alone."""
    return f"{_name(value)}{type_text(value.type)}"


def _name(value: SSAValue) -> str:
    """The name of a local; inputs of a model and of an opened layer have theirs elsewhere."""
    is_input = isinstance(value, BlockArgument) and isinstance(value.owner.parent_op(), FuncOp)
    return "" if is_input or not value.name_hint else f"{visible(value.name_hint)}: "


def _given(value: SSAValue, arg: SSAValue) -> str:
    """As the callee takes it: an argument that it quantizes first arrives in so many bits."""
    specs = {use.operation.spec.dtype for use in arg.uses if isinstance(use.operation, FakeOp | IntegersOp)}
    if len(specs) != 1:
        return _named(value)
    dims = ", ".join(map(str, shape(value)))
    return f"{_name(value)}{specs.pop()}[{dims}]"
