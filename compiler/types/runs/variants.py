"""Runs as they are asked for: `creep[1]` of `run creep[level = 0] { … }`, and `run b from a { … }`.

What came before: `run` items as written. What leaves: a `Variant`: a run with all of its statements and a
value for each of its statics. Invariants: one choice of values is one variant under one name, however it is
written (`creep`, `creep[0]`, `creep[level = 0]`); a run without statics is its own only variant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from hqn.compiler.diagnostics import Diagnostic
from hqn.compiler.names.errors import UnknownName
from hqn.compiler.names.resolve import Global, nearest
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types.bodies.check_static import static_value
from hqn.compiler.types.calls.statics import (
    Application,
    InitialValue,
    PrimitiveValue,
    StaticValue,
    UnknownStatic,
    show_static,
)
from hqn.compiler.types.runs.errors import RunsInCircle, UnknownInstance, WrongRunStatics
from hqn.compiler.types.runs.optimisers import says_how_long
from hqn.compiler.types.scope import Frame, Scope, Session, StaticBinding


@dataclass(frozen=True, slots=True)
class Variant:
    """A run at values of its statics; `item` has the statements of the runs that it is written `from`."""

    name: str
    found: Global
    item: ast.Run
    statics: tuple[tuple[str, StaticValue], ...] = ()

    def bind(self, scope: Scope) -> None:
        """Let the names of the statics mean their values."""
        for static, (name, value) in zip(self.item.statics, self.statics):
            signature = static.type if isinstance(static.type, ast.ArrowTypeExpr) else None
            scope.names[name] = StaticBinding(span=static.name.span, value=value, signature=signature)


def find_run(session: Session, name: str) -> Global | None:
    """The run of the main file under this name."""
    found = session.resolved.root.own.get(name)
    return found if found is not None and isinstance(found.item, ast.Run) else None


def run_name(expr: ast.Expr) -> str | None:
    """The name in `creep` or `creep[1]`."""
    named = expr.value if isinstance(expr, ast.Subscript) else expr
    return named.name if isinstance(named, ast.Name) else None


def variant_of(scope: Scope, expr: ast.Expr) -> Variant | None:
    """The variant behind `creep` or `creep[1]`; None after a mistake, of this place or of that run."""
    session = scope.session
    name = run_name(expr) or expr.span.text
    found = find_run(session, name)
    if found is None:
        scope.report(_no_run(session, name, expr.span))
        return None
    item = whole_run(session, found)
    if item is None:
        scope.frame.failed = True  # reported there
        return None
    given = _given(scope, item, expr.items if isinstance(expr, ast.Subscript) else ())
    return None if given is None else _variant(scope, found, item, given, expr.span)


def _no_run(session: Session, name: str, span: Span) -> Diagnostic:
    """A name that is no run: of something else, or of nothing."""
    runs = tuple(key for key in session.resolved.root.own if find_run(session, key))
    near = nearest(name, runs)
    if name in session.resolved.root.scope:
        return UnknownInstance(span=span, name=name, where="any run", nearest=near, choices=runs)
    return UnknownName(span=span, name=name, nearest=near)


def own_variant(session: Session, found: Global) -> Variant | None:
    """The variant of a run's defaults; None where a static has none, or after a mistake."""
    item = whole_run(session, found)
    if item is None or any(static.default is None for static in item.statics):
        return None
    return _variant(_outside(session, found), found, item, {}, item.name.span)


def _outside(session: Session, found: Global) -> Scope:
    span = found.item.name.span
    return Scope(Frame(session, found.module, found.name, "expression", span, concrete=True))


def _given(scope: Scope, item: ast.Run, items: Sequence[ast.Argument]) -> dict[str, StaticValue] | None:
    """The values in brackets by name; None after a mistake."""
    names = [static.name.name for static in item.statics]
    values: dict[str, StaticValue] = {}
    for position, one in enumerate(items):
        word = one.name.name if one.name else (names[position] if position < len(names) else "")
        if word not in names or word in values:
            known = ", ".join(f"`{name}`" for name in names)
            why = f"`{item.name.name}` has {f'the statics {known}' if names else 'no statics'}"
            scope.report(WrongRunStatics(span=one.span, why=why))
            return None
        values[word] = static_value(scope, one.value)
    return values


def _variant(
    scope: Scope, found: Global, item: ast.Run, given: dict[str, StaticValue], span: Span
) -> Variant | None:
    defaults = _outside(scope.session, found)
    values: list[tuple[str, StaticValue]] = []
    for static in item.statics:
        name = static.name.name
        if name not in given and static.default is None:
            why = f"`{item.name.name}` needs a value for `{name}`"
            scope.report(WrongRunStatics(span=span, why=why, example=f"{item.name.name}[{name} = 1]"))
            return None
        value = given[name] if name in given else static_value(defaults, static.default)  # type: ignore[arg-type]
        wants_layer = isinstance(static.type, ast.ArrowTypeExpr)
        misfit = _unfit(value, wants_layer)
        if isinstance(value, UnknownStatic):
            scope.frame.failed = True
            return None
        if misfit:
            scope.report(WrongRunStatics(span=span, why=f"`{name}` of `{item.name.name}` is {misfit}"))
            return None
        values.append((name, value))
        defaults.names[name] = StaticBinding(span=static.name.span, value=value)
    shown = ", ".join(_shown(value) for _, value in values)
    return Variant(f"{found.name}[{shown}]" if values else found.name, found, item, tuple(values))


def _unfit(value: StaticValue, wants_layer: bool) -> str | None:
    """What a value should be and is not."""
    is_layer = isinstance(value, Application | PrimitiveValue)
    if wants_layer:
        fits = is_layer and not (isinstance(value, Application) and value.instance)
        return None if fits else f"a layer, not `{show_static(value)}`"
    return f"a number or a truth value, not `{show_static(value)}`" if is_layer else None


def _shown(value: StaticValue) -> str:
    """A static with everything that tells it from another one."""
    match value:
        case Application(definition=definition, statics=statics):
            inner = ", ".join(f"{name} = {_shown(one)}" for name, one in statics)
            return f"{definition.name}[{inner}]" if inner else definition.name
        case PrimitiveValue(name=name, items=items):
            inner = ", ".join(f"{key} = {_shown(one)}" if key else _shown(one) for key, one in items)
            return f"{name}[{inner}]" if inner else name
        case InitialValue(name=name, args=args):
            return f"{name}({', '.join(f'{one:g}' for one in args)})"
        case tuple():
            return f"({', '.join(_shown(one) for one in value)})"
    return show_static(value)


# --- run b from a -------------------------------------------------------------------------------------


def whole_run(session: Session, found: Global) -> ast.Run | None:
    """A run with the statements of the one that it is written `from`; None after a mistake."""
    key = ("whole run", found.name)
    if key not in session.memo:
        session.memo[key] = _whole(session, found, ())
    item = session.memo[key]
    assert item is None or isinstance(item, ast.Run)
    return item


def _whole(session: Session, found: Global, below: tuple[str, ...]) -> ast.Run | None:
    item = found.item
    assert isinstance(item, ast.Run)
    if item.origin is None:
        return item
    if found.name in below:
        circle = " -> ".join((*below[below.index(found.name) :], found.name))
        session.sink.report(RunsInCircle(span=item.origin.span, circle=circle))
        return None
    name, origin = item.origin.name, find_run(session, item.origin.name)
    if origin is None:
        session.sink.report(_no_run(session, name, item.origin.span))
        return None
    base = _whole(session, origin, (*below, found.name))
    if base is None:
        return None
    own = {static.name.name for static in item.statics}
    statics = (*item.statics, *(static for static in base.statics if static.name.name not in own))
    return replace(item, origin=None, statics=statics, statements=_merged(base.statements, item.statements))


def _merged(base: Sequence[ast.Statement], new: Sequence[ast.Statement]) -> tuple[ast.Statement, ...]:
    """The statements of `base`, those that `new` says again replaced, without its assertions.

    A statement stands where the first one that it replaces stood; one that replaces none stands in front of
    the next one of `new` that does, or at the end.
    """
    base = [one for one in base if not isinstance(one, ast.Assert)]
    said = [set(_says(one)) for one in base]
    places: list[int] = []
    after = len(base)
    for statement in reversed(new):
        mine = {*_says(statement)}
        after = next((i for i, theirs in enumerate(said) if mine & theirs), after)
        places.append(after)
    replaced = {key for one in new for key in (*_says(one), *_overrules(one))}
    merged: list[ast.Statement] = []
    for i in range(len(base) + 1):
        merged += [one for one, place in zip(new, reversed(places)) if place == i]
        if i < len(base) and not said[i] & replaced:
            merged.append(base[i])
    return tuple(merged)


_ALIKE = {"steps": "epochs", "seeds": "seed"}


def _says(statement: ast.Statement) -> Iterator[tuple[str, str]]:
    """What a statement is about: two that say the same of a run cannot stand in it together."""
    match statement:
        case ast.Bind(targets=names) | ast.Slot(names=names):
            yield from (("name", one.name) for one in names)
        case ast.Let(name=name) | ast.Draw(name=name):
            yield "name", name.name
        case ast.Track(name=name):
            yield "track", name.name
        case ast.DataLine():
            yield "data", ""
        case ast.Minimize():
            yield "minimize", ""
        case ast.Setting(key=key):
            yield "setting", _ALIKE.get(key, key)


def _overrules(statement: ast.Statement) -> Iterator[tuple[str, str]]:
    """What falls with a statement: `epochs`, where the optimiser says itself how long it works."""
    if isinstance(statement, ast.Minimize) and says_how_long(statement):
        yield "setting", "epochs"
