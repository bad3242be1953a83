"""Applying a definition to arguments: the sizes, the instance, the function, the call.

What came before: a callee that is looked up, and typed arguments. What leaves: the call. Invariant: in a
definition nothing is instantiated, so checking a file costs one pass over it.
"""

from __future__ import annotations

from dataclasses import dataclass

from hqn.compiler.diagnostics import Note
from hqn.compiler.names.resolve import nearest
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import typed
from hqn.compiler.types.bodies.brackets import count_text, fill_defaults
from hqn.compiler.types.bodies.claims import (
    Site,
    claim_instance,
    fix_function,
    has_state,
    shared_instance,
    turns_of,
)
from hqn.compiler.types.bodies.literals import promote
from hqn.compiler.types.body_errors import StateIsLifted
from hqn.compiler.types.calls.bind_slots import variant
from hqn.compiler.types.calls.check_with import Value, bound_values, elaborate_entries
from hqn.compiler.types.calls.equations import Given, Match, open_symbols, solve_result
from hqn.compiler.types.calls.functions import depends_on_mode, function_for
from hqn.compiler.types.calls.match import Report, check_equations, match_arguments
from hqn.compiler.types.calls.share import Given as Shared
from hqn.compiler.types.calls.share import share, take_shared
from hqn.compiler.types.calls.signature import Signature, elaborate_type, signature_of
from hqn.compiler.types.calls.statics import UNKNOWN_STATIC, Application, StaticValue, UnknownStatic
from hqn.compiler.types.circuits.errors import QubitsNotGiven
from hqn.compiler.types.errors import BadArgument, BadSize, MissingStatic, SizeNotInferred, WrongArgumentCount
from hqn.compiler.types.model import UNIT, UNKNOWN, QubitType, TensorType, Type
from hqn.compiler.types.scope import Called, Instance, Scope
from hqn.compiler.types.shapes import show_shape, show_type
from hqn.compiler.types.sizes import Size, SizeError, Symbol, symbols, unknown


@dataclass(frozen=True, slots=True)
class Claimed:
    """The instance that is called, as seen in these turns."""

    instance: Instance
    turns: tuple[typed.Turn, ...]


def no_value(span: Span) -> typed.Expr:
    """The value after a diagnostic."""
    return typed.Expr(type=UNKNOWN, span=span)


def apply_application(
    scope: Scope,
    site: Site,
    application: Application,
    args: list[typed.Expr],
    names: list[ast.Ident | None],
    span: Span,
    expected: Type | None,
    claimed: Claimed | None = None,
    through_slot: bool = False,
) -> typed.Expr:
    """A call of a definition with some statics given; `claimed` is the `let` instance that is called."""
    signature = signature_of(scope.session, application.definition)
    if claimed is None:
        claimed = claim(scope, site, application)
    if any(isinstance(param.type, QubitType) for param in signature.params):
        scope.report(QubitsNotGiven(span=span, name=signature.name))
        return no_value(span)
    ordered = order_arguments(scope, signature, args, names, span)
    if ordered is None:
        return no_value(span)
    statics, shared = take_shared(scope, dict(application.statics))
    given = [as_given(arg) for arg in ordered]
    match = fit(scope, signature, statics, given, span, expected, through_slot=through_slot)
    if match is None:
        return no_value(span)
    if scope.concrete:
        target = Target(signature, statics, claimed, shared)
        return _call(scope, site, target, match, ordered, span)
    elaborate_entries(scope, site.entries)
    return no_value(span) if site.entries else _generic_result(scope, signature, match, span)


def claim(scope: Scope, site: Site, application: Application) -> Claimed:
    """The instance of a call: its own, or the one of the caller that a layer-valued static stands for."""
    if application.shared:
        return Claimed(shared_instance(scope, application), ())
    return Claimed(claim_instance(scope, site, application), turns_of(scope, site.node))


def as_given(arg: typed.Expr) -> Given:
    return Given(arg.type, arg.span, isinstance(arg, typed.Literal))


def order_arguments(
    scope: Scope, signature: Signature, args: list[typed.Expr], names: list[ast.Ident | None], span: Span
) -> list[typed.Expr] | None:
    """Arguments in the order of the parameters; None where they are too many, too few or misnamed."""
    wanted = [param.ident.name for param in signature.params]
    placed: dict[str, typed.Expr] = {}
    free = iter(wanted)
    for arg, name in zip(args, names):
        key = name.name if name else next((one for one in free if one not in placed), None)
        if name and (key not in wanted or key in placed):
            why = (
                f"`{key}` is given twice" if key in placed else f"`{signature.name}` has no parameter `{key}`"
            )
            hint = nearest(name.name, [one for one in wanted if one not in placed])
            declared = signature.definition.name.span
            scope.report(BadArgument(span=name.span, why=why, declared=declared, nearest=hint))
            return None
        if key is None:
            break
        placed[key] = arg
    if len(placed) != len(wanted) or len(args) != len(wanted):
        given = f"{len(args)} {'is' if len(args) == 1 else 'are'}"
        takes = count_text(len(wanted), "argument")
        declared = signature.definition.name.span
        scope.report(
            WrongArgumentCount(span=span, callee=signature.name, takes=takes, given=given, declared=declared)
        )
        return None
    return [placed[name] for name in wanted]


def fit(
    scope: Scope,
    signature: Signature,
    statics: dict[str, StaticValue],
    given: list[Given],
    span: Span,
    expected: Type | None,
    quiet: bool = False,
    through_slot: bool = False,
) -> Match | None:
    """Everything about a call that its types decide. Fills `statics` with defaults and what was inferred."""
    report: Report = (lambda _: None) if quiet else scope.report
    fill_defaults(scope, signature, statics)
    match = match_arguments(signature, statics, given, report)
    if match is None:
        return None
    if open_symbols(match, signature):
        _solve_by_slots(scope, signature, statics, match, span)
    if expected is not None and open_symbols(match, signature):
        solve_result(match, signature, expected, span, may_give_statics=through_slot)
    if not check_equations(match, signature, given, report, strict=not scope.frame.has_where):
        return None
    for name, symbol in signature.statics.items():
        if name not in statics and symbol in match.values:
            statics[name] = match.values[symbol]
    return match if _complete(scope, signature, statics, match, span, report) else None


def _complete(
    scope: Scope,
    signature: Signature,
    statics: dict[str, StaticValue],
    match: Match,
    span: Span,
    report: Report,
) -> bool:
    """Whether every static and size has a value; what an unknown argument left open stays silent."""
    good = True
    for static in signature.definition.statics:
        name = static.name.name
        if name in statics:
            continue
        statics[name] = UNKNOWN_STATIC
        if not match.unknown:
            good = False
            example = f"{signature.name}[{name} = …]"
            report(
                MissingStatic(
                    span=span, callee=signature.name, name=name, declared=static.name.span, example=example
                )
            )
    for name, symbol in signature.sizes.items():
        if symbol in match.values or name in signature.in_slots_only:
            continue
        match.values[symbol] = unknown()
        if not match.unknown and not _may_come_from_slot(scope, signature, statics):
            good = False
            declared = signature.declared[name]
            report(SizeNotInferred(span=span, callee=signature.name, name=name, declared=declared))
    return good


def _may_come_from_slot(scope: Scope, signature: Signature, statics: dict[str, StaticValue]) -> bool:
    """In a definition a layer that is not known yet may determine a size of the result."""
    if scope.concrete:
        return False
    slots = [static for static in signature.definition.statics if isinstance(static.type, ast.ArrowTypeExpr)]
    return any(isinstance(statics.get(static.name.name), UnknownStatic) for static in slots)


def _solve_by_slots(
    scope: Scope, signature: Signature, statics: dict[str, StaticValue], match: Match, span: Span
) -> None:
    """Sizes that only a layer-valued static determines: apply it to what its slot is given."""
    for static in signature.definition.statics:
        value = statics.get(static.name.name)
        if not isinstance(static.type, ast.ArrowTypeExpr) or not isinstance(value, Application):
            continue
        inner = signature_of(scope.session, value.definition)
        try:
            params = [match.apply(elaborate_type(signature.scope, one)) for one in static.type.params]
            given_statics = dict(value.statics)
            given = [Given(one, span) for one in params]
            found = fit(scope, inner, given_statics, given, span, None, quiet=True)
            if found is None:
                continue
            result = found.lift(found.apply(inner.result))
        except SizeError:
            continue
        wanted = elaborate_type(signature.scope, static.type.result)
        holder = Signature(signature.named, signature.definition, signature.scope)
        holder.sizes = {n: one for n, one in signature.sizes.items() if n not in signature.in_slots_only}
        holder.result = wanted
        solve_result(match, holder, result, value.span or span)


def _generic_result(scope: Scope, signature: Signature, match: Match, span: Span) -> typed.Expr:
    result = result_type(scope, signature, match, span)
    return no_value(span) if result is None else typed.Expr(type=match.lift(result), span=span)


def result_type(scope: Scope, signature: Signature, match: Match, span: Span) -> Type | None:
    """The result inside the callee; None where its sizes do not exist, which is reported."""
    try:
        result = match.apply(signature.result)
    except SizeError as error:
        scope.report(BadSize(span=span, why=str(error), because=_result_notes(signature, match)))
        return None
    shape = result.shape if isinstance(result, TensorType) else ()
    if any(isinstance(dim, int) and dim < 1 for dim in shape):
        why = f"this would be {show_type(result)}, and an axis has at least one element"
        scope.report(BadSize(span=span, why=why, because=_result_notes(signature, match)))
        return None
    return result


def _result_notes(signature: Signature, match: Match) -> tuple[Note, ...]:
    """The result as declared, and where its sizes come from."""
    declared = signature.definition.result
    used: set[Symbol] = set()
    if isinstance(signature.result, TensorType):
        for dim in signature.result.shape:
            used |= symbols(dim) if isinstance(dim, Size) else set()
    fixed = [match.why(symbol) for symbol in sorted(used, key=str) if symbol in match.fixed]
    first = Note(
        f"`{signature.name}` returns {show_type(signature.result)}", declared.span if declared else None
    )
    return (first, *fixed)


@dataclass(frozen=True, slots=True)
class Target:
    """What is called: the definition with all of its statics, and the instances that it is given."""

    signature: Signature
    statics: dict[str, StaticValue]
    claimed: Claimed
    shared: tuple[Shared, ...]


def _call(
    scope: Scope, site: Site, target: Target, match: Match, args: list[typed.Expr], span: Span
) -> typed.Expr:
    """The call in an instance, where all sizes are numbers."""
    signature = target.signature
    if result_type(scope, signature, match, span) is None:
        return no_value(span)
    function = function_for(scope, signature, target.statics, match, span, scope.frame.training)
    values = None if function is None else bound_values(scope, site.entries, function, match)
    if function is None or values is None:
        scope.frame.failed = True
        return no_value(span)
    if depends_on_mode(scope.session, function):
        scope.frame.uses_training = True
    if match.batch and has_state(scope.session, function):
        declared = signature.definition.name.span
        batch = show_shape(match.batch)
        scope.report(StateIsLifted(span=span, callee=signature.name, batch=batch, declared=declared))
        return no_value(span)
    bounds = tuple(one.bound for one in values)
    fix_function(scope, target.claimed.instance, function, span, bounds)
    return _typed_call(scope, target, match, variant(scope.session, function, bounds), args, values, span)


def _typed_call(
    scope: Scope,
    target: Target,
    match: Match,
    function: typed.Function,
    args: list[typed.Expr],
    values: tuple[Value, ...],
    span: Span,
) -> typed.Expr:
    result = function.result.type if function.result is not None else UNIT
    given = [*args, *(one.value for one in values)]
    call = typed.CallFunction(
        instance=target.claimed.instance.name,
        function=function,
        args=tuple(promote(arg, local.type) for arg, local in zip(given, function.params)),
        batch=tuple(dim for dim in match.batch if isinstance(dim, int)),
        lifted=(*match.lifted, *(bool(one.batch) for one in values)),
        turns=target.claimed.turns,
        shared=share(scope, function, target.shared, span),
        type=match.lift(result),
        span=span,
    )
    scope.frame.calls.append(Called(target.claimed.instance, call, scope.statements))
    return call
