"""Actions for statements."""

from __future__ import annotations

from typing import Any

from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.syntax.actions import Place, action
from hqn.compiler.syntax.errors import NotAName, RepeatedClause, UnknownModifier, UnknownUnit

UNITS = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
MODIFIERS = ("ctrl", "negctrl", "inv", "pow")


@action
def block(place: Place, *statements: ast.Statement) -> ast.Block:
    return ast.Block(statements, span=place.span)


@action
def bind(place: Place, target: ast.Expr, value: ast.Expr) -> ast.Statement:
    parts = target.items if isinstance(target, ast.Tuple) else (target,)
    names = tuple(ast.Ident(part.name, span=part.span) for part in parts if isinstance(part, ast.Name))
    if len(names) < len(parts):
        place.report(_not_a_name(next(part for part in parts if not isinstance(part, ast.Name))))
        return ast.Evaluate(value, span=place.span)
    return ast.Bind(names, value, span=place.span)


def _not_a_name(target: ast.Expr) -> NotAName:
    if isinstance(target, ast.Subscript | ast.Attribute):
        hint = "values never change: build the whole value, or use a loop with `carry` and `next`"
        return NotAName(span=target.span, what="a part of a value cannot be given a new value", hint=hint)
    return NotAName(span=target.span, what="only a name can stand before `=`", hint="to compare, write `==`")


@action
def slot_kind(place: Place, *words: str) -> str:
    return " ".join(words)


@action
def let_from(place: Place, path: ast.Expr) -> tuple[str, ast.Expr, Span]:
    return "from", path, place.span


@action
def let_frozen(place: Place, part: ast.Expr | None) -> tuple[str, ast.Expr | None, Span]:
    return "frozen", part, place.span


@action
def let_under(place: Place, profile: ast.Expr) -> tuple[str, ast.Expr, Span]:
    return "under", profile, place.span


@action
def let(place: Place, name: ast.Ident, value: ast.Expr, clauses: tuple[Any, ...] | None) -> ast.Let:
    origin: ast.Expr | None = None
    part: ast.Expr | None = None
    seen: dict[str, Span] = {}
    for kind, operand, span in clauses or ():
        if kind == "under":
            value = ast.Under(value, operand, span=value.span.to(span))
            continue
        if kind in seen:
            place.report(RepeatedClause(span=span, clause=kind, first=seen[kind]))
        seen.setdefault(kind, span)
        origin, part = (operand, part) if kind == "from" else (origin, operand)
    return ast.Let(name, value, origin, "frozen" in seen, part, span=place.span)


@action
def indices(place: Place, items: tuple[ast.Argument, ...]) -> tuple[ast.Expr, ...]:
    for item in items:
        if item.name:
            hint = "write the index alone, or `i < n` to give its range"
            place.report(NotAName(span=item.span, what="an index takes no `=`", hint=hint))
    return tuple(item.value for item in items)


@action
def rescale(place: Place) -> None:
    return None


@action
def memory(place: Place, count: str, unit: str) -> ast.Int:
    if unit not in UNITS:
        place.report(UnknownUnit(span=Span(place.source, place.end - len(unit), place.end), unit=unit))
    start = place.source.text.index("<=", place.start) + 2
    start += len(place.source.text[start : place.end]) - len(place.source.text[start : place.end].lstrip())
    number = int(count) if len(count) < 12 else 0
    return ast.Int(number * UNITS.get(unit, 1), span=Span(place.source, start, place.end))


@action
def contract(
    place: Place, name: ast.Ident, indices: Any, value: ast.Expr, clauses: tuple[ast.Int | None, ...] | None
) -> ast.Contract:
    limits = [clause for clause in clauses or () if clause is not None]
    rescaled = None in (clauses or ())
    return ast.Contract(name, indices or (), value, rescaled, limits[0] if limits else None, span=place.span)


@action
def qubits(place: Place, *registers: tuple[ast.Ident, ast.Expr | None]) -> ast.Qubits:
    names, sizes = zip(*registers)
    return ast.Qubits(names, sizes, span=place.span)


@action
def modifier(place: Place, value: ast.Expr) -> ast.Modifier:
    callee: ast.Expr = value
    argument: ast.Expr | None = None
    if isinstance(value, ast.Call) and len(value.arguments) == 1 and value.arguments[0].name is None:
        callee, argument = value.callee, value.arguments[0].value
    if isinstance(callee, ast.Name) and callee.name in MODIFIERS:
        kind: Any = callee.name
        return ast.Modifier(kind, argument, span=place.span)
    place.report(UnknownModifier(span=place.span, word=value.span.text))
    return ast.Modifier("inv", None, span=place.span)


@action
def gate(place: Place, *children: Any) -> ast.Gate:
    *modifiers, callee, operands, label, entries = children
    return ast.Gate(tuple(modifiers), callee, operands, label, tuple(entries or ()), span=place.span)


@action
def postselect(place: Place, operands: tuple[ast.Expr, ...], _equals: str, value: ast.Expr) -> ast.Postselect:
    return ast.Postselect(operands, value, span=place.span)


@action
def name_pattern(place: Place, name: ast.Ident) -> ast.Pattern:
    return ast.Pattern((name,), False, span=place.span)


@action
def tuple_pattern(place: Place, names: tuple[ast.Ident, ...]) -> ast.Pattern:
    return ast.Pattern(names, True, span=place.span)


@action
def batch_size(place: Place, size: ast.Expr) -> ast.Expr:
    return size


@action
def batch_all(place: Place) -> str:
    return "all"


@action
def data_line(
    place: Place, pattern: ast.Pattern, source: ast.Expr, batch: ast.Expr | str | None
) -> ast.DataLine:
    if isinstance(batch, str):
        return ast.DataLine(pattern, source, None, True, span=place.span)
    return ast.DataLine(pattern, source, batch, span=place.span)


@action
def training_group(place: Place, path: ast.Expr, optimiser: ast.Expr | None) -> ast.Group:
    return ast.Group(path, optimiser, span=place.span)
