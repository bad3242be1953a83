"""Attributes that hold a small frozen dataclass of words and numbers.

What came before: a dataclass whose fields are words, numbers, lists of
numbers or a tensor type. What leaves: an attribute that prints as `#qc.mod<"ctrl", 2>`, fields in
order. Invariant: parsing what was printed gives an equal dataclass.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any, ClassVar, TypeVar

from hqn.compiler.ir.xdsl_api import Attribute, AttrParser, Data, Printer

Value = TypeVar("Value")


class RecordAttr(Data[Value]):
    """Base: a subclass says its name and the dataclass it holds."""

    HOLDS: ClassVar[type[Any]]

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> Value:
        values: list[object] = []
        with parser.in_angle_brackets():
            for field in fields(cls.HOLDS):
                if values:
                    parser.parse_punctuation(",")
                values.append(_parse(parser, str(field.type)))
        held: Value = cls.HOLDS(*values)
        return held

    def print_parameter(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            values = [getattr(self.data, field.name) for field in fields(self.HOLDS)]
            printer.print_list(values, lambda value: _print(printer, value))


def _parse(parser: AttrParser, kind: str) -> object:
    match kind:
        case "str":
            return parser.parse_str_literal()
        case "bool":
            return parser.parse_boolean()
        case "int":
            return parser.parse_integer()
        case "tuple[int, ...]":
            return tuple(parser.parse_comma_separated_list(parser.Delimiter.SQUARE, parser.parse_integer))
        case "tuple[float, ...]":
            numbers = parser.parse_comma_separated_list(parser.Delimiter.SQUARE, parser.parse_number)
            return tuple(float(number) for number in numbers)
        case "TensorType":
            return parser.parse_type()
    raise TypeError(f"a record has no field of type {kind}")


def _print(printer: Printer, value: object) -> None:
    match value:
        case str():
            printer.print_string_literal(value)
        case Attribute():
            printer.print_attribute(value)
        case tuple():
            with printer.in_square_brackets():
                printer.print_list(value, lambda item: _print(printer, item))
        case float():
            printer.print_string(decimal(value))
        case _:
            printer.print_string(str(value).lower())


def decimal(value: float) -> str:
    """Shortest text that parses back, with the point that MLIR wants in front of an exponent.

    Infinity is a number too large for a double: xDSL reads the hexadecimal form as an integer.
    """
    text = repr(value).replace("inf", "1e999")
    mantissa, exponent, power = text.partition("e")
    return text if "." in mantissa else f"{mantissa}.0{exponent}{power}"
