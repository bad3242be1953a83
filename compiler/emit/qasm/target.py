"""The OpenQASM targets: programs of every circuit of a model, with their manifests.

What came before: `Built` after the passes for all targets, and the values of a checkpoint where one is
given. What leaves: `Artifact`s by the path of their circuit, or diagnostics. Invariant: nothing is
written unless everything can be expressed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from hqn.compiler.diagnostics import Diagnostic
from hqn.compiler.emit.qasm import qasm2, qasm3
from hqn.compiler.emit.qasm.errors import InputsNotBound, NoCircuit, NotInTarget
from hqn.compiler.emit.qasm.manifest import manifest
from hqn.compiler.emit.qasm.names import elements
from hqn.compiler.emit.qasm.programs import Circuit, Traced, circuits, traced
from hqn.compiler.emit.qasm.scalar import CannotExpress
from hqn.compiler.emit.qasm.slots import Values
from hqn.compiler.emit.target import Artifact
from hqn.compiler.ir.module import Built

LANGUAGES = {"qasm3": "OpenQASM 3", "qasm2": "OpenQASM 2.0"}


@dataclass(frozen=True)
class QasmTarget:
    """`slots`: the values of the model's slots by path, None to leave them inputs. `args`: values of a
    circuit's own parameters by name. `is_flat`: without loops, arrays and gates of its own."""

    name: str
    model: str
    slots: Values | None = None
    args: Values = field(default_factory=dict)
    is_flat: bool = False

    def each(self, built: Built) -> Iterator[tuple[str, Artifact | Diagnostic]]:
        """Every circuit of the model by its path: as a program, or why this language cannot say it."""
        for circuit in circuits(built, self.model):
            try:
                yield circuit.path, self._emit_one(built, circuit)
            except CannotExpress as reason:
                language, why = LANGUAGES[self.name], str(reason)
                yield (
                    circuit.path,
                    NotInTarget(circuit=circuit.path, target=language, reason=why, help=reason.help),
                )
            except _Unbound as unbound:
                yield circuit.path, InputsNotBound(circuit=circuit.path, names=unbound.names)

    def unsupported(self, built: Built) -> Iterator[Diagnostic]:
        """What this language cannot say of the model's circuits."""
        found = list(self.each(built))
        if not found:
            yield NoCircuit(model=self.model)
        yield from (one for _, one in found if isinstance(one, Diagnostic))

    def emit(self, built: Built) -> Mapping[str, Artifact]:
        """One artifact per circuit, by its path."""
        return {path: one for path, one in self.each(built) if isinstance(one, Artifact)}

    def _emit_one(self, built: Built, circuit: Circuit) -> Artifact:
        found = traced(built, circuit, self.slots, self.args, self.is_flat or self.name == "qasm2")
        return Artifact(self._text(found), manifest=manifest(found))

    def _text(self, found: Traced) -> str:
        title = f"{found.circuit.path}, {found.circuit.function.source}"
        if self.name == "qasm3":
            return qasm3.program_text(title, found)
        if found.inputs:
            raise _Unbound(tuple(name for family in found.inputs for name, _ in elements(family)))
        return qasm2.program_text(title, found.wires, found.trace.bits, found.trace.items)


class _Unbound(Exception):
    """Inputs that OpenQASM 2.0, which has none, would need values of."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(", ".join(names))
        self.names = names
