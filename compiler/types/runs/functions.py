"""Functions of runs and data blocks: an expression with the `let`s, weights and bindings that it uses.

What came before: the statements of a run. What leaves: `typed.Function`s of kind "expression", whose children
are the run's instances, so that their slots have paths `net.…`. Invariants: a function takes the bound fields
of a sample, all of them, in the order of the data block; bindings that an expression does not use stay out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial

from hqn.compiler.names.resolve import LoadedModule
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import typed
from hqn.compiler.types.bodies.elaborate import elaborate_expr, elaborate_statement
from hqn.compiler.types.calls.functions import finish
from hqn.compiler.types.calls.without_unused import without_unused
from hqn.compiler.types.model import UNKNOWN, DType, TensorType, TupleType, Type, UnknownType
from hqn.compiler.types.runs.errors import BadStep, UsedInstances
from hqn.compiler.types.runs.records import field_name, without_record
from hqn.compiler.types.runs.specs import Array, Slot, Traits
from hqn.compiler.types.runs.tapped_calls import calls_of, taps_in, without_marks
from hqn.compiler.types.scope import Frame, Scope, Session, ValueBinding
from hqn.compiler.types.walk import any_statement, callees, walk_statements


@dataclass(slots=True)
class RunText:
    """What the expressions of a run can see."""

    session: Session
    module: LoadedModule
    name: str
    span: Span
    bind: Callable[[Scope], None] = lambda scope: None
    """Enters the statics of the run."""
    lets: list[ast.Let] = field(default_factory=list)
    shares: dict[str, str] = field(default_factory=dict)
    """Instances that have the values of another one, `net under edge`, by name -> that one."""
    weights: list[ast.Slot] = field(default_factory=list)
    bindings: dict[str, ast.Bind | ast.Draw] = field(default_factory=dict)
    """Values and draws that expressions may use, by name, in the order of the text."""
    sample: tuple[tuple[ast.Ident, Type], ...] = ()
    """The fields of a sample under the names that the run's `data` line gives them."""
    unknown: list[ast.Ident] = field(default_factory=list)
    """Names of instances with mistakes: what uses them is silent."""
    slots: dict[str, Slot] = field(default_factory=dict)
    """Every slot that an expression has used so far, by path in the instance that has it."""
    counted: dict[str, Slot] = field(default_factory=dict)
    """Slots of other runs' instances, which `params(fit.net)` counts whether they are used or not."""
    statements: tuple[ast.Statement, ...] = ()
    """All of the run, for the calls in it that taps read."""
    failed: bool = False
    numbers: dict[str, int] = field(default_factory=dict)

    def frame(self, name: str, *, training: bool = False) -> Frame:
        """A fresh frame for one expression."""
        return Frame(
            self.session, self.module, name, "expression", self.span, concrete=True, training=training
        )

    def scope(self, *, training: bool = False) -> Scope:
        """A fresh scope for one expression, in which statics have their values."""
        scope = Scope(self.frame(self.name, training=training))
        self.bind(scope)
        return scope

    def fresh_name(self, what: str) -> str:
        """`fit_loss`, `fit_loss_2`, `creep_1_loss` of `creep[1]`: unique in the run, and an identifier."""
        self.numbers[what] = number = self.numbers.get(what, 0) + 1
        words = [*re.findall(r"\w+", self.name), what]
        return "_".join(words if number == 1 else [*words, str(number)])

    def owner(self, path: str) -> str:
        """The path of a slot in the instance that has it: `net.W` where `net under edge` is used."""
        name, dot, rest = path.partition(".")
        return f"{self.shares.get(name, name)}{dot}{rest}"

    def uses(self, expr: ast.Expr) -> set[str]:
        """Names that an expression mentions, directly or through bindings."""
        found: set[str] = set()
        pending = [expr]
        while pending:
            for name in _names(pending.pop()):
                if name not in found:
                    found.add(name)
                    binding = self.bindings.get(name)
                    if isinstance(binding, ast.Bind):
                        pending.append(binding.value)
                    elif binding is not None:
                        pending.append(binding.distribution)
        return found

    def samples_in(self, expr: ast.Expr) -> list[str]:
        """The fields of a sample that an expression depends on."""
        used = self.uses(expr)
        return [ident.name for ident, _ in self.sample if ident.name in used]


def run_function(
    run: RunText, expr: ast.Expr, what: str, *, training: bool = False, sampled: bool = True
) -> typed.Function | None:
    """An expression as a function of a sample (of nothing unless `sampled`); None after a mistake.

    An expression that is not `sampled` may tap a call of a sample: it has the parameters that it needs.
    """
    scope = _scope(run, training, sampled or taps_in(expr, *run.bindings.values()))
    frame = scope.frame
    used = run.uses(expr)
    run.session.frames.append(frame)
    try:
        _bind(run, scope, used)
        frame.result = elaborate_expr(scope, expr)
    finally:
        run.session.frames.pop()
    unknown = {ident.name for ident in run.unknown}
    unknown |= {ident.name for ident, type_ in run.sample if isinstance(type_, UnknownType)}
    if frame.failed or isinstance(frame.result.type, UnknownType) or unknown & used:
        run.failed = True
        return None
    function = finish(frame, scope.statements, run.fresh_name(what))
    if not sampled and function.params:
        function = without_unused(run.session, function)
    _collect(run, function, expr.span)
    return function


def _scope(run: RunText, training: bool, sampled: bool) -> Scope:
    """A scope with the sample, the instances and the weights of the run."""
    scope = run.scope(training=training)
    for ident, type_ in run.sample if sampled else ():
        _parameter(scope, ident, type_)
    for ident in run.unknown:
        scope.bind_value(ident, UNKNOWN)
    for declared in (*run.lets, *run.weights):
        elaborate_statement(scope, declared)
    scope.frame.call_elsewhere = partial(_call_elsewhere, run, scope)
    scope.frame.structure = partial(_structure, run)
    return scope


def _structure(run: RunText, name: str) -> typed.Function | None:
    """What an instance calls somewhere in the run, whatever weights it is given there."""
    calls = calls_of(name, run.statements)
    if not calls:
        return None
    scope, call = _scope(run, False, True), without_marks(calls[0])
    assert isinstance(call, ast.Expr)
    _bind(run, scope, run.uses(call))
    elaborate_expr(scope, call)
    return scope.frame.instances[name].function


def _bind(run: RunText, scope: Scope, used: set[str]) -> None:
    """The bindings of the run that an expression uses, those that are not there yet."""
    for name, binding in run.bindings.items():
        if name in used and name not in scope.names:
            elaborate_statement(scope, binding)


def _call_elsewhere(run: RunText, scope: Scope, name: str) -> tuple[Span, ...]:
    """Makes an instance's first call in the run part of the function; returns where all of them stand."""
    calls = calls_of(name, run.statements)
    if calls:
        _bind(run, scope, run.uses(calls[0]))
        value = elaborate_expr(scope, calls[0])
        local = scope.frame.fresh_local(name, value.type, value.span)
        scope.emit(typed.Assign(local, value, span=value.span))
    return tuple(call.span for call in calls)


def _parameter(scope: Scope, ident: ast.Ident, type_: Type) -> None:
    local = scope.frame.fresh_local(ident.name.replace(".", "_"), type_, ident.span)
    scope.bind(ident, ValueBinding(span=ident.span, local=local))
    scope.frame.params.append(local)


def _names(expr: ast.Node) -> Iterator[str]:
    return (node.name for node in ast.walk(expr) if isinstance(node, ast.Name))


# --- slots ----------------------------------------------------------------------------------------


def _collect(run: RunText, function: typed.Function, span: Span) -> None:
    """Enter the slots of a function; two expressions that see one slot must agree about it."""
    for path, slot in slots_of(function):
        path = run.owner(path)
        slot = replace(slot, path=path)
        first = run.slots.setdefault(path, slot)
        if first != slot:
            run.failed = True
            error = UsedInstances(span=span, name=path, first=str([*slot.shape]), second=str([*first.shape]))
            run.session.sink.report(error)


def slots_of(
    function: typed.Function, prefix: str = "", loops: tuple[int, ...] = (), frozen: bool = False
) -> Iterator[tuple[str, Slot]]:
    """Every slot below a function with its path, in the order of the text."""
    for slot in function.slots:
        path = f"{prefix}{slot.name}"
        kind = "frozen weight" if frozen and slot.kind == "weight" else slot.kind
        shape = (*loops, *slot.shape)
        assert all(isinstance(dim, int) for dim in shape)
        counts = len(loops) + len(slot.loops)
        first, dtype = slot.initial, slot.type.dtype.value
        yield path, Slot(path, shape, first.name, first.args, kind, dtype, counts, slot.type.role)
    for child in function.created:
        inner = (*loops, *child.loops)
        yield from slots_of(child.function, f"{prefix}{child.name}.", inner, frozen or child.frozen)


def traits_of(function: typed.Function) -> Traits:
    """What the caller of a function must give and take."""
    draws = function.draws
    state = any_statement(function, (typed.SetState,))
    return Traits(draws, state, _reduces_batch(function, set()))


def _reduces_batch(function: typed.Function, seen: set[int]) -> bool:
    if id(function) in seen:
        return False
    seen.add(id(function))
    parts = walk_statements(function.statements, function.result)
    if any(isinstance(part, typed.Prim) and part.fn in ("batch_mean", "channel_mean") for part in parts):
        return True
    return any(_reduces_batch(callee, seen) for callee in callees(function))


# --- map over a data block --------------------------------------------------------------------------


def map_function(
    outer: Frame, variable: ast.Ident, body: ast.Block, before: tuple[Array, ...], name: str
) -> tuple[typed.Function, tuple[str, ...]] | None:
    """`map s { yield (x = s.x / 16, y = s.y) }` as a function of the fields; with the new fields' names."""
    frame = replace(outer, kind="expression", params=[], taken=set(), instances={}, slots={}, failed=False)
    scope = Scope(frame)
    for one in before:
        type_ = TensorType(DType(one.dtype), one.shape, one.bound)
        local = frame.fresh_local(f"{variable.name}_{one.name}", type_, variable.span)
        scope.names[field_name(variable.name, one.name)] = ValueBinding(span=variable.span, local=local)
        frame.params.append(local)
    names = [one.name for one in before]
    *statements, last = [without_record(s, variable.name, names) for s in body.statements] or [None]
    if not isinstance(last, ast.Yield):
        why, example = "a step of a pipeline yields the new sample", "map s { yield (x = s.x / 16, y = s.y) }"
        scope.report(BadStep(span=body.span, why=why, example=example))
        return None
    for statement in statements:
        elaborate_statement(scope, statement)
    entries = _entries(last.value)
    values = tuple(elaborate_expr(scope, value) for _, value in entries)
    if frame.failed or any(not isinstance(value.type, TensorType) for value in values):
        return None
    types = TupleType(tuple(value.type for value in values))
    frame.result = (
        values[0] if len(values) == 1 else typed.MakeTuple(type=types, span=last.span, items=values)
    )
    return finish(frame, scope.statements, f"{name}_map"), tuple(key for key, _ in entries)


def _entries(value: ast.Expr) -> list[tuple[str, ast.Expr]]:
    """The fields of a yielded record; a value alone is field x."""
    if isinstance(value, ast.Record):
        return [(entry.name.name, entry.value) for entry in value.entries if entry.name]
    return [("x", value)]
