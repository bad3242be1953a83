"""The dialect `tn`: Einstein sums.

What came before: a contraction with every family unrolled. What leaves: `tn.contract`, whose factors have
an affine position per axis. Invariant: every index has one size; every position stays inside its axis,
and an axis read by one plain index has exactly that index's size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from hqn.compiler.ir.properties import (
    attributes,
    encode_all,
    flag,
    ints,
    operation,
    optional_integer,
    raw,
    records,
    strings,
)
from hqn.compiler.ir.record import RecordAttr
from hqn.compiler.ir.tensors import check, shape
from hqn.compiler.ir.xdsl_api import (
    Attribute,
    AttrParser,
    Data,
    IRDLOperation,
    Printer,
    Pure,
    SSAValue,
    irdl_attr_definition,
    result_def,
    traits_def,
    var_operand_def,
)


@dataclass(frozen=True, slots=True)
class Position:
    """`sum(coefficient * index) + offset`; indices are numbers into `index_names`."""

    terms: tuple[tuple[int, int], ...]
    offset: int = 0

    @property
    def plain(self) -> int | None:
        """The index, where the position is one index and nothing else."""
        if len(self.terms) == 1 and self.terms[0][1] == 1 and not self.offset:
            return self.terms[0][0]
        return None

    def __str__(self) -> str:
        terms = (f", [{index}, {factor}]" for index, factor in self.terms)
        return f"[{self.offset}{''.join(terms)}]"


Positions = tuple[tuple[Position, ...], ...]


@dataclass(frozen=True, slots=True)
class Family:
    """A `prod(s in …)` as written: turn t gave `per_turn` factors, from `first + t * per_turn` on."""

    first: int
    per_turn: int
    trips: int


@dataclass(frozen=True, slots=True)
class Term:
    """One factor of a contraction."""

    value: SSAValue
    positions: tuple[Position, ...]


@irdl_attr_definition
class PositionsAttr(Data[Positions]):
    """`#tn.positions<[[0, [0, 1]], [1, [2, 2]]]>`: per factor and axis the offset, [index, coefficient]s."""

    name = "tn.positions"

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> Positions:
        with parser.in_angle_brackets():
            return tuple(parser.parse_comma_separated_list(parser.Delimiter.NONE, lambda: _factor(parser)))

    def print_parameter(self, printer: Printer) -> None:
        factors = (f"[{', '.join(map(str, factor))}]" for factor in self.data)
        printer.print_string(f"<{', '.join(factors)}>")


def _factor(parser: AttrParser) -> tuple[Position, ...]:
    return tuple(parser.parse_comma_separated_list(parser.Delimiter.SQUARE, lambda: _position(parser)))


def _position(parser: AttrParser) -> Position:
    parser.parse_punctuation("[")
    offset, terms = parser.parse_integer(), []
    while parser.parse_optional_punctuation(","):
        index, factor = parser.parse_comma_separated_list(parser.Delimiter.SQUARE, parser.parse_integer)
        terms.append((index, factor))
    parser.parse_punctuation("]")
    return Position(tuple(terms), offset)


@irdl_attr_definition
class FamilyAttr(RecordAttr[Family]):
    """`#tn.family<0, 2, 16>`: first factor, factors per turn, turns."""

    name = "tn.family"
    HOLDS: ClassVar[type] = Family


@operation
class ContractOp(IRDLOperation):
    """The sum over every index that is not in `output` of the product of the factors.

    `rescale`: exact power-of-two rescaling against under- and overflow; `memory`: bytes that no
    intermediate may exceed.
    """

    name = "tn.contract"

    factors = var_operand_def()
    output: tuple[int, ...] = ints()
    index_names: tuple[str, ...] = strings()
    index_sizes: tuple[int, ...] = ints()
    positions: Positions = raw(PositionsAttr)
    rescale: bool = flag()
    memory: int | None = optional_integer()
    families: tuple[Family, ...] = records()
    result = result_def()

    traits = traits_def(Pure())

    def __init__(
        self,
        factors: Sequence[SSAValue],
        positions: Positions,
        indices: Sequence[tuple[str, int]],
        output: Sequence[int],
        type_: Attribute,
        *,
        rescale: bool = False,
        memory: int | None = None,
        families: Sequence[Family] = (),
    ) -> None:
        properties = encode_all(
            {
                "output": tuple(output),
                "index_names": attributes(name for name, _ in indices),
                "index_sizes": tuple(size for _, size in indices),
                "positions": PositionsAttr(positions),
                "rescale": rescale,
                "memory": memory,
                "families": attributes(FamilyAttr(family) for family in families),
            }
        )
        super().__init__(operands=[list(factors)], properties=properties, result_types=[type_])

    def terms(self) -> tuple[Term, ...]:
        """Each factor with the position of each of its axes."""
        return tuple(Term(value, place) for value, place in zip(self.factors, self.positions))

    def verify_(self) -> None:
        sizes, positions = self.index_sizes, self.positions
        check(len(self.index_names) == len(sizes), "every index has a name and a size")
        check(len(set(self.index_names)) == len(sizes), "an index is declared twice")
        check(len(positions) == len(self.factors), f"{len(self.factors)} factors, {len(positions)} positions")
        for term in self.terms():
            _verify_term(term, sizes)
        check(len(set(self.output)) == len(self.output), "an index stands twice on the left")
        check(all(0 <= index < len(sizes) for index in self.output), "an index on the left is not declared")
        expected = tuple(sizes[index] for index in self.output)
        check(shape(self.result) == expected, f"the sum has shape {expected}, not {self.result.type}")
        for family in self.families:
            check(_last(family) <= len(self.factors), f"{family} is not within the factors")


def _last(family: Family) -> int:
    return family.first + family.per_turn * family.trips


def _verify_term(term: Term, sizes: tuple[int, ...]) -> None:
    dims = shape(term.value)
    check(len(term.positions) == len(dims), f"{len(term.positions)} positions for {term.value.type}")
    for position, dim in zip(term.positions, dims):
        check(all(0 <= index < len(sizes) for index, _ in position.terms), "an index is not declared")
        if position.plain is not None:
            size = sizes[position.plain]
            check(size == dim, f"an index of size {size} reads {dim} elements")
        low, high = extent(position, sizes)
        check(low >= 0 and high < dim, f"a position reaches {low}..{high} of {dim} elements")


def extent(position: Position, sizes: Sequence[int]) -> tuple[int, int]:
    """The least and the greatest value of a position."""
    reach = [factor * (sizes[index] - 1) for index, factor in position.terms]
    least = position.offset + sum(value for value in reach if value < 0)
    return least, position.offset + sum(value for value in reach if value > 0)
