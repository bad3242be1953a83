"""What one turn of a loop is given and what it gives, where the turn becomes a Python function.

What came before: a loop's body, its domains and the slots that it reads. What leaves: the names inside of
the turn and, outside of it, the arrays of all turns. Invariant: a turn is given only what it uses.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from hqn.compiler.emit.jax.code import Code, call
from hqn.compiler.emit.jax.slots import View, operations, reads_number, taken, turn_slice, views
from hqn.compiler.emit.jax.states import Path, States
from hqn.compiler.emit.jax.values import Value
from hqn.compiler.emit.jax.writer import Writer
from hqn.compiler.emit.text import as_identifier
from hqn.compiler.ir.hqn import DrawOp
from hqn.compiler.ir.instances import CallOp
from hqn.compiler.ir.loops import LoopOp
from hqn.compiler.ir.xdsl_api import SSAValue


@dataclass(frozen=True, slots=True)
class Input:
    """The name in the turn; outside, the array of all turns and the axis that they lie along."""

    name: str
    outside: Code
    axis: int = 0


def draws(op: LoopOp) -> bool:
    """Whether a turn needs keys."""
    return any(
        isinstance(inner, DrawOp) or (isinstance(inner, CallOp) and inner.draws)
        for inner in operations(op.block)
    )


def turn_inputs(writer: Writer, op: LoopOp) -> list[Input]:
    """Bind what a turn is given: its number, the slots of the turn, the slices of the domains."""
    inputs: list[Input] = []
    found = views(op.block, op.index, writer.module.signatures)
    if draws(op) or op.take is not None or reads_number(op.index):
        name = writer.names.new(op.index.name_hint or "i")
        writer.argument(op.index, name, frozenset(), frozenset())
        inputs.append(Input(name, call("nn.turns", str(op.trips))))
    inputs += [_slot_input(writer, op, view) for view in found]
    for element, domain in zip(op.slices, op.domains, strict=True):
        if element.uses:
            inputs.append(_element_input(writer, element, writer.value(domain).array()))
    if not inputs:
        inputs.append(Input(writer.names.new("_turn"), call("nn.turns", str(op.trips))))
    return inputs


def _slot_input(writer: Writer, op: LoopOp, view: View) -> Input:
    created = _created(writer, view)
    base, rest = writer.slots.find(view.name, view.before)
    numbers = writer.turn_numbers(rest)
    outside = taken(base, [*numbers, *turn_slice(view, op.trips, created)], view.array)
    name = writer.names.new(as_identifier(view.name))
    writer.slots.learn(view, name)
    return Input(name, outside)


def _created(writer: Writer, view: View) -> int:
    """How many turns of the slot or instance there are, along the axis of this loop."""
    func = writer.func
    declared = func.slot(view.name) if view.array else func.child(view.name)
    assert declared is not None
    return declared.loops[len(view.before)]


def _element_input(writer: Writer, element: SSAValue, domain: Value) -> Input:
    name = writer.names.new(element.name_hint or "x")
    value = replace(domain.named(name), shape=domain.shape[1:])
    writer.values[element] = value
    return Input(name, domain.code, -domain.rank if domain.leads else 0)


@contextmanager
def turn_keys(writer: Writer, op: LoopOp) -> Iterator[None]:
    """Draws inside get the keys of their turn."""
    if not draws(op):
        yield
        return
    number = writer.value(op.index)
    with writer.keyed(Code(f"{writer.keys.atom}.turn({number.text})")):
        yield


class TurnStates:
    """The states that a turn sets: `given` is what it returns of them, which `bind` then knows stacked."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._outer, writer.states = writer.states, States()
        self.groups: list[tuple[str, Path]] = []

    def close(self, op: LoopOp) -> str | None:
        """The dictionary that the turn gives; None where it sets nothing."""
        states, self._writer.states = self._writer.states, self._outer
        if not states:
            return None
        given, self.groups = states.leave(op.index)
        return given

    def bind(self, stacked: str) -> None:
        self._writer.states.enter(stacked, self.groups)
