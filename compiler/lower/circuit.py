"""Gates, applied circuits, loops over the register, and queries.

What came before: statements over numbered wires of the one implicit register. What leaves: operations that
thread the register. Invariant: after each statement `scope.register` is the value that nobody has consumed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hqn.compiler.ir import nn, qc
from hqn.compiler.ir.loops import LOOPS, YieldOp
from hqn.compiler.ir.nn_shape import FullOp, StackOp
from hqn.compiler.ir.tensors import INDEX, dtype, tensor
from hqn.compiler.ir.xdsl_api import SSAValue
from hqn.compiler.lower.expr import lower_all, lower_one, one_type
from hqn.compiler.lower.scope import Scope, Values
from hqn.compiler.types import typed


def lower_gate(scope: Scope, statement: typed.ApplyGate) -> None:
    angles = None if statement.angles is None else lower_one(scope, statement.angles)
    register = scope.wires(statement.span)
    op = qc.GateOp(statement.gate, register, statement.wires, angles, _mods(statement.modifiers))
    scope.register = scope.add(op, statement.span).result


def lower_apply(scope: Scope, statement: typed.ApplyCircuit) -> None:
    callee = scope.callee(statement.function, statement.span)
    op = qc.ApplyOp(
        callee.symbol_name,
        statement.instance,
        scope.wires(statement.span),
        statement.wires,
        lower_all(scope, statement.args),
        _mods(statement.modifiers),
        scope.turns(statement.turns),
        scope.shared(statement.shared),
    )
    scope.register = scope.add(op, statement.span).result


def lower_measure(scope: Scope, statement: typed.Measure) -> None:
    op = qc.MeasureOp(scope.wires(statement.span), statement.wires, statement.bits)
    scope.register = scope.add(op, statement.span).result


def lower_operation(scope: Scope, statement: typed.QubitOperation) -> None:
    op = _OPERATIONS[statement.kind](scope.wires(statement.span), statement.wires)
    scope.register = scope.add(op, statement.span).result


def lower_postselect(scope: Scope, statement: typed.Postselect) -> None:
    op = qc.PostselectOp(scope.wires(statement.span), statement.wires, statement.values)
    scope.register = scope.add(op, statement.span).result


def lower_repeat(
    scope: Scope,
    statement: typed.RepeatGates,
    lower_statements: Callable[[Scope, Sequence[typed.Statement]], None],
) -> None:
    register = scope.wires(statement.span)
    inner = scope.inner([INDEX, register.type])
    inner.bind(statement.index, inner.block.args[:1])
    inner.register = inner.block.args[1]
    lower_statements(inner, statement.statements)
    inner.block.add_op(YieldOp([inner.wires(statement.span)]))
    take = None if statement.take is None else lower_one(scope, statement.take)
    op = scope.add(LOOPS[statement.kind](statement.trips, [], [register], inner.block, take), statement.span)
    scope.register = op.final[0]


def lower_expect(scope: Scope, expr: typed.Expect) -> Values:
    """Expectation values; of nothing, zero."""
    register, type_ = scope.wires(expr.span), one_type(expr)
    if not expr.terms:
        return (scope.add(FullOp.of(type_, value=0.0), expr.span).result,)
    wires = qc.wire_count(register)
    words = [_word(term, wires) for term in expr.terms]
    coefficients = _coefficients(scope, expr)
    op = qc.ExpectOp(register, coefficients, words, [term.output for term in expr.terms], type_)
    return (scope.add(op, expr.span).result,)


def lower_expect_matrix(scope: Scope, expr: typed.ExpectMatrix) -> Values:
    register, kind = scope.wires(expr.span), dtype(one_type(expr))
    op = qc.ExpectMatrixOp(register, lower_one(scope, expr.matrix), expr.wires, kind)
    return (scope.add(op, expr.span).result,)


def lower_probabilities(scope: Scope, expr: typed.Probabilities) -> Values:
    kind = dtype(one_type(expr))
    return (scope.add(qc.ProbsOp(scope.wires(expr.span), expr.wires, kind), expr.span).result,)


def lower_reduced(scope: Scope, expr: typed.Reduced) -> Values:
    op = qc.ReducedOp(scope.wires(expr.span), expr.kind, expr.wires, one_type(expr))
    return (scope.add(op, expr.span).result,)


def lower_fidelity(scope: Scope, expr: typed.Fidelity) -> Values:
    register, kind = scope.wires(expr.span), dtype(one_type(expr))
    op = qc.FidelityOp(register, lower_one(scope, expr.vector), expr.wires, kind)
    return (scope.add(op, expr.span).result,)


def lower_sampled(scope: Scope, expr: typed.Sampled) -> Values:
    scope.effects.draws |= expr.kind != "most_likely"
    op = qc.SampleOp(scope.wires(expr.span), expr.kind, expr.wires, expr.shots, expr.site, one_type(expr))
    return (scope.add(op, expr.span).result,)


def lower_state(scope: Scope, expr: typed.StateVector) -> Values:
    kind = dtype(one_type(expr))
    return (scope.add(qc.StateOp(scope.wires(expr.span), kind), expr.span).result,)


def _word(term: typed.PauliTerm, wires: int) -> str:
    letters = dict(term.paulis)
    return "".join(letters.get(wire, "I") for wire in range(wires))


def _coefficients(scope: Scope, expr: typed.Expect) -> SSAValue:
    """The coefficients as one table: a constant, or a stack of computed numbers."""
    kind = tensor(dtype(one_type(expr)), [len(expr.terms)])
    literals = [term.coefficient.value for term in expr.terms if isinstance(term.coefficient, typed.Literal)]
    if len(literals) == len(expr.terms):
        return scope.add(nn.ConstantOp(literals, kind), expr.span).result
    numbers = [lower_one(scope, term.coefficient) for term in expr.terms]
    return scope.add(StackOp.of(kind, *numbers, axis=0), expr.span).result


def _mods(modifiers: Sequence[typed.GateModifier]) -> list[qc.Mod]:
    return [qc.Mod(modifier.kind, modifier.value) for modifier in modifiers]


_OPERATIONS = {"reset": qc.ResetOp, "discard": qc.DiscardOp, "barrier": qc.BarrierOp}
