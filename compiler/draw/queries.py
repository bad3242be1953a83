"""What a circuit is asked at its end, as symbols.

What came before: `qc.expect`. What leaves: one symbol per wire where each result is a Pauli of one wire, else
one box over all wires that occur. Invariant: a box says which Pauli words it holds, as far as they fit.
"""

from __future__ import annotations

from hqn.compiler.draw.picture import Symbol
from hqn.compiler.draw.values import MOST, number_text
from hqn.compiler.ir.nn import ConstantOp
from hqn.compiler.ir.qc import ExpectOp

Word = tuple[tuple[int, str], ...]


def expectation(op: ExpectOp) -> tuple[Symbol, ...]:
    words = [tuple((wire, letter) for wire, letter in enumerate(word) if letter != "I") for word in op.paulis]
    if _one_each(op, words):
        return tuple(Symbol(f"⟨{word[0][1]}⟩", "query", (word[0][0],)) for word in words)
    wires = sorted({wire for word in words for wire, _ in word}) or [0]
    return (Symbol(_sum_text(op, words), "query", tuple(wires)),)


def _one_each(op: ExpectOp, words: list[Word]) -> bool:
    """Whether each result is one Pauli on a wire of its own, as in `expect(Z(q))`."""
    wires = [word[0][0] for word in words if len(word) == 1]
    own = len(set(wires)) == len(words) == len(set(op.places))
    return own and all(coefficient == 1 for coefficient in _coefficients(op))


def _coefficients(op: ExpectOp) -> tuple[complex | None, ...]:
    made = op.coefficients.owner
    if isinstance(made, ConstantOp):
        values = made.values
        return values if len(values) == len(op.paulis) else values * len(op.paulis)
    return (None,) * len(op.paulis)


def _sum_text(op: ExpectOp, words: list[Word]) -> str:
    """`⟨Z0 Z1 + 0.5 X0⟩`; what does not fit is `…`, and several results are several sums."""
    results: dict[int, str] = {}
    for place, word, coefficient in zip(op.places, words, _coefficients(op)):
        before = results.get(place, "")
        term = _term(word, coefficient)
        results[place] = f"{before} + {term}" if before else term
        if sum(map(len, results.values())) > MOST:
            break
    text = ", ".join(results.values()).replace("+ -", "- ")
    return f"⟨{text}⟩" if len(text) <= MOST else f"⟨{text[: MOST - 2].rstrip(' +,-')} …⟩"


def _term(word: Word, coefficient: complex | None) -> str:
    letters = " ".join(f"{letter}{wire}" for wire, letter in word) or "1"
    if coefficient is None:
        return f"c {letters}"
    if coefficient in (1, -1):
        return letters if coefficient == 1 else f"-{letters}"
    return f"{number_text(coefficient)} {letters}"
