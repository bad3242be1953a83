"""The register of the dialect `qc`: its type, and wires of it.

What came before: nothing. What leaves: `!qc.reg<n>`, the state of n wires, and tuples of their numbers.
Invariant: wire 0 is the most significant bit of a state index.
"""

from __future__ import annotations

from hqn.compiler.ir.tensors import check, shape
from hqn.compiler.ir.xdsl_api import (
    Attribute,
    AttrParser,
    Data,
    Printer,
    SSAValue,
    TypeAttribute,
    VerifyException,
    irdl_attr_definition,
)

Wires = tuple[tuple[int, ...], ...]


@irdl_attr_definition
class RegType(Data[int], TypeAttribute):
    """`!qc.reg<5>`: the state of 5 wires."""

    name = "qc.reg"

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> int:
        with parser.in_angle_brackets():
            return parser.parse_integer()

    def print_parameter(self, printer: Printer) -> None:
        printer.print_string(f"<{self.data}>")


@irdl_attr_definition
class WiresAttr(Data[Wires]):
    """`#qc.wires<[0, 1], [1, 2]>`: tuples of wires, in the order in which they are acted on."""

    name = "qc.wires"

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> Wires:
        with parser.in_angle_brackets():
            return tuple(parser.parse_comma_separated_list(parser.Delimiter.NONE, lambda: _ints(parser)))

    def print_parameter(self, printer: Printer) -> None:
        printer.print_string(f"<{', '.join(str(list(wires)) for wires in self.data)}>")


def _ints(parser: AttrParser) -> tuple[int, ...]:
    return tuple(parser.parse_comma_separated_list(parser.Delimiter.SQUARE, parser.parse_integer))


def wire_count(register: SSAValue | Attribute) -> int:
    type_ = register.type if isinstance(register, SSAValue) else register
    if not isinstance(type_, RegType):
        raise VerifyException(f"{type_} is not a register")
    return type_.data


def verify_wires(tuples: Wires, qubits: int, wires: int) -> None:
    """That every tuple has so many wires, all different, of a register of `wires`."""
    for one in tuples:
        check(len(one) == qubits, f"{qubits} wires expected, not {list(one)}")
        check(len(set(one)) == len(one), f"a wire stands twice in {list(one)}")
        check(all(0 <= wire < wires for wire in one), f"{list(one)} is not on {wires} wires")


def verify_matrix(matrix: SSAValue, wires: int) -> None:
    """That a matrix is one of so many wires."""
    expected = (2**wires, 2**wires)
    check(shape(matrix) == expected, f"a matrix of {wires} wires is {expected}, not {matrix.type}")
