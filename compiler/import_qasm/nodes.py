"""The syntax tree of OpenQASM, as far as programs of hqn can say it.

What came before: text. What leaves: statements as written; names are not resolved, ranges still include
their end. Invariant: an expression's `depth` is at most `DEEPEST`, so that later stages may recurse over
it.
"""

from __future__ import annotations

from dataclasses import dataclass

from hqn.compiler.source import Span

DEEPEST = 60


@dataclass(frozen=True, slots=True)
class Expr:
    """Anything with a value, qubits included."""

    span: Span
    depth: int


@dataclass(frozen=True, slots=True)
class Literal(Expr):
    """A number or a truth value; `text` is as written."""

    value: int | float | bool
    text: str


@dataclass(frozen=True, slots=True)
class Name(Expr):
    name: str


@dataclass(frozen=True, slots=True)
class Unary(Expr):
    op: str
    operand: Expr


@dataclass(frozen=True, slots=True)
class Binary(Expr):
    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Call(Expr):
    """`sin(x)`, `float[64](x)`: a function or a cast, by the name."""

    name: str
    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Index(Expr):
    value: Expr
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Range(Expr):
    """`start:step:stop`, which includes `stop`; an end may be missing in a slice."""

    start: Expr | None
    step: Expr | None
    stop: Expr | None


@dataclass(frozen=True, slots=True)
class Braces(Expr):
    """`{a, b}`: a set of indices, or the elements of an array."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Type:
    """`qubit[4]`, `float[64]`, `array[angle, 4]`: `size` is that of a register or an array."""

    span: Span
    kind: str
    size: Expr | None = None
    element: str | None = None


@dataclass(frozen=True, slots=True)
class Param:
    span: Span
    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Modifier:
    span: Span
    kind: str
    argument: Expr | None


@dataclass(frozen=True, slots=True)
class Statement:
    span: Span


@dataclass(frozen=True, slots=True)
class Include(Statement):
    path: str


@dataclass(frozen=True, slots=True)
class Declaration(Statement):
    """`qubit[4] q`, `bit c`, `const int n = 3`, `input angle t`; `role`: "", "const", "input", "output"."""

    role: str
    type: Type
    name: str
    value: Expr | None


@dataclass(frozen=True, slots=True)
class Alias(Statement):
    name: str
    value: Expr


@dataclass(frozen=True, slots=True)
class GateDefinition(Statement):
    """`body` is None for an `opaque` gate."""

    name: str
    params: tuple[Param, ...]
    qubits: tuple[Param, ...]
    body: tuple[Statement, ...] | None


@dataclass(frozen=True, slots=True)
class Subroutine(Statement):
    name: str
    params: tuple[Param, ...]
    result: Type | None
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Apply(Statement):
    """`ctrl @ rz(t) a, b`; without operands, the call of a subroutine. `head` is the span of the name."""

    modifiers: tuple[Modifier, ...]
    name: str
    head: Span
    args: tuple[Expr, ...]
    operands: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Measure(Statement):
    """`target = measure source;`; without a target what is read is forgotten."""

    source: Expr
    target: Expr | None = None


@dataclass(frozen=True, slots=True)
class Reset(Statement):
    operands: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Barrier(Statement):
    operands: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class If(Statement):
    condition: Expr
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class For(Statement):
    """`domain` is a `Range`, `Braces`, or the name of something with elements."""

    variable: str
    domain: Expr
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Assign(Statement):
    name: str


@dataclass(frozen=True, slots=True)
class Program:
    """A file: `version` is 2 or 3. It has no statements where reading stopped at a limit."""

    version: int
    statements: tuple[Statement, ...]
