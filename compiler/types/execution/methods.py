"""Whether a circuit can be executed as a profile says.

What came before: a `Treatment` and the typed function of its circuit. What leaves: diagnostics at the line
of the profile, with the place in the circuit. Invariant: what passes here has a derivative, and
results that shots can estimate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hqn.compiler.source import Span
from hqn.compiler.types import typed
from hqn.compiler.types.circuits.constants import constant_matrix
from hqn.compiler.types.circuits.gates import MATRIX
from hqn.compiler.types.execution.errors import NoShiftRule, NotMeasurable, WrongExecution
from hqn.compiler.types.execution.specs import EXACT, Treatment
from hqn.compiler.types.policies.cascade import Line
from hqn.compiler.types.scope import Scope
from hqn.compiler.types.walk import walk_statements


def check_method(scope: Scope, treatment: Treatment, function: typed.Function, lines: Sequence[Line]) -> None:
    """Report what cannot be had; `lines` are those that said the treatment."""
    method = treatment.gradient.method
    span = next((line.span for line in lines if "gradient" in line.fields), lines[0].span)
    if treatment.shots is not None:
        if method in EXACT and method != "auto":
            why = f"`{method}` needs the state, and `{treatment.path}` is known by its shots only"
            scope.report(WrongExecution(span=span, why=why, example="gradient parameter_shift"))
            return
        shots = next(line.span for line in lines if "shots" in line.fields)
        for what, place in _unmeasurable(function):
            scope.report(NotMeasurable(span=shots, path=treatment.path, what=what, place=place))
            return
    if method == "parameter_shift" or (method == "auto" and treatment.shots is not None):
        for what, place in _without_rule(function):
            scope.report(NoShiftRule(span=span, path=treatment.path, what=what, place=place))
            return


def _without_rule(function: typed.Function) -> Iterator[tuple[str, Span]]:
    """Gates and results that no shift rule knows, in the circuit and in those that it applies."""
    for part in walk_statements(function.statements, function.result):
        if isinstance(part, typed.ApplyGate) and part.gate == MATRIX and part.angles is not None:
            if constant_matrix(part.angles, list(function.statements)) is None:
                yield "a gate that is a matrix", part.span
        elif isinstance(part, typed.StateVector):
            yield "`state(q)`", part.span
        elif isinstance(part, typed.Postselect):
            yield "a post-selection, after which results are normalised", part.span
        elif isinstance(part, typed.ApplyCircuit):
            yield from _without_rule(part.function)


def _unmeasurable(function: typed.Function) -> Iterator[tuple[str, Span]]:
    for part in walk_statements(function.statements, function.result):
        if isinstance(part, typed.StateVector):
            yield "`state(q)`", part.span
        elif isinstance(part, typed.Reduced):
            yield f"`{part.kind}`", part.span
        elif isinstance(part, typed.Fidelity):
            yield "`fidelity`", part.span
