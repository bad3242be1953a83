"""Qubits as the carry of a loop: `out = scan t in toks carry (c = s) { qubits w; …; discard c; next c = w }`.

What came before: a loop whose carries begin as qubits. What leaves: the wires of the carries, named in each
turn, and swaps at its end that bring the next carries onto them. Invariants: the carries lie on the same
wires in all turns; a qubit has one name at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import sizes, typed
from hqn.compiler.types.circuits.measurement_errors import BadQubitCarry
from hqn.compiler.types.circuits.qubits import QubitBinding, circuit_state, count_of, is_qubits, operand
from hqn.compiler.types.circuits.usage import Gone, known_wires
from hqn.compiler.types.circuits.wires import Qubits, shared
from hqn.compiler.types.scope import Scope


@dataclass(slots=True)
class QubitCarries:
    """The carries of one loop: what they are called, where they lie and, in a turn, what follows."""

    starts: dict[str, tuple[ast.Ident, Qubits]]
    following: dict[str, tuple[Qubits, Span]] = field(default_factory=dict)
    broken: bool = False
    """A `next` of this turn is wrong, which is reported."""


def carries_qubits(scope: Scope, loop: ast.Loop) -> bool:
    return any(is_qubits(scope, carry.value) for carry in loop.carry)


def start(scope: Scope, carries: tuple[ast.Carry, ...]) -> QubitCarries | None:
    """The carries before the first turn; None where something is reported."""
    found = QubitCarries({})
    for carry in carries:
        qubits = operand(scope, carry.value, "carry")
        if qubits is None or not _differ(scope, found, carry, qubits):
            return None
        found.starts[carry.name.name] = (carry.name, qubits)
    for carry in carries:
        _move(scope, carry.value, carry.span)
    return found


def _differ(scope: Scope, found: QubitCarries, carry: ast.Carry, qubits: Qubits) -> bool:
    for ident, other in found.starts.values():
        if shared(other, qubits) is not None:
            why = f"`{carry.value.span.text}` is carried as `{ident.name}` already"
            scope.report(BadQubitCarry(span=carry.span, why=why, start=ident.span))
            return False
    return True


def _move(scope: Scope, expr: ast.Expr, span: Span) -> None:
    """The name of a register means nothing from here on, if all of it is carried on."""
    binding = scope.lookup(expr.name) if isinstance(expr, ast.Name) else None
    if isinstance(binding, QubitBinding):
        binding.moved = span


def enter(inner: Scope, carries: QubitCarries) -> None:
    """Names the carries in a turn."""
    carries.following.clear()
    for ident, qubits in carries.starts.values():
        inner.bind(ident, QubitBinding(span=ident.span, qubits=qubits))
    circuit_state(inner.frame).carries.append(carries)


def follow(scope: Scope, statement: ast.Next) -> bool:
    """`next c = w`, where `c` is a carry of qubits of the innermost loop; whether it is one."""
    stack = circuit_state(scope.frame).carries
    found = stack[-1].starts.get(statement.name.name) if stack else None
    if found is None:
        return False
    ident, old = found
    new = operand(scope, statement.value, "next")
    if new is None:
        return True
    stack[-1].broken = True
    gone = circuit_state(scope.frame).usage.gone
    before = dict(gone)
    gone |= {wire: Gone("carried on", ident.name, statement.span, told=True) for wire in known_wires(new)}
    if sizes.equal(new.length, old.length) is False:
        here, there = (count_of("qubit", one.length) for one in (new, old))
        why = f"this is {here}, and `{ident.name}` is {there}"
        scope.report(BadQubitCarry(span=statement.value.span, why=why, start=ident.span))
        return True
    for other, (qubits, _) in stack[-1].following.items():
        if shared(qubits, new) is not None or other == ident.name:
            why = f"`next {other}` takes this qubit already"
            scope.report(BadQubitCarry(span=statement.span, why=why, start=ident.span))
            return True
    stack[-1].broken = False
    circuit_state(scope.frame).usage.gone = before
    stack[-1].following[ident.name] = (new, statement.span)
    _move(scope, statement.value, statement.span)
    return True


def leave(scope: Scope, carries: QubitCarries) -> None:
    """The end of a turn: swaps bring what follows onto the wires of the carries."""
    state = circuit_state(scope.frame)
    state.carries.pop()
    usage = state.usage
    if carries.broken:
        _forget(scope, carries)
        return
    _check_kept(scope, carries)
    where: dict[int, int] = {}
    """Where the qubit of a wire lies by now."""
    for name, (ident, old) in carries.starts.items():
        new, span = carries.following.get(name, (old, ident.span))
        for target, source in zip(known_wires(old), known_wires(new)):
            place = where.get(source, source)
            if place == target:
                continue
            scope.emit(typed.ApplyGate(gate="swap", wires=((target, place),), angles=None, span=span))
            here, there = (next((w for w in where if where[w] == p), p) for p in (target, place))
            where[here], where[there] = place, target
            _exchange(usage.gone, target, place)
    for ident, old in carries.starts.values():
        lost = [usage.gone[wire] for wire in known_wires(old) if wire in usage.gone]
        if lost:
            why = f"`{ident.name}` is {lost[0].how}, and nothing is carried on in its place"
            scope.report(BadQubitCarry(span=lost[0].span, why=why, start=ident.span))
    _forget(scope, carries)


def _forget(scope: Scope, carries: QubitCarries) -> None:
    """What is reported of the carries is not reported again behind the loop."""
    for _, old in carries.starts.values():
        for wire in known_wires(old):
            circuit_state(scope.frame).usage.gone.pop(wire, None)


def _check_kept(scope: Scope, carries: QubitCarries) -> None:
    """A carry that something else takes the place of is measured, discarded, or carried on itself."""
    gone = circuit_state(scope.frame).usage.gone
    kept = {wire for qubits, _ in carries.following.values() for wire in known_wires(qubits)}
    for name, (_, span) in carries.following.items():
        ident, old = carries.starts[name]
        left = [wire for wire in known_wires(old) if wire not in kept and wire not in gone]
        if left:
            why = f"`{name}` is left behind here: nothing says what becomes of it; `discard {name}` before"
            scope.report(BadQubitCarry(span=span, why=why, start=ident.span))
            gone |= {wire: Gone("left behind", name, span) for wire in left}


def _exchange(gone: dict[int, Gone], a: int, b: int) -> None:
    first, second = gone.pop(a, None), gone.pop(b, None)
    if first is not None:
        gone[b] = first
    if second is not None:
        gone[a] = second
