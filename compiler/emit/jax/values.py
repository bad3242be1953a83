"""Values of a function while it is being emitted, and how their leading axes meet.

What came before: SSA values of one sample, which have no batch. What leaves: expressions whose arrays have
leading axes in front of the sample's own. Invariant: the leading axes of a value, from the right, are those
of the `map` loops around it (levels n … 1), then any number of batch axes (level 0, `...` in comments). A
value may lack leading axes on the left or have 1 in their place, so values meet by NumPy's broadcasting
alone.

`levels` are the levels that a value may have an axis of; none at all means that it depends on weights and
constants only and is computed once per step. `sure` are those of which it certainly has the whole axis
(arguments of the function by name, loops by level, "keys"): what it certainly varies with.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hqn.compiler.emit.jax.code import Code, call, index
from hqn.compiler.types.model import DType

Mark = int | str


@dataclass(frozen=True, slots=True)
class Value:
    """An expression, with the type of one sample. A `bare` one is a Python number and has no shape."""

    code: Code
    shape: tuple[int, ...]
    dtype: DType
    levels: frozenset[int] = frozenset()
    sure: frozenset[Mark] = frozenset()
    bare: bool = False

    @property
    def rank(self) -> int:
        return len(self.shape)

    @property
    def leads(self) -> bool:
        """Whether it may have leading axes: it varies with the sample or with a turn."""
        return bool(self.levels)

    @property
    def depth(self) -> int:
        """The number of loop axes that it has; only for one that leads."""
        return max(self.levels, default=0)

    @property
    def text(self) -> str:
        return self.code.text

    def array(self) -> Value:
        """The same value as something that has a shape."""
        return replace(self, code=call("jnp.asarray", self.code), bare=False) if self.bare else self

    def axis(self, axis: int) -> int:
        """An axis of one sample, counted from the back, so that leading axes do not matter."""
        return axis - self.rank

    def named(self, name: str) -> Value:
        return replace(self, code=Code(name))


def depth_of(values: list[Value]) -> int:
    """The number of loop axes that values have once they met."""
    return max((value.depth for value in values), default=0)


def levels_of(values: list[Value]) -> frozenset[int]:
    return frozenset[int]().union(*(value.levels for value in values))


def sure_of(values: list[Value]) -> frozenset[Mark]:
    return frozenset[Mark]().union(*(value.sure for value in values))


def aligned(value: Value, depth: int, rank: int | None = None) -> Code:
    """`value` with an axis of 1 for each loop it does not know, and for each axis it lacks to have `rank`."""
    missing = (depth - value.depth) + ((value.rank if rank is None else rank) - value.rank)
    if not value.leads or missing == 0:
        return value.code
    return index(value.code, "...", *["None"] * missing, *[":"] * value.rank)


def joined(code: Code, shape: tuple[int, ...], dtype: DType, values: list[Value]) -> Value:
    """The result of an operation whose operands met by broadcasting."""
    return Value(code, shape, dtype, levels_of(values), sure_of(values))


def outside(levels: frozenset[int], level: int) -> frozenset[int]:
    """The levels of a value once the axis of the innermost loop `level` has become one of its own."""
    rest = levels - {level}
    return rest | {level - 1} if rest else rest
