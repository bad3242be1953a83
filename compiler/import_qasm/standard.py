"""The standard gates of OpenQASM in gates of hqn.

What came before: nothing. What leaves: `STANDARD`, what `stdgates.inc` and `qelib1.inc` (a wide one)
declare, and `PRELUDE`, the gates among them that hqn spells as circuits, written in OpenQASM. Sources:
OpenQASM 3 (arXiv 2104.14722), OpenQASM 2 (arXiv 1707.03429), relative-phase Toffoli gates: Maslov (arXiv
1508.03273). Invariant: each equals its gate; those that OpenQASM 3 can control also in their phase.
"""

from __future__ import annotations

from dataclasses import dataclass

from hqn.compiler.types.circuits.gates import GATES


@dataclass(frozen=True, slots=True)
class GateSymbol:
    """What a gate's name stands for: `modifiers @ gate(args, *more)`.

    `gate` is a gate of hqn, or where `is_circuit` a circuit of the imported file. Both count as the OpenQASM
    program sees them: `qubits` with the controls that `modifiers` add, `params` without `more`.
    """

    gate: str
    params: int
    qubits: int
    modifiers: tuple[tuple[str, int], ...] = ()
    more: tuple[int, ...] = ()
    is_circuit: bool = False


_SAME = (
    "id x y z h s sdg t tdg sx p phase u1 u2 u3 rx ry rz cx cy cz ch swap cp cphase crx cry crz cu ccx cswap"
)
_WIDE = "u iswap ecr rxx ryy rzz rzx"


def _same(names: str) -> dict[str, GateSymbol]:
    return {one: GateSymbol(GATES[one].name, GATES[one].params, GATES[one].qubits) for one in names.split()}


def _controlled(gate: str, controls: int) -> GateSymbol:
    return GateSymbol(gate, 0, controls + GATES[gate].qubits, (("ctrl", controls),))


BUILT_IN = {"U": GateSymbol("u", 3, 1), "CX": GateSymbol("cx", 0, 2)}
"""What needs no include; `gphase` acts on no qubit and is `compiler/import_qasm/phases.py`."""

STDGATES = _same(_SAME)
QELIB1 = {
    **STDGATES,
    **_same(_WIDE),
    "cu1": GateSymbol("cp", 1, 2),
    "cu3": GateSymbol("cu", 3, 2, more=(0,)),
    "sxdg": GateSymbol("sx", 0, 1, (("inv", 0),)),
    "cs": _controlled("s", 1),
    "csdg": _controlled("sdg", 1),
    "csx": _controlled("sx", 1),
    "ccz": _controlled("z", 2),
    "c3x": _controlled("x", 3),
    "c4x": _controlled("x", 4),
    "c3sx": _controlled("sx", 3),
    "c3sqrtx": _controlled("sx", 3),
}
INCLUDES = {"stdgates.inc": STDGATES, "qelib1.inc": QELIB1}

PRELUDE = """
gate u0(gamma) a { id a; }
gate r(theta, phi) a { rz(-phi) a; rx(theta) a; rz(phi) a; }
gate dcx a, b { cx a, b; cx b, a; }
gate xx_plus_yy(theta, beta) a, b { rz(beta) a; cx a, b; crx(theta) b, a; cx a, b; rz(-beta) a; }
gate xx_minus_yy(theta, beta) a, b { rz(-beta) b; cx a, b; negctrl @ rx(theta) b, a; cx a, b; rz(beta) b; }
gate rccx a, b, c { h c; t c; cx b, c; tdg c; cx a, c; t c; cx b, c; tdg c; h c; }
gate rc3x a, b, c, d {
  h d; t d; cx c, d; tdg d; h d;
  cx a, d; t d; cx b, d; tdg d; cx a, d; t d; cx b, d; tdg d;
  h d; t d; cx c, d; tdg d; h d;
}
"""
PRELUDE_GATES = frozenset(["u0", "r", "dcx", "xx_plus_yy", "xx_minus_yy", "rccx", "rc3x"])
"""Declared by `qelib1.inc`, too."""

WRITTEN = frozenset([symbol.gate for symbol in (*BUILT_IN.values(), *QELIB1.values())]) - frozenset(
    _WIDE.split()
) | {"u"}
"""Gates of hqn that the importer writes of itself; a circuit of the program gets another name."""
