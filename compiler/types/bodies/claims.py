"""Names of slots and instances: one set per body, so that every path is unique and stable.

What came before: a call, a `let` or a slot declaration. What leaves: its entry in the frame. Invariants:
nothing that owns weights is ever numbered silently, so inserting a line renames no weight; a node that is
elaborated again (another turn of an expanded loop) gets the entry it made before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hqn.compiler.names.resolve import Global
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import typed
from hqn.compiler.types.body_errors import InstanceShapesDiffer, LabelTaken, RepeatedCall
from hqn.compiler.types.calls.statics import Application
from hqn.compiler.types.scope import Instance, Scope, Session, SlotBinding
from hqn.compiler.types.sizes import Dim
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
    found = frame.created.get(_key(scope, site.node))
    if isinstance(found, Instance):
        return _in_turn(found, application)
    name = (site.label.name if site.label else site.name) + _suffix(scope, site.node)
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


def shared_instance(scope: Scope, application: Application) -> Instance:
    """The caller's instance that a layer-valued static stands for: one, however often it is called."""
    static = application.shared
    assert static is not None
    found = scope.frame.shared.get(static)
    if found is None:
        name = static if _taken(scope, static) is None else _numbered(scope, static)
        span = application.span or scope.frame.span
        found = Instance(name=name, application=application, span=span, shared=static)
        scope.frame.instances[name] = scope.frame.shared[static] = found
    return found


def let_instance(scope: Scope, let: ast.Let, application: Application) -> Instance:
    """The instance of `let f = L[…]`."""
    found = scope.frame.created.get(_key(scope, let))
    if isinstance(found, Instance):
        return _in_turn(found, application)
    name = let.name.name + _suffix(scope, let)
    taken = _taken(scope, name)
    if taken is not None:
        scope.report(LabelTaken(span=let.name.span, name=name, first=taken))
        name = _numbered(scope, name)
    instance = _create(scope, let, name, application, let.name.span)
    instance.frozen, instance.frozen_part = let.frozen and let.frozen_part is None, let.frozen_part
    return instance


def _create(scope: Scope, node: ast.Node, name: str, application: Application, span: Span) -> Instance:
    loops = loops_of(scope, node)
    instance = Instance(name=name, application=application, span=span, loops=loops, node=id(node))
    scope.frame.instances[name] = instance
    scope.frame.created[_key(scope, node)] = instance
    return instance


# --- turns of expanded loops ------------------------------------------------------------------------


def turns_of(scope: Scope, node: ast.Node) -> tuple[typed.Turn, ...]:
    """The turns of the loops whose axes stand in front of what a node creates."""
    one_each = id(node) in scope.frame.by_turn
    return tuple(turn for turn in scope.turns if turn.index is not None or not one_each)


def loops_of(scope: Scope, node: ast.Node) -> tuple[Dim, ...]:
    """The trip counts of those loops."""
    one_each = id(node) in scope.frame.by_turn
    return tuple(loop.trips for loop in scope.loops if loop.turn.index is not None or not one_each)


def _key(scope: Scope, node: ast.Node) -> object:
    return id(node), _suffix(scope, node)


def _suffix(scope: Scope, node: ast.Node) -> str:
    """`[0][2]`, the numbers of the turns, behind the name of what is another thing in each of them."""
    if id(node) not in scope.frame.by_turn:
        return ""
    return "".join(f"[{turn.offset}]" for turn in scope.turns if turn.index is None)


def _in_turn(found: Instance, application: Application) -> Instance:
    """An instance in a later turn, where it may have other statics, or be given another turn's instances."""
    if found.application == application and _turns_given(found.application) == _turns_given(application):
        return found
    return replace(found, application=application, function=None, called=None, first=found.first or found)


def _turns_given(application: Application) -> list[tuple[typed.Turn, ...]]:
    """The turns of all instances that an application is given."""
    inner = [one for _, one in application.statics if isinstance(one, Application)]
    return [application.turns, *(turns for one in inner for turns in _turns_given(one))]


def _differs(scope: Scope, node: int) -> bool:
    """Whether a node that creates different things may have an entry for each turn; then it will."""
    frame = scope.frame
    if not frame.rebuilt or node in frame.by_turn or all(turn.index is not None for turn in scope.turns):
        return False
    frame.differs.add(node)
    return True


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
    frame, name = scope.frame, declaration.name + _suffix(scope, ident)
    declaration = replace(declaration, name=name, loops=loops_of(scope, ident))  # type: ignore[arg-type]
    found = frame.created.get(_key(scope, ident))
    if found is None:
        taken = _taken(scope, name)
        if taken is not None:
            scope.report(LabelTaken(span=ident.span, name=name, first=taken))
        else:
            frame.slots[name] = declaration
        frame.created[_key(scope, ident)] = found = declaration
    assert isinstance(found, typed.SlotDeclaration)
    if (found.type, found.initial) != (declaration.type, declaration.initial) and not _differs(
        scope, id(ident)
    ):
        refuse(scope, ident.span, "loop size")
    scope.bind(ident, SlotBinding(span=ident.span, slot=declaration, turns=turns_of(scope, ident)))


def fix_function(
    scope: Scope, instance: Instance, function: typed.Function, span: Span, bounds: tuple[Bound, ...] = ()
) -> None:
    """The first call of an instance fixes the shapes of its weights; later ones must agree.

    `bounds` are the slots that this call gives itself; the instance lacks those that all calls give.
    """
    whole = tuple(one for one in bounds if one.everywhere)
    instance = instance.first or instance
    if instance.function is None:
        instance.function, instance.called, instance.bound = function, span, whole
        return
    instance.bound = tuple(one for one in instance.bound if one in whole)
    same = instance.function is function or _weights(instance.function) == _weights(function)
    if not same and not _differs(scope, instance.node):
        first = instance.called or instance.span
        scope.report(InstanceShapesDiffer(span=span, name=instance.name, first=first))


def _weights(function: typed.Function) -> object:
    slots = [(slot.name, slot.kind, slot.shape, slot.type.dtype, slot.initial) for slot in function.slots]
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
