"""Which circuits a model has, and one program per circuit.

What came before: `Built`, and where a checkpoint is given the values of all slots. What leaves: `Circuit`s
with their paths and, for each, gates, inputs and the manifest. Invariant: slots without values and
parameters without values are inputs of the program; nothing is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from hqn.compiler.emit.qasm.names import Names
from hqn.compiler.emit.qasm.scalar import CannotExpress, Family, Input
from hqn.compiler.emit.qasm.slots import Values, bound_slots, parameters, slots_of
from hqn.compiler.emit.qasm.structure import Trace, scalars_in
from hqn.compiler.emit.qasm.trace import trace, wires_of
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.module import Built


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
    """A circuit as gates, with its parameters and slots."""

    circuit: Circuit
    wires: int
    trace: Trace
    names: Names

    @property
    def inputs(self) -> tuple[Family, ...]:
        """What has no value."""
        return tuple(family for family in self.names.families if family.values is None)

    @property
    def arrays(self) -> tuple[Family, ...]:
        """Those that a loop goes through, in which each turn reads another element."""
        read = {
            one.family for one in scalars_in(self.trace.items) if isinstance(one, Input) and not one.is_fixed
        }
        return tuple(family for family in self.names.families if family in read)


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


def traced(built: Built, circuit: Circuit, slots: Values | None, args: Values, is_flat: bool) -> Traced:
    """The gates of a circuit. `slots` are the model's (None: they are inputs), `args` the circuit's own;
    `is_flat` asks for a program without loops and definitions of its own."""
    given = next((child for child in circuit.function.children if child.shared), None)
    if given is not None:
        raise CannotExpress(f"the instance `{given.name}`, which is shared with another place")
    names = Names()
    params = parameters(circuit.function, names, args)
    if slots is None:
        own = slots_of(built.module, circuit.function, names)
    else:
        turns = tuple(turn for turns in circuit.turns for turn in turns)
        own = bound_slots(slots, circuit.instance, turns, names)
    found = trace(built.module, circuit.function, params, own, None if is_flat else names)
    return Traced(circuit, wires_of(circuit.function), found, names)
