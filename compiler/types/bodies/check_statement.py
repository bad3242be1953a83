"""Statements of bodies: bindings, slots, instances, states, randomness and results.

What came before: a statement of a resolved body. What leaves: names in the scope and typed statements in
its block. Invariant: one statement gives at most the typed statements that it says, in the order of the text.
"""

from __future__ import annotations

from hqn.compiler.names.builtins import DISTRIBUTIONS
from hqn.compiler.syntax import ast
from hqn.compiler.types import typed
from hqn.compiler.types.bodies import check_static
from hqn.compiler.types.bodies.claims import declare_slot, let_instance, turns_of
from hqn.compiler.types.bodies.elaborate import StatementChecker, elaborate_block, elaborate_expr
from hqn.compiler.types.bodies.initial import elaborate_initial
from hqn.compiler.types.bodies.literals import promote
from hqn.compiler.types.body_errors import Misplaced, NotAValue, UnknownCarry, UnknownDistribution
from hqn.compiler.types.calls.signature import elaborate_type
from hqn.compiler.types.calls.statics import Application, UnknownStatic
from hqn.compiler.types.errors import ResultDiffers, TypesDiffer
from hqn.compiler.types.model import UNKNOWN, Dim, DType, TensorType, TupleType, Type, UnknownType
from hqn.compiler.types.scope import (
    FLOATS,
    AliasBinding,
    InstanceBinding,
    Scope,
    SlotBinding,
    ValueBinding,
)
from hqn.compiler.types.shapes import join, same_dim, same_shape, show_type
from hqn.compiler.types.unsupported import refuse


def table() -> dict[type[ast.Statement], StatementChecker]:
    """The checker of each kind of statement."""
    return {
        ast.Bind: _bind,
        ast.Let: _let,
        ast.Slot: _slot,
        ast.Next: _next,
        ast.Draw: _draw,
        ast.Contract: _contract,
        ast.Network: lambda scope, statement: refuse(scope, statement.span, "network"),
        ast.Return: _return,
        ast.Yield: _yield,
        ast.Evaluate: _evaluate,
        ast.Qubits: _circuit,
        ast.Gate: _circuit,
        ast.QubitOp: _circuit,
        ast.Postselect: _circuit,
    }


def _circuit(scope: Scope, statement: ast.Statement) -> None:
    from hqn.compiler.types.circuits import check_circuit

    check_circuit.elaborate_statement(scope, statement)


def _contract(scope: Scope, statement: ast.Statement) -> None:
    from hqn.compiler.types.contractions import check_contraction

    assert isinstance(statement, ast.Contract)
    check_contraction.elaborate_contract(scope, statement)


def _evaluate(scope: Scope, statement: ast.Statement) -> None:
    """A loop or a choice for what it does; a value alone has no use."""
    assert isinstance(statement, ast.Evaluate)
    value = statement.value
    if scope.frame.kind == "circuit":
        from hqn.compiler.types.circuits import check_circuit

        if check_circuit.acts_on_qubits(scope, value):
            check_circuit.elaborate_statement(scope, statement)
            return
    if isinstance(value, ast.If):
        _choose(scope, value)
        return
    found = elaborate_expr(scope, value)
    if not isinstance(found.type, UnknownType):
        why = "this value is not used"
        scope.report(Misplaced(span=statement.span, why=why, hint="bind it, `y = …`, or `return` it"))


def _choose(scope: Scope, choice: ast.If) -> None:
    """A static `if` of statements: in an instance one branch, in a definition both."""
    chosen = check_static.condition(scope, choice.condition)
    if chosen is not False:
        elaborate_block(scope.replay(), choice.then)
    if chosen is True or choice.otherwise is None:
        return
    if isinstance(choice.otherwise, ast.If):
        _choose(scope, choice.otherwise)
    else:
        elaborate_block(scope.replay(), choice.otherwise)


# --- values ---------------------------------------------------------------------------------------


def _bind(scope: Scope, statement: ast.Statement) -> None:
    assert isinstance(statement, ast.Bind)
    if scope.frame.kind == "circuit":
        from hqn.compiler.types.circuits.check_circuit import binds_qubits_or_bits
        from hqn.compiler.types.circuits.check_observable import elaborate_observable, is_observable

        if binds_qubits_or_bits(scope, statement):
            return
        if len(statement.targets) == 1 and is_observable(scope, statement.value):
            value = elaborate_observable(scope, statement.value)
            scope.bind(statement.targets[0], AliasBinding(span=statement.targets[0].span, value=value))
            return
    value = elaborate_expr(scope, statement.value)
    if len(statement.targets) > 1:
        _bind_parts(scope, statement, value)
        return
    (target,) = statement.targets
    if isinstance(value, typed.Literal) and scope.frame.kind != "expression":
        scope.bind(target, AliasBinding(span=target.span, value=value))
        return
    local = scope.bind_value(target, value.type)
    scope.emit(typed.Assign(local, value, span=statement.span))


def _bind_parts(scope: Scope, statement: ast.Bind, value: typed.Expr) -> None:
    """`(a, b) = e`."""
    found = value.type
    items = found.items if isinstance(found, TupleType) else ()
    if len(items) != len(statement.targets):
        if not isinstance(found, UnknownType):
            wanted = f"a tuple of {len(statement.targets)}"
            scope.report(TypesDiffer(span=statement.value.span, found=show_type(found), wanted=wanted))
        items = (UNKNOWN,) * len(statement.targets)
    for position, (target, type_) in enumerate(zip(statement.targets, items)):
        local = scope.bind_value(target, type_)
        part: typed.Expr = typed.Item(value, position, type=type_, span=target.span)
        if isinstance(value, typed.MakeTuple) and position < len(value.items):
            part = value.items[position]
        scope.emit(typed.Assign(local, part, span=statement.span))


def _let(scope: Scope, statement: ast.Statement) -> None:
    """`let f = L[…]`: an instance without a call."""
    assert isinstance(statement, ast.Let)
    if statement.origin is not None:
        refuse(scope, statement.origin.span, "let from")
    if isinstance(statement.value, ast.Under):
        refuse(scope, statement.value.span, "let from")
        value: object = UnknownStatic()
    else:
        value = check_static.static_value(scope, statement.value)
    if isinstance(value, Application):
        instance = let_instance(scope, statement, value)
        binding = InstanceBinding(
            span=statement.name.span, instance=instance, turns=turns_of(scope, statement)
        )
        scope.bind(statement.name, binding)
        return
    if not isinstance(value, UnknownStatic):
        found, hint = "this is no layer", "`let` names an instance: `let f = dense[4]`; values need no `let`"
        scope.report(NotAValue(span=statement.value.span, found=found, hint=hint))
    scope.bind_value(statement.name, UNKNOWN)


def _slot(scope: Scope, statement: ast.Statement) -> None:
    """`weight W, V: f32[n] = init`."""
    assert isinstance(statement, ast.Slot)
    type_ = elaborate_type(scope, statement.type)
    for ident in statement.names:
        if not isinstance(type_, TensorType):
            scope.bind_value(ident, UNKNOWN)
            continue
        initial = elaborate_initial(scope, statement.initial, type_.shape)
        declaration = typed.SlotDeclaration(
            ident.name,
            statement.kind,
            type_,
            scope.trips,  # type: ignore[arg-type]
            initial,
            span=ident.span,
        )
        declare_slot(scope, ident, declaration)


# --- loops and states -----------------------------------------------------------------------------


def _next(scope: Scope, statement: ast.Statement) -> None:
    """The following value of a carry, or of a state: that only in training."""
    assert isinstance(statement, ast.Next)
    name, turn = statement.name.name, scope.turn
    if scope.frame.kind == "circuit":
        from hqn.compiler.types.circuits.qubit_carry import follow

        if follow(scope, statement):
            return
    if turn is not None and name in turn.carries:
        if name in turn.following:
            why = f"`next {name}` stands twice in one turn"
            scope.report(Misplaced(span=statement.span, why=why))
        turn.following[name] = elaborate_expr(scope, statement.value, turn.carries[name].type)
        return
    binding = scope.lookup(name)
    value = elaborate_expr(scope, statement.value)
    if not isinstance(binding, SlotBinding) or binding.slot.kind != "state":
        if not (isinstance(binding, ValueBinding) and isinstance(binding.local.type, UnknownType)):
            scope.report(UnknownCarry(span=statement.name.span, name=name))
        return
    value = promote(value, binding.slot.type)
    _check_value(scope, value, binding.slot.type, statement.value)
    if scope.reads_training() and scope.concrete:
        scope.emit(typed.SetState(name, binding.turns, value, span=statement.span))


def _check_value(scope: Scope, value: typed.Expr, wanted: TensorType, expr: ast.Expr) -> None:
    found = value.type
    if isinstance(found, UnknownType):
        return
    good = isinstance(found, TensorType) and found.dtype == wanted.dtype
    if good and same_shape(found.shape, wanted.shape) is not False:  # type: ignore[attr-defined]
        return
    scope.report(TypesDiffer(span=expr.span, found=show_type(found), wanted=show_type(wanted)))


def _yield(scope: Scope, statement: ast.Statement) -> None:
    assert isinstance(statement, ast.Yield)
    value = elaborate_expr(scope, statement.value)
    if scope.turn is None:
        scope.report(
            Misplaced(span=statement.span, why="`yield` belongs into a loop", hint="here, write `return`")
        )
    elif scope.turn.yielded is not None:
        scope.report(Misplaced(span=statement.span, why="a turn yields once"))
    else:
        scope.turn.yielded = value


def _draw(scope: Scope, statement: ast.Statement) -> None:
    """`draw k: bool = bernoulli(p) per sample`."""
    assert isinstance(statement, ast.Draw)
    type_ = elaborate_type(scope, statement.type)
    local = scope.bind_value(statement.name, type_)
    drawn = statement.distribution
    head = drawn.callee if isinstance(drawn, ast.Call) else drawn
    name = head.name if isinstance(head, ast.Name) else ""
    arguments = drawn.arguments if isinstance(drawn, ast.Call) else ()
    if name not in DISTRIBUTIONS:
        shown = drawn.span.text
        scope.report(UnknownDistribution(span=drawn.span, why=f"`{shown}` is nothing to draw from"))
        return
    least, most = DISTRIBUTIONS[name]
    if not least <= len(arguments) <= most:
        takes = f"{least} to {most} numbers" if least != most else f"{least} number{'s' * (least != 1)}"
        why = f"`{name}` takes {takes}"
        scope.report(UnknownDistribution(span=drawn.span, why=why))
        return
    per = statement.per.name if statement.per else "sample"
    if per not in ("sample", "step", "run"):
        scope.report(UnknownDistribution(span=drawn.span, why=f"there is no `per {per}`"))
        return
    number = TensorType(DType.F32)
    args = tuple(promote(elaborate_expr(scope, argument.value), number) for argument in arguments)
    if isinstance(type_, TensorType) and type_.bound is not None:
        _draw_index(scope, local, drawn, type_.bound, per)
    elif isinstance(type_, TensorType) and _draws_into(scope, name, type_, args, statement):
        scope.emit(typed.DrawRandom(local, name, args, per, span=statement.span))  # type: ignore[arg-type]


def _draw_index(scope: Scope, local: typed.Local, drawn: ast.Expr, bound: Dim | None, per: str) -> None:
    """`draw i: idx[n] = uniform`: every index is as likely."""
    if not isinstance(drawn, ast.Name) or drawn.name != "uniform":
        why = f"`{drawn.span.text}` draws no indices; `uniform` without numbers does"
        scope.report(UnknownDistribution(span=drawn.span, why=why))
    elif isinstance(bound, int):
        below = typed.Literal(bound, type=TensorType(DType.I32), span=drawn.span)
        scope.emit(typed.DrawRandom(local, "index", (below,), per, span=drawn.span))  # type: ignore[arg-type]


def _draws_into(
    scope: Scope, name: str, type_: TensorType, args: tuple[typed.Expr, ...], statement: ast.Draw
) -> bool:
    good = type_.dtype == DType.BOOL if name == "bernoulli" else type_.dtype in FLOATS
    if not good:
        wanted = "bool" if name == "bernoulli" else "a float type"
        scope.report(TypesDiffer(span=statement.type.span, found=show_type(type_), wanted=wanted))
    for arg in args:
        if isinstance(arg.type, UnknownType):
            return False
        if not isinstance(arg.type, TensorType) or join(type_.shape, arg.type.shape) != type_.shape:
            scope.report(TypesDiffer(span=arg.span, found=show_type(arg.type), wanted="a number"))
            return False
    return good


# --- results --------------------------------------------------------------------------------------


def _return(scope: Scope, statement: ast.Statement) -> None:
    assert isinstance(statement, ast.Return)
    frame = scope.frame
    value = elaborate_expr(scope, statement.value, frame.result_type)
    if scope.turn is not None or scope.loops:
        why = "`return` ends the body, and this is inside of a loop"
        scope.report(Misplaced(span=statement.span, why=why, hint="a turn gives its value with `yield`"))
        if scope.turn is not None:
            scope.turn.yielded = typed.Expr(type=UNKNOWN, span=statement.span)
        return
    if frame.returned is not None and frame.concrete:
        scope.report(Misplaced(span=statement.span, why="this body has returned already"))
        return
    frame.returned = statement.span
    if frame.result_type is None:
        if frame.definition is not None and not isinstance(value.type, UnknownType):
            why = f"`{frame.name}` declares no result"
            hint = f"add `-> {show_type(value.type)}` in front of its body"
            scope.report(Misplaced(span=statement.span, why=why, hint=hint))
        return
    frame.result = check_result(scope, value, frame.result_type, statement.value)


def check_result(scope: Scope, value: typed.Expr, wanted: Type, expr: ast.Expr) -> typed.Expr:
    """The returned value against the declared result."""
    value = promote(value, wanted)
    found = value.type
    if isinstance(found, UnknownType) or isinstance(wanted, UnknownType):
        return value
    if isinstance(found, TensorType) and isinstance(wanted, TensorType) and _is_result(scope, found, wanted):
        return value
    definition = scope.frame.definition
    declared = definition.result.span if definition and definition.result else None
    scope.report(
        ResultDiffers(
            span=expr.span,
            name=scope.frame.name,
            found=show_type(found),
            wanted=show_type(wanted),
            declared=declared,
        )
    )
    return value


def _is_result(scope: Scope, found: TensorType, wanted: TensorType) -> bool:
    if found.dtype != wanted.dtype:
        return False
    if wanted.bound is not None and (found.bound is None or same_dim(found.bound, wanted.bound) is False):
        return False
    same = same_shape(found.shape, wanted.shape)
    if same is False and scope.frame.has_where and not scope.concrete:
        return len(found.shape) == len(wanted.shape)
    return same is not False
