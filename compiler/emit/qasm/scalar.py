"""Scalars of a circuit's classical part: numbers, elements of arrays, and expressions of them.

What came before: nothing. What leaves: expressions that fold wherever all operands are numbers and that
print as OpenQASM 3. Invariant: folding uses binary64, so a bound angle is the double that it prints as.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


class CannotExpress(Exception):
    """Something that has no form in OpenQASM; its text completes "OpenQASM cannot express …"."""

    help: str | None = None


class NeedsNumbers(CannotExpress):
    """What depends on an input, and has a form once the input is a number."""

    help = "bind the circuit's parameters (`--from CHECKPOINT`, `--bind FILE`): angles are numbers then"


class NeedsNewer(CannotExpress):
    """What OpenQASM 3 has and 2.0 lacks."""

    help = "`--emit qasm3` has modifiers, more gates, and arithmetic on inputs"


class Scalar:
    """A real number that may depend on inputs. NumPy object arrays of scalars compute elementwise."""

    __slots__ = ()

    def __add__(self, other: Scalar) -> Scalar:
        return apply("add", self, other)

    def __sub__(self, other: Scalar) -> Scalar:
        return apply("sub", self, other)

    def __mul__(self, other: Scalar) -> Scalar:
        return apply("mul", self, other)

    def __neg__(self) -> Scalar:
        return apply("neg", self)


@dataclass(frozen=True, slots=True)
class Family:
    """Numbers under one name: a parameter or a slot. `name` is that of an array, `stem` begins those of its
    elements; `origin` is its path; `values` are known where bound."""

    name: str
    stem: str
    shape: tuple[int, ...]
    origin: str
    values: Any = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Affine:
    """A whole number that may depend on turns of loops: `offset + sum(factor * variable)`."""

    offset: int
    terms: tuple[tuple[str, int], ...] = ()

    def __str__(self) -> str:
        parts = [name if factor == 1 else f"{factor} * {name}" for name, factor in self.terms]
        if self.offset or not parts:
            parts.append(str(self.offset))
        return " + ".join(parts).replace("+ -", "- ")


@dataclass(frozen=True, slots=True)
class Input(Scalar):
    """An element of a family."""

    family: Family
    index: tuple[Affine, ...] = ()

    @property
    def is_fixed(self) -> bool:
        return not any(one.terms for one in self.index)

    @property
    def name(self) -> str:
        """`w_0_2`: the element as a number of its own."""
        return "_".join([self.family.stem, *map(str, self.index)])


@dataclass(frozen=True, slots=True)
class Number(Scalar):
    """A real number or truth value, in a matrix also a complex number; `source` is the element of a bound
    family that it is, where it is one as it stands."""

    value: Any
    source: Input | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Grid(Scalar):
    """The angle `steps * 2 pi / 2**bits` of a quantized circuit, kept exact."""

    steps: int
    bits: int

    @property
    def value(self) -> float:
        return self.steps * math.ldexp(2 * math.pi, -self.bits)


@dataclass(frozen=True, slots=True)
class Variable(Scalar):
    """The number of a turn of a loop that stays one."""

    name: str


@dataclass(frozen=True, slots=True)
class Lookup(Scalar):
    """What differs from turn to turn without a formula: nested `rows`, one level per variable."""

    variables: tuple[str, ...]
    rows: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Apply(Scalar):
    fn: str
    args: tuple[Scalar, ...]


ZERO = Number(0.0)


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def _gelu(x: float) -> float:
    return 0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


_FOLD: dict[str, Callable[..., float | int | bool]] = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b, "floordiv": lambda a, b: a // b, "mod": lambda a, b: a % b,
    "pow": lambda a, b: a**b,
    "neg": lambda a: -a, "eq": lambda a, b: a == b, "ne": lambda a, b: a != b,
    "lt": lambda a, b: a < b, "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b, "ge": lambda a, b: a >= b, "and": lambda a, b: a and b,
    "or": lambda a, b: a or b,
    "not": lambda a: not a, "select": lambda c, a, b: a if c else b, "abs": abs,
    "sign": lambda a: float((a > 0) - (a < 0)), "exp": math.exp, "log": math.log, "sqrt": math.sqrt,
    "sin": math.sin, "cos": math.cos, "tan": math.tan, "tanh": math.tanh, "sinh": math.sinh,
    "cosh": math.cosh, "asin": math.asin, "acos": math.acos, "atan": math.atan, "atan2": math.atan2,
    "sigmoid": _sigmoid,
    "relu": lambda a: max(a, 0.0), "gelu": _gelu, "silu": lambda a: a * _sigmoid(a),
    "softplus": lambda a: max(a, 0.0) + math.log1p(math.exp(-abs(a))), "floor": math.floor, "ceil": math.ceil,
    "round": round, "minimum": min, "maximum": max, "clip": lambda a, lo, hi: min(max(a, lo), hi),
    "square": lambda a: a * a, "reciprocal": lambda a: 1 / a, "erf": math.erf,
}  # fmt: skip


def apply(fn: str, *args: Scalar) -> Scalar:
    """`fn` of scalars: a number where all of them are, else an expression without trivial parts."""
    exact = _on_grid(fn, args)
    if exact is not None:
        return exact
    if all(isinstance(arg, Number | Grid) for arg in args):
        return _fold(fn, [arg.value for arg in args if isinstance(arg, Number | Grid)])
    simpler = _simplified(fn, args)
    return Apply(fn, args) if simpler is None else simpler


def _on_grid(fn: str, args: tuple[Scalar, ...]) -> Grid | None:
    """Sums, differences, negatives, halves and whole multiples of grid angles, which stay exact."""
    match fn, args:
        case "neg", (Grid(steps, bits),):
            return Grid(-steps, bits)
        case "add" | "sub", (Grid() as left, Grid() as right):
            bits = max(left.bits, right.bits)
            first, second = left.steps << (bits - left.bits), right.steps << (bits - right.bits)
            return Grid(first + second if fn == "add" else first - second, bits)
        case "add", (Grid() as angle, Number(0)) | (Number(0), Grid() as angle):
            return angle
        case "sub", (Grid() as angle, Number(0)):
            return angle
        case "mul", (Grid() as angle, Number(factor)) | (Number(factor), Grid() as angle):
            return _times(angle, factor)
        case "div", (Grid() as angle, Number(divisor)) if divisor:
            return _times(angle, 1 / divisor)
    return None


def _times(angle: Grid, factor: float) -> Grid | None:
    """A multiple by a whole number or by 1/2, 1/4, 1/8."""
    for halvings in range(4):
        if factor * 2**halvings == round(factor * 2**halvings):
            return Grid(angle.steps * round(factor * 2**halvings), angle.bits + halvings)
    return None


def _fold(fn: str, values: list[float | int | bool]) -> Scalar:
    try:
        return Number(_FOLD[fn](*values))
    except (ArithmeticError, ValueError, TypeError):
        raise CannotExpress(f"{fn} of {', '.join(map(str, values))}, which is not a number") from None


def _simplified(fn: str, args: tuple[Scalar, ...]) -> Scalar | None:
    """x + 0, 0 + x, x - 0, 1 * x, x * 1, x / 1, 0 * x."""
    match fn, args:
        case ("add", (Number(value=0), x)) | ("add" | "sub", (x, Number(value=0))):
            return x
        case ("mul", (Number(value=1), x)) | ("mul" | "div", (x, Number(value=1))):
            return x
        case ("mul", (Number(value=0), _)) | ("mul", (_, Number(value=0))):
            return ZERO
    return None


_OPERATORS = {"add": ("+", 1), "sub": ("-", 1), "mul": ("*", 2), "div": ("/", 2)}
_FUNCTIONS = {
    "sin": "sin", "cos": "cos", "tan": "tan", "asin": "arcsin", "acos": "arccos", "atan": "arctan",
    "exp": "exp", "log": "log", "sqrt": "sqrt",
}  # fmt: skip


Spelled = Mapping[Scalar | Family, str]
"""Names of lookups, and of the families that are arrays; the elements of others are numbers of their own."""


def text(scalar: Scalar, spelled: Spelled = MappingProxyType({})) -> str:
    """The scalar as an OpenQASM expression."""
    return _text(scalar, spelled)[0]


def _text(scalar: Scalar, spelled: Spelled) -> tuple[str, int]:
    """The text, and how tightly its loosest operator binds (1 sums, 2 products, 3 signs, 4 atoms)."""
    match scalar:
        case Number():
            return _number(float(scalar.value))
        case Grid():
            return _grid(scalar)
        case Input():
            array = spelled.get(scalar.family)
            return (f"{array}[{', '.join(map(str, scalar.index))}]" if array else scalar.name), 4
        case Variable():
            return scalar.name, 4
        case Lookup():
            return spelled[scalar], 4
        case Apply(fn="neg", args=(arg,)):
            return f"-{_at(arg, 3, spelled)}", 3
        case Apply(fn=fn, args=args) if fn in _OPERATORS:
            sign, level = _OPERATORS[fn]
            return f"{_at(args[0], level, spelled)} {sign} {_at(args[1], level + 1, spelled)}", level
        case Apply(fn=fn, args=args) if fn in _FUNCTIONS:
            return f"{_FUNCTIONS[fn]}({text(args[0], spelled)})", 4
        case Apply():
            raise NeedsNumbers(f"{scalar.fn} of an input")
    raise TypeError(f"{scalar} is not a scalar")


def _at(scalar: Scalar, level: int, spelled: Spelled) -> str:
    shown, binds = _text(scalar, spelled)
    return shown if binds >= level else f"({shown})"


def _number(value: float) -> tuple[str, int]:
    if not math.isfinite(value):
        raise CannotExpress(f"{value}, which is no angle")
    return repr(value), 3 if value < 0 else 4


def _grid(angle: Grid) -> tuple[str, int]:
    """`21*pi/32`: k * pi / 2**(bits - 1) in lowest terms."""
    steps, parts = angle.steps, 2 ** (angle.bits - 1)
    if steps == 0:
        return "0", 4
    shared = math.gcd(steps, parts)
    steps, parts = steps // shared, parts // shared
    sign, count = ("-" if steps < 0 else ""), abs(steps)
    shown = f"{sign}{'' if count == 1 else f'{count}*'}pi{'' if parts == 1 else f'/{parts}'}"
    return shown, 2
