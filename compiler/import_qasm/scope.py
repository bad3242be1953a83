"""What names of an OpenQASM program mean, and which names they get in hqn.

What came before: declarations. What leaves: symbols by name, innermost block first. Invariant: a name of
hqn is an ASCII identifier that is no word of the language, nothing built in, and used once in its scope.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

from hqn.compiler.diagnostics import Diagnostic
from hqn.compiler.import_qasm import errors
from hqn.compiler.import_qasm.standard import QELIB1, STDGATES, GateSymbol
from hqn.compiler.names import builtins
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.syntax.lexer import RESERVED
from hqn.compiler.syntax.tables import KEYWORDS

MOST_NODES = 2000
DEEPEST = 120

_TAKEN = (
    RESERVED | frozenset(KEYWORDS) | builtins.PRIMITIVES | builtins.CASTS | frozenset(builtins.CONSTANTS)
    | builtins.QUERIES | builtins.OBSERVABLES | builtins.EVOLUTIONS | frozenset(builtins.INITIALISERS)
    | frozenset(builtins.DISTRIBUTIONS) | {"training", "angle", "qubit", "idx"}
)  # fmt: skip


class Mistake(Exception):
    """A statement with a mistake. `found` is None where the mistake is reported already."""

    def __init__(self, found: Diagnostic | None) -> None:
        super().__init__()
        self.found = found


class NeedsNumbers(Exception):
    """hqn can say this only where the variable of the loop around it is a number: the loop is written out."""

    def __init__(self, otherwise: Diagnostic) -> None:
        super().__init__()
        self.otherwise = otherwise


@dataclass(frozen=True, slots=True)
class Value:
    """A classical value: `kind` is "int", "float", "bool" or "array".

    `number` is known for constants; `least` and `most` bound a whole number where bounds are known.
    `elements` are those of an array of constants.
    """

    expr: ast.Expr
    kind: str
    number: int | float | bool | None = None
    least: int | None = None
    nodes: int = 1
    depth: int = 1
    elements: tuple[float, ...] | None = None
    length: int | None = None
    is_integral: bool = False
    """Whether the elements of an array are whole numbers."""
    most: int | None = None


@dataclass(frozen=True, eq=False)
class Register:
    """Qubits under one name of hqn; `size` is None for a single qubit."""

    name: str
    size: int | None
    shown: str

    @property
    def count(self) -> int:
        return 1 if self.size is None else self.size

    @cached_property
    def wires(self) -> tuple[Wire, ...]:
        return tuple((self, number) for number in range(self.count))


Wire = tuple[Register, int]


@dataclass(frozen=True, slots=True)
class Alias:
    """`let a = q[0:2] ++ r;`: hqn has none, so uses of it name the qubits."""

    wires: tuple[Wire, ...]
    is_single: bool


@dataclass(frozen=True, slots=True, eq=False)
class Bits:
    """Measured bits; `size` is None for a single one."""

    name: str
    size: int | None


@dataclass(frozen=True, slots=True)
class Lost:
    """Something whose declaration has a mistake; its uses are silent."""


@dataclass(frozen=True, slots=True)
class Opaque:
    """A gate without a definition."""


@dataclass(frozen=True, slots=True)
class SubroutineSymbol:
    """`params`: the kind of each ("qubit", "int", "float") and, for qubits, the size of its register."""

    circuit: str
    params: tuple[tuple[str, int | None], ...]


Symbol = Value | Register | Alias | Bits | Lost | Opaque | GateSymbol | SubroutineSymbol


@dataclass(slots=True)
class Scope:
    """One block. A `barrier` scope, of a gate or subroutine, sees constants and definitions outside only."""

    outer: Scope | None = None
    is_function: bool = False
    symbols: dict[str, tuple[Symbol, Span]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)

    def declare(self, name: str, symbol: Symbol, span: Span) -> None:
        known = self.symbols.get(name)
        if known is not None and known[1] != span:
            raise Mistake(errors.QasmDeclaredTwice(span=span, name=name, first=known[1]))
        self.symbols[name] = (symbol, span)

    def lookup(self, name: str, span: Span) -> Symbol:
        """The symbol of a name; raises `Mistake` where there is none."""
        scope: Scope | None = self
        crossed = False
        while scope is not None:
            if name in scope.symbols:
                symbol = scope.symbols[name][0]
                if not crossed or not isinstance(symbol, Register | Alias | Bits):
                    return symbol
            crossed |= scope.is_function
            scope = scope.outer
        raise Mistake(self._unknown(name, span))

    def find(self, name: str) -> Symbol | None:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.symbols:
                return scope.symbols[name][0]
            scope = scope.outer
        return None

    def is_outside(self, name: str) -> bool:
        """Whether a name is declared outside of the gate or subroutine that this scope belongs to."""
        scope: Scope | None = self
        while scope is not None and name not in scope.symbols:
            if scope.is_function:
                return True
            scope = scope.outer
        return False

    def fresh(self, wanted: str, taken: frozenset[str] = frozenset()) -> str:
        """A name of hqn that nothing visible here has; it is taken from now on."""
        base = name = hqn_name(wanted)
        number = 1
        while name in _TAKEN or name in taken or self._uses(name):
            number += 1
            name = f"{base}_" if number == 2 else f"{base}_{number}"
        self.names.add(name)
        return name

    def _uses(self, name: str) -> bool:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return True
            scope = scope.outer
        return False

    def _visible(self) -> Iterator[str]:
        """The names of this scope, and of those outside that it may use."""
        scope, crossed = self, False
        while True:
            for name, (symbol, _) in scope.symbols.items():
                if not crossed or not isinstance(symbol, Register | Alias | Bits):
                    yield name
            crossed |= scope.is_function
            if scope.outer is None:
                return
            scope = scope.outer

    def _unknown(self, name: str, span: Span) -> Diagnostic:
        if name in QELIB1:
            include = "stdgates.inc" if name in STDGATES else "qelib1.inc"
            return errors.QasmUnknownName(span=span, name=name, include=include)
        from difflib import get_close_matches  # only where something went wrong

        known = [*islice(self._visible(), 1000), *STDGATES]
        return errors.QasmUnknownName(
            span=span, name=name, nearest=next(iter(get_close_matches(name, known, 1)), None)
        )


def hqn_name(wanted: str) -> str:
    """A name as hqn may write it: letters of other alphabets by what Unicode calls them."""
    text = "".join(one if one.isascii() else _letter(one) for one in wanted)
    text = re.sub(r"\W", "_", text, flags=re.ASCII)[:60]
    return text if text and not text[0].isdigit() else f"q{text}"


def _letter(letter: str) -> str:
    """`theta` for θ; letters without a short name by their number."""
    found = re.fullmatch(r"GREEK (?:SMALL|CAPITAL) LETTER (\w+)", unicodedata.name(letter, ""))
    return found[1].lower() if found else f"u{ord(letter):x}"
