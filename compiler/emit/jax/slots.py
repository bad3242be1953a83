"""Where the slots of a function and of its instances are found while its loops are being emitted.

What came before: reads of a slot in a turn of each loop that creates it. What leaves: `p["w"]`,
`p["w"][l]`, or the name of the slice that a turn was given. Invariant: a loop that becomes a scan or a vmap
is given the slices of its turn, so that neither it nor its derivative ever touches the slots of all turns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hqn.compiler.emit.jax.code import Code, binary, call, index
from hqn.compiler.emit.text import quoted_name
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.instances import CallOp, SetStateOp, SlotOp
from hqn.compiler.ir.qc import ApplyOp
from hqn.compiler.ir.turns import Turn
from hqn.compiler.ir.xdsl_api import Block, Operation, SSAValue

if TYPE_CHECKING:
    from hqn.compiler.emit.jax.writer import Module, Signature

TurnKey = tuple[SSAValue | None, int, int]


@dataclass(frozen=True, slots=True)
class View:
    """What a loop reads of a slot (`array`) or instance: its own turn `last`, within the turns `before`."""

    name: str
    array: bool
    before: tuple[Turn, ...]
    last: Turn

    @property
    def key(self) -> tuple[str, tuple[TurnKey, ...]]:
        return self.name, turn_keys((*self.before, self.last))


def turn_keys(turns: tuple[Turn, ...]) -> tuple[TurnKey, ...]:
    return tuple((turn.index, turn.stride, turn.offset) for turn in turns)


class Slots:
    """The slices at hand, by slot or instance name and the turns that they are of."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, tuple[TurnKey, ...]], str] = {}

    def copy(self) -> Slots:
        other = Slots()
        other._known = dict(self._known)
        return other

    def learn(self, view: View, name: str) -> None:
        self._known[view.key] = name

    def find(self, name: str, turns: tuple[Turn, ...]) -> tuple[Code, tuple[Turn, ...]]:
        """The closest that is at hand, and the turns that still have to be taken of it."""
        for count in range(len(turns), 0, -1):
            found = self._known.get((name, turn_keys(turns[:count])))
            if found is not None:
                return Code(found), turns[count:]
        return Code(f"p[{quoted_name(name)}]"), turns


def views(block: Block, loop_index: SSAValue, signatures: Mapping[str, Signature]) -> list[View]:
    """What a loop reads of the slots that it creates, in the order of the text."""
    found: dict[object, View] = {}
    for op in operations(block):
        for name, turns in _read(op, signatures):
            for place, turn in enumerate(turns):
                if turn.index is loop_index:
                    view = View(name, isinstance(op, SlotOp), turns[:place], turn)
                    found.setdefault(view.key, view)
    return list(found.values())


def _read(op: Operation, signatures: Mapping[str, Signature]) -> Iterator[tuple[str, tuple[Turn, ...]]]:
    """The slots and instances that an operation reads, with their turns."""
    if isinstance(op, SlotOp):
        yield op.slot, op.turns
    elif isinstance(op, CallOp | ApplyOp):
        callee = signatures[op.callee]
        if callee.slots:
            yield op.instance, op.turns
        yield from ((one.instance, one.turns) for one in op.shared if one.label in callee.shared)


def reads_number(loop_index: SSAValue) -> bool:
    """Whether a loop's number is used for more than to say which turn of a slot is meant."""
    return any(
        not isinstance(use.operation, SlotOp | SetStateOp | CallOp | ApplyOp)
        or use.index >= len(use.operation.indices)
        for use in loop_index.uses
    )


def operations(block: Block) -> Iterator[Operation]:
    """All operations of a block, those of its loops included."""
    for op in block.ops:
        yield from op.walk()


def taken(base: Code, subscripts: list[str], array: bool) -> Code:
    """Turns of an array, or of every slot of an instance."""
    if not subscripts:
        return base
    if array:
        return index(base, *subscripts)
    objects = [_as_object(text) for text in subscripts]
    return call("nn.turn", base, objects[0] if len(objects) == 1 else f"({', '.join(objects)})")


def _as_object(subscript: str) -> str:
    """`1:7:2` as `slice(1, 7, 2)`, to be passed as an argument."""
    if ":" not in subscript:
        return subscript
    start, stop, step = (*subscript.split(":"), "")[:3]
    return f"slice({', '.join([start or '0', stop, *([step] if step else [])])})"


def turn_number(turn: Turn, index_code: Code | None) -> str:
    """`stride * index + offset` as text."""
    if index_code is None or turn.stride == 0:
        return str(turn.offset)
    scaled = index_code if turn.stride == 1 else binary("*", Code(str(turn.stride)), index_code)
    return (binary("+", scaled, Code(str(turn.offset))) if turn.offset else scaled).text


def turn_slice(view: View, trips: int, created: int) -> list[str]:
    """The turns that a loop of `trips` turns reads out of `created`, as a slice; nothing where it reads
    all.
    """
    turn = view.last
    if turn.stride == 1 and turn.offset == 0 and trips == created:
        return []
    stop = turn.offset + turn.stride * (trips - 1) + 1
    step = f":{turn.stride}" if turn.stride != 1 else ""
    return [f"{turn.offset or ''}:{stop}{step}"]


def has_slots(func: FuncOp, module: Module) -> bool:
    """Whether a function or an instance that it creates reads slots."""
    return bool(func.slots) or any(module.signatures[child.callee].slots for child in func.created)


def reads_slots(func: FuncOp, module: Module) -> bool:
    """Whether a function takes slots, its own or those of instances that its caller gives."""
    return has_slots(func, module) or bool(shared_instances(func, module))


def shared_instances(func: FuncOp, module: Module) -> tuple[str, ...]:
    """Labels of the instances with slots that the caller gives."""
    given = (child for child in func.children if child.shared)
    return tuple(child.name for child in given if module.signatures[child.callee].slots)
