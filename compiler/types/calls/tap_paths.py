"""Paths of values inside of a function: `blk.p` is the value `p` of the instance `blk`.

What came before: a `typed.Function` and names. What leaves: the literal, local or call that the first name
stands for, or why there is none. Invariants: a name stands for the value bound in the fewest loops; an
instance stands for the value of its one call; nothing inside of a loop over gates outlasts its turn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from hqn.compiler.types import typed
from hqn.compiler.types.model import TensorType, TupleType, Type
from hqn.compiler.types.walk import Part, parts

Path = tuple[str, ...]


@dataclass(eq=False)
class NoSource(Exception):
    """A name of a path that leads to nothing: what it is in the function, and what it could have been."""

    name: str
    owner: typed.Function
    what: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A part of a function, the turns of the loops around it, and whether a loop over gates is around it."""

    part: Part
    loops: tuple[int, ...] = ()
    gates: bool = False


Source = typed.Read | typed.Literal | typed.CallFunction


def tap_type(function: typed.Function, path: Path) -> Type:
    """The type of the value at a path, with the axes of loops and batches. Raises `NoSource`."""
    found, loops = source(function, path)
    type_ = found.type
    if len(path) > 1:
        assert isinstance(found, typed.CallFunction)
        type_ = lifted(tap_type(found.function, path[1:]), found.batch)
    return lifted(type_, loops)


def lifted(type_: Type, axes: tuple[int, ...]) -> Type:
    """The type with these axes in front."""
    if isinstance(type_, TensorType):
        return replace(type_, shape=(*axes, *type_.shape))
    assert isinstance(type_, TupleType)
    return TupleType(tuple(lifted(item, axes) for item in type_.items))


def source(function: typed.Function, path: Path) -> tuple[Source, tuple[int, ...]]:
    """What the first name of a path stands for, a call where the path goes on below it, and the turns of the
    loops around that. Raises `NoSource`.
    """
    name = path[0]
    if len(path) == 1 and any(name == known for known, _ in function.values):
        return _value(function, name)
    if any(child.name == name for child in function.children):
        return _call(function, name)
    values, children = dict(function.values), [child.name for child in function.children]
    if name in values:
        raise NoSource(name, function, "a value, not an instance,")
    slots = (slot.name for slot in function.slots)
    choices = tuple(dict.fromkeys((*((*values, *slots) if len(path) == 1 else ()), *children)))
    raise NoSource(name, function, "no value" if len(path) == 1 else "no instance", choices)


def _value(function: typed.Function, name: str) -> tuple[Source, tuple[int, ...]]:
    """The value bound in the fewest loops."""
    named = [value for known, value in function.values if known == name]
    for value in named:
        if isinstance(value, typed.Literal):
            return value, ()
    reads = {value.local: value for value in named if isinstance(value, typed.Read)}
    found = [(place, local) for place, local in _bound(function) if local in reads]
    if not found:
        raise NoSource(name, function, "not computed in this mode")
    fewest = min(len(place.loops) for place, _ in found)
    best = [(place, local) for place, local in found if len(place.loops) == fewest]
    if len(best) > 1:
        raise NoSource(name, function, f"the name of {len(best)} values")
    place, local = best[0]
    if place.gates:
        raise NoSource(name, function, "inside of a loop over gates")
    return reads[local], place.loops


def _call(function: typed.Function, name: str) -> tuple[Source, tuple[int, ...]]:
    """The one call of an instance."""
    calls: dict[int, tuple[Place, typed.CallFunction | typed.ApplyCircuit]] = {}
    for place in _places(function):
        part = place.part
        if isinstance(part, typed.CallFunction | typed.ApplyCircuit) and part.instance == name:
            calls.setdefault(id(part), (place, part))
    if len(calls) != 1:
        what = f"called {len(calls)} times" if calls else "never called by itself"
        raise NoSource(name, function, what)
    ((place, call),) = calls.values()
    if isinstance(call, typed.ApplyCircuit):
        raise NoSource(name, function, "applied to qubits")
    if place.gates:
        raise NoSource(name, function, "inside of a loop over gates")
    return call, place.loops


def _bound(function: typed.Function) -> Iterator[tuple[Place, typed.Local]]:
    """Every local of a function, and the place where it is bound."""
    for param in function.params:
        yield Place(typed.Read(param, type=param.type, span=function.span)), param
    for place in _places(function):
        match place.part:
            case typed.Assign(local=local) | typed.DrawRandom(local=local):
                yield place, local
            case typed.Loop() as loop:
                inside = Place(loop.body, (*place.loops, loop.trips), place.gates)
                for local in (loop.index, *loop.elements, *loop.carries):
                    yield inside, local


def _places(function: typed.Function) -> Iterator[Place]:
    for statement in function.statements:
        yield from _below(Place(statement))
    if function.result is not None:
        yield from _below(Place(function.result))


def _below(place: Place) -> Iterator[Place]:
    yield place
    part = place.part
    gates = place.gates or isinstance(part, typed.RepeatGates)
    for one in parts(part):
        turns = (part.trips,) if isinstance(part, typed.Loop) and isinstance(one, typed.Body) else ()
        yield from _below(Place(one, (*place.loops, *turns), gates))


def turn_axes(function: typed.Function, path: Path) -> list[bool]:
    """Which leading axes of a value below a path of instances are the turns of loops that create them.

    Raises `NoSource` where an instance is called in other loops than those.
    """
    axes: list[bool] = []
    for name in path:
        call, loops = _call(function, name)
        assert isinstance(call, typed.CallFunction)
        child = next(child for child in function.children if child.name == name)
        if loops != child.loops:
            raise NoSource(name, function, "called in a loop that does not create it")
        axes += [True] * len(loops) + [False] * len(call.batch)
        function = call.function
    return axes
