"""A unitary of two qubits as one-qubit gates around as few cx as it can have.

What came before: a unitary matrix of 4 rows. What leaves: `TwoQubits`, matrices of single qubits before and
behind a core of at most three cx, and the phase that they lack. Method: the Cartan decomposition U = L N R
with N = exp(i(a XX + b YY + c ZZ)) and L, R of single qubits, found in the magic basis (Kraus, Cirac 2001,
arXiv quant-ph/0011050); N with three cx after Vatan, Williams 2004 (arXiv quant-ph/0308006), with fewer where
a coordinate is zero (Shende, Bullock, Markov 2004, arXiv quant-ph/0308033). Invariant: a coordinate is taken
for zero where it is less than `SAME`; nothing else depends on a tolerance, equal eigenvalues included.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import atan2, ceil, cos, pi, sin
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.complex128]
Pair = tuple[Matrix, Matrix]
"""Matrices on the first and on the second qubit."""

SAME = 1e-11
"""How far a coordinate may be from zero, or from a quarter of pi, to count as that."""
_SMALL = 1e-15
_MOST_SWEEPS = 40

_MAGIC = np.array([[1, 0, 0, 1j], [0, 1j, 1, 0], [0, 1j, -1, 0], [1, 0, 0, -1j]]) / np.sqrt(2)
"""Bell states as columns: matrices of single qubits are real in their basis, and N is diagonal."""
_SIGNS = np.array([[1, 1, -1, -1], [-1, 1, -1, 1], [1, -1, -1, 1]])
"""What XX, YY and ZZ are for the columns of `_MAGIC`."""

_X, _Y, _Z = (np.array(rows) for rows in ([[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]))
_I, _S, _H = np.eye(2, dtype=complex), np.diag([1, 1j]), (_X + _Z) / np.sqrt(2)
_CYCLE = np.array([[1, -1j], [1, 1j]]) / np.sqrt(2)
"""Takes X to Y, Y to Z and Z to X."""

Step = tuple[str, int, float]
"""`ry` or `rz` of qubit 0 or 1 by an angle, or `cx` with that qubit as its control."""


@dataclass(frozen=True, slots=True)
class TwoQubits:
    """`after` (core) `before`, times e^(i phase)."""

    before: Pair
    core: tuple[Step, ...]
    after: Pair
    phase: float


def decomposed(matrix: Matrix) -> TwoQubits:
    """The decomposition of a unitary; exact up to rounding and `SAME`."""
    left, thetas, right = _cartan(matrix)
    coordinates = _SIGNS @ thetas / 4
    phase = float(np.mean(thetas))
    after, before = _factors(left), _factors(right)
    turns = [ceil((one - pi / 4 - SAME) / (pi / 2)) for one in coordinates]
    for pauli, turn in zip((_X, _Y, _Z), turns, strict=True):
        if turn % 2:
            after = _times(after, (pauli, pauli))
    phase += sum(turns) * pi / 2
    reduced = [float(one) - turn * pi / 2 for one, turn in zip(coordinates, turns, strict=True)]
    smallest = min(range(3), key=lambda place: (abs(reduced[place]), -place))
    is_local = sum(abs(one) > SAME for one in reduced) == 1
    wanted = max(range(3), key=lambda place: abs(reduced[place])) if is_local else (smallest - 1) % 3
    for _ in range(-wanted % 3):
        reduced = [reduced[2], *reduced[:2]]
        after = _times(after, (_CYCLE.conj().T, _CYCLE.conj().T))
        before = _times((_CYCLE, _CYCLE), before)
    inner, outer, core, lacking = _core(*reduced)
    return TwoQubits(_times(inner, before), core, _times(after, outer), phase + lacking)


def _core(a: float, b: float, c: float) -> tuple[Pair, Pair, tuple[Step, ...], float]:
    """N: what stands before and behind its cx, the cx with rotations between them, and their phase. Where a
    coordinate is zero, `b` is; where two are, `a` is the other one."""
    if max(abs(a), abs(b), abs(c)) < SAME:
        return (_I, _I), (_I, _I), (), 0.0
    if abs(a - pi / 4) < SAME and max(abs(b), abs(c)) < SAME:
        turned = (_I + 1j * _Z) / np.sqrt(2), (_I + 1j * _X) / np.sqrt(2)
        return (_H, _I), (_H @ turned[0], turned[1]), (("cx", 0, 0.0),), -pi / 4
    if abs(b) < SAME:
        core: tuple[Step, ...] = (("cx", 0, 0.0), ("ry", 0, -2 * a), ("rz", 1, -2 * c), ("cx", 0, 0.0))
        return (_S, _I), (_S.conj(), _I), core, 0.0
    core = (
        ("cx", 1, 0.0), ("rz", 0, pi / 2 - 2 * c), ("ry", 1, 2 * b - pi / 2),
        ("cx", 0, 0.0), ("ry", 1, pi / 2 - 2 * a), ("cx", 1, 0.0),
    )  # fmt: skip
    return (_S, _I), (_I, _S.conj()), core, pi / 4


def _cartan(matrix: Matrix) -> tuple[Matrix, NDArray[np.float64], Matrix]:
    """`left`, four angles and `right`: left N right, where N is e^(i angle) on the states of `_MAGIC`."""
    magic = _MAGIC.conj().T @ matrix @ _MAGIC
    vectors, squares = _real_eigenvectors(magic.T @ magic)
    if np.linalg.det(vectors) < 0:
        vectors[:, 0] = -vectors[:, 0]
    thetas = np.angle(squares) / 2
    left = (magic @ vectors * np.exp(-1j * thetas)).real
    if np.linalg.det(left) < 0:
        thetas[0] += pi
        left[:, 0] = -left[:, 0]
    return _MAGIC @ left @ _MAGIC.conj().T, thetas, _MAGIC @ vectors.T @ _MAGIC.conj().T


def _real_eigenvectors(symmetric: Matrix) -> tuple[NDArray[np.float64], Matrix]:
    """Of a symmetric unitary matrix, by rotations that make its real and its imaginary part diagonal at once
    (Cardoso, Souloumiac 1996): eigenvalues that are equal, or nearly so, do no harm."""
    values, vectors = np.array(symmetric), np.eye(len(symmetric))
    for _ in range(_MOST_SWEEPS):
        is_done = True
        for one, other in combinations(range(len(values)), 2):
            off, apart = 2 * values[one, other], values[one, one] - values[other, other]
            if abs(off) < _SMALL:
                continue
            is_done = False
            angle = atan2(2 * (apart * off.conjugate()).real, abs(apart) ** 2 - abs(off) ** 2) / 4
            turn = np.array([[cos(angle), -sin(angle)], [sin(angle), cos(angle)]])
            places = [one, other]
            values[:, places] = values[:, places] @ turn
            values[places] = turn.T @ values[places]
            vectors[:, places] = vectors[:, places] @ turn
        if is_done:
            break
    return vectors, np.diag(values).copy()


def _factors(matrix: Matrix) -> Pair:
    """The two matrices of determinant 1 whose Kronecker product it is."""
    blocks: Any = matrix.reshape(2, 2, 2, 2).transpose(0, 2, 1, 3)
    largest = max(np.ndindex(2, 2), key=lambda place: float(np.abs(blocks[place]).max()))
    second = blocks[largest] / np.sqrt(np.linalg.det(blocks[largest]))
    first = np.einsum("abij,ij->ab", blocks, second.conj()) / 2
    return first, second


def _times(left: Sequence[Matrix], right: Sequence[Matrix]) -> Pair:
    return left[0] @ right[0], left[1] @ right[1]
