"""Sub-circuits as gates of the program.

What came before: calls of circuits that act on given qubits. What leaves: one `Definition` per circuit, whose
parameters are those elements of its parameters and slots that its angles read. Invariants: a definition
knows nothing outside of it; callees stand before their callers; a circuit whose angles are no formulas of
single numbers has none, and its gates stand in the place of the call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from hqn.compiler.emit.qasm.evaluate import Array
from hqn.compiler.emit.qasm.names import Names
from hqn.compiler.emit.qasm.scalar import CannotExpress, Input, Scalar, text
from hqn.compiler.emit.qasm.slots import Slots, flat, parameters, slots_of
from hqn.compiler.emit.qasm.structure import Definition, Gate, scalars_in
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.module import Module
from hqn.compiler.ir.qc import wire_count

Args = Mapping[str, Array]
Body = Callable[[FuncOp, Args, Slots], Sequence[Gate]]
"""The gates of a circuit with these parameters and slots."""

Read = tuple[str, tuple[int, ...]]
"""An element of a parameter or slot: its path, and its place there."""


class Library:
    """The definitions of one program."""

    def __init__(self, module: Module, names: Names, body: Body) -> None:
        self.names = names
        self._module = module
        self._body = body
        self._known: dict[str, tuple[Definition, tuple[Read, ...]] | None] = {}

    @property
    def definitions(self) -> tuple[Definition, ...]:
        return tuple(found[0] for found in self._known.values() if found is not None)

    def call(self, callee: FuncOp, args: Args, slots: Slots) -> tuple[str, tuple[Scalar, ...]] | None:
        """The gate that a circuit is, and its angles in this call."""
        name = callee.symbol_name
        if name not in self._known:
            found = self._define(callee)
            self._known[name] = found
        known = self._known[name]
        if known is None:
            return None
        definition, reads = known
        given = {**args, **flat(slots)}
        return definition.name, tuple(given[path][place] for path, place in reads)

    def _define(self, callee: FuncOp) -> tuple[Definition, tuple[Read, ...]] | None:
        own = Names()
        args = parameters(callee, own, {})
        slots = slots_of(self._module, callee, own)
        try:
            body = tuple(self._body(callee, args, slots))
            for gate in body:
                _check_formulas(gate)
        except CannotExpress:
            return None
        used = {one for one in scalars_in(body) if isinstance(one, Input)}
        every = {**args, **flat(slots)}
        reads = [
            (path, place) for path, array in every.items() for place in _places(array) if array[place] in used
        ]
        params = tuple(every[path][place].name for path, place in reads)
        name = self.names.free(callee.definition.rpartition(".")[2])
        return Definition(name, params, wire_count(callee.args[0]), body), tuple(reads)


def _check_formulas(gate: Gate) -> None:
    for angle in gate.angles:
        text(angle)


def _places(array: Array) -> Sequence[tuple[int, ...]]:
    return list(np.ndindex(array.shape))
