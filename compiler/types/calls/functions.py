"""Definitions into functions: the generic pass over a definition, and the instance at given sizes.

What came before: a signature and a match. What leaves: diagnostics (generic), or a `typed.Function` made
once per definition, statics, argument types and mode. Invariants: both come from one elaboration of the
body; a function of training is the same object as that of evaluation unless the text asks for the mode.
"""

from __future__ import annotations

from hqn.compiler.diagnostics import Note
from hqn.compiler.names.errors import BodyMissing
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import typed
from hqn.compiler.types.bodies import check_static
from hqn.compiler.types.bodies.elaborate import elaborate_block
from hqn.compiler.types.body_errors import NestedTooDeeply, ReturnMissing
from hqn.compiler.types.calls.equations import Match
from hqn.compiler.types.calls.expose import with_taps
from hqn.compiler.types.calls.freeze import declared, freeze_parts
from hqn.compiler.types.calls.signature import Signature, elaborate_type
from hqn.compiler.types.calls.statics import UNKNOWN_STATIC, StaticValue, show_static
from hqn.compiler.types.errors import BadSize, ConditionFails
from hqn.compiler.types.model import UNIT, QubitType, Type
from hqn.compiler.types.scope import Frame, Scope, Session, StaticBinding, ValueBinding
from hqn.compiler.types.shapes import show_type
from hqn.compiler.types.sizes import SizeError, of_atom
from hqn.compiler.types.walk import without_unused_draws

DEEPEST = 200


def check_definition(signature: Signature) -> bool:
    """The generic pass: the body with symbols for sizes. False where it has mistakes of its own."""
    definition, scope = signature.definition, signature.scope
    frame = scope.frame
    if definition.body is None:
        scope.report(BodyMissing(span=definition.name.span, name=signature.name))
        return False
    frame.result_type = None if signature.result is UNIT else signature.result
    for param in signature.params:
        _bind_param(scope, param.ident, param.type)
    for clause in definition.where:
        check_static.condition(scope, clause)
    if isinstance(definition.body, ast.Expr):
        from hqn.compiler.types.circuits.check_observable import check_definition_body

        check_definition_body(scope, signature.name, definition.body)
    else:
        _body(scope, definition)
    return not frame.failed


def function_for(
    caller: Scope,
    signature: Signature,
    statics: dict[str, StaticValue],
    match: Match,
    span: Span,
    training: bool,
) -> typed.Function | None:
    """The function at these sizes; None where it has mistakes, which are reported once."""
    session = caller.session
    if id(signature.named) in session.poisoned:
        return None
    try:
        params = tuple(match.apply(param.type) for param in signature.params)
    except SizeError as error:
        caller.report(BadSize(span=span, why=str(error)))
        return None
    key = (
        id(signature.named),
        tuple(sorted(statics.items(), key=lambda item: item[0])),
        params,
        _sizes_key(match),
    )
    if training:
        evaluation = function_for(caller, signature, statics, match, span, training=False)
        if evaluation is None or ("mode", key) not in session.memo:
            return evaluation
    found = session.functions.get((key, training), _MISSING)
    if found is _MISSING:
        found = session.functions[key, training] = None  # a second visit while it is built is a recursion
        frame = _frame(caller, signature, span, training)
        while frame is not None:
            found = _build(frame, signature, statics, match, params)
            if not frame.differs or frame.failed:
                break
            frame = _frame(caller, signature, span, training, frame.by_turn | frame.differs)
        session.functions[key, training] = found
        if frame and frame.uses_training:
            session.memo["mode", key] = True
    assert found is None or isinstance(found, typed.Function)
    return found


def depends_on_mode(session: Session, function: typed.Function) -> bool:
    """Whether evaluation and training differ for this function."""
    return ("differs", id(function)) in session.memo


_MISSING = object()


def _sizes_key(match: Match) -> tuple[object, ...]:
    return tuple(
        sorted((symbol.name, value) for symbol, value in match.values.items() if isinstance(value, int))
    )


def _frame(
    caller: Scope, signature: Signature, span: Span, training: bool, by_turn: frozenset[int] = frozenset()
) -> Frame | None:
    session = caller.session
    if len(session.frames) >= DEEPEST:
        depth = len(session.frames) + 1
        caller.report(NestedTooDeeply(span=span, callee=signature.name, depth=depth, limit=DEEPEST))
        return None
    return Frame(
        session=session,
        module=signature.named.module,
        name=signature.name,
        kind=signature.definition.kind,
        span=signature.definition.name.span,
        concrete=True,
        training=training,
        chain=(_note(signature, span), *caller.frame.chain),
        definition=signature.definition,
        named=signature.named,
        has_where=bool(signature.definition.where),
        by_turn=by_turn,
        rebuilt=True,
    )


def _note(signature: Signature, span: Span) -> Note:
    if span == signature.definition.name.span:
        return Note(f"in the {signature.definition.kind} `{signature.name}`", span)
    return Note(f"in `{signature.name}`, used here", span)


def _build(
    frame: Frame,
    signature: Signature,
    statics: dict[str, StaticValue],
    match: Match,
    params: tuple[Type, ...],
) -> typed.Function | None:
    scope = Scope(frame)
    _bind_statics(scope, signature, statics, match)
    definition = signature.definition
    if definition.result is not None:
        frame.result_type = elaborate_type(scope, definition.result)
    for param, type_ in zip(signature.params, params):
        _bind_param(scope, param.ident, type_)
    for clause in definition.where:
        _require(scope, clause)
    if frame.failed:
        return None
    frame.session.frames.append(frame)
    try:
        _body(scope, definition)
        if frame.kind == "circuit" and not frame.failed:
            from hqn.compiler.types.limits import allow_states

            allow_states(scope, frame.result)
    finally:
        frame.session.frames.pop()
    freeze_parts(scope)
    if frame.failed or frame.differs:
        return None
    return finish(frame, scope.statements, function_name(frame, signature, statics, match))


def _bind_statics(scope: Scope, signature: Signature, statics: dict[str, StaticValue], match: Match) -> None:
    for static in signature.definition.statics:
        name = static.name.name
        slot = static.type if isinstance(static.type, ast.ArrowTypeExpr) else None
        given = statics.get(name, UNKNOWN_STATIC)
        scope.names[name] = StaticBinding(span=static.name.span, value=given, signature=slot)
    for name, symbol in signature.sizes.items():
        value: StaticValue = match.values.get(symbol, UNKNOWN_STATIC)
        if name in signature.in_slots_only and symbol not in match.values:
            value = of_atom(symbol)
        origin = match.why(symbol) if symbol in match.fixed else None
        scope.names[name] = StaticBinding(span=signature.declared[name], value=value, origin=origin)
    for name, axes in match.rests.items():
        scope.names[f"..{name}"] = StaticBinding(span=scope.frame.span, value=axes)  # type: ignore[arg-type]


def _bind_param(scope: Scope, ident: ast.Ident, type_: Type) -> None:
    if isinstance(type_, QubitType):
        from hqn.compiler.types.circuits.qubits import bind_given

        bind_given(scope, ident, type_.size)  # type: ignore[arg-type]
        scope.frame.qubit_params = scope.frame.qubits
        return
    local = scope.frame.fresh_local(ident.name, type_, ident.span)
    scope.bind(ident, ValueBinding(span=ident.span, local=local))
    scope.frame.params.append(local)


def _require(scope: Scope, clause: ast.Expr) -> None:
    if check_static.condition(scope, clause) is False:
        names = sorted({node.name for node in ast.walk(clause) if isinstance(node, ast.Name)})
        values = [
            f"{name} = {show_static(binding.value)}"
            for name in names
            if isinstance(binding := scope.lookup(name), StaticBinding)
        ]
        shown = " for " + ", ".join(values) if values else ""
        scope.report(ConditionFails(span=clause.span, condition=clause.span.text, values=shown))


def _body(scope: Scope, definition: ast.Definition) -> None:
    assert isinstance(definition.body, ast.Block)
    elaborate_block(scope, definition.body)
    frame = scope.frame
    if frame.qubit_params:
        from hqn.compiler.types.circuits.check_circuit import close_given

        close_given(scope)
    if frame.result_type is not None and frame.returned is None and not frame.failed:
        wanted = show_type(frame.result_type)
        scope.report(ReturnMissing(span=definition.name.span, name=frame.name, wanted=wanted))


def finish(frame: Frame, statements: list[typed.Statement], name: str) -> typed.Function:
    """The function that a frame has become."""
    children = tuple(
        typed.ChildInstance(
            instance.name,
            declared(frame.session, instance),
            tuple(trips for trips in instance.loops if isinstance(trips, int)),
            instance.frozen,
            instance.shared,
            span=instance.span,
        )
        for instance in frame.instances.values()
        if instance.function is not None
    )
    kept = without_unused_draws(tuple(statements), frame.result)
    function = typed.Function(
        name=frame.session.unique_name(name),
        definition=frame.name,
        kind=frame.kind,  # type: ignore[arg-type]
        params=tuple(frame.params),
        slots=tuple(frame.slots.values()),
        children=children,
        statements=kept,
        result=frame.result,
        span=frame.span,
        doc=frame.definition.doc if frame.definition else None,
        training=frame.training,
        qubits=frame.qubits,
        qubit_params=frame.qubit_params,
        values=tuple(frame.values),
        gone=frame.gone,
    )
    if frame.taps:
        function = with_taps(frame.session, function, tuple(frame.taps))
    if frame.uses_training:
        frame.session.memo["differs", id(function)] = function  # keeps it alive, so that its id stays its own
    return function


def function_name(frame: Frame, signature: Signature, statics: dict[str, StaticValue], match: Match) -> str:
    """`dense_64_20`: the definition and its numbers in the order of their names."""
    numbers = {name: value for name, value in statics.items() if _is_int(value)}
    for name, symbol in signature.sizes.items():
        if _is_int(match.values.get(symbol)):
            numbers[name] = match.values[symbol]
    parts = [str(value).replace("-", "m") for _, value in sorted(numbers.items())]
    shapes = [str(dim) for axes in match.rests.values() for dim in axes if isinstance(dim, int)]
    mode = ["train"] if frame.training else []
    return "_".join([signature.name, *parts, *shapes, *mode])


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
