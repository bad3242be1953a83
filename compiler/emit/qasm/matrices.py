"""The matrices of circuits as numbers.

What came before: scalars, all of them numbers. What leaves: complex matrices, as `docs/ir.md` defines
`nn.su`, `nn.pauli_sum` and `nn.evolution`, and the unitary that a gate is. Invariant: what depends on an
input is refused; OpenQASM has no matrices.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hqn.compiler.emit.qasm.scalar import CannotExpress, Grid, NeedsNumbers, Number
from hqn.compiler.ir.nn_base import PrimOp
from hqn.compiler.ir.nn_matrix import EvolutionOp, PauliSumOp, SuOp

Matrix = NDArray[Any]

_PAULIS = {
    "I": np.eye(2),
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]),
}
_ROUNDED = 1e-4
"""How far from unitary a matrix of single precision may be."""


def numbers(scalars: NDArray[Any]) -> Matrix:
    """Values of scalars; raises CannotExpress where one is an input."""
    if not all(isinstance(one, Number | Grid) for one in scalars.flat):
        raise NeedsNumbers("a matrix that depends on an input")
    return np.array([one.value for one in scalars.flat]).reshape(scalars.shape)


def matrix_of(op: PrimOp, args: Sequence[Matrix]) -> Matrix:
    """What an operation that makes a matrix gives."""
    match op, args:
        case SuOp(), (angles,):
            qubits = op.expected()[0].bit_length() - 1
            words = ["".join(word) for word in product("IXYZ", repeat=qubits)][1:]
            return _exponential(_pauli_sum(words, angles))
        case PauliSumOp(), (coefficients,):
            return _pauli_sum(op.words.split(), coefficients)
        case EvolutionOp(), (hamiltonian, time):
            return _exponential(-float(time) * (hamiltonian + hamiltonian.conj().T) / 2)
    raise TypeError(f"{op.name} makes no matrix")


def _pauli_sum(words: Sequence[str], coefficients: Matrix) -> Matrix:
    terms = (
        factor * reduce(np.kron, (_PAULIS[letter] for letter in word))
        for word, factor in zip(words, coefficients, strict=True)
    )
    return sum(terms, np.zeros(1))


def _exponential(hermitian: Matrix) -> Matrix:
    """exp(i H)."""
    values, vectors = np.linalg.eigh(hermitian)
    result: Matrix = (vectors * np.exp(1j * values)) @ vectors.conj().T
    return result


def unitary(matrix: Matrix) -> Matrix:
    """The unitary that a matrix is, up to the rounding of its numbers: its polar part."""
    left, sizes, right = np.linalg.svd(matrix)
    if np.abs(sizes - 1).max() > _ROUNDED:
        raise CannotExpress("a matrix that is not unitary")
    result: Matrix = left @ right
    return result
