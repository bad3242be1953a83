"""Actions for declarations: definitions, profiles, runs and the file."""

from __future__ import annotations

from typing import Any

from hqn.compiler.syntax import ast
from hqn.compiler.syntax.actions import Place, action, doc_above


def _doc(place: Place) -> str | None:
    return doc_above(place.source.text, place.start)


@action
def module(place: Place, version: str | None, *items: ast.Item) -> ast.Module:
    return ast.Module(version, items, span=place.source.span(0, len(place.source.text)))


@action
def version(place: Place, number: str) -> str:
    return number


@action
def param_group(place: Place, names: tuple[ast.Ident, ...], type_: ast.TypeExpr) -> tuple[ast.Param, ...]:
    """`a, b: f32` is two parameters; the last one's span holds the type."""
    last = names[-1]
    alone = (ast.Param(name, type_, span=name.span) for name in names[:-1])
    return (*alone, ast.Param(last, type_, span=last.span.to(type_.span)))


@action
def observable(place: Place, name: ast.Ident, statics: Any, params: Any, value: ast.Expr) -> ast.Definition:
    return ast.Definition(
        "observable", name, statics or (), params or (), None, (), value, span=place.span, doc=_doc(place)
    )


@action
def run(
    place: Place, name: ast.Ident, statics: Any, origin: ast.Ident | None, *lines: ast.Statement
) -> ast.Run:
    return ast.Run(name, statics or (), origin, lines, span=place.span, doc=_doc(place))


# --- policies -------------------------------------------------------------------------------------


@action
def policy(
    place: Place, name: ast.Ident, statics: Any, target: ast.Ident | None, *lines: ast.PolicyStatement
) -> ast.Policy:
    return ast.Policy(name, statics or (), target, lines, span=place.span, doc=_doc(place))


@action
def policy_calibrate(place: Place, data: ast.Expr) -> ast.PolicyCalibrate:
    """`d8.train[512]`: the bracket at the end is the number of samples."""
    if isinstance(data, ast.Subscript) and len(data.items) == 1 and data.items[0].name is None:
        return ast.PolicyCalibrate(data.value, data.items[0].value, span=place.span)
    return ast.PolicyCalibrate(data, None, span=place.span)


@action
def path_selector(place: Place, pattern: str) -> ast.Selector:
    return ast.Selector("path", pattern, span=place.span)


@action
def kind_selector(place: Place, kind: str) -> ast.Selector:
    return ast.Selector("kind", kind, span=place.span)


@action
def first_selector(place: Place) -> ast.Selector:
    return ast.Selector("first", "first", span=place.span)


@action
def last_selector(place: Place) -> ast.Selector:
    return ast.Selector("last", "last", span=place.span)


@action
def plain_dtype(place: Place, word: str) -> ast.DType:
    return ast.DType(word, (), span=place.span)


@action
def sized_dtype(place: Place, word: str, sizes: tuple[ast.Expr, ...]) -> ast.DType:
    return ast.DType(word, tuple(ast.Argument(None, size, span=size.span) for size in sizes), span=place.span)


@action
def quantizer_dtype(place: Place, word: str, arguments: tuple[ast.Argument, ...]) -> ast.DType:
    return ast.DType(word, arguments, span=place.span)


@action
def bits_dtype(place: Place, count: ast.Int) -> ast.DType:
    return ast.DType("bits", (ast.Argument(None, count, span=count.span),), span=place.span)


@action
def valued_option(place: Place, field: Any, value: str, arguments: Any) -> ast.PolicyOption:
    return ast.PolicyOption(field, value, arguments or (), span=place.span)


@action
def symmetry_option(place: Place, value: str) -> ast.PolicyOption:
    return ast.PolicyOption("symmetry", value, (), span=place.span)


# --- noise and execute ----------------------------------------------------------------------------


@action
def clause(place: Place, key: ast.Ident, values: tuple[ast.Expr, ...] | None) -> ast.ProfileEntry:
    return ast.ProfileEntry(key, None, values or (), span=place.span)


@action
def profile_default(place: Place, clauses: tuple[ast.ProfileEntry, ...]) -> tuple[ast.ProfileEntry, ...]:
    return clauses


@action
def profile_rule(
    place: Place, selector: ast.Selector, clauses: tuple[ast.ProfileEntry, ...]
) -> tuple[ast.ProfileEntry, ...]:
    return tuple(ast.ProfileEntry(entry.key, selector, entry.values, span=entry.span) for entry in clauses)


@action
def profile(
    place: Place, kind: Any, name: ast.Ident, params: Any, *lines: tuple[ast.ProfileEntry, ...]
) -> ast.Profile:
    entries = tuple(entry for line in lines for entry in line)
    return ast.Profile(kind, name, params or (), entries, span=place.span, doc=_doc(place))
