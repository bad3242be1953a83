"""Qiskit's gates under our names, with the phases of `stdgates.inc` where they show under controls."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit import Gate
from qiskit.circuit import library as lib

QISKIT: dict[str, Callable[..., Gate]] = {
    "id": lib.IGate, "x": lib.XGate, "y": lib.YGate, "z": lib.ZGate, "h": lib.HGate, "s": lib.SGate,
    "sdg": lib.SdgGate, "t": lib.TGate, "tdg": lib.TdgGate, "sx": lib.SXGate, "p": lib.PhaseGate,
    "rx": lib.RXGate, "ry": lib.RYGate, "rz": lib.RZGate, "u1": lib.PhaseGate, "cx": lib.CXGate,
    "cy": lib.CYGate, "cz": lib.CZGate, "ch": lib.CHGate, "swap": lib.SwapGate, "iswap": lib.iSwapGate,
    "ecr": lib.ECRGate, "cp": lib.CPhaseGate, "crx": lib.CRXGate, "cry": lib.CRYGate, "crz": lib.CRZGate,
    "rxx": lib.RXXGate, "ryy": lib.RYYGate, "rzz": lib.RZZGate, "rzx": lib.RZXGate, "cu": lib.CUGate,
    "ccx": lib.CCXGate, "cswap": lib.CSwapGate, "sxdg": lib.SXdgGate, "CX": lib.CXGate,
    "phase": lib.PhaseGate, "cphase": lib.CPhaseGate,
}  # fmt: skip


def qiskit_gate(name: str, angles: Sequence[float]) -> Gate:
    """One gate of ours."""
    if name in QISKIT:
        return QISKIT[name](*angles)
    one = QuantumCircuit(1)
    if name == "rot":
        one.rz(angles[0], 0)
        one.ry(angles[1], 0)
        one.rz(angles[2], 0)
    else:
        theta, phi, lam = (np.pi / 2, *angles) if name == "u2" else angles
        one.u(theta, phi, lam, 0)
        # OpenQASM's U carries e^(i theta/2) where Qiskit's has a real first entry; u2, u3 have determinant 1.
        one.global_phase = theta / 2 if name == "u" else -(phi + lam) / 2
    return one.to_gate()


def modified(gate: Gate, kind: str, number: int = 1) -> Gate:
    """A gate with one modifier, `number` controls or an exponent."""
    if kind in ("ctrl", "negctrl"):
        return gate.control(number, ctrl_state=0 if kind == "negctrl" else None, annotated=False)
    times = -1 if kind == "inv" else number
    again = QuantumCircuit(gate.num_qubits)
    for _ in range(abs(times)):
        again.append(gate.inverse() if times < 0 else gate, range(gate.num_qubits))
    return again.to_gate()
