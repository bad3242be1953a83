"""Qubits by name: registers, and the operands that select from them.

What came before: `q`, `q[i]`, `q[0..8 step 2]` as syntax. What leaves: `Qubits`, or a diagnostic. Invariant:
an index wraps around only where it is written with a minus sign, `q[-1]`; one that a loop makes negative
is out of range.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import sizes
from hqn.compiler.types.bodies.elaborate import elaborate_size
from hqn.compiler.types.circuits import errors
from hqn.compiler.types.circuits.measurement_errors import QubitIsGone
from hqn.compiler.types.circuits.usage import Usage, check_there, known_wires, take_wires
from hqn.compiler.types.circuits.wires import Ends, Qubits, extreme, leaves, number_in_slice, shared_pair
from hqn.compiler.types.model import UnknownType
from hqn.compiler.types.scope import AliasBinding, Binding, Frame, Scope, SlotBinding, ValueBinding
from hqn.compiler.types.sizes import Dim, Symbol


@dataclass(slots=True, kw_only=True)
class QubitBinding(Binding):
    """A register or a single qubit."""

    qubits: Qubits
    moved: Span | None = None
    """Where it was carried into a loop, or on to the next turn: the name means nothing any more."""


@dataclass(slots=True)
class CircuitState:
    """What the circuit checkers remember of one frame."""

    ends: dict[Symbol, Ends] = field(default_factory=dict)
    """Of the loops around the present statement whose variables are sizes, outermost first."""
    width: Dim = 0
    """Wires so far."""
    usage: Usage = field(default_factory=Usage)
    carries: list[Any] = field(default_factory=list)
    """The `QubitCarries` of the loops around the present statement."""
    given: bool = False
    """Some of the wires are the caller's."""
    ideal: dict[int, Span] = field(default_factory=dict)
    """Wires that exact results read, and where."""
    sealed: Span | None = None
    """A query that read the whole state: no wires may follow it."""
    declared: Span | None = None
    """The last declaration of registers."""
    gates: int = 0
    """Gates so far, with loops over qubits expanded."""
    names: dict[int, tuple[ast.Name, ...]] = field(default_factory=dict)
    """By id of an index, the names in it."""
    undefined: set[str] = field(default_factory=set)
    """Names that stand for qubits and are not defined, each reported once."""
    full: bool = False
    """The limit of gates is passed and reported: nothing is expanded any more."""


def circuit_state(frame: Frame) -> CircuitState:
    if not isinstance(frame.circuit, CircuitState):
        frame.circuit = CircuitState()
    return frame.circuit


def bind_given(scope: Scope, ident: ast.Ident, size: Dim | None) -> None:
    """The next `size` wires (one, where it is None) of the circuit under a name: qubits of its caller."""
    state = circuit_state(scope.frame)
    state.given = True
    _bind(scope, ident, Qubits(ident.name, state.width, size, declared=ident.span))


def bind_fresh(scope: Scope, ident: ast.Ident, size: Dim | None) -> None:
    """Qubits in |0> under a name."""
    state = circuit_state(scope.frame)
    start, count = state.width, 1 if size is None else size
    if isinstance(start, int) and isinstance(count, int) and scope.concrete:
        start = take_wires(scope, state.usage, count, start, ident.span)
    qubits = Qubits(ident.name, start, size, declared=ident.span)
    if state.usage.blocks:
        state.usage.blocks[-1].append(qubits)
    _bind(scope, ident, qubits)


def _bind(scope: Scope, ident: ast.Ident, qubits: Qubits) -> None:
    widen(scope, sizes.add(qubits.start, qubits.length))
    scope.bind(ident, QubitBinding(span=ident.span, qubits=qubits))


def widen(scope: Scope, width: Dim) -> None:
    """The circuit has so many wires, if it had not more."""
    state = circuit_state(scope.frame)
    if not isinstance(width, int) or not isinstance(state.width, int) or width > state.width:
        state.width = width
    if isinstance(state.width, int):
        scope.frame.qubits = state.width


def is_qubits(scope: Scope, expr: ast.Expr) -> bool:
    """Whether an expression is spelled as qubits; nothing is reported."""
    while isinstance(expr, ast.Subscript):
        expr = expr.value
    return isinstance(expr, ast.Name) and isinstance(scope.lookup(expr.name), QubitBinding)


def operand(scope: Scope, expr: ast.Expr, user: str, gone: bool = False) -> Qubits | None:
    """The qubits that an operand of `user` names; None where that is reported. They may be `gone` or not."""
    qubits = _operand(scope, expr, user)
    if qubits is not None and not gone:
        usage = circuit_state(scope.frame).usage
        check_there(scope, usage, qubits, expr.span, f"`{user}`")
        if usage.zero and user not in _LOOK:
            usage.zero -= set(known_wires(qubits))
    return qubits


def operands(scope: Scope, exprs: Sequence[ast.Expr], user: str, gone: bool = False) -> list[Qubits] | None:
    """The qubits of all operands of `user`, no qubit twice; None where something is reported."""
    found = [operand(scope, expr, user, gone) for expr in exprs]
    qubits = [one for one in found if one is not None]
    return qubits if len(qubits) == len(found) and all_differ(scope, exprs, qubits, user) else None


def all_differ(scope: Scope, exprs: Sequence[ast.Expr], qubits: Sequence[Qubits], user: str) -> bool:
    """Whether no qubit stands in two operands of `user`; reported if one does."""
    pair = shared_pair(qubits)
    if pair is None:
        return True
    there, here = (exprs[place].span for place in pair)
    scope.report(errors.QubitUsedTwice(span=here, qubit=f"`{here.text}`", gate=user, first=there))
    return False


_LOOK = ("measure", "discard", "barrier", "postselect")
"""What leaves a qubit in |0> where it is in |0>, or takes it away."""


def _operand(scope: Scope, expr: ast.Expr, user: str) -> Qubits | None:
    match expr:
        case ast.Name():
            return _named(scope, expr, user)
        case ast.Subscript():
            base = _operand(scope, expr.value, user)
            return base and _selected(scope, base, expr)
        case _:
            scope.report(errors.NotQubits(span=expr.span, found="this is not a register", wanted=f"`{user}`"))
            return None


def _named(scope: Scope, expr: ast.Name, user: str) -> Qubits | None:
    binding = scope.lookup(expr.name)
    if isinstance(binding, QubitBinding):
        if binding.moved is not None:
            name, where = expr.name, binding.moved
            how = "carried on"
            scope.report(QubitIsGone(span=expr.span, qubit=name, user=f"`{user}`", how=how, gone=where))
        return binding.qubits
    undefined = circuit_state(scope.frame).undefined
    if not _is_unknown(binding) and expr.name not in undefined:
        found = f"`{expr.name}` is not defined here" if binding is None else f"`{expr.name}` is not a qubit"
        scope.report(errors.NotQubits(span=expr.span, found=found, wanted=f"`{user}`"))
    if binding is None:
        scope.frame.failed = True
        undefined.add(expr.name)
    return None


def _is_unknown(binding: Binding | None) -> bool:
    match binding:
        case ValueBinding():
            return isinstance(binding.local.type, UnknownType)
        case AliasBinding():
            return isinstance(binding.value.type, UnknownType)
        case _:
            return False


def _selected(scope: Scope, base: Qubits, expr: ast.Subscript) -> Qubits | None:
    if base.count is None:
        _refuse(scope, expr.span, f"`{expr.value.span.text}` is one qubit and has no parts")
        return None
    if len(expr.items) != 1 or expr.items[0].name:
        _refuse(scope, expr.span, "a register has one axis, so one index selects from it")
        return None
    item = expr.items[0].value
    if isinstance(item, ast.Whole):
        return base
    if isinstance(item, ast.Range):
        return _slice(scope, base, item)
    return _single(scope, base, item)


def _refuse(scope: Scope, span: Span, why: str) -> None:
    scope.report(errors.BadQubitSelection(span=span, why=why))


def _single(scope: Scope, base: Qubits, item: ast.Expr) -> Qubits | None:
    index = _place(scope, base.length, item)
    ends = circuit_state(scope.frame).ends
    if leaves(index, base.length, ends):
        shown = sizes.show(extreme(index, ends, largest=not _is_negative(index, ends)))
        _out_of_range(scope, base, item.span, item.span.text if isinstance(item, ast.Unary) else shown)
        return None
    return base.at(index)


def _place(scope: Scope, length: Dim, item: ast.Expr) -> Dim:
    """An index counted from the front; only one that is written with a minus sign counts from the end."""
    if isinstance(item, ast.Int):
        return item.value
    value = _value_in(scope, item)
    if value is not None:
        why = f"`{value.name}` is known only at run time, and qubits are selected before"
        scope.report(errors.BadQubitSelection(span=value.span, why=why))
        return sizes.unknown()
    index = elaborate_size(scope, item)
    return sizes.add(length, index) if isinstance(item, ast.Unary) and item.op == "-" else index


def _value_in(scope: Scope, item: ast.Expr) -> ast.Name | None:
    """A name of a run-time value in an index."""
    for name in _names(scope, item):
        binding = scope.lookup(name.name)
        if isinstance(binding, ValueBinding | SlotBinding) and not _is_unknown(binding):
            return name
    return None


def _names(scope: Scope, item: ast.Expr) -> tuple[ast.Name, ...]:
    """The names in an index, found once however many turns evaluate it."""
    known = circuit_state(scope.frame).names
    if id(item) not in known:
        known[id(item)] = tuple(node for node in ast.walk(item) if isinstance(node, ast.Name))
    return known[id(item)]


def _is_negative(index: Dim, ends: dict[Symbol, Ends]) -> bool:
    lowest = extreme(index, ends, largest=False)
    return isinstance(lowest, int) and lowest < 0


def _slice(scope: Scope, base: Qubits, item: ast.Range) -> Qubits | None:
    first = _place(scope, base.length, item.start) if item.start else 0
    stop = _place(scope, base.length, item.stop) if item.stop else base.length
    step = elaborate_size(scope, item.step) if item.step else 1
    if isinstance(step, int) and step < 1:
        _refuse(scope, item.span, f"a step is at least 1, and this is {step}")
        return None
    ends = circuit_state(scope.frame).ends
    for bound, reached in ((first, first), (stop, sizes.sub(stop, 1))):
        if leaves(bound, sizes.add(base.length, 1), ends):
            _out_of_range(scope, base, item.span, sizes.show(reached))
            return None
    length = sizes.sub(stop, first)
    if isinstance(length, int) and length < 0:
        _refuse(scope, item.span, f"this range begins at {first} and ends before, at {stop}")
        return None
    return base.part(first, number_in_slice(first, stop, step), step)


def _out_of_range(scope: Scope, base: Qubits, span: Span, index: str) -> None:
    scope.report(
        errors.QubitOutOfRange(
            span=span,
            register=base.name,
            size=count_of("qubit", base.length),
            index=index,
            declared=base.declared,
        )
    )


def count_of(noun: str, number: Dim) -> str:
    """`1 qubit`, `5 qubits`, `n qubits`."""
    return f"{sizes.show(number)} {noun}{'' if number == 1 else 's'}"
