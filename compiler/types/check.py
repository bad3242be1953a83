"""The checker's two steps over a module: definitions with symbols, then models with numbers.

What came before: `Resolved`. What leaves: `TypedModule` (diagnostics in the sink), then `typed.Program` and
the instance tree. Invariants: every definition is checked once, whether it is used or not; a definition
with mistakes of its own is never instantiated, so each mistake is reported where it was made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from hqn.compiler.diagnostics import Sink
from hqn.compiler.names.deep import deep_stack
from hqn.compiler.names.errors import Recursion
from hqn.compiler.names.resolve import Global, Resolved
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import typed
from hqn.compiler.types.body_errors import ModelIsOpen
from hqn.compiler.types.calls.apply import fit
from hqn.compiler.types.calls.equations import Given
from hqn.compiler.types.calls.functions import check_definition, function_for
from hqn.compiler.types.calls.signature import Signature, signature_of
from hqn.compiler.types.calls.statics import StaticValue
from hqn.compiler.types.execution.check_execution import check_executions
from hqn.compiler.types.instances import InstanceTree, tree_of
from hqn.compiler.types.limits import Counter, within_limits
from hqn.compiler.types.model import Rest, TensorType
from hqn.compiler.types.policies.check_policy import check_policies
from hqn.compiler.types.renames import check_renamed
from hqn.compiler.types.runs.performed import check_runs
from hqn.compiler.types.scope import Frame, Scope, Session
from hqn.compiler.types.unsupported import not_supported


@dataclass(slots=True, eq=False)
class TypedModule:
    """Checked definitions, and the session that instances of them are made in."""

    resolved: Resolved
    session: Session


def check(resolved: Resolved, sink: Sink) -> TypedModule:
    """Check every definition of every file with symbolic sizes."""
    session = Session(resolved, sink)
    with deep_stack():
        for module in resolved.modules:
            _refuse_items(module.tree, sink)
            for named in module.own.values():
                if named.definition is not None:
                    _check(session, named)
        _find_recursion(session)
    return TypedModule(resolved, session)


def instantiate(
    checked: TypedModule, sink: Sink, asked: ast.Expr | None = None
) -> tuple[typed.Program, InstanceTree]:
    """Every model of the main file at its sizes, in both modes; then its runs, data blocks and policies.

    `asked` is a variant of a run, `fit[16]`, that the file itself may not ask for.
    """
    entries: list[typed.Entry] = []
    with deep_stack():
        for named in checked.resolved.root.own.values():
            if named.kind == "model":
                entry = model_entry(checked.session, named)
                if entry is not None:
                    entries.append(entry)
        runs, data = check_runs(checked.session, tuple(entries), asked)
        tree = tree_of(entries)
        policies = check_policies(checked.session, entries, tree)
        executions = check_executions(checked.session, entries, tree)
        renamed = check_renamed(checked.resolved.root.tree, tree, sink)
    return typed.Program(tuple(entries), runs, data, policies, renamed, executions), tree


def _refuse_items(tree: ast.Module, sink: Sink) -> None:
    """Declarations of the language that have no meaning yet."""
    for item in tree.items:
        if isinstance(item, ast.Profile) and item.kind == "noise":
            sink.report(not_supported(item.name.span, "profile"))


def _check(session: Session, named: Global) -> None:
    signature = signature_of(session, named)
    if not check_definition(signature):
        session.poisoned.add(id(named))


def _find_recursion(session: Session) -> None:
    """Report each circle of calls once; its definitions are never instantiated."""
    calls: dict[int, list[tuple[Global, Span]]] = {}
    names: dict[int, Global] = {}
    for key, value in session.memo.items():
        if isinstance(key, tuple) and key[0] == "calls":
            _, callee, span = cast("tuple[Frame, Global, Span]", value)
            calls.setdefault(key[1], []).append((callee, span))
    for module in session.resolved.modules:
        names.update({id(named.definition): named for named in module.own.values() if named.definition})
    done: set[int] = set()
    for start in names:
        _visit(session, start, calls, names, done)


def _visit(
    session: Session,
    start: int,
    calls: dict[int, list[tuple[Global, Span]]],
    names: dict[int, Global],
    done: set[int],
) -> None:
    """Depth first from one definition, with the path in `open_`."""
    open_: list[int] = []
    pending: list[tuple[int, Iterator[tuple[Global, Span]]]] = []

    def enter(node: int) -> None:
        open_.append(node)
        pending.append((node, iter(calls.get(node, ()))))

    if start not in done:
        enter(start)
    while pending:
        _, rest = pending[-1]
        call = next(rest, None)
        if call is None:
            pending.pop()
            done.add(open_.pop())
            continue
        callee, span = call
        target = id(callee.definition)
        if target in open_:
            _report_circle(session, [names[one] for one in open_[open_.index(target) :]], span)
        elif target not in done:
            enter(target)


def _report_circle(session: Session, circle: list[Global], span: Span) -> None:
    text = " -> ".join(f"`{named.name}`" for named in (*circle, circle[0]))
    session.sink.report(Recursion(span=span, circle=text, defined=circle[0].item.name.span))
    session.poisoned.update(id(named) for named in circle)


def model_entry(session: Session, named: Global) -> typed.Entry | None:
    """A model in both modes; None where it has mistakes."""
    signature = signature_of(session, named)
    if id(named) in session.poisoned:
        return None
    scope = program_scope(session, named)
    open_ = next(_open_parts(signature), None)
    if open_ is not None:
        name, span = open_
        scope.report(ModelIsOpen(span=span, name=name))
        return None
    statics: dict[str, StaticValue] = {}
    given = [Given(param.type, param.ident.span) for param in signature.params]
    span = signature.definition.name.span
    match = fit(scope, signature, statics, given, span, None)
    if match is None:
        return None
    evaluation = function_for(scope, signature, statics, match, span, training=False)
    training = function_for(scope, signature, statics, match, span, training=True)
    if evaluation is None or training is None:
        return None
    small = within_limits(session.sink, named.name, training, Counter())
    return typed.Entry(named.name, evaluation, training) if small else None


def _open_parts(signature: Signature) -> Iterator[tuple[str, Span]]:
    for static in signature.definition.statics:
        if static.default is None:
            yield static.name.name, static.name.span
    for name in signature.sizes:
        yield name, signature.declared[name]
    for param in signature.params:
        if isinstance(param.type, TensorType) and any(isinstance(dim, Rest) for dim in param.type.shape):
            yield param.ident.name, param.ident.span


def program_scope(session: Session, named: Global) -> Scope:
    """The scope that calls from outside of all bodies come from."""
    frame = Frame(
        session=session,
        module=named.module,
        name=named.name,
        kind="expression",
        span=named.item.name.span,
        concrete=True,
    )
    return Scope(frame)
