"""The circuit whose state simulators may write down: the library's amplitude encoding of fresh qubits.

What came before: a call of a circuit. What leaves: whether it is that one. Invariant: its gates stay what it
means; targets that run gates read them.
"""

from __future__ import annotations

from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.qc import AllocOp, ApplyOp

_PLACE, _NAME = "std/circuits.hqn:", "amplitude_encoding"


def writes_amplitudes(call: ApplyOp, callee: FuncOp) -> bool:
    """Whether a call prepares a vector on |0…0>, no policy having rounded its angles."""
    if not isinstance(call.register.owner, AllocOp) or call.mods:
        return False
    exact = not any(op.name.startswith("quant.") for op in callee.walk())
    return exact and callee.definition == _NAME and callee.source.startswith(_PLACE)
