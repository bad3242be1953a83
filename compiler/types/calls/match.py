"""Arguments against parameters: inference of sizes, the lifting rule, and the result's type.

What came before: a signature, the statics given, and typed arguments. What leaves: a `Match`, or a
diagnostic at the argument. Invariants: what sizes say is settled in `equations.py` alone; surplus leading
axes of all arguments are equal or absent; nothing is stretched.
"""

from __future__ import annotations

from collections.abc import Callable

from hqn.compiler.diagnostics import Diagnostic, Note
from hqn.compiler.types import errors, sizes
from hqn.compiler.types.calls.equations import Equation, Given, Match, holds, open_symbols, solve
from hqn.compiler.types.calls.signature import Parameter, Signature, used_in_sizes
from hqn.compiler.types.calls.statics import StaticValue, UnknownStatic, is_size, show_static
from hqn.compiler.types.model import Dim, QubitType, Rest, TensorType, Type, UnknownType
from hqn.compiler.types.scope import FLOATS
from hqn.compiler.types.shapes import has_rest, same_shape, show_shape, show_type
from hqn.compiler.types.sizes import SizeError, Symbol

Report = Callable[[Diagnostic], None]


def match_arguments(
    signature: Signature, statics: dict[str, StaticValue], given: list[Given], report: Report
) -> Match | None:
    """Fit arguments to parameters; None where they do not, which is reported."""
    match = Match(signature.name)
    if not _static_values(match, signature, statics, report):
        return None
    good = True
    for position, (param, argument) in enumerate(zip(signature.params, given)):
        good &= _argument(match, signature, position, param, argument, report)
    if not good:
        return None
    solve(match, signature, given)
    return match


def check_equations(
    match: Match, signature: Signature, given: list[Given], report: Report, strict: bool
) -> bool:
    """Whether all equations hold with what is known; the first that does not is reported per argument."""
    reported: set[int] = set()
    still_open = open_symbols(match, signature)
    for equation in match.equations:
        if equation.position in reported or _is_open(equation, still_open):
            continue
        if holds(match, equation, strict):
            continue
        reported.add(equation.position)
        _differs(match, signature, equation, given[equation.position], report)
    return not reported


def _is_open(equation: Equation, still_open: set[Symbol]) -> bool:
    """Whether a size in it has no value: that is reported by its name instead."""
    if isinstance(equation.pattern, Rest) or not still_open:
        return False
    return bool(sizes.symbols(equation.pattern) & still_open)


def _static_values(
    match: Match, signature: Signature, statics: dict[str, StaticValue], report: Report
) -> bool:
    needed = used_in_sizes(signature)
    for name, symbol in signature.statics.items():
        if name not in statics:
            continue
        value = statics[name]
        if is_size(value):
            match.values[symbol] = value  # type: ignore[assignment]
            match.fixed[symbol] = (value, None)  # type: ignore[assignment]
        elif isinstance(value, UnknownStatic):
            match.values[symbol] = sizes.unknown()
            match.unknown = True
        elif symbol in needed:
            found = f"`{show_static(value)}`"
            declared = signature.declared[name]
            report(errors.WrongStatic(span=declared, found=found, wanted="a whole number"))
            return False
    return True


def _argument(
    match: Match, signature: Signature, position: int, param: Parameter, given: Given, report: Report
) -> bool:
    wanted, found = param.type, given.type
    match.lifted.append(False)
    if isinstance(found, UnknownType) or isinstance(wanted, UnknownType):
        match.unknown = True
        return True
    if isinstance(wanted, QubitType) and isinstance(found, QubitType):
        pattern = 1 if wanted.size is None else wanted.size
        value = 1 if found.size is None else found.size
        match.equations.append(Equation(pattern, value, position))
        return True
    if not isinstance(wanted, TensorType) or not isinstance(found, TensorType) or not _fits(wanted, given):
        note = Note(f"`{param.ident.name}` of `{signature.name}` is declared here", param.ident.span)
        report(
            errors.TypesDiffer(
                span=given.span, found=show_type(found), wanted=show_type(wanted), because=(note,)
            )
        )
        return False
    if wanted.bound is not None and found.bound is not None:
        match.equations.append(Equation(wanted.bound, found.bound, position, is_bound=True))
    return _shape(match, signature, position, param, given, report)


def _fits(wanted: TensorType, given: Given) -> bool:
    found = given.type
    assert isinstance(found, TensorType)
    if wanted.bound is not None and found.bound is None:
        return given.literal and found.dtype == wanted.dtype
    if wanted.dtype == found.dtype:
        return True
    return given.literal and wanted.dtype in FLOATS and found.bound is None


def _shape(
    match: Match, signature: Signature, position: int, param: Parameter, given: Given, report: Report
) -> bool:
    wanted, found = param.type, given.type
    assert isinstance(wanted, TensorType) and isinstance(found, TensorType)
    own = len(wanted.shape) - (1 if has_rest(wanted.shape) else 0)
    explicit = len(found.shape) - (1 if has_rest(found.shape) else 0)
    if explicit < own:
        if has_rest(found.shape):
            match.unknown = True
            return True
        declared = param.ident.span
        report(
            errors.TooFewAxes(
                span=given.span,
                callee=signature.name,
                param=param.ident.name,
                found=show_type(found),
                wanted=show_type(wanted),
                declared=declared,
            )
        )
        return False
    surplus, rest = found.shape[: len(found.shape) - own], found.shape[len(found.shape) - own :]
    for pattern, value in zip(wanted.shape[len(wanted.shape) - own :], rest):
        match.equations.append(Equation(pattern, value, position))
    if has_rest(wanted.shape):
        return _rest(match, signature, wanted, surplus, given, report)
    return _batch(match, signature, position, surplus, given, report)


def _rest(
    match: Match,
    signature: Signature,
    wanted: TensorType,
    surplus: tuple[Dim, ...],
    given: Given,
    report: Report,
) -> bool:
    first = wanted.shape[0]
    assert isinstance(first, Rest)
    known = match.rests.setdefault(first.name, surplus)
    fixed = match.rests_from.setdefault(first.name, given.span)
    if same_shape(known, surplus) is not False:
        return True
    report(
        errors.ShapesDiffer(
            span=given.span,
            op=signature.name,
            left=show_shape(known),
            right=show_shape(surplus),
            ends=(Note(f"`..{first.name}` is {show_shape(known)} because of this", fixed),),
            hint=f"`..{first.name}` stands for the same leading axes everywhere",
        )
    )
    return False


def _batch(
    match: Match, signature: Signature, position: int, surplus: tuple[Dim, ...], given: Given, report: Report
) -> bool:
    if not surplus:
        return True
    match.lifted[position] = True
    if not match.batch:
        match.batch, match.batch_from = surplus, given.span
        return True
    if same_shape(match.batch, surplus) is not False:
        return True
    first, second = show_shape(match.batch), show_shape(surplus)
    report(
        errors.BatchShapesDiffer(
            span=given.span,
            callee=signature.name,
            first=first,
            second=second,
            ends=(Note(f"lifted over {first} by this argument", match.batch_from),),
        )
    )
    return False


def _differs(match: Match, signature: Signature, equation: Equation, given: Given, report: Report) -> None:
    param = signature.params[equation.position]
    symbols = () if isinstance(equation.pattern, Rest) else sizes.symbols(equation.pattern)
    notes = [match.why(symbol) for symbol in sorted(symbols, key=str) if symbol in match.fixed]
    report(
        errors.SizesDiffer(
            span=given.span,
            callee=signature.name,
            param=param.ident.name,
            found=show_type(given.type),
            wanted=_shown(match, param.type),
            because=tuple(note for note in notes if note.span != given.span),
            declared=param.ident.span,
        )
    )


def _shown(match: Match, type_: Type) -> str:
    try:
        shown = show_type(match.apply(type_))
    except SizeError:
        return show_type(type_)
    written = show_type(type_)
    return shown if shown == written else f"{shown} ({written})"
