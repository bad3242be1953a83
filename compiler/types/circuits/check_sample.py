"""Outcomes of measuring qubits: `sample(q, shots)`, `counts(q, shots)`, `most_likely(q)`.

What came before: a call of one of the three. What leaves: `typed.Sampled`, or diagnostics. Invariants:
samples and counts use their qubits up, so nothing reads these afterwards or beside them; `most_likely` reads
the state.
"""

from __future__ import annotations

from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import typed
from hqn.compiler.types.bodies.check_static import static_value
from hqn.compiler.types.calls.statics import UNKNOWN_STATIC
from hqn.compiler.types.circuits import errors, measurement_errors
from hqn.compiler.types.circuits.qubits import circuit_state
from hqn.compiler.types.circuits.usage import Gone, known_wires
from hqn.compiler.types.circuits.wires import Qubits
from hqn.compiler.types.execution.fields import MOST_SHOTS
from hqn.compiler.types.model import DType, TensorType
from hqn.compiler.types.scope import Scope
from hqn.compiler.types.sizes import Dim, unknown
from hqn.compiler.types.walk import walk

SAMPLING = ("sample", "counts")


def shots_of(scope: Scope, call: ast.Call, name: str) -> int | None:
    """The last argument of a call that samples; None after a mistake."""
    if len(call.arguments) < 2:
        why = f"`{name}` takes qubits and a number of shots"
        scope.report(errors.QueryNeedsQubits(span=call.span, why=why, example=f"{name}(q, 100)"))
        return None
    last = call.arguments[-1].value
    count = static_value(scope, last)
    if count == UNKNOWN_STATIC:
        return None if scope.frame.failed else 1
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MOST_SHOTS:
        why = f"shots are a whole number from 1 to {MOST_SHOTS:,}"
        scope.report(errors.QueryNeedsQubits(span=last.span, why=why, example=f"{name}(q, 100)"))
        return None
    return count


def sampled(
    scope: Scope, call: ast.Call, name: str, qubits: list[Qubits], sizes: tuple[Dim, Dim], shots: int
) -> typed.Expr:
    """The outcomes of some qubits; `sizes` are their number and that of their states."""
    total, states = sizes
    count: Dim = shots if scope.concrete else unknown()
    shape = {"sample": (count, total), "counts": (states,), "most_likely": (total,)}[name]
    bound = None if name == "counts" else 2
    wires = tuple(wire for one in qubits for wire in known_wires(one))
    result = TensorType(DType.I32, shape, bound)
    if name in SAMPLING:
        _use_up(scope, qubits, call.span)
    site = scope.frame.fresh_local(name, result, call.span).name
    return typed.Sampled(kind=name, wires=wires, shots=shots, site=site, type=result, span=call.span)  # type: ignore[arg-type]


def _use_up(scope: Scope, qubits: list[Qubits], span: Span) -> None:
    """Nothing may read these qubits beside or after this."""
    state = circuit_state(scope.frame)
    for one in qubits:
        for wire in known_wires(one):
            before = state.ideal.get(wire)
            if before is not None:
                scope.report(
                    measurement_errors.QubitIsGone(
                        span=before, qubit=one.name, user="an exact result", how="sampled", gone=span
                    )
                )
                return
            state.usage.gone[wire] = Gone("sampled", one.name, span)


def remember_ideal(scope: Scope, value: typed.Expr) -> None:
    """The wires that an exact result reads, for samples of them that follow."""
    state = circuit_state(scope.frame)
    for part in walk(value):
        wires: tuple[int, ...] = ()
        if isinstance(part, typed.Probabilities | typed.Reduced | typed.Fidelity | typed.ExpectMatrix):
            wires = part.wires
        elif isinstance(part, typed.Expect):
            wires = tuple(wire for term in part.terms for wire, _ in term.paulis)
        elif isinstance(part, typed.StateVector) and isinstance(state.width, int):
            wires = tuple(range(state.width))
        state.ideal |= dict.fromkeys(wires, value.span)
