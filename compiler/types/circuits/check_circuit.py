"""Statements of circuits: registers, gates, loops and choices.

What came before: the body of a circuit in a scope. What leaves: gate statements on numbered wires in
`scope.statements`, or diagnostics. Invariants: wires are numbered in the order of declaration, those of the
caller first; a qubit is never copied, since it has no value and operands are places.
"""

from __future__ import annotations

from hqn.compiler.names.builtins import EVOLUTIONS
from hqn.compiler.names.resolve import nearest
from hqn.compiler.syntax import ast
from hqn.compiler.types.bodies import check_static
from hqn.compiler.types.bodies.elaborate import elaborate_expr, elaborate_size
from hqn.compiler.types.body_errors import Misplaced
from hqn.compiler.types.calls.statics import Application, UnknownStatic
from hqn.compiler.types.circuits import errors
from hqn.compiler.types.circuits.check_gate import apply_gate
from hqn.compiler.types.circuits.check_measure import measure, operate, postselect
from hqn.compiler.types.circuits.check_query import elaborate_query
from hqn.compiler.types.circuits.conditions import choose, elaborate_branch, tells_of_bits
from hqn.compiler.types.circuits.gate_syntax import Head, Modifiers, read_head, read_modifiers
from hqn.compiler.types.circuits.gates import GATES, MULTI_CONTROLLED, OTHER_NAMES
from hqn.compiler.types.circuits.loops import moves_qubits, repeat_gates
from hqn.compiler.types.circuits.qubit_carry import carries_qubits
from hqn.compiler.types.circuits.qubits import QubitBinding, bind_fresh, circuit_state, operand
from hqn.compiler.types.circuits.real_powers import real_power, refuse_power
from hqn.compiler.types.circuits.usage import Usage, close, either, joined
from hqn.compiler.types.limits import MOST_WIRES, allow_qubits
from hqn.compiler.types.model import UnknownType
from hqn.compiler.types.scope import Binding, InstanceBinding, Scope, StaticBinding, ValueBinding
from hqn.compiler.types.sizes import Dim, add, unknown

__all__ = ["acts_on_qubits", "elaborate_query", "elaborate_statement"]


def elaborate_statement(scope: Scope, stmt: ast.Statement) -> None:
    """A statement that acts on qubits."""
    if scope.frame.kind != "circuit":
        why = "qubits and gates belong into a `circuit`"
        scope.report(Misplaced(span=stmt.span, why=why))
        return
    match stmt:
        case ast.Qubits():
            _declare(scope, stmt)
        case ast.Gate():
            _gate(scope, stmt)
        case ast.QubitOp():
            operate(scope, stmt)
        case ast.Postselect():
            postselect(scope, stmt)
        case ast.Evaluate(value=ast.Loop() as loop):
            repeat_gates(scope, loop)
        case ast.Evaluate(value=ast.If() as choice):
            _choose(scope, choice)
        case ast.Evaluate(value=ast.Call() as call):
            from hqn.compiler.types.circuits.evolution import evolve

            evolve(scope, call)


def binds_qubits_or_bits(scope: Scope, stmt: ast.Bind) -> bool:
    """Whether the statement binds no value: `b = measure q[0]`, a loop over gates."""
    value = stmt.value
    if isinstance(value, ast.Application):
        head = read_head(value.callee)
        if head is None or head.name != "measure" or head.arguments or len(stmt.targets) != 1:
            what = "only `measure` gives something that one name is for: `b = measure q[0]`"
            scope.report(errors.NotAGate(span=value.callee.span, what=what))
        else:
            measure(scope, value.operands, stmt.span, stmt.targets[0])
        return True
    if isinstance(value, ast.Loop) and (carries_qubits(scope, value) or moves_qubits(value)):
        repeat_gates(scope, value, stmt.targets)
        return True
    return False


def acts_on_qubits(scope: Scope, expr: ast.Expr) -> bool:
    """Whether an expression that stands alone acts on the qubits of a circuit: a loop, a choice, `evolve`."""
    if scope.frame.kind != "circuit":
        return False
    if isinstance(expr, ast.Call):
        name = expr.callee.value if isinstance(expr.callee, ast.Subscript) else expr.callee
        return isinstance(name, ast.Name) and _is_builtin(scope, name.name, "evolve")
    if isinstance(expr, ast.Loop):
        return expr.kind == "repeat" or carries_qubits(scope, expr) or moves_qubits(expr)
    return isinstance(expr, ast.If)


def _is_builtin(scope: Scope, name: str, wanted: str) -> bool:
    return name == wanted and scope.lookup(name) is None and scope.lookup_global(name) is None


# --- registers ------------------------------------------------------------------------------------


def _declare(scope: Scope, stmt: ast.Qubits) -> None:
    state = circuit_state(scope.frame)
    sizes = [None if size is None else _register_size(scope, size) for size in stmt.sizes]
    if state.sealed:
        why = "`state` read every qubit already; declare registers before it"
        scope.report(errors.QueryNeedsQubits(span=stmt.span, why=why))
    for name, size in zip(stmt.names, sizes, strict=True):
        wires = 1 if size is None else size
        total = add(state.width, wires)
        if isinstance(total, int) and total > MOST_WIRES and not allow_qubits(scope, stmt.span, total):
            size = unknown()  # reported; nothing that goes over all of its qubits is expanded
        state.declared = stmt.span
        bind_fresh(scope, name, size)


def _register_size(scope: Scope, written: ast.Expr) -> Dim:
    size = elaborate_size(scope, written)
    if isinstance(size, int) and size < 1:
        scope.report(errors.RegisterSize(span=written.span, size=str(size)))
        return 1
    return size


def close_given(scope: Scope) -> None:
    """The end of a circuit that takes qubits: its own are gone, and the caller learns which of his are."""
    usage, frame = circuit_state(scope.frame).usage, scope.frame
    frame.gone = tuple((w, found.how) for w, found in sorted(usage.gone.items()) if w < frame.qubit_params)
    for binding in scope.names.values():
        if isinstance(binding, QubitBinding) and binding.qubits.start not in range(frame.qubit_params):
            close(scope, usage, binding.qubits, "circuit")


# --- gates ----------------------------------------------------------------------------------------


def _gate(scope: Scope, stmt: ast.Gate) -> None:
    head = read_head(stmt.callee)
    if head is None:
        scope.report(errors.NotAGate(span=stmt.callee.span, what="this is not the name of a gate or circuit"))
        return
    found = _circuit_named(scope, head)
    if found is None and head.name == "measure" and not stmt.modifiers and not head.arguments:
        measure(scope, stmt.operands, stmt.span, None)
        return
    modifiers = read_modifiers(scope, stmt.modifiers)
    if isinstance(found, UnknownStatic):
        _elaborate_parts(scope, stmt, head)
    elif modifiers.exponent is not None and (found is not None or head.name not in GATES):
        _elaborate_parts(scope, stmt, head)
        refuse_power(scope, stmt, head.name)
    elif found is not None:
        from hqn.compiler.types.circuits.apply_circuit import apply_circuit

        apply_circuit(scope, stmt, head, modifiers)
    elif head.name in EVOLUTIONS:
        _matrix_gate(scope, stmt, head, modifiers)
    elif head.name == MULTI_CONTROLLED:
        from hqn.compiler.types.circuits.listed import multi_controlled_x

        multi_controlled_x(scope, stmt, head, modifiers)
    elif head.name in GATES and modifiers.exponent is not None:
        real_power(scope, stmt, head, GATES[head.name], modifiers)
    elif head.name in GATES:
        apply_gate(scope, stmt, head, GATES[head.name], modifiers)
    elif head.name in ("qubit", "qreg"):
        names = [expr.name for expr in stmt.operands if isinstance(expr, ast.Name)]
        circuit_state(scope.frame).undefined |= set(names)
        what = f"`{head.name}` declares nothing in a circuit"
        example = (
            f"qubits {', '.join(names)}{head.brackets.span.text[len(head.name) :] if head.brackets else ''}"
        )
        scope.report(errors.NotAGate(span=head.span, what=what, nearest=example))
    else:
        _elaborate_parts(scope, stmt, head)
        _not_a_gate(scope, head)


def _matrix_gate(scope: Scope, stmt: ast.Gate, head: Head, modifiers: Modifiers) -> None:
    from hqn.compiler.types.circuits.matrix_gates import matrix_gate

    if head.name != "evolve":
        matrix_gate(scope, stmt, head, modifiers)
        return
    _elaborate_parts(scope, stmt, head)
    why = "`evolve` acts on the qubits of its observable, and none follow it: `evolve(hermitian(m, q), t)`"
    scope.report(errors.NotAGate(span=head.span, what=why))


def _elaborate_parts(scope: Scope, stmt: ast.Gate, head: Head) -> None:
    """What is given to something unknown may have mistakes of its own."""
    for expr in stmt.operands:
        operand(scope, expr, head.name)
    for argument in head.arguments:
        elaborate_expr(scope, argument.value)


def _circuit_named(scope: Scope, head: Head) -> Application | UnknownStatic | None:
    """The circuit that a name stands for where qubits follow; None for a gate or anything else."""
    match scope.lookup(head.name):
        case InstanceBinding(instance=instance):
            return instance.application
        case StaticBinding(value=Application() | UnknownStatic() as value):
            return value
        case _:
            named = scope.lookup_global(head.name)
            is_circuit = named is not None and named.kind == "circuit"
            return Application(named) if named is not None and is_circuit else None


_ACTIONS = ("measure", "reset", "discard", "postselect", "barrier")


def _not_a_gate(scope: Scope, head: Head) -> None:
    name = head.name
    if name in _ACTIONS:
        what = f"`{name}` is no gate: it takes no modifiers and no parameters"
        scope.report(errors.NotAGate(span=head.span, what=what))
        return
    binding, named = scope.lookup(name), scope.lookup_global(name)
    if name in scope.frame.module.broken or _is_unknown(binding):
        scope.frame.failed = True
        return
    if named is not None:
        scope.report(errors.NotAGate(span=head.span, what=f"`{name}` is a {named.kind}"))
    elif binding is not None:
        scope.report(errors.NotAGate(span=head.span, what=f"`{name}` is a value"))
    else:
        circuits = [key for key, one in scope.frame.module.scope.items() if one.kind == "circuit"]
        lowered = name.lower()
        known = lowered if lowered in GATES else OTHER_NAMES.get(lowered)
        found = known or nearest(name, [*GATES, *EVOLUTIONS, MULTI_CONTROLLED, *circuits])
        scope.report(errors.NotAGate(span=head.span, what=f"there is no gate `{name}`", nearest=found))


def _is_unknown(binding: Binding | None) -> bool:
    return isinstance(binding, ValueBinding) and isinstance(binding.local.type, UnknownType)


# --- choices --------------------------------------------------------------------------------------


def _choose(scope: Scope, choice: ast.If) -> None:
    """A choice by measured bits; or a static `if`: in an instance one branch, in a definition both."""
    if tells_of_bits(scope, choice.condition):
        choose(scope, choice, _branch)
        return
    condition, usage = check_static.condition(scope, choice.condition), circuit_state(scope.frame).usage
    ends: list[Usage] = []
    if condition is not False:
        with either(usage, ends):
            _branch(scope.replay(), choice.then)
    if condition is not True:
        with either(usage, ends):
            if choice.otherwise is not None:
                _branch(scope.replay(), choice.otherwise)
    joined(usage, ends)


def _branch(scope: Scope, block: ast.Block | ast.If) -> None:
    if isinstance(block, ast.If):
        _choose(scope, block)
    else:
        elaborate_branch(scope, block)
