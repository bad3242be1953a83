"""What the structural primitives of `nn` have in common.

What came before: `typed.Prim`. What leaves: the base class of one operation per primitive, whose options
are properties. Invariant: the result's shape and dtype are what the primitive makes of its arguments.
"""

from __future__ import annotations

from typing import ClassVar, Self

from hqn.compiler.ir.properties import decode, encode_all
from hqn.compiler.ir.tensors import check, dtype, shape
from hqn.compiler.ir.xdsl_api import (
    Attribute,
    IRDLOperation,
    Pure,
    SSAValue,
    result_def,
    traits_def,
    var_operand_def,
)
from hqn.compiler.types.model import DType

Shape = tuple[int, ...]


class PrimOp(IRDLOperation):
    """Base of the primitives. A subclass says its arity (None: at least one) and the shape it gives.

    `GIVES` is the dtype of the result where it is not that of the first argument.
    """

    ARITY: ClassVar[int | None] = 1
    GIVES: ClassVar[DType | None] = None
    CASTS: ClassVar[bool] = False

    args = var_operand_def()
    result = result_def()

    traits = traits_def(Pure())

    @classmethod
    def of(cls, type_: Attribute, *args: SSAValue, **options: object) -> Self:
        """The operation on these arguments; `type_` is that of the result."""
        return cls.build(operands=[list(args)], properties=encode_all(options), result_types=[type_])

    @property
    def x(self) -> SSAValue:
        """The first argument."""
        return self.args[0]

    @property
    def fn(self) -> str:
        """The primitive's name in the language."""
        return self.name.removeprefix("nn.")

    @property
    def options(self) -> dict[str, object]:
        return {name: decode(value) for name, value in self.properties.items()}

    def expected(self) -> Shape:
        """The shape that this operation gives; raises where its arguments do not fit."""
        return shape(self.x)

    def verify_(self) -> None:
        count = len(self.args)
        fits = count >= 1 if self.ARITY is None else count == self.ARITY
        check(fits, f"{self.fn} of {count} arguments")
        expected = self.expected()
        check(shape(self.result) == expected, f"{self.fn} gives shape {expected}, not {self.result.type}")
        if self.args and not self.CASTS:
            kind = self.GIVES or dtype(self.x)
            check(dtype(self.result) is kind, f"{self.fn} gives {kind}, not {self.result.type}")


def check_axes(axes: Shape, rank: int) -> None:
    check(len(set(axes)) == len(axes), f"an axis stands twice in {axes}")
    check(all(0 <= axis < rank for axis in axes), f"no axis {axes} in rank {rank}")
