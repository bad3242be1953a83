"""The four loops as expressions: `map`, `parallel`, `scan`, `repeat`.

What came before: a loop in a body or a stage of a pipe. What leaves: `typed.Loop`, never expanded here.
Invariants: `parallel` and `repeat` give every turn its own slots, `map` and `scan` share them; a carry has
one type in all turns. Loops over the registers of a circuit are in `circuit_loops.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import sizes, typed
from hqn.compiler.types.bodies import check_static
from hqn.compiler.types.bodies.elaborate import elaborate_expr, elaborate_statement
from hqn.compiler.types.bodies.elementwise import elementwise
from hqn.compiler.types.bodies.literals import literal, promote
from hqn.compiler.types.body_errors import BadLoop, CarryChanges
from hqn.compiler.types.errors import TypesDiffer
from hqn.compiler.types.limits import allow_turns
from hqn.compiler.types.model import UNKNOWN, Dim, DType, Rest, TensorType, Type, UnknownType
from hqn.compiler.types.scope import CreatingLoop, Scope, TurnResult, ValueBinding
from hqn.compiler.types.shapes import has_rest, same_shape, show_type
from hqn.compiler.types.sizes import SizeError
from hqn.compiler.types.walk import walk


@dataclass(slots=True)
class Run:
    """What a loop runs over: numbers `first, first + step, …`, or slices of `value`."""

    trips: sizes.Dim
    first: sizes.Dim = 0
    step: sizes.Dim = 1
    value: typed.Expr | None = None


@dataclass(slots=True)
class Carried:
    """A carry: its name in the text, its start, and its local inside the turn."""

    ident: ast.Ident
    initial: typed.Expr
    local: typed.Local


def _unknown(span: Span) -> typed.Expr:
    return typed.Expr(type=UNKNOWN, span=span)


def check_loop(
    scope: Scope, expr: ast.Expr, expected: Type | None, piped: typed.Expr | None = None
) -> typed.Expr:
    """A loop; `piped` is the value in front of it, its domain or, for a plain `repeat`, its carry."""
    assert isinstance(expr, ast.Loop)
    take = None if expr.take is None else take_of(scope, expr, expr.take)
    through = piped if piped is not None and expr.variable is None else None
    run = _run(scope, expr, None if through is not None else piped)
    if run is None:
        _body_after_mistake(scope, expr)
        return _unknown(expr.span)
    from hqn.compiler.types.bodies.expand_loop import expand_loop, is_expanded

    if is_expanded(scope, expr, run):
        return expand_loop(scope, expr, run, take)
    index = scope.frame.fresh_local(_index_name(expr), TensorType(DType.I32, (), run.trips), expr.span)
    creates = expr.kind in ("parallel", "repeat")
    loop = CreatingLoop(run.trips, typed.Turn(index, 1, 0)) if creates else None
    carried = carries_of(scope, expr, through)
    turn = TurnResult({one.ident.name: one.local for one in carried})
    inner = scope.inner(loop, turn)
    elements = _bind_variable(inner, expr, run, index)
    for one in carried:
        inner.bind(one.ident, ValueBinding(span=one.ident.span, local=one.local))
    elaborate_turn(inner, expr, turn, through is not None)
    value = _finish(scope, expr, run, index, elements, carried, turn, inner)
    return value if take is None else _stopping(scope, value, take)


def _index_name(expr: ast.Loop) -> str:
    if expr.binder and expr.binder.variable and isinstance(expr.binder.domain, ast.Range):
        return expr.binder.variable.name
    return "turn"


# --- domain ---------------------------------------------------------------------------------------


def _run(scope: Scope, expr: ast.Loop, piped: typed.Expr | None) -> Run | None:
    if piped is not None:
        return over(scope, piped, expr.span)
    if expr.binder is None:
        why = f"`{expr.kind}` has nothing to run over"
        scope.report(BadLoop(span=expr.span, why=why, hint=f"write `{expr.kind} v in xs {{ … }}`"))
        return None
    domain = expr.binder.domain
    if isinstance(domain, ast.Range):
        return _range(scope, domain)
    if expr.binder.variable is None:
        return _counted(scope, check_static.size(scope, domain), domain.span)
    return over(scope, elaborate_expr(scope, domain), domain.span)


def _counted(scope: Scope, trips: sizes.Dim, span: Span) -> Run | None:
    if isinstance(trips, int) and trips < 1:
        scope.report(
            BadLoop(span=span, why=f"this loop would run {trips} times", hint="a loop runs at least once")
        )
        return None
    return Run(trips) if _allowed(scope, span, trips) else None


def _allowed(scope: Scope, span: Span, trips: sizes.Dim) -> bool:
    return not isinstance(trips, int) or allow_turns(scope, span, trips)


def _range(scope: Scope, domain: ast.Range) -> Run | None:
    if domain.start is None or domain.stop is None:
        scope.report(
            BadLoop(span=domain.span, why="a loop needs both ends of its range", hint="write `0..n`")
        )
        return None
    first, stop = check_static.size(scope, domain.start), check_static.size(scope, domain.stop)
    step = check_static.size(scope, domain.step) if domain.step else 1
    try:
        room = sizes.add(sizes.sub(stop, first), sizes.sub(step, 1))
        run = _counted(scope, sizes.floordiv(room, step), domain.span)
    except SizeError as error:
        scope.report(BadLoop(span=domain.span, why=str(error)))
        return None
    if run is not None:
        run.first, run.step = first, step
    return run


def over(scope: Scope, value: typed.Expr, span: Span) -> Run | None:
    """The slices of a value along its first axis; None where it has none, which is reported."""
    if isinstance(value.type, UnknownType):
        return None
    if not isinstance(value.type, TensorType) or not value.type.shape:
        why = f"this is {show_type(value.type)}, which has no axis to run over"
        scope.report(BadLoop(span=span, why=why, hint="run over a range `0..n` or the first axis of a value"))
        return None
    first = value.type.shape[0]
    trips = sizes.unknown() if isinstance(first, Rest) else first
    return Run(trips, value=value) if _allowed(scope, span, trips) else None


def _bind_variable(inner: Scope, expr: ast.Loop, run: Run, index: typed.Local) -> tuple[typed.Local, ...]:
    """Bind the loop's variable; the locals that hold slices of the domain."""
    ident = expr.variable or (expr.binder.variable if expr.binder else None)
    if ident is None:
        return ()
    if run.value is not None:
        found = run.value.type
        assert isinstance(found, TensorType)
        open_ = has_rest(found.shape)
        type_: Type = UNKNOWN if open_ else TensorType(found.dtype, found.shape[1:], found.bound, found.role)
        return (inner.bind_value(ident, type_),)
    last = sizes.add(run.first, sizes.mul(sizes.sub(run.trips, 1), run.step))
    local = index
    if run.first != 0 or run.step != 1:
        local = _scaled(inner, ident, run, index)
    inner.bind(ident, ValueBinding(span=ident.span, local=local, interval=(run.first, last)))
    return ()


def _scaled(inner: Scope, ident: ast.Ident, run: Run, index: typed.Local) -> typed.Local:
    span = ident.span
    value: typed.Expr = typed.Read(index, type=TensorType(DType.I32), span=span)
    if run.step != 1:
        value = elementwise(inner, "mul", (value, literal(run.step, span)), span)
    if run.first != 0:
        value = elementwise(inner, "add", (value, literal(run.first, span)), span)
    local = inner.frame.fresh_local(ident.name, TensorType(DType.I32), span)
    inner.emit(typed.Assign(local, value, span=span))
    return local


# --- a number of turns from run time -----------------------------------------------------------------


def take_of(scope: Scope, expr: ast.Loop, written: ast.Expr) -> typed.Expr:
    """`take n`: how many turns move the carry; later turns yield what the carry that stays gives."""
    value = elaborate_expr(scope, written)
    if expr.kind in ("map", "parallel"):
        why = f"the turns of `{expr.kind}` carry nothing that `take` could stop"
        scope.report(BadLoop(span=written.span, why=why, hint="`scan` and `repeat` carry values"))
    elif not isinstance(value.type, UnknownType) and value.type != TensorType(DType.I32, (), _bound(value)):
        wanted = "one whole number, an i32,"
        scope.report(TypesDiffer(span=written.span, found=show_type(value.type), wanted=wanted))
    return value


def _bound(value: typed.Expr) -> Dim | None:
    return value.type.bound if isinstance(value.type, TensorType) else None


def _stopping(scope: Scope, value: typed.Expr, take: typed.Expr) -> typed.Expr:
    """The loop with its `take`; a state has no sample that could stop it."""
    if not isinstance(value, typed.Loop):
        return value
    if any(isinstance(part, typed.SetState) or _sets_state(part) for part in walk(value.body)):
        why = "a turn sets a state, and `take` stops for each sample alone"
        scope.report(BadLoop(span=take.span, why=why))
    return replace(value, take=take)


def _sets_state(part: object) -> bool:
    return isinstance(part, typed.CallFunction) and part.function.sets_state


# --- carries and body -----------------------------------------------------------------------------


def carries_of(scope: Scope, expr: ast.Loop, through: typed.Expr | None) -> list[Carried]:
    """The carries of a loop with their starts; `through` is the piped value that a plain `repeat` carries."""
    carried: list[Carried] = []
    if through is not None:
        ident = ast.Ident("carry", span=through.span)
        carried.append(Carried(ident, through, scope.frame.fresh_local("carry", through.type, through.span)))
    for carry in expr.carry:
        value = elaborate_expr(scope, carry.value)
        local = scope.frame.fresh_local(carry.name.name, value.type, carry.name.span)
        carried.append(Carried(carry.name, value, local))
    if expr.carry and expr.kind in ("map", "parallel"):
        span, other = expr.carry[0].span, "scan" if expr.kind == "map" else "repeat"
        why = f"the turns of `{expr.kind}` know nothing of each other"
        scope.report(BadLoop(span=span, why=why, hint=f"`{other}` carries values from turn to turn"))
    return carried


def elaborate_turn(inner: Scope, expr: ast.Loop, turn: TurnResult, through: bool) -> None:
    """The statements; a last expression is what the turn gives, or the stage that the carry goes through."""
    statements = expr.body.statements
    last = statements[-1] if statements else None
    if not isinstance(last, ast.Evaluate) or isinstance(last.value, ast.If):
        for statement in statements:
            elaborate_statement(inner, statement)
        return
    for statement in statements[:-1]:
        elaborate_statement(inner, statement)
    if through:
        from hqn.compiler.types.calls.check_call import apply_stage

        local = turn.carries["carry"]
        read = typed.Read(local, type=local.type, span=last.span)
        turn.following["carry"] = apply_stage(inner, read, last.value, local.type)
    else:
        turn.yielded = elaborate_expr(inner, last.value)


def _body_after_mistake(scope: Scope, expr: ast.Loop) -> None:
    """What is wrong in the body is reported too; the variable and the carries are unknown."""
    turn = TurnResult({})
    inner = scope.inner(None, turn)
    idents = [carry.name for carry in expr.carry]
    variable = expr.variable or (expr.binder.variable if expr.binder else None)
    for ident in (*idents, *((variable,) if variable else ())):
        local = inner.bind_value(ident, UNKNOWN)
        turn.carries[ident.name] = local
    scope.frame.failed = True
    if not (expr.binder is None and expr.variable is None) and expr.kind != "repeat":
        for statement in expr.body.statements:
            elaborate_statement(inner, statement)


def _finish(
    scope: Scope,
    expr: ast.Loop,
    run: Run,
    index: typed.Local,
    elements: tuple[typed.Local, ...],
    carried: list[Carried],
    turn: TurnResult,
    inner: Scope,
) -> typed.Expr:
    following = tuple(following_of(scope, one, turn) for one in carried)
    yielded = turn.yielded
    if yielded is None and not carried:
        why = f"this `{expr.kind}` gives nothing"
        scope.report(BadLoop(span=expr.span, why=why, hint="end its body with `yield e`"))
        return _unknown(expr.span)
    type_ = stacked(yielded, run.trips) if yielded is not None else carried[0].local.type
    return typed.Loop(
        kind=expr.kind,
        trips=run.trips,  # type: ignore[arg-type]
        index=index,
        domains=() if run.value is None else (run.value,),
        elements=elements,
        carries=tuple(one.local for one in carried),
        initial=tuple(one.initial for one in carried),
        body=typed.Body(tuple(inner.statements), following, yielded),
        type=type_,
        span=expr.span,
    )


def stacked(yielded: typed.Expr, trips: Dim) -> Type:
    """The type of what all turns yield."""
    found = yielded.type
    if not isinstance(found, TensorType):
        return UNKNOWN
    if has_rest(found.shape):
        return UNKNOWN
    return TensorType(found.dtype, (trips, *found.shape), found.bound, found.role)


def following_of(scope: Scope, one: Carried, turn: TurnResult) -> typed.Expr:
    """The next value of a carry; one without `next` stays as it is."""
    value = turn.following.get(one.ident.name)
    wanted = one.local.type
    if value is None:
        return typed.Read(one.local, type=wanted, span=one.ident.span)
    value = promote(value, wanted)
    if isinstance(value.type, TensorType) and isinstance(wanted, TensorType):
        same = same_shape(value.type.shape, wanted.shape)
        if same is False or value.type.dtype != wanted.dtype:
            name = "value" if one.ident.name == "carry" else one.ident.name
            found, start = show_type(value.type), one.initial.span
            scope.report(
                CarryChanges(span=value.span, name=name, found=found, wanted=show_type(wanted), start=start)
            )
    return value
