"""Python expressions as text that knows how tightly it binds.

What came before: nothing; this is the bottom of the JAX emitter. What leaves: expressions with the brackets
they need and no others, and lines that fit the page. Invariant: the text of a `Code` parses as one
expression.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

WIDTH = 100
COMPARE, SUM, PRODUCT, SIGN, POWER, ATOM = range(6)
"""How tightly Python's operators bind, from loose to tight."""

OPERATORS = {
    "==": COMPARE, "!=": COMPARE, "<": COMPARE, "<=": COMPARE, ">": COMPARE, ">=": COMPARE,
    "+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "//": PRODUCT, "%": PRODUCT, "**": POWER,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Code:
    """An expression; `level` is that of its loosest operator outside of brackets."""

    text: str
    level: int = ATOM

    def at(self, level: int) -> str:
        """The text, in brackets where its place binds tighter than it does."""
        return self.text if self.level >= level else f"({self.text})"

    @property
    def atom(self) -> str:
        """The text as something that may be called, indexed or asked for an attribute."""
        return self.at(ATOM)


def binary(operator: str, left: Code, right: Code) -> Code:
    """`left operator right`, evaluated in this order: floating-point sums are not associative."""
    level = OPERATORS[operator]
    if operator == "**":
        return Code(f"{left.at(ATOM)} ** {right.at(ATOM)}", POWER)
    low = level if level in (SUM, PRODUCT) else level + 1
    return Code(f"{left.at(low)} {operator} {right.at(level + 1)}", level)


def negative(operand: Code) -> Code:
    return Code(f"-{operand.at(SIGN)}", SIGN)


def call(function: str, *args: Code | str, named: Mapping[str, str] | None = None) -> Code:
    """`function(args…, name=value…)`."""
    shown = [arg.text if isinstance(arg, Code) else arg for arg in args]
    shown += [f"{name}={value}" for name, value in (named or {}).items()]
    return Code(f"{function}({', '.join(shown)})")


def index(value: Code, *subscripts: str) -> Code:
    return Code(f"{value.atom}[{', '.join(subscripts)}]")


def sequence(items: list[str]) -> str:
    """A tuple as an argument."""
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"


def axes(numbers: list[int]) -> str:
    """One axis as a number, several as a tuple."""
    return str(numbers[0]) if len(numbers) == 1 else f"({', '.join(map(str, numbers))})"


def laid_out(text: str, indent: int = 0, after: int = 0) -> list[str]:
    """A logical line as physical lines of at most `WIDTH` columns, broken inside of brackets where it can be.

    `after` is the room that what follows on the last line needs.
    """
    pad = " " * indent
    opened = _widest_bracket(text) if indent + len(text) + after > WIDTH else None
    if opened is None:
        return [pad + text]
    start, end = opened
    inner = list(_items(text[start + 1 : end]))
    comma = "," if len(inner) > 1 or text[end - 1] == "," or _is_call(text, start) else ""
    lines = [pad + text[: start + 1]]
    for item in inner:
        *first, last = laid_out(item, indent + 4, len(comma))
        lines += [*first, last + comma]
    return [*lines, *laid_out(text[end:], indent, after)]


def _is_call(text: str, bracket: int) -> bool:
    return (
        text[bracket] == "(" and bracket > 0 and (text[bracket - 1].isalnum() or text[bracket - 1] in "_)]")
    )


def _widest_bracket(text: str) -> tuple[int, int] | None:
    """Start and end of the longest outermost bracket pair that holds anything."""
    best: tuple[int, int] | None = None
    depth, start = 0, 0
    for place, char in _code_characters(text):
        if char in "([{":
            start, depth = (place if depth == 0 else start), depth + 1
        elif char in ")]}":
            depth -= 1
            if depth == 0 and place - start > 1 and (best is None or place - start > best[1] - best[0]):
                best = (start, place)
    return best


def _items(text: str) -> Iterator[str]:
    """The parts between top-level commas."""
    depth, start = 0, 0
    for place, char in _code_characters(text):
        depth += (char in "([{") - (char in ")]}")
        if char == "," and depth == 0:
            yield text[start:place].strip()
            start = place + 1
    if text[start:].strip():
        yield text[start:].strip()


def _code_characters(text: str) -> Iterator[tuple[int, str]]:
    """Characters outside of string literals, with their places."""
    quote, place = "", 0
    while place < len(text):
        char = text[place]
        if quote:
            place += char == "\\"
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        else:
            yield place, char
        place += 1
