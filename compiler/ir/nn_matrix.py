"""Primitives of `nn` that make the matrices of circuits: sums of Pauli words and their exponentials.

What came before: angles, coefficients, Hamiltonians. What leaves: complex matrices `[2^k, 2^k]`, the first
qubit being the most significant bit of an index. Invariant: the matrix of `su` and `evolution` is unitary.
"""

from __future__ import annotations

from typing import ClassVar

from hqn.compiler.ir.nn_base import PrimOp, Shape
from hqn.compiler.ir.properties import operation, string
from hqn.compiler.ir.tensors import check, dtype, shape
from hqn.compiler.types.model import DType


class MatrixOp(PrimOp):
    """Base of what gives a complex matrix."""

    CASTS: ClassVar[bool] = True

    def verify_(self) -> None:
        super().verify_()
        complex_ = dtype(self.result) in (DType.C64, DType.C128)
        check(complex_, f"{self.fn} gives complex numbers, not {self.result.type}")


@operation
class SuOp(MatrixOp):
    """exp(i sum angles P) over the Pauli words of k letters, I < X < Y < Z, without the word of I alone."""

    name = "nn.su"

    def expected(self) -> Shape:
        (angles,) = shape(self.x)
        size = 1 << (angles.bit_length() // 2)
        check(angles == size * size - 1, f"{angles} angles are not 4^k - 1")
        return (size, size)


@operation
class PauliSumOp(MatrixOp):
    """The sum of Pauli words (separated by blanks) times coefficients."""

    name = "nn.pauli_sum"
    words: str = string()

    def expected(self) -> Shape:
        words = self.words.split()
        check(shape(self.x) == (len(words),), f"{len(words)} words: {self.x.type}")
        return (1 << len(words[0]), 1 << len(words[0]))


@operation
class EvolutionOp(MatrixOp):
    """exp(-i t h) of the Hermitian part of a matrix h, and a time t."""

    name = "nn.evolution"
    ARITY: ClassVar[int] = 2

    def expected(self) -> Shape:
        check(shape(self.args[1]) == (), f"a time is one number, not {self.args[1].type}")
        return shape(self.x)


MATRICES = (SuOp, PauliSumOp, EvolutionOp)
