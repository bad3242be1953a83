"""exp(-i t H) of a sum of Pauli words as a product of small gates (Trotter, Suzuki).

What came before: the terms of an observable on wires, a time, how many steps, and the order of the formula.
What leaves: gates, in a loop over the steps. Terms that follow each other and commute are one part, whose
exponential is exact. Order 1 is the product of the parts, order 2 Strang's symmetric one, order 4 Suzuki's
(Journal of Mathematical Physics 32, 1991). Invariant: terms without a Pauli matrix keep their phase.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from hqn.compiler.source import Span
from hqn.compiler.types import typed
from hqn.compiler.types.circuits.check_matrix import named
from hqn.compiler.types.circuits.observables import Coefficient, Pauli, Term, as_expr, times
from hqn.compiler.types.limits import charge_gates
from hqn.compiler.types.model import DType, TensorType
from hqn.compiler.types.scope import Scope

ORDERS = (1, 2, 4)
_NUMBER, _INDEX = TensorType(DType.F32), TensorType(DType.I32)
_TO_Z = {"X": (("h",), ("h",)), "Y": (("sdg", "h"), ("h", "s")), "Z": ((), ())}
"""Gates before and behind a turn about Z that make it one about another axis."""

Part = tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class _Gate:
    """A gate on wires; a turn has the coefficient whose product with twice the time is its angle."""

    name: str
    wires: tuple[int, ...]
    turn: Coefficient | None = None


def product_formula(
    scope: Scope, span: Span, terms: Sequence[Term], t: typed.Expr, steps: int, order: int
) -> None:
    """The gates of one evolution."""
    t = named(scope, "t", t)
    words = [term for term in terms if term.paulis]
    gates = [
        gate
        for part, share in _merged(_order(_parts(words), order))
        for term in part
        for gate in _rotation(term, share / steps)
    ]
    wire = words[0].paulis[0][0] if words else 0
    rest = [gate for term in terms if not term.paulis for gate in _phase(term, wire)]
    if not charge_gates(scope, span, len(gates) + len(rest)):
        return
    inner = scope.inner(None)
    _emit(inner, gates, t, span)
    if steps == 1:
        scope.statements.extend(inner.statements)
    elif inner.statements:
        index = scope.frame.fresh_local("step", _INDEX, span)
        body = tuple(inner.statements)
        scope.emit(typed.RepeatGates(trips=steps, index=index, statements=body, span=span))
    _emit(scope, rest, t, span)


# --- the formula ----------------------------------------------------------------------------------


def _parts(terms: Iterable[Term]) -> list[Part]:
    """Terms in order, those that follow each other and commute together. As long as each qubit has one letter
    in a part (`letters`), it need not be compared term by term.
    """
    parts: list[list[Term]] = []
    letters: dict[int, Pauli] | None = {}
    for term in terms:
        alike = letters is not None and all(letters.get(wire, name) == name for wire, name in term.paulis)
        if parts and (alike or all(_commute(term, other) for other in parts[-1])):
            parts[-1].append(term)
            letters = {**letters, **dict(term.paulis)} if alike and letters is not None else None
        else:
            parts.append([term])
            letters = dict(term.paulis)
    return [tuple(part) for part in parts]


def all_commute(terms: Sequence[Term]) -> bool:
    """Whether the exponential of the sum is the product of those of its terms."""
    return len(_parts(terms)) == 1


def _commute(one: Term, other: Term) -> bool:
    """Words commute where they differ on an even number of wires that both touch."""
    letters = dict(one.paulis)
    return sum(letters.get(wire, letter) != letter for wire, letter in other.paulis) % 2 == 0


def _order(parts: list[Part], order: int) -> list[tuple[Part, float]]:
    """Parts with their shares of the time of one step."""
    if order == 1:
        return [(part, 1.0) for part in parts]
    if order == 2:
        half = [(part, 0.5) for part in parts]
        return half + half[::-1]
    p = 1 / (4 - 4 ** (1 / 3))
    symmetric = _order(parts, 2)
    return [(part, share * factor) for factor in (p, p, 1 - 4 * p, p, p) for part, share in symmetric]


def _merged(shares: Iterable[tuple[Part, float]]) -> Iterator[tuple[Part, float]]:
    """Neighbours of one part as one."""
    for _, run in groupby(shares, key=lambda one: id(one[0])):
        same = list(run)
        yield same[0][0], sum(share for _, share in same)


# --- gates ----------------------------------------------------------------------------------------


def _rotation(term: Term, share: float) -> Iterator[_Gate]:
    """exp(-i share t c P): one gate where there is one for the word."""
    turn = times(share, term.coefficient)
    wires, word = tuple(wire for wire, _ in term.paulis), "".join(letter for _, letter in term.paulis)
    if len(word) == 1 or word in ("XX", "YY", "ZZ", "ZX"):
        yield _Gate(f"r{word.lower()}", wires, turn)
        return
    if word == "XZ":
        yield _Gate("rzx", wires[::-1], turn)
        return
    ladder = [_Gate("cx", pair) for pair in pairwise(wires)]
    yield from _changes(term, 0)
    yield from ladder
    yield _Gate("rz", wires[-1:], turn)
    yield from ladder[::-1]
    yield from _changes(term, 1)


def _changes(term: Term, side: int) -> Iterator[_Gate]:
    for wire, letter in term.paulis:
        for name in _TO_Z[letter][side]:
            yield _Gate(name, (wire,))


def _phase(term: Term, wire: int) -> Iterator[_Gate]:
    """exp(-i t c), the same for both states of the wire."""
    half = times(-0.5, term.coefficient)
    for _ in range(2):
        yield _Gate("p", (wire,), half)
        yield _Gate("x", (wire,))


def _emit(scope: Scope, gates: Iterable[_Gate], t: typed.Expr, span: Span) -> None:
    """Neighbours of one name as rows of one gate."""
    for (name, turns), run in groupby(gates, key=lambda gate: (gate.name, gate.turn is not None)):
        same = list(run)
        table = _table([gate.turn for gate in same if gate.turn is not None], t, span) if turns else None
        wires = tuple(gate.wires for gate in same)
        scope.emit(typed.ApplyGate(gate=name, wires=wires, angles=table, modifiers=(), span=span))


def _table(turns: list[Coefficient], t: typed.Expr, span: Span) -> typed.Expr:
    """Angles, one row each: 2 t times the coefficients."""
    numbers = tuple(as_expr(times(2.0, turn), span) for turn in turns)
    kind = TensorType(DType.F32, (len(turns), 1), role="angle")
    row = TensorType(DType.F32, (len(turns),))
    stacked = typed.Prim(fn="stack", args=numbers, options=(("axis", 0),), type=row, span=span)
    column = typed.Prim(fn="reshape", args=(stacked,), options=(), type=kind, span=span)
    return typed.Elementwise(fn="mul", args=(column, t), type=kind, span=span)
