"""Arguments against parameters: inference of sizes, the lifting rule, and the result's type.

What came before: a signature, the statics given, and typed arguments. What leaves: a `Match`, or a
diagnostic at the argument. Invariants: an equation is solved only where one unknown x occurs as
a * x + k; surplus leading axes of all arguments are equal or absent; nothing is stretched.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hqn.compiler.diagnostics import Diagnostic, Note
from hqn.compiler.source import Span
from hqn.compiler.types import errors, sizes
from hqn.compiler.types.calls.signature import Parameter, Signature, used_in_sizes
from hqn.compiler.types.calls.statics import StaticValue, UnknownStatic, is_size, show_static
from hqn.compiler.types.model import Dim, QubitType, Rest, TensorType, Type, UnknownType
from hqn.compiler.types.scope import FLOATS
from hqn.compiler.types.shapes import has_rest, same_dim, same_shape, show_shape, show_type
from hqn.compiler.types.sizes import Size, SizeError, Symbol

Report = Callable[[Diagnostic], None]


@dataclass(frozen=True, slots=True)
class Given:
    """An argument: its type, and the literal it is, if it is one."""

    type: Type
    span: Span
    literal: bool = False


@dataclass(slots=True)
class Equation:
    pattern: Dim
    value: Dim
    position: int
    is_bound: bool = False


@dataclass(slots=True)
class Match:
    """How a call fits: what sizes are, and the batch that stands in front of the result's shape."""

    callee: str = ""
    values: dict[Symbol, sizes.Dim] = field(default_factory=dict)
    rests: dict[str, tuple[Dim, ...]] = field(default_factory=dict)
    rests_from: dict[str, Span] = field(default_factory=dict)
    fixed: dict[Symbol, tuple[sizes.Dim, Span | None]] = field(default_factory=dict)
    """What was inferred and from which argument; of statics, what was given."""
    batch: tuple[Dim, ...] = ()
    batch_from: Span | None = None
    lifted: list[bool] = field(default_factory=list)
    equations: list[Equation] = field(default_factory=list)
    unknown: bool = False
    """An argument is unknown: what it would have determined stays silent."""

    def apply(self, type_: Type) -> Type:
        """A type of the signature with everything known put in; raises SizeError."""
        match type_:
            case TensorType():
                shape: list[Dim] = []
                for dim in type_.shape:
                    shape += self.rests.get(dim.name, (dim,)) if isinstance(dim, Rest) else (self.dim(dim),)
                bound = None if type_.bound is None else self.dim(type_.bound)
                return TensorType(type_.dtype, tuple(shape), bound, type_.role)
            case QubitType(size=size):
                return type_ if size is None else QubitType(self.dim(size))
            case _:
                return type_

    def dim(self, dim: Dim) -> Dim:
        return dim if isinstance(dim, Rest) else sizes.substitute(dim, self.values)

    def why(self, symbol: Symbol) -> Note:
        """Where a size was first fixed."""
        value, span = self.fixed[symbol]
        because = " because of this" if span else ""
        return Note(f"`{symbol}` of `{self.callee}` is {sizes.show(value)}{because}", span)

    def lift(self, type_: Type) -> Type:
        """A result inside the callee as the caller sees it."""
        if not self.batch or not isinstance(type_, TensorType):
            return type_
        return TensorType(type_.dtype, (*self.batch, *type_.shape), type_.bound, type_.role)


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
    _solve(match, signature, given)
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
        if _holds(match, equation, strict):
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


def _solve(match: Match, signature: Signature, given: list[Given]) -> None:
    """Solve equations for one unknown each until nothing changes; bounds come last."""
    unknowns = open_symbols(match, signature)
    for with_bounds in (False, True):
        progress = bool(unknowns)
        while progress and unknowns:
            progress = False
            for equation in match.equations:
                if equation.is_bound <= with_bounds and _solve_one(match, unknowns, equation, given):
                    progress = True


def _solve_one(match: Match, unknowns: set[Symbol], equation: Equation, given: list[Given]) -> bool:
    """Solve one equation for the one unknown it has; that is then no unknown any more."""
    pattern, value = equation.pattern, equation.value
    if not isinstance(pattern, Size) or isinstance(value, Rest) or pattern.symbols.isdisjoint(unknowns):
        return False
    try:
        solved = sizes.solve(sizes.substitute(pattern, match.values), value, unknowns)
    except SizeError:
        return False  # `check_equations` shows both sides
    if solved is None:
        return False
    symbol, found = solved
    match.values[symbol] = found
    unknowns.discard(symbol)
    match.fixed[symbol] = (found, given[equation.position].span)
    return True


def open_symbols(match: Match, signature: Signature) -> set[Symbol]:
    """Symbols of the signature without a value yet."""
    every = {*signature.sizes.values(), *signature.statics.values()}
    return every - match.values.keys()


def solve_result(
    match: Match, signature: Signature, expected: Type, span: Span, may_give_statics: bool = True
) -> None:
    """Use what the caller needs to find what no argument determines.

    A static that is missing from the brackets is found so only where a slot says what its layer gives.
    """
    if not isinstance(expected, TensorType) or not isinstance(signature.result, TensorType):
        return
    pattern, value = signature.result.shape, expected.shape
    if has_rest(pattern) or has_rest(value) or len(value) < len(pattern):
        return
    given = [Given(expected, span)]
    tail = value[len(value) - len(pattern) :]
    unknowns = open_symbols(match, signature)
    for one, other in zip(pattern, tail):
        if may_give_statics or isinstance(one, Rest) or not _open_statics(match, one):
            _solve_one(match, unknowns, Equation(one, other, 0), given)


def _open_statics(match: Match, dim: sizes.Dim) -> bool:
    return any(symbol.static and symbol not in match.values for symbol in sizes.symbols(dim))


def _holds(match: Match, equation: Equation, strict: bool) -> bool:
    try:
        pattern = match.dim(equation.pattern)
    except SizeError:
        return False
    value = equation.value
    if equation.is_bound and isinstance(pattern, int) and isinstance(value, int):
        return value <= pattern
    answer = same_dim(pattern, value)
    if answer is False and not strict and not _differ_by_number(pattern, value):
        return True
    return answer is not False


def _differ_by_number(a: Dim, b: Dim) -> bool:
    if isinstance(a, Rest) or isinstance(b, Rest):
        return False
    return isinstance(sizes.sub(a, b), int)


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
