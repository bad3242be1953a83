"""A matrix as gates, exactly.

What came before: a unitary matrix of k qubits, the first the most significant bit. What leaves: rz, ry and cx
whose product it is, up to a phase that is given beside them. Method: quantum Shannon decomposition (Shende,
Bullock, Markov 2006, arXiv quant-ph/0406176): a cosine-sine decomposition makes multiplexers and one
multiplexed ry, and each multiplexer is two smaller matrices around a multiplexed rz, down to two qubits.
Invariant: a tolerance decides only about which gates are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cossin, schur

from hqn.compiler.emit.qasm.scalar import Number
from hqn.compiler.emit.qasm.structure import Gate
from hqn.compiler.emit.qasm.two_qubits import Pair, decomposed

Matrix = NDArray[np.complex128]
Angles = NDArray[np.float64]

MOST_QUBITS = 7
"""More would be tens of thousands of gates in place of one."""
_NOTHING = 1e-14


def synthesized(matrix: Matrix, wires: Sequence[int], *, with_phase: bool) -> list[Gate]:
    """The gates in the order in which they act. `with_phase`: also those that make up the global phase."""
    found: list[Gate] = []
    phase = _matrix(found, np.asarray(matrix, dtype=complex), tuple(wires))
    if with_phase and abs(phase) > _NOTHING:
        found += [_rotation("p", wires[0], 2 * phase), _rotation("rz", wires[0], -2 * phase)]
    return found


def _matrix(found: list[Gate], matrix: Matrix, wires: tuple[int, ...]) -> float:
    """Adds the gates of a matrix, and gives the phase that they lack."""
    if len(wires) == 1:
        return _single(found, matrix, wires[0])
    if len(wires) == 2:
        return _double(found, matrix, wires)
    half = len(matrix) // 2
    left, angles, right = cossin(matrix, p=half, q=half, separate=True)
    phase = _multiplexer(found, right, wires)
    _multiplexed(found, "ry", 2 * angles, wires[0], wires[1:])
    return phase + _multiplexer(found, left, wires)


def _single(found: list[Gate], matrix: Matrix, wire: int) -> float:
    """rz ry rz of one qubit."""
    phase = float(np.angle(np.linalg.det(matrix))) / 2
    special = matrix * np.exp(-1j * phase)
    theta = 2 * np.arctan2(abs(special[1, 0]), abs(special[0, 0]))
    total, difference = 2 * np.angle(special[1, 1]), 2 * np.angle(special[1, 0])
    if abs(special[1, 1]) < _NOTHING:
        total = 0.0
    if abs(special[1, 0]) < _NOTHING:
        difference = 0.0
    for name, angle in (("rz", (total - difference) / 2), ("ry", theta), ("rz", (total + difference) / 2)):
        if abs(angle) > _NOTHING:
            found.append(_rotation(name, wire, angle))
    return phase


def _double(found: list[Gate], matrix: Matrix, wires: tuple[int, ...]) -> float:
    """At most three cx, with rotations between them and matrices of single qubits around them."""
    parts = decomposed(matrix)
    phase = parts.phase + _singles(found, parts.before, wires)
    for name, place, angle in parts.core:
        if name == "cx":
            found.append(Gate("cx", (wires[place], wires[1 - place])))
        elif abs(angle) > _NOTHING:
            found.append(_rotation(name, wires[place], angle))
    return phase + _singles(found, parts.after, wires)


def _singles(found: list[Gate], pair: Pair, wires: tuple[int, ...]) -> float:
    return sum(_single(found, matrix, wire) for matrix, wire in zip(pair, wires, strict=True))


def _multiplexer(found: list[Gate], blocks: tuple[Any, Any], wires: tuple[int, ...]) -> float:
    """`blocks[0]` where the first wire reads 0, else `blocks[1]`: V D W and V D* W."""
    first, second = blocks
    squares, outer = schur(first @ second.conj().T, output="complex")
    halves = np.angle(np.diag(squares)) / 2
    inner = np.exp(1j * halves)[:, None] * (outer.conj().T @ second)
    phase = _matrix(found, inner, wires[1:])
    _multiplexed(found, "rz", -2 * halves, wires[0], wires[1:])
    return phase + _matrix(found, outer, wires[1:])


def _multiplexed(
    found: list[Gate], name: str, angles: Angles, target: int, controls: tuple[int, ...]
) -> None:
    """A rotation by `angles[j]` where the controls read j: rotations between cx, in the order of a Gray code
    (Möttönen et al. 2004, arXiv quant-ph/0404089)."""
    if np.ptp(angles) < _NOTHING:
        if abs(angles[0]) > _NOTHING:
            found.append(_rotation(name, target, angles[0]))
        return
    count = len(angles)
    codes = [number ^ (number >> 1) for number in range(count)]
    for number, code in enumerate(codes):
        signs = [1 - 2 * ((code & at).bit_count() % 2) for at in range(count)]
        found.append(_rotation(name, target, np.dot(signs, angles) / count))
        changed = (code ^ codes[(number + 1) % count]).bit_length() - 1
        found.append(Gate("cx", (controls[-1 - changed], target)))


def _rotation(name: str, wire: int, angle: float) -> Gate:
    return Gate(name, (wire,), (Number(float(angle)),))
