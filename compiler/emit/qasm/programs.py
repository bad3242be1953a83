"""Which circuits a model has, and one program per circuit.

What came before: `Built`, and where a checkpoint is given the values of all slots. What leaves: `Circuit`s
with their paths and, for each, gates, inputs and the manifest. Invariant: slots without values and
parameters without values are inputs of the program; nothing is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np

from hqn.compiler.emit.qasm.evaluate import Array, scalars
from hqn.compiler.emit.qasm.scalar import CannotExpress, Input
from hqn.compiler.emit.qasm.trace import Slots, Trace, at_turns, trace, wires_of
from hqn.compiler.emit.text import as_identifier
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.module import Built
from hqn.compiler.ir.qc import RegType
from hqn.compiler.ir.tensors import shape
from hqn.compiler.types.circuits.gates import GATES

Values = Mapping[str, Any]
"""Arrays by path (`vqc.w`), as a checkpoint stores them."""

_RESERVED = set(GATES) | {"q", "U", "CX", "pi", "tau", "euler", "gphase", "input", "output", "angle", "bit", "in"}


@dataclass(frozen=True, slots=True)
class Circuit:
    """An instance of a circuit: `digits.vqc[2]`. `instance` is its path below the model, without turns."""

    model: str
    instance: tuple[str, ...]
    turns: tuple[tuple[int, ...], ...]
    function: FuncOp

    @property
    def path(self) -> str:
        steps = [
            name + "".join(f"[{turn}]" for turn in turns) for name, turns in zip(self.instance, self.turns)
        ]
        return ".".join([self.model, *steps])


@dataclass(frozen=True, slots=True)
class Traced:
    """A circuit as gates, with the names and origins of its inputs."""

    circuit: Circuit
    wires: int
    trace: Trace
    inputs: Mapping[str, str] = field(default_factory=dict)


def circuits(built: Built, model: str) -> Iterator[Circuit]:
    """Every circuit of a model that starts from |0…0>, one for each turn of the loops that create it."""
    function = built.module[built.entry(model).evaluation]
    if function.kind == "circuit":
        yield Circuit(model, (), (), function)
    yield from _below(built, Circuit(model, (), (), function))


def _below(built: Built, parent: Circuit) -> Iterator[Circuit]:
    for child in parent.function.created:
        callee = built.module[child.callee]
        for turns in product(*(range(count) for count in child.loops)):
            inner = Circuit(parent.model, (*parent.instance, child.name), (*parent.turns, turns), callee)
            if callee.kind == "circuit" and callee.qubit_params is None:
                yield inner
            elif callee.kind != "circuit":
                yield from _below(built, inner)


def traced(built: Built, circuit: Circuit, slots: Values | None, args: Values) -> Traced:
    """The gates of a circuit. `slots` are the model's (None: they are inputs), `args` the circuit's own."""
    given = next((child for child in circuit.function.children if child.shared), None)
    if given is not None:
        raise CannotExpress(f"the instance `{given.name}`, which is shared with another place")
    inputs: dict[str, str] = {}
    params = {
        name: scalars(args[name]) if name in args else _inputs(name, shape(value), name, inputs)
        for name, value in zip(circuit.function.arg_names, circuit.function.args, strict=True)
        if not isinstance(value.type, RegType)
    }
    own = _slot_scalars(built, circuit.function, (), inputs) if slots is None else _bound(circuit, slots)
    found = trace(built.module, circuit.function, params, own)
    return Traced(circuit, wires_of(circuit.function), found, inputs)


def _slot_scalars(built: Built, function: FuncOp, path: tuple[str, ...], inputs: dict[str, str]) -> Slots:
    own: dict[str, Array | Slots] = {}
    for slot in function.slots:
        own[slot.name] = _inputs("_".join((*path, slot.name)), slot.shape, ".".join((*path, slot.name)), inputs)
    for child in function.children:
        below = _slot_scalars(built, built.module[child.callee], (*path, child.name), inputs)
        own[child.name] = _stacked(below, child.loops, inputs)
    return own


def _stacked(slots: Slots, loops: Sequence[int], inputs: dict[str, str]) -> Slots:
    """Slots of an instance that a loop creates: one input per turn in place of one for all."""
    if not loops:
        return slots
    return {
        name: _stacked(slot, loops, inputs) if isinstance(slot, Mapping) else _per_turn(slot, loops, inputs)
        for name, slot in slots.items()
    }


def _per_turn(slot: Array, loops: Sequence[int], inputs: dict[str, str]) -> Array:
    result = np.empty((*loops, *slot.shape), dtype=object)
    for place in np.ndindex(slot.shape):
        origin = inputs.pop(slot.item(place).name)
        for turn in np.ndindex(*loops):
            name = "_".join([slot.item(place).name, *map(str, turn)])
            inputs[name] = origin + "".join(f"[{number}]" for number in turn)
            result[(*turn, *place)] = Input(name)
    return result


def _bound(circuit: Circuit, values: Values) -> Slots:
    """The slots of the instance, in its turns, nested by label."""
    prefix = ".".join(circuit.instance)
    nested: dict[str, Any] = {}
    for path, value in values.items():
        if not prefix or path.startswith(f"{prefix}."):
            *labels, name = path.removeprefix(f"{prefix}." if prefix else "").split(".")
            inner = nested
            for label in labels:
                inner = inner.setdefault(label, {})
            inner[name] = scalars(np.asarray(value))
    return at_turns(nested, tuple(turn for turns in circuit.turns for turn in turns))


def _inputs(name: str, shape_: tuple[int, ...], origin: str, inputs: dict[str, str]) -> Array:
    result = np.empty(shape_, dtype=object)
    for place in np.ndindex(shape_):
        unique = _free("_".join([as_identifier(name), *map(str, place)]), inputs)
        inputs[unique] = origin + "".join(f"[{number}]" for number in place)
        result[place] = Input(unique)
    return result


def _free(name: str, inputs: Mapping[str, str]) -> str:
    while name in _RESERVED or name in inputs:
        name += "_"
    return name
