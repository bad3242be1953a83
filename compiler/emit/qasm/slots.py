"""Parameters and slots of a circuit as arrays of scalars.

What came before: a function, and values where they are known. What leaves: arrays nested as instances
are. Invariant: an array is shaped as a checkpoint stores it, the loops that create its instance first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hqn.compiler.emit.qasm.evaluate import Array
from hqn.compiler.emit.qasm.names import Names
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.module import Module
from hqn.compiler.ir.qc import RegType
from hqn.compiler.ir.tensors import shape

Slots = Mapping[str, "Array | Slots"]
"""A function's slots by name and those of its instances by label."""

Values = Mapping[str, Any]
"""Arrays by path (`vqc.w`), as a checkpoint stores them."""


def parameters(function: FuncOp, names: Names, values: Values) -> dict[str, Array]:
    """What a circuit is called with, but for its qubits; what has no value is an input."""
    return {
        name: names.array((name,), shape(value), values.get(name))
        for name, value in zip(function.arg_names, function.args, strict=True)
        if not isinstance(value.type, RegType)
    }


def slots_of(
    module: Module,
    function: FuncOp,
    names: Names,
    path: tuple[str, ...] = (),
    loops: tuple[int, ...] = (),
) -> Slots:
    """The slots of a function and of its instances as inputs."""
    own: dict[str, Array | Slots] = {
        slot.name: names.array((*path, slot.name), (*loops, *slot.shape)) for slot in function.slots
    }
    for child in function.children:
        inner = (*loops, *child.loops)
        own[child.name] = slots_of(module, module[child.callee], names, (*path, child.name), inner)
    return own


def bound_slots(values: Values, instance: tuple[str, ...], turns: tuple[int, ...], names: Names) -> Slots:
    """The slots of an instance of a model, in one turn of the loops that create it."""
    prefix = "".join(f"{label}." for label in instance)
    nested: dict[str, Any] = {}
    for path, value in values.items():
        if path.startswith(prefix):
            *labels, name = path.removeprefix(prefix).split(".")
            inner = nested
            for label in labels:
                inner = inner.setdefault(label, {})
            array = np.asarray(value)[turns]
            inner[name] = names.array((*labels, name), array.shape, array)
    return nested


def at_turns(slots: Slots, turns: tuple[int, ...]) -> Slots:
    """The slots of an instance in one turn of its creating loops."""
    return {
        name: at_turns(slot, turns) if isinstance(slot, Mapping) else slot[(*turns, ...)]
        for name, slot in slots.items()
    }


def flat(slots: Slots, prefix: str = "") -> dict[str, Array]:
    """The arrays by path."""
    found: dict[str, Array] = {}
    for name, slot in slots.items():
        if isinstance(slot, Mapping):
            found |= flat(slot, f"{prefix}{name}.")
        else:
            found[prefix + name] = slot
    return found
