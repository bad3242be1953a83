"""One function on its way to text: its lines so far, its values, its names.

What came before: an `hqn.func` and what is known of the functions that it calls. What leaves: lines of
Python, each with the place in the .hqn text that it comes from. Invariant: every value is computed once per
turn of the loop that it stands in; a value used once is written where it is used if the line stays short.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from hqn.compiler.diagnostics.internal import InternalError
from hqn.compiler.emit.jax.code import Code
from hqn.compiler.emit.jax.names import Names
from hqn.compiler.emit.jax.slots import Slots, taken, turn_number
from hqn.compiler.emit.jax.states import States
from hqn.compiler.emit.jax.values import Mark, Value
from hqn.compiler.emit.text import comment
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.location import where
from hqn.compiler.ir.tensors import dtype, shape
from hqn.compiler.ir.turns import Turn
from hqn.compiler.ir.xdsl_api import Block, Operation, SSAValue
from hqn.compiler.plan.demand import Demand

INLINE = 64
"""The longest expression that is written where it is used rather than named."""


@dataclass(frozen=True, slots=True)
class Line:
    """A logical line and the `file:line` that it comes from; `shows` asks for that as a comment."""

    indent: int
    text: str
    place: str | None = None
    shows: bool = False


@dataclass(frozen=True, slots=True)
class Signature:
    """What a caller must know of an emitted function.

    `entry` functions are called from outside and take `p` even where there are no slots. `slots` are its own;
    `shared` are the labels of instances with slots that the caller gives. `states` are the keys of the
    dictionary of states that it returns, its own and those of `shared`. `leads` and `sure` are those of each
    result, seen from inside: what it varies with.
    """

    name: str
    slots: bool
    shared: tuple[str, ...]
    entry: bool
    draws: bool
    sets_state: bool
    states: tuple[str, ...]
    params: tuple[str, ...]
    leads: tuple[bool, ...]
    sure: tuple[frozenset[Mark], ...]

    @property
    def reads(self) -> bool:
        """Whether it takes `p` for slots, its own or shared ones."""
        return self.slots or bool(self.shared)


@dataclass
class Module:
    """What the functions of one emitted module share."""

    signatures: dict[str, Signature] = field(default_factory=dict)
    """By symbol of the IR; the name may be that of an equal function emitted before."""
    functions: dict[str, str] = field(default_factory=dict)
    """The Python name of every function, by symbol."""
    demands: Mapping[str, Demand] = field(default_factory=dict)
    """What runs demand of the functions, by symbol."""
    tables: dict[str, str] = field(default_factory=dict)
    """Module-level tuples of numbers, text to name."""

    def table(self, text: str) -> str:
        return self.tables.setdefault(text, f"TABLE_{len(self.tables) + 1}")


class Writer:
    """Writes one function. `depth` counts the `map` loops around, `keys` are the keys of this place."""

    def __init__(self, func: FuncOp, module: Module) -> None:
        self.func = func
        self.module = module
        self.names = Names(module.functions.values())
        self.values: dict[SSAValue, Value] = {}
        self.lines: list[Line] = []
        self.indent = 4
        self.depth = 0
        self.keys = Code("keys")
        self.slots = Slots()
        self.states = States()
        self._place: str | None = None

    # --- values ---

    def value(self, ssa: SSAValue) -> Value:
        """The expression of a value already computed."""
        found = self.values.get(ssa)
        if found is None:
            raise InternalError(
                "emit jax", f"a value of {self.func.symbol_name} is used before it is computed"
            )
        return found

    def argument(self, ssa: SSAValue, name: str, levels: frozenset[int], sure: frozenset[Mark]) -> Value:
        """Bind a parameter or a turn's argument to a Python name."""
        value = Value(Code(name), shape(ssa), dtype(ssa), levels, sure)
        self.values[ssa] = value
        return value

    def bind(self, ssa: SSAValue, value: Value, hint: str | None = None) -> None:
        """The value of an operation's result: kept as an expression, or given a name and a line."""
        self.values[ssa] = value if self._stays(ssa, value) else self.assigned(value, ssa.name_hint or hint)

    def assigned(self, value: Value, hint: str | None = None) -> Value:
        """The same value under a name of its own."""
        name = self.names.new(hint)
        self.line(f"{name} = {value.text}")
        return value.named(name)

    def settled(self, value: Value, hint: str | None, uses: int) -> Value:
        """A value that `uses` places will write: under a name unless it is one or is used once."""
        return value if uses < 2 or _is_short(value) else self.assigned(value, hint)

    def _stays(self, ssa: SSAValue, value: Value) -> bool:
        if _is_short(value) or not ssa.uses:
            return True
        if ssa.name_hint is not None and not self._is_returned(ssa):
            return False
        return len(value.text) <= INLINE and ssa.uses.get_length() == 1 and _once_per_turn(ssa)

    def _is_returned(self, ssa: SSAValue) -> bool:
        return all(use.operation.name == "hqn.return" for use in ssa.uses)

    # --- lines ---

    def line(self, text: str, shows: bool = False) -> None:
        self.lines.append(Line(self.indent, text, self._place, shows))

    def give(self, text: str) -> None:
        """`return text`; a name that the line before gave to a value is left out."""
        last = self.lines[-1] if self.lines else None
        if last and text.isidentifier() and last.text.startswith(f"{text} = ") and self._runs_once(last):
            self.lines[-1] = replace(last, text=f"return {last.text.removeprefix(f'{text} = ')}")
        else:
            self.line(f"return {text}")

    def _runs_once(self, last: Line) -> bool:
        """Whether the last line is not in a loop: at this indentation, or alone in a `with`."""
        if last.indent == self.indent:
            return True
        return last.indent == self.indent + 4 and self.lines[-2].text.startswith("with ")

    def insert(self, place: int, text: str) -> None:
        """A line in front of one already written, as far in as that one."""
        self.lines.insert(place, Line(self.lines[place].indent, text, self._place))

    @contextmanager
    def nested(self, head: str) -> Iterator[None]:
        """Lines inside of a `for`, `with` or `def`."""
        self.line(head, shows=True)
        self.indent += 4
        yield
        self.indent -= 4

    @contextmanager
    def at(self, op: Operation) -> Iterator[None]:
        """Lines that come from the place of an operation."""
        before = self._place
        place = where(op)
        if place is not None:
            self._place = comment(place)
        yield
        self._place = before

    @contextmanager
    def attempt(self) -> Iterator[Attempt]:
        """Try to write something; what was written is taken back unless the attempt is kept."""
        saved = (
            list(self.lines),
            dict(self.values),
            self.names.copy(),
            self.slots.copy(),
            self.states.copy(),
        )
        attempt = Attempt()
        yield attempt
        if not attempt.kept:
            self.lines, self.values, self.names, self.slots, self.states = saved

    # --- slots and keys ---

    def slot(self, name: str, turns: tuple[Turn, ...], array: bool) -> Code:
        """A slot (an array), or all slots of an instance, in the given turns."""
        base, rest = self.slots.find(name, turns)
        return taken(base, self.turn_numbers(rest), array)

    def turn_numbers(self, turns: tuple[Turn, ...]) -> list[str]:
        """The turns as subscripts."""
        return [turn_number(turn, self._index(turn)) for turn in turns]

    def _index(self, turn: Turn) -> Code | None:
        return None if turn.index is None else self.value(turn.index).code

    @contextmanager
    def keyed(self, keys: Code) -> Iterator[None]:
        """Draws inside get these keys."""
        before, self.keys = self.keys, keys
        yield
        self.keys = before


@dataclass
class Attempt:
    """Whether what was tried is kept."""

    kept: bool = False


def _is_short(value: Value) -> bool:
    """Whether writing the expression twice costs nothing: a name, a number, a slot."""
    text = value.text.removeprefix("-")
    return value.bare or text.isidentifier() or (text.startswith("p[") and len(text) < 24)


def _once_per_turn(ssa: SSAValue) -> bool:
    """Whether the one use of a value stands in the same turn: not inside of a loop that runs it again."""
    made = ssa.owner if isinstance(ssa.owner, Block) else ssa.owner.parent_block()
    (use,) = ssa.uses
    block = use.operation.parent_block()
    while block is not made:
        parent = block.parent_op() if block else None
        if parent is None or parent.name != "hqn.map":
            return False
        block = parent.parent_block()
    return True
