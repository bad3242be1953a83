"""Weights and states read from outside of their function: `net::head.W`.

What came before: a `typed.Function` and the path of a slot in it or in instances that it creates. What
leaves: a function of nothing that reads the slot, to be called on the same instance. Invariant: the value has
the axes of all loops that create the slot, outermost first, as the checkpoint has.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from hqn.compiler.types import typed
from hqn.compiler.types.calls.tap_paths import Path
from hqn.compiler.types.instances import as_word
from hqn.compiler.types.model import DType, TensorType
from hqn.compiler.types.scope import Session

Read = Callable[[tuple[typed.Turn, ...]], typed.Expr]


def has_slot(function: typed.Function, path: Path) -> bool:
    """Whether a path leads to a slot of the function or of an instance that it creates."""
    if len(path) == 1:
        return any(slot.name == path[0] for slot in function.slots)
    child = _child(function, path[0])
    return child is not None and has_slot(child.function, path[1:])


def slot_reader(session: Session, function: typed.Function, path: Path) -> typed.Function:
    """The function that reads a slot, made once."""
    key = ("reader", id(function), path)
    if key not in session.memo:
        name = session.unique_name(f"{function.name}_{as_word(*path)}")
        made = (
            _of_slot(function, path[0], name) if len(path) == 1 else _of_child(session, function, path, name)
        )
        session.memo[key] = (made, function)  # keeps the function alive, so that its id stays its own
    found: Any = session.memo[key]
    return cast("typed.Function", found[0])


def _of_slot(function: typed.Function, slot_name: str, name: str) -> typed.Function:
    slot = next(slot for slot in function.slots if slot.name == slot_name)

    def read(turns: tuple[typed.Turn, ...]) -> typed.Expr:
        return typed.SlotRead(slot.name, turns, type=slot.type, span=slot.span)

    return _reader(function, name, (slot,), (), _all_turns(slot.loops, read))


def _of_child(session: Session, function: typed.Function, path: Path, name: str) -> typed.Function:
    child = _child(function, path[0])
    assert child is not None
    inner = slot_reader(session, child.function, path[1:])
    assert inner.result is not None
    type_ = inner.result.type

    def read(turns: tuple[typed.Turn, ...]) -> typed.Expr:
        return typed.CallFunction(child.name, inner, (), turns=turns, type=type_, span=child.span)

    return _reader(function, name, (), (replace(child, function=inner),), _all_turns(child.loops, read))


def _child(function: typed.Function, name: str) -> typed.ChildInstance | None:
    return next((child for child in function.created if child.name == name), None)


def _reader(
    function: typed.Function,
    name: str,
    slots: tuple[typed.SlotDeclaration, ...],
    children: tuple[typed.ChildInstance, ...],
    result: typed.Expr,
) -> typed.Function:
    return typed.Function(name, function.definition, "layer", (), slots, children, (), result, function.span)


def _all_turns(loops: tuple[int, ...], read: Read, turns: tuple[typed.Turn, ...] = ()) -> typed.Expr:
    """What is read in every turn of the loops, stacked."""
    if not loops:
        return read(turns)
    index = typed.Local(f"turn_{len(turns)}" if turns else "turn", TensorType(DType.I32, (), loops[0]))
    value = _all_turns(loops[1:], read, (*turns, typed.Turn(index, 1, 0)))
    assert isinstance(value.type, TensorType)
    return typed.Loop(
        kind="parallel", trips=loops[0], index=index, domains=(), elements=(), carries=(), initial=(),
        body=typed.Body((), (), value), type=replace(value.type, shape=(loops[0], *value.type.shape)),
        span=value.span,
    )  # fmt: skip
