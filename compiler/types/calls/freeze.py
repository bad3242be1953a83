"""Parts of an instance that are not trained: `let k = net frozen encoder`.

What came before: the functions of a body's instances. What leaves: for such an instance its function once
more, in which the part is a frozen instance or a frozen weight. Invariant: only what the tree of instances
is told differs; calls go to the function as it was.
"""

from __future__ import annotations

from dataclasses import replace

from hqn.compiler.names.resolve import nearest
from hqn.compiler.syntax import ast
from hqn.compiler.types import typed
from hqn.compiler.types.calls.bind_slots import variant
from hqn.compiler.types.calls.errors import UnknownSlot
from hqn.compiler.types.errors import BadIndex
from hqn.compiler.types.instances import as_word
from hqn.compiler.types.scope import Instance, Scope, Session

Path = tuple[ast.Ident, ...]


def freeze_parts(scope: Scope) -> None:
    """Find what is frozen in each instance of this body; reports parts that there are not.

    The instance's own name may stand in front; alone it means all of it.
    """
    for instance in scope.frame.instances.values():
        if instance.frozen_part is None or instance.function is None:
            continue
        path = _path(scope, instance.frozen_part)
        if path and path[0].name == instance.name:
            path = path[1:]
            instance.frozen = not path
        if path is not None and _exists(scope, instance.function, path):
            instance.frozen_path = tuple(ident.name for ident in path)


def declared(session: Session, instance: Instance) -> typed.Function:
    """The function that says which slots an instance has, and which of them are frozen."""
    assert instance.function is not None
    function = variant(session, instance.function, instance.bound)
    return _frozen(session, function, instance.frozen_path) if instance.frozen_path else function


def _path(scope: Scope, expr: ast.Expr) -> Path | None:
    match expr:
        case ast.Name():
            return (ast.Ident(expr.name, span=expr.span),)
        case ast.Attribute():
            outer = _path(scope, expr.value)
            return None if outer is None else (*outer, expr.name)
    scope.report(BadIndex(span=expr.span, why="a part is made of names, `net.encoder`, and is all its turns"))
    return None


def _exists(scope: Scope, function: typed.Function, path: Path) -> bool:
    for place, ident in enumerate(path):
        child = next((one for one in function.created if one.name == ident.name), None)
        if child is not None:
            function = child.function
            continue
        slots = [slot.name for slot in function.slots]
        if ident.name not in slots:
            _unknown(scope, ident, function.definition, [*slots, *(one.name for one in function.created)])
            return False
        if place < len(path) - 1:
            _unknown(scope, path[place + 1], ident.name, [])
            return False
    return True


def _unknown(scope: Scope, ident: ast.Ident, owner: str, choices: list[str]) -> None:
    near = nearest(ident.name, choices)
    scope.report(
        UnknownSlot(
            span=ident.span,
            name=ident.name,
            what="no part",
            owner=owner,
            nearest=near,
            choices=tuple(choices),
        )
    )


def _frozen(session: Session, function: typed.Function, path: tuple[str, ...]) -> typed.Function:
    """The function with the part at this path frozen; one for each function and path."""
    key = ("frozen", id(function), path)
    found = session.memo.get(key)
    if found is None:
        name, *rest = path
        found = session.memo[key] = replace(
            function,
            name=session.unique_name(f"{function.name}_frozen_{as_word(*path)}"),
            slots=tuple(_frozen_slot(slot) if slot.name == name else slot for slot in function.slots),
            children=tuple(
                _frozen_child(session, child, tuple(rest)) if child.name == name else child
                for child in function.children
            ),
        )
        session.memo["frozen of", id(found)] = function  # keeps it alive, so that its id stays its own
        if ("differs", id(function)) in session.memo:
            session.memo["differs", id(found)] = found
    assert isinstance(found, typed.Function)
    return found


def _frozen_slot(slot: typed.SlotDeclaration) -> typed.SlotDeclaration:
    return replace(slot, kind="frozen weight") if slot.kind == "weight" else slot


def _frozen_child(session: Session, child: typed.ChildInstance, path: tuple[str, ...]) -> typed.ChildInstance:
    if not path:
        return replace(child, frozen=True)
    return replace(child, function=_frozen(session, child.function, path))
