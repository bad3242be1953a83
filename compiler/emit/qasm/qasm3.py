"""OpenQASM 3: gates with modifiers as they stand, definitions of what `stdgates.inc` lacks, inputs.

What came before: traced gates. What leaves: one program on a register `q`. Source of the syntax: the
OpenQASM 3 language specification (openqasm.com). Invariant: the program only prepares the state; what is
read from it stands in the manifest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hqn.compiler.emit.qasm.definitions import DEFINITIONS, expand
from hqn.compiler.emit.qasm.scalar import Input, text
from hqn.compiler.emit.qasm.trace import Gate
from hqn.compiler.emit.text import comment
from hqn.compiler.ir.qc import Mod
from hqn.compiler.types.circuits.gates import GATES

_SPELLED = {"u": "U"}


def program_text(name: str, wires: int, inputs: Sequence[str], gates: list[Gate]) -> str:
    """The program; `inputs` are declared in this order."""
    used = {gate.name for gate in gates}
    return "\n".join(
        [
            "OPENQASM 3.0;",
            'include "stdgates.inc";',
            f"// {comment(name)}",
            *(f"input float[64] {name};" for name in inputs),
            *(_definition(name) for name in DEFINITIONS if name in used),
            f"qubit[{wires}] q;",
            *(_line(gate, "q[{}]") for gate in gates),
            "",
        ]
    )


def _definition(name: str) -> str:
    """`gate rot(a, b, c) q0 { rz(a) q0; … }`."""
    signature = GATES[name]
    params = "abcd"[: signature.params]
    formal = Gate(name, tuple(range(signature.qubits)), tuple(Input(param) for param in params))
    body = " ".join(_line(part, "q{}") for part in expand(formal, DEFINITIONS[name]))
    head = f"gate {name}({', '.join(params)})" if params else f"gate {name}"
    return f"{head} {', '.join(f'q{wire}' for wire in formal.wires)} {{ {body} }}"


def _line(gate: Gate, wire: str) -> str:
    angles = f"({', '.join(text(angle) for angle in gate.angles)})" if gate.angles else ""
    name = _SPELLED.get(gate.name, gate.name)
    operands = ", ".join(wire.format(number) for number in gate.wires)
    return f"{''.join(_modifiers(gate.mods))}{name}{angles} {operands};"


def _modifiers(mods: Iterable[Mod]) -> Iterable[str]:
    for mod in mods:
        argument = f"({mod.value})" if mod.kind == "pow" or (mod.value != 1 and mod.kind != "inv") else ""
        yield f"{mod.kind}{argument} @ "
