"""Queries: what a circuit tells about the present state of its qubits.

What came before: `expect(O)`, `probs(q)`, `state(q)` as calls. What leaves: typed expressions. Invariant: a
query consumes nothing, so several of them may read one state.
"""

from __future__ import annotations

from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import sizes, typed
from hqn.compiler.types.bodies.elaborate import elaborate_expr
from hqn.compiler.types.bodies.literals import COMPLEX
from hqn.compiler.types.circuits import errors
from hqn.compiler.types.circuits.check_matrix import Wanted, allow_matrix, fits
from hqn.compiler.types.circuits.check_observable import (
    MOST_TERMS,
    elaborate_observable,
    is_observable,
    not_observable,
    unknown,
)
from hqn.compiler.types.circuits.check_sample import SAMPLING, remember_ideal, sampled, shots_of
from hqn.compiler.types.circuits.expectations import expectation
from hqn.compiler.types.circuits.observables import Observable
from hqn.compiler.types.circuits.qubits import all_differ, circuit_state, count_of, operand, operands
from hqn.compiler.types.circuits.variance import count_of_squares, has_no_square, variance
from hqn.compiler.types.circuits.wires import Qubits, is_concrete, total_length
from hqn.compiler.types.model import DType, TensorType, UnknownType
from hqn.compiler.types.scope import FLOATS, Scope
from hqn.compiler.types.shapes import show_type
from hqn.compiler.types.sizes import Dim

REDUCED = ("density", "purity", "entropy")
"""What is read from the reduced density matrix of some qubits."""


def elaborate_query(scope: Scope, call: ast.Call) -> typed.Expr:
    """A call of one of the names of `QUERIES` or `OBSERVABLES`, or of an observable's definition."""
    if is_observable(scope, call):
        return elaborate_observable(scope, call)
    assert isinstance(call.callee, ast.Name)
    name = call.callee.name
    if scope.frame.kind != "circuit":
        return _refuse(scope, call.span, f"`{name}` reads the qubits of a circuit, and this is no circuit")
    if name == "measure":
        why = "`measure` has no parentheses, and gives bits that steer gates: `b = measure q[0]`"
        return _refuse(scope, call.span, why)
    if any(argument.name for argument in call.arguments):
        return _refuse(scope, call.span, f"`{name}` takes no named arguments")
    value = _read(scope, call, name)
    remember_ideal(scope, value)
    return value


def _read(scope: Scope, call: ast.Call, name: str) -> typed.Expr:
    if name in ("expect", "var"):
        return _expect(scope, call, name)
    if name == "fidelity":
        return _fidelity(scope, call)
    return _read_qubits(scope, call, name)


def _refuse(scope: Scope, span: Span, why: str) -> typed.Expr:
    scope.report(errors.QueryNeedsQubits(span=span, why=why))
    return unknown(span)


# --- expectation values ---------------------------------------------------------------------------


def _expect(scope: Scope, call: ast.Call, name: str) -> typed.Expr:
    if len(call.arguments) != 1:
        return _refuse(scope, call.span, f"`{name}` takes one observable; put several into `[…]`")
    value = elaborate_observable(scope, call.arguments[0].value)
    if isinstance(value.type, UnknownType):
        return unknown(call.span)
    if not isinstance(value, Observable):
        return not_observable(scope, value.span, f"this is {show_type(value.type)}")
    return expectation(value, call.span) if name == "expect" else _variance(scope, call.span, value)


def _variance(scope: Scope, span: Span, value: Observable) -> typed.Expr:
    if has_no_square(value):
        why = "`var` takes sums of products of Pauli matrices, or one matrix alone"
        return not_observable(scope, value.span, why)
    terms = count_of_squares(value)
    if terms > MOST_TERMS:
        scope.report(errors.TooManyTerms(span=span, terms=terms, limit=MOST_TERMS))
        return unknown(span)
    return variance(value, span)


# --- fidelity -------------------------------------------------------------------------------------


def _fidelity(scope: Scope, call: ast.Call) -> typed.Expr:
    """`fidelity(q, v)`: the qubits first, the vector last."""
    *measured, last = call.arguments
    if not measured:
        return _refuse(scope, call.span, "`fidelity` takes qubits and a state: `fidelity(q, v)`")
    read = [operand(scope, argument.value, "fidelity") for argument in measured]
    vector = elaborate_expr(scope, last.value)
    qubits = [one for one in read if one is not None]
    places = [argument.value for argument in measured]
    if len(qubits) < len(read) or not all_differ(scope, places, qubits, "fidelity"):
        return unknown(call.span)
    total = total_length(qubits)
    wanted = Wanted("fidelity", total, _power_of_two(total), 1, (*FLOATS, *COMPLEX))
    if not fits(scope, vector, wanted):
        return unknown(call.span)
    wires = tuple(wire for one in qubits for wire in one.wires()) if _are_concrete(qubits) else ()
    return typed.Fidelity(vector=vector, wires=wires, type=TensorType(DType.F32), span=call.span)


# --- probabilities and states ---------------------------------------------------------------------


def _read_qubits(scope: Scope, call: ast.Call, name: str) -> typed.Expr:
    if not call.arguments:
        return _refuse(scope, call.span, f"`{name}` takes qubits: `{name}(q)`")
    shots = shots_of(scope, call, name) if name in SAMPLING else 0
    if shots is None:
        return unknown(call.span)
    read = call.arguments[:-1] if name in SAMPLING else call.arguments
    qubits = operands(scope, [argument.value for argument in read], name)
    if qubits is None:
        return unknown(call.span)
    if name == "state":
        return _state(scope, call, qubits)
    if name in REDUCED:
        return _reduced(scope, call, name, qubits)
    if name in (*SAMPLING, "most_likely"):
        total = total_length(qubits)
        return sampled(scope, call, name, qubits, (total, _power_of_two(total)), shots)
    result = TensorType(DType.F32, (_power_of_two(total_length(qubits)),))
    wires = tuple(wire for one in qubits for wire in one.wires()) if _are_concrete(qubits) else ()
    return typed.Probabilities(wires=wires, type=result, span=call.span)


def _power_of_two(exponent: Dim) -> Dim:
    try:
        return sizes.power(2, exponent)
    except sizes.SizeError:
        return sizes.unknown()  # the state does not fit either, which is reported where it is declared


def _reduced(scope: Scope, call: ast.Call, name: str, qubits: list[Qubits]) -> typed.Expr:
    """What the reduced density matrix of some qubits is, or tells: 2^k rows, or one number."""
    total, width = total_length(qubits), circuit_state(scope.frame).width
    dense: Dim = total
    if name != "density" and isinstance(total, int) and isinstance(width, int):
        dense = min(total, width - total)
    if not allow_matrix(scope, call.span, name, dense):
        return unknown(call.span)
    size = _power_of_two(total)
    result = TensorType(DType.C64, (size, size)) if name == "density" else TensorType(DType.F32)
    wires = tuple(wire for one in qubits for wire in one.wires()) if _are_concrete(qubits) else ()
    return typed.Reduced(kind=name, wires=wires, type=result, span=call.span)  # type: ignore[arg-type]


def _state(scope: Scope, call: ast.Call, qubits: list[Qubits]) -> typed.Expr:
    state = circuit_state(scope.frame)
    if state.usage.mixed is not None:
        why = "`state` reads a pure state, and qubits are measured, reset or discarded before; use `density`"
        return _refuse(scope, call.span, why)
    total = total_length(qubits)
    wires = [wire for one in qubits for wire in one.wires()] if _are_concrete(qubits) else []
    if sizes.equal(total, state.width) is False or wires != list(range(len(wires))):
        have, all_ = count_of("qubit", total), count_of("qubit", state.width)
        why = f"`state` takes every qubit of the circuit in order, and this is {have} of {all_}"
        return _refuse(scope, call.span, why)
    state.sealed = call.span
    return typed.StateVector(type=TensorType(DType.C64, (_power_of_two(total),)), span=call.span)


def _are_concrete(qubits: list[Qubits]) -> bool:
    return all(is_concrete(one) for one in qubits)
