"""Random programs: syntax trees, and the plainest text that must parse to them.

`unparse` puts parentheses around every part of an expression and knows nothing of layout, so that parser and
formatter are checked against something that shares no code with them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from hqn.compiler.source import Source, Span
from hqn.compiler.syntax import ast

NOWHERE = Span(Source("", ""), 0, 0)
NAMES = ("x", "y", "net", "h", "keep", "data", "state", "seed", "weight", "W1", "_a", "rescale", "memory")
"""Many are keywords elsewhere."""


def at(cls: Callable[..., Any], *fields: Any, **more: Any) -> Any:
    return cls(*fields, **more, span=NOWHERE)


names = st.sampled_from(NAMES)
idents = names.map(lambda name: at(ast.Ident, name))
name_exprs = names.map(lambda name: at(ast.Name, name))
numbers = st.one_of(
    st.integers(0, 2**63 - 1).map(lambda value: at(ast.Int, value)),
    st.sampled_from(["0.5", "1e-2", "2.50e+10"]).map(lambda text: at(ast.Float, text)),
)
leaves = st.one_of(
    name_exprs,
    numbers,
    st.booleans().map(lambda value: at(ast.Bool, value)),
    st.text('ab "\\é#{', max_size=4).map(lambda text: at(ast.String, text)),
)


def some(
    strategy: st.SearchStrategy[Any], least: int = 1, most: int = 3
) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, min_size=least, max_size=most).map(tuple)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


def build(cls: type, *fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.tuples(*fields).map(lambda values: at(cls, *values))


def _composite(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """One level of an expression over the level below."""
    argument = build(ast.Argument, maybe(idents), inner)
    named = build(ast.Argument, idents, inner)
    spot = st.one_of(
        build(ast.Range, inner, st.none(), maybe(inner)),
        build(ast.Range, st.none(), maybe(inner), maybe(inner)),
        st.sampled_from([at(ast.Whole), at(ast.NewAxis)]),
    ).map(lambda value: at(ast.Argument, None, value))
    binder = build(ast.Binder, idents, inner)
    block = build(ast.Block, some(_simple_statement(inner), 0))
    carry = some(build(ast.Carry, idents, inner), 0, 2)
    kinds = st.sampled_from(["map", "parallel", "scan"])
    operators = st.sampled_from(
        ["+", "-", "*", "/", "//", "%", "**", "==", "!=", "<", "<=", ">", ">=", "and", "or"]
    )
    return st.one_of(
        build(ast.Unary, st.sampled_from(["-", "not"]), inner),
        build(ast.Binary, operators, inner, inner),
        build(ast.Call, inner, some(argument, 0)),
        build(ast.Subscript, inner, some(st.one_of(argument, spot))),
        build(ast.Attribute, inner, idents),
        build(ast.Tap, inner, some(idents)),
        build(ast.Labelled, inner, idents),
        build(ast.Pipe, inner, inner),
        build(ast.Array, some(inner)),
        build(ast.Tuple, some(inner, 2)),
        build(ast.Record, some(named)),
        build(ast.Range, inner, inner, maybe(inner)),
        build(ast.Reduction, st.sampled_from(["sum", "prod"]), some(binder, 1, 2), inner),
        build(ast.With, inner, some(build(ast.WithEntry, name_exprs, inner), 1, 2)),
        build(ast.Under, inner, name_exprs),
        build(ast.On, inner, name_exprs),
        build(ast.If, inner, block, maybe(block)),
        build(ast.Loop, kinds, binder, st.none(), maybe(inner), carry, block),
        build(ast.Loop, kinds, st.none(), idents, maybe(inner), carry, block),
        build(ast.Loop, st.just("repeat"), binder, st.none(), maybe(inner), carry, block),
    )


def _simple_statement(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        build(ast.Bind, some(idents, 1, 2), inner),
        build(ast.Next, idents, inner),
        build(ast.Return, inner),
        build(ast.Yield, inner),
        build(ast.Evaluate, inner),
    )


exprs = st.recursive(leaves, _composite, max_leaves=8)
dims = some(st.one_of(exprs, build(ast.Spread, maybe(idents))), 0)
plain_types = st.one_of(build(ast.TensorTypeExpr, idents, dims), build(ast.IndexTypeExpr, exprs, dims))
types = st.one_of(plain_types, build(ast.ArrowTypeExpr, some(plain_types), plain_types))
operands = some(
    st.one_of(name_exprs, build(ast.Subscript, name_exprs, some(build(ast.Argument, st.none(), exprs))))
)
modifiers = st.one_of(
    build(ast.Modifier, st.sampled_from(["ctrl", "inv"]), st.none()),
    build(ast.Modifier, st.sampled_from(["ctrl", "pow"]), exprs),
)
gates = st.sampled_from(["h", "rx", "net"]).map(lambda name: at(ast.Name, name))
callees = st.one_of(gates, build(ast.Call, gates, some(build(ast.Argument, st.none(), exprs))))
slots = build(ast.Slot, st.sampled_from(["weight", "frozen weight", "state"]), some(idents), types, exprs)
draws = build(ast.Draw, idents, types, exprs, maybe(idents))
statements = st.one_of(
    _simple_statement(exprs),
    slots,
    draws,
    build(ast.Contract, idents, some(exprs, 0), exprs, st.booleans()),
    build(ast.Network, idents, some(exprs, 0), exprs),
    build(ast.Let, idents, exprs, maybe(name_exprs), st.booleans()),
    some(st.tuples(idents, maybe(exprs))).map(lambda parts: at(ast.Qubits, *map(tuple, zip(*parts)))),
    build(
        ast.Gate,
        some(modifiers, 0, 2),
        callees,
        operands,
        maybe(idents),
        some(build(ast.WithEntry, name_exprs, exprs), 0, 2),
    ),
    build(ast.QubitOp, st.sampled_from(["reset", "discard", "barrier"]), operands),
    build(ast.Postselect, operands, exprs),
    build(ast.Bind, some(idents, 1, 2), build(ast.Application, callees, operands)),
)
patterns = st.one_of(
    idents.map(lambda name: at(ast.Pattern, (name,), False)),
    some(idents).map(lambda names: at(ast.Pattern, names, True)),
)
run_lines = st.one_of(
    slots,
    draws,
    build(ast.DataLine, patterns, exprs, maybe(numbers)),
    build(ast.Minimize, exprs, some(build(ast.Group, name_exprs, maybe(exprs)))),
    build(ast.Track, idents, exprs, maybe(exprs)),
    build(ast.Setting, st.sampled_from(["epochs", "steps", "seeds", "stop", "precision"]), exprs),
    build(ast.Assert, exprs),
)
statics = some(build(ast.StaticParam, idents, maybe(types), maybe(exprs)), 0)
params = some(build(ast.Param, idents, types), 0)
blocks = build(ast.Block, some(statements, 0))
kinds = st.sampled_from(["layer", "circuit", "model", "quantizer"])
items = st.one_of(
    build(ast.Use, some(idents, 1, 2), some(idents)),
    build(
        ast.Definition, kinds, idents, statics, params, maybe(plain_types), some(exprs, 0, 2), maybe(blocks)
    ),
    build(ast.Definition, st.just("observable"), idents, statics, params, st.none(), st.just(()), exprs),
    build(ast.Data, idents, exprs),
    build(ast.TopAssert, exprs),
    build(ast.Run, idents, statics, maybe(idents), some(run_lines, 0)),
)
modules = build(ast.Module, st.sampled_from([None, "0.1"]), some(items, 0))
