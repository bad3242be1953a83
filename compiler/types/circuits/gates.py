"""The gates that need no definition: how many qubits and parameters each takes.

What came before: nothing. What leaves: `GATES`, the gates of OpenQASM 3's `stdgates.inc` and more.
Invariant: a name means one unitary everywhere, given in `docs/ir.md`; aliases are gone after `canonical`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GateSignature:
    """`name` of a gate on `qubits` qubits (controls first) with `params` angles in radians; an `inverted` one
    is that gate's inverse."""

    name: str
    qubits: int
    params: int = 0
    inverted: bool = False


def _table(*signatures: GateSignature) -> dict[str, GateSignature]:
    return {signature.name: signature for signature in signatures}


def _group(names: str, qubits: int, params: int = 0) -> tuple[GateSignature, ...]:
    return tuple(GateSignature(name, qubits, params) for name in names.split())


_ALIASES = {"phase": "p", "cphase": "cp", "CX": "cx"}

_CANONICAL = _table(
    *_group("id x y z h s sdg t tdg sx", qubits=1),
    *_group("p rx ry rz u1", qubits=1, params=1),
    *_group("u2", qubits=1, params=2),
    *_group("u u3 rot", qubits=1, params=3),
    *_group("cx cy cz ch swap iswap ecr", qubits=2),
    *_group("cp crx cry crz rxx ryy rzz rzx", qubits=2, params=1),
    *_group("cu", qubits=2, params=4),
    *_group("ccx cswap", qubits=3),
)

MULTI_CONTROLLED = "mcx"
"""An X with any number of controls, in no table: its qubits are counted, and it becomes `ctrl(k) @ x`."""

MATRIX = "unitary"
"""The gate that is given as a matrix: `unitary(M)`, and what `su` and `evolve` become. It is in no table: how
many qubits it takes says its matrix, and instead of a table of angles it has that matrix, `[2^k, 2^k]`."""

OTHER_NAMES = {
    "hadamard": "h",
    "not": "x",
    "cnot": "cx",
    "toffoli": "ccx",
    "ccnot": "ccx",
    "fredkin": "cswap",
    "i": "id",
    "identity": "id",
    "cu1": "cp",
    "xx": "rxx",
    "yy": "ryy",
    "zz": "rzz",
    "paulix": "x",
    "pauliy": "y",
    "pauliz": "z",
    "phaseshift": "p",
    "isingxx": "rxx",
    "isingyy": "ryy",
    "isingzz": "rzz",
    "multicontrolledx": "mcx",
    "mct": "mcx",
    "c3x": "mcx",
    "c4x": "mcx",
    "qubitunitary": "unitary",
}
"""Names that other languages use, for suggestions; in small letters, whatever they are written in."""

GATES: dict[str, GateSignature] = {
    **_CANONICAL,
    **{alias: _CANONICAL[name] for alias, name in _ALIASES.items()},
    "sxdg": GateSignature("sx", 1, inverted=True),
}
"""By every name a file may use; the signature's own name is the canonical one."""
