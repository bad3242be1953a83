"""Circuits that take qubits, applied like gates: `entangle[2](w) q`.

What came before: a gate statement whose name stands for a circuit. What leaves: `typed.ApplyCircuit`, its
wires the controls first and then those of the circuit's parameters, or diagnostics. Invariants: no qubit
is given twice; the circuit returns nothing, and has no wires but the given ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod

from hqn.compiler.syntax import ast
from hqn.compiler.types import typed
from hqn.compiler.types.bodies.brackets import count_text, give_statics
from hqn.compiler.types.bodies.claims import Site, fix_function
from hqn.compiler.types.bodies.elaborate import elaborate_expr
from hqn.compiler.types.bodies.literals import promote
from hqn.compiler.types.body_errors import NotCallable
from hqn.compiler.types.calls.apply import Claimed, claim, fit, order_arguments
from hqn.compiler.types.calls.bind_slots import variant
from hqn.compiler.types.calls.check_with import Value, bound_values, elaborate_entries
from hqn.compiler.types.calls.equations import Given, Match
from hqn.compiler.types.calls.functions import depends_on_mode, function_for
from hqn.compiler.types.calls.share import share, take_shared
from hqn.compiler.types.calls.signature import Parameter, Signature, signature_of
from hqn.compiler.types.calls.statics import Application
from hqn.compiler.types.circuits import errors
from hqn.compiler.types.circuits.gate_syntax import Head, Modifiers
from hqn.compiler.types.circuits.qubits import circuit_state, count_of, operand, widen
from hqn.compiler.types.circuits.usage import Gone, release, take_wires
from hqn.compiler.types.circuits.wires import Qubits, is_concrete, shared_pair
from hqn.compiler.types.errors import TypesDiffer, WrongArgumentCount
from hqn.compiler.types.limits import Counter, allow_qubits, allow_turns, charge_gates
from hqn.compiler.types.model import UNIT, QubitType, UnknownType
from hqn.compiler.types.scope import InstanceBinding, Scope, StaticBinding
from hqn.compiler.types.shapes import show_type


@dataclass(slots=True)
class _Given:
    """What a circuit is applied to: qubits for controls and parameters, values for the other parameters."""

    qubits: list[Qubits] = field(default_factory=list)
    args: list[typed.Expr] = field(default_factory=list)
    names: list[ast.Ident | None] = field(default_factory=list)


def apply_circuit(scope: Scope, stmt: ast.Gate, head: Head, modifiers: Modifiers) -> None:
    """One statement that applies a circuit."""
    application = _application(scope, head)
    if application is None:
        return
    signature = signature_of(scope.session, application.definition)
    given = _given(scope, stmt, head, signature, modifiers)
    claimed = _claimed(scope, stmt, head, application)
    if not _applicable(scope, head, signature) or given is None:
        return
    ordered = order_arguments(scope, signature, given.args, given.names, stmt.span)
    if ordered is None or any(isinstance(arg.type, UnknownType) for arg in ordered):
        return
    _fit(scope, stmt, signature, application, claimed, ordered, given.qubits, modifiers)


# --- what is applied ------------------------------------------------------------------------------


def _application(scope: Scope, head: Head) -> Application | None:
    binding = scope.lookup(head.name)
    if isinstance(binding, InstanceBinding):
        if head.brackets is not None:
            found = f"`{head.name}` has its brackets already and"
            scope.report(NotCallable(span=head.brackets.span, found=found))
        return binding.instance.application
    if isinstance(binding, StaticBinding):
        application = binding.value
    else:
        named = scope.lookup_global(head.name)
        assert named is not None
        key = ("calls", id(scope.frame.definition), id(named))
        scope.session.memo.setdefault(key, (scope.frame, named, head.span))
        application = Application(named, span=head.span)
    if head.brackets is not None and isinstance(application, Application):
        application = give_statics(scope, application, head.brackets.items, head.brackets.span)
    return application if isinstance(application, Application) else None


def _claimed(scope: Scope, stmt: ast.Gate, head: Head, application: Application) -> Claimed:
    binding = scope.lookup(head.name)
    if isinstance(binding, InstanceBinding):
        return Claimed(binding.instance, binding.turns)
    return claim(scope, Site(head.name, head.span, stmt.label, stmt), application)


def _applicable(scope: Scope, head: Head, signature: Signature) -> bool:
    defined = signature.definition.name.span
    if signature.definition.kind != "circuit":
        what = f"`{signature.name}` is a {signature.definition.kind}"
        scope.report(errors.NotAGate(span=head.span, what=what))
    elif not _qubit_params(signature):
        scope.report(
            errors.CircuitNotApplicable(
                span=head.span,
                name=signature.name,
                why="takes no qubits: it has registers of its own",
                defined=defined,
                instead=f"call it for its result, `y = {signature.name}(…)`, or let it take `q: qubit[n]`",
            )
        )
    elif signature.result is not UNIT:
        why = "returns a value, and nothing takes it here"
        scope.report(
            errors.CircuitNotApplicable(span=head.span, name=signature.name, why=why, defined=defined)
        )
    else:
        return True
    return False


def _qubit_params(signature: Signature) -> list[Parameter]:
    return [param for param in signature.params if isinstance(param.type, QubitType)]


# --- what it is applied to ------------------------------------------------------------------------


def _given(
    scope: Scope, stmt: ast.Gate, head: Head, signature: Signature, modifiers: Modifiers
) -> _Given | None:
    """Operands and arguments with the parameters they are for; None where something is reported."""
    qubits = [operand(scope, expr, head.name) for expr in stmt.operands]
    values = [elaborate_expr(scope, argument.value) for argument in head.arguments]
    known = [one for one in qubits if one is not None]
    params = _qubit_params(signature)
    if len(known) < len(qubits) or modifiers.controls is None or _shares(scope, stmt, head, known):
        return None
    controls = _controls(known, modifiers.controls)
    if controls is None or len(known) - controls != len(params):
        _wrong_count(scope, stmt, head, signature, modifiers.controls, len(params))
        return None
    if not _right_number_of_values(scope, stmt, head, signature, len(params)):
        return None
    given = _Given(known)
    for param, place in zip(params, range(controls, len(known)), strict=True):
        span = stmt.operands[place].span
        given.args.append(typed.Expr(type=QubitType(known[place].count), span=span))
        given.names.append(ast.Ident(param.ident.name, span=span))
    given.args += values
    given.names += [argument.name for argument in head.arguments]
    return given


def _controls(qubits: list[Qubits], controls: int) -> int | None:
    """How many operands hold the controls; None where no number of them does."""
    for number, one in enumerate(qubits):
        if controls <= 0:
            return number if controls == 0 else None
        controls -= one.length if isinstance(one.length, int) else controls
    return len(qubits) if controls == 0 else None


def _shares(scope: Scope, stmt: ast.Gate, head: Head, qubits: list[Qubits]) -> bool:
    pair = shared_pair(qubits)
    if pair is None:
        return False
    there, here = (stmt.operands[place].span for place in pair)
    qubit = f"`{here.text}`" if here.text == there.text else f"a qubit of `{here.text}`"
    scope.report(errors.QubitUsedTwice(span=here, qubit=qubit, gate=head.name, first=there))
    return True


def _wrong_count(
    scope: Scope, stmt: ast.Gate, head: Head, signature: Signature, controls: int, params: int
) -> None:
    takes = count_of("register", params) if params != 1 else "1 operand"
    if controls:
        takes = f"{count_of('control', controls)} and {takes}"
    number = len(stmt.operands)
    span = stmt.operands[0].span.to(stmt.operands[-1].span)
    defined = signature.definition.name.span
    given = f"{number} {'is' if number == 1 else 'are'}"
    if params:
        scope.report(
            errors.WrongQubitCount(span=span, gate=head.name, takes=takes, given=given, defined=defined)
        )


def _right_number_of_values(
    scope: Scope, stmt: ast.Gate, head: Head, signature: Signature, qubit_params: int
) -> bool:
    wanted, found = len(signature.params) - qubit_params, len(head.arguments)
    if wanted == found:
        return True
    scope.report(
        WrongArgumentCount(
            span=stmt.callee.span,
            callee=signature.name,
            takes=count_text(wanted, "argument"),
            given=f"{found} {'is' if found == 1 else 'are'}",
            declared=signature.definition.name.span,
        )
    )
    return False


# --- the application ------------------------------------------------------------------------------


def _fit(
    scope: Scope,
    stmt: ast.Gate,
    signature: Signature,
    application: Application,
    claimed: Claimed,
    ordered: list[typed.Expr],
    qubits: list[Qubits],
    modifiers: Modifiers,
) -> None:
    statics, shared = take_shared(scope, dict(application.statics))
    given = [Given(arg.type, arg.span, isinstance(arg, typed.Literal)) for arg in ordered]
    match = fit(scope, signature, statics, given, stmt.span, None)
    if match is None:
        return
    if match.batch:
        _refuse_lifting(scope, signature, ordered, match.lifted)
        return
    if not scope.concrete or not all(is_concrete(one) for one in qubits):
        elaborate_entries(scope, stmt.entries)
        return
    function = function_for(scope, signature, statics, match, stmt.span, scope.frame.training)
    if function is None:
        scope.frame.failed = True
        return
    values = _values(scope, stmt, function, match)
    if values is None:
        return
    bounds = tuple(one.bound for one in values)
    fix_function(scope, claimed.instance, function, stmt.span, bounds)
    function = variant(scope.session, function, bounds)
    given_on = share(scope, function, shared, stmt.span)
    ordered = [*ordered, *(one.value for one in values)]
    _emit(scope, stmt, function, claimed, given_on, ordered, qubits, modifiers)


def _values(scope: Scope, stmt: ast.Gate, function: typed.Function, match: Match) -> tuple[Value, ...] | None:
    """What `with` gives; None after a diagnostic. A register has one value of each weight."""
    values = bound_values(scope, stmt.entries, function, match)
    many = next((one for one in values or () if one.batch), None)
    if many is not None:
        found, wanted = show_type(many.value.type), show_type(many.bound.type)
        scope.report(TypesDiffer(span=many.value.span, found=found, wanted=wanted))
    scope.frame.failed |= values is None
    return None if many is not None else values


def _refuse_lifting(
    scope: Scope, signature: Signature, ordered: list[typed.Expr], lifted: list[bool]
) -> None:
    """One register cannot hold the results of many samples."""
    place = lifted.index(True)
    param, arg = signature.params[place], ordered[place]
    found, wanted = show_type(arg.type), show_type(param.type)
    scope.report(errors.BadParameter(span=arg.span, gate=signature.name, found=found, wanted=wanted))


def _emit(
    scope: Scope,
    stmt: ast.Gate,
    function: typed.Function,
    claimed: Claimed,
    shared: tuple[typed.Shared, ...],
    ordered: list[typed.Expr],
    qubits: list[Qubits],
    modifiers: Modifiers,
) -> None:
    if depends_on_mode(scope.session, function) or ("mode_of", function.definition) in scope.session.memo:
        scope.frame.uses_training = True
    if not _may_repeat(scope, stmt, modifiers):
        return
    if not charge_gates(scope, stmt.span, gate_counter(scope).count(function).gates):
        return
    usage = circuit_state(scope.frame).usage
    if not function.unitary:
        usage.mixed = usage.mixed or stmt.span
        if stmt.modifiers:
            why = f"`{function.definition}` measures, resets or discards, so it takes no modifiers"
            scope.report(errors.BadModifier(span=stmt.modifiers[0].span, why=why))
            return
    own = _own_wires(scope, stmt, function)
    wires = tuple(wire for one in qubits for wire in one.wires())
    register = stmt.operands[0].span.text
    usage.gone |= {wires[wire]: Gone(how, register, stmt.span) for wire, how in function.gone}
    values = [arg for arg in ordered if not isinstance(arg.type, QubitType)]
    scope.emit(
        typed.ApplyCircuit(
            instance=claimed.instance.name,
            function=function,
            wires=(*wires, *own),
            args=tuple(promote(arg, p.type) for arg, p in zip(values, function.params, strict=True)),
            modifiers=modifiers.typed,
            turns=claimed.turns,
            shared=shared,
            span=stmt.span,
        )
    )


def _may_repeat(scope: Scope, stmt: ast.Gate, modifiers: Modifiers) -> bool:
    """Whether a power of a circuit, which is a loop over it, has no more turns than loops may have."""
    times = prod(abs(one.value) for one in modifiers.typed if one.kind == "pow")
    return times <= 1 or allow_turns(scope, stmt.modifiers[0].span, times)


def _own_wires(scope: Scope, stmt: ast.Gate, function: typed.Function) -> tuple[int, ...]:
    """Wires in |0> for the qubits that the circuit declares itself; they are gone behind it."""
    count = function.qubits - function.qubit_params
    state = circuit_state(scope.frame)
    if not count or not isinstance(state.width, int):
        return ()
    first = take_wires(scope, state.usage, count, state.width, stmt.span)
    widen(scope, first + count)
    allow_qubits(scope, stmt.span, first + count)
    wires = tuple(range(first, first + count))
    release(state.usage, wires)
    return wires


def gate_counter(scope: Scope) -> Counter:
    """One counter for a run of the checker."""
    found = scope.session.memo.setdefault("gate counter", Counter())
    assert isinstance(found, Counter)
    return found
