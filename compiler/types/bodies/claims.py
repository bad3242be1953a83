"""Names of slots and instances: one set per body, so that every path is unique and stable.

What came before: a call, a `let` or a slot declaration. What leaves: its entry in the frame. Invariants:
nothing that owns weights is ever numbered silently, so inserting a line renames no weight; a node that is
elaborated again (another turn of an expanded loop) gets the entry it made before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hqn.compiler.names.resolve import Global
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import typed
from hqn.compiler.types.body_errors import InstanceShapesDiffer, LabelTaken, RepeatedCall
from hqn.compiler.types.calls.statics import Application
from hqn.compiler.types.scope import Instance, Scope, Session, SlotBinding
from hqn.compiler.types.unsupported import refuse

if TYPE_CHECKING:
    from hqn.compiler.types.calls.bind_slots import Bound


@dataclass(frozen=True, slots=True)
class Site:
    """Where an instance is called: the name as written, the `as` label, and the node that stands for it."""

    name: str
    span: Span
    label: ast.Ident | None
    node: ast.Node
    entries: tuple[ast.WithEntry, ...] = ()
    """Of a `with` behind the call."""


def claim_instance(scope: Scope, site: Site, application: Application) -> Instance:
    """The instance that a call creates; a name that is taken is reported."""
    frame = scope.frame
    found = frame.created.get(id(site.node))
    if isinstance(found, Instance):
        return found
    name = site.label.name if site.label else site.name
    span = site.label.span if site.label else site.span
    taken = _taken(scope, name)
    if taken is not None:
        owns = owns_slots(scope.session, application.definition)
        if site.label:
            scope.report(LabelTaken(span=span, name=name, first=taken))
        elif owns and not _is_slot_call(scope, site):
            scope.report(RepeatedCall(span=span, name=name, first=taken))
        name = _numbered(scope, name)
    return _create(scope, site.node, name, application, span)


def shared_instance(scope: Scope, static: str, application: Application) -> Instance:
    """The caller's instance that a layer-valued static stands for: one, however often it is called."""
    found = scope.frame.shared.get(static)
    if found is None:
        name = static if _taken(scope, static) is None else _numbered(scope, static)
        span = application.span or scope.frame.span
        found = Instance(name=name, application=application, span=span, shared=static)
        scope.frame.instances[name] = scope.frame.shared[static] = found
    return found


def let_instance(scope: Scope, let: ast.Let, application: Application) -> Instance:
    """The instance of `let f = L[…]`."""
    found = scope.frame.created.get(id(let))
    if isinstance(found, Instance):
        if found.application != application:
            refuse(scope, let.value.span, "loop size")
        return found
    name = let.name.name
    taken = _taken(scope, name)
    if taken is not None:
        scope.report(LabelTaken(span=let.name.span, name=name, first=taken))
        name = _numbered(scope, name)
    instance = _create(scope, let, name, application, let.name.span)
    instance.frozen = let.frozen
    return instance


def _create(scope: Scope, node: ast.Node, name: str, application: Application, span: Span) -> Instance:
    instance = Instance(name=name, application=application, span=span, loops=scope.trips)
    scope.frame.instances[name] = instance
    scope.frame.created[id(node)] = instance
    return instance


def _is_slot_call(scope: Scope, site: Site) -> bool:
    """In a definition a layer-valued static may turn out to own nothing."""
    return not scope.concrete and scope.lookup(site.name) is not None


def _taken(scope: Scope, name: str) -> Span | None:
    frame = scope.frame
    if name in frame.instances:
        return frame.instances[name].span
    return frame.slots[name].span if name in frame.slots else None


def _numbered(scope: Scope, name: str) -> str:
    number = 2
    while _taken(scope, f"{name}_{number}") is not None:
        number += 1
    return f"{name}_{number}"


def declare_slot(scope: Scope, ident: ast.Ident, declaration: typed.SlotDeclaration) -> None:
    """A weight, frozen weight or state under its name, read in the turns of this scope."""
    frame = scope.frame
    found = frame.created.get(id(ident))
    if found is None:
        taken = _taken(scope, ident.name)
        if taken is not None:
            scope.report(LabelTaken(span=ident.span, name=ident.name, first=taken))
        else:
            frame.slots[ident.name] = declaration
        frame.created[id(ident)] = found = declaration
    assert isinstance(found, typed.SlotDeclaration)
    if (found.type, found.initial) != (declaration.type, declaration.initial):
        refuse(scope, ident.span, "loop size")
    scope.bind(ident, SlotBinding(span=ident.span, slot=found, turns=scope.turns))


def fix_function(
    scope: Scope, instance: Instance, function: typed.Function, span: Span, bounds: tuple[Bound, ...] = ()
) -> None:
    """The first call of an instance fixes the shapes of its weights; later ones must agree.

    `bounds` are the slots that this call gives itself; the instance lacks those that all calls give.
    """
    whole = tuple(one for one in bounds if one.everywhere)
    if instance.function is None:
        instance.function, instance.called, instance.bound = function, span, whole
        return
    instance.bound = tuple(one for one in instance.bound if one in whole)
    if instance.function is not function and _weights(instance.function) != _weights(function):
        first = instance.called or instance.span
        scope.report(InstanceShapesDiffer(span=span, name=instance.name, first=first))


def _weights(function: typed.Function) -> object:
    slots = [(slot.name, slot.kind, slot.shape, slot.type.dtype) for slot in function.slots]
    children = [(child.name, child.loops, _weights(child.function)) for child in function.created]
    return slots, [child for child in children if child[2] != ([], [])]


def owns_slots(session: Session, named: Global) -> bool:
    """Whether the text of a definition, or of one it names, declares a slot."""
    key = ("owns", id(named))
    found = session.memo.get(key)
    if found is None:
        session.memo[key] = False  # a circle is reported elsewhere
        found = session.memo[key] = _owns(session, named)
    return bool(found)


def _owns(session: Session, named: Global) -> bool:
    definition = named.definition
    if definition is None or definition.body is None:
        return False
    for node in ast.walk(definition.body):
        if isinstance(node, ast.Slot):
            return True
        if isinstance(node, ast.Name) and node.name in named.module.scope:
            other = named.module.scope[node.name]
            if other is not named and owns_slots(session, other):
                return True
    return False


def has_state(session: Session, function: typed.Function) -> bool:
    """Whether a function or an instance in it keeps a state."""
    key = ("state", id(function))
    found = session.memo.get(key)
    if found is None:
        own = any(slot.kind == "state" for slot in function.slots)
        found = own or any(has_state(session, child.function) for child in function.children)
        session.memo[key] = found
    return bool(found)
