"""What a body is elaborated in: its names, its loops, the function it becomes and the way it was reached.

What came before: resolved definitions. What leaves: nothing; this is the state that the checkers of this
folder share. A `Session` is one run of the checker, a `Frame` one function being built, a `Scope` one
block of it. Invariants: a frame is either generic (`concrete` is false, sizes are symbols, nothing of it
is kept but diagnostics) or concrete (sizes are ints, it becomes a `typed.Function`); every diagnostic
goes through `Scope.report`, which adds the call chain of a concrete frame.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hqn.compiler.diagnostics import Diagnostic, Note, Sink
from hqn.compiler.names.resolve import Global, LoadedModule, Resolved
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import typed
from hqn.compiler.types.calls.statics import Application, StaticValue
from hqn.compiler.types.model import DType, Type
from hqn.compiler.types.sizes import Dim

if TYPE_CHECKING:
    from hqn.compiler.types.calls.bind_slots import Bound

# --- bindings: what a name can stand for in a body ------------------------------------------------


@dataclass(slots=True, kw_only=True)
class Binding:
    """Anything a name can mean. Checkers may add kinds (qubits, index families) by subclassing."""

    span: Span


@dataclass(slots=True, kw_only=True)
class ValueBinding(Binding):
    """A value computed at run time: a parameter, `x = …`, a loop variable, a carry, a drawn value."""

    local: typed.Local
    interval: tuple[Dim, Dim] | None = None
    """For loop variables: lowest and highest value, both inclusive."""


@dataclass(slots=True, kw_only=True)
class AliasBinding(Binding):
    """A name for an expression that is not computed into a local: literals, observables."""

    value: typed.Expr


@dataclass(slots=True, kw_only=True)
class StaticBinding(Binding):
    """A static, an inferred size, or the variable of an expanded loop: known while checking.

    `origin` says where the value was fixed: the bracket or the argument at the call.
    """

    value: StaticValue
    origin: Note | None = None
    signature: ast.ArrowTypeExpr | None = None
    """Of a layer-valued static: the slot as declared."""


@dataclass(slots=True, kw_only=True)
class SlotBinding(Binding):
    """A weight, frozen weight or state of this function, with the turns it is read in."""

    slot: typed.SlotDeclaration
    turns: tuple[typed.Turn, ...]


@dataclass(slots=True, eq=False, kw_only=True)
class Instance:
    """What a `let` or one textual call creates. `function` is set by its first call."""

    name: str
    application: Application
    span: Span
    loops: tuple[Dim, ...] = ()
    frozen: bool = False
    frozen_part: ast.Expr | None = None
    """What is frozen where it is not all, as written."""
    frozen_path: tuple[str, ...] = ()
    """The path of that part, once it is found."""
    function: typed.Function | None = None
    called: Span | None = None
    """The first call."""
    shared: str | None = None
    """The layer-valued static by which the caller gave this instance; its weights are the caller's."""
    bound: tuple[Bound, ...] = ()
    """Slots that every call so far has bound with `with`."""
    node: int = 0
    """The id of the syntax node that creates it."""
    first: Instance | None = None
    """The instance of the first turn of an expanded loop, where this one has other statics."""


@dataclass(slots=True, kw_only=True)
class InstanceBinding(Binding):
    """`let f = L[…]`, as seen in the turns it was created in."""

    instance: Instance
    turns: tuple[typed.Turn, ...]


# --- loops ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class CreatingLoop:
    """A `parallel` or `repeat` around this scope: slots and instances get one set per turn."""

    trips: Dim
    turn: typed.Turn


@dataclass(slots=True)
class TurnResult:
    """What the turn of the innermost loop gives, filled by `next` and `yield`."""

    carries: dict[str, typed.Local]
    following: dict[str, typed.Expr] = field(default_factory=dict)
    yielded: typed.Expr | None = None


@dataclass(frozen=True, slots=True)
class Called:
    """A call of an instance, and the block that it is evaluated in."""

    instance: Instance
    call: typed.CallFunction
    block: list[typed.Statement]


@dataclass(frozen=True, slots=True)
class Tap:
    """A value inside a call of this function, under its path below the callee, and the local it becomes."""

    call: typed.CallFunction
    path: tuple[str, ...]
    local: typed.Local


# --- session, frame, scope ------------------------------------------------------------------------


@dataclass(slots=True)
class Session:
    """One run of the checker over one program."""

    resolved: Resolved
    sink: Sink
    functions: dict[object, typed.Function | None] = field(default_factory=dict)
    """Concrete functions by (definition, statics, argument types, training); None where one failed."""
    poisoned: set[int] = field(default_factory=set)
    """ids of definitions with diagnostics of their own: instances of them are unknown and silent."""
    function_names: set[str] = field(default_factory=set)
    frames: list[Frame] = field(default_factory=list)
    """The frames in progress, outermost first."""
    memo: dict[object, object] = field(default_factory=dict)
    """For checkers: anything computed once per session, keyed by (checker's name, …)."""

    def unique_name(self, name: str) -> str:
        """A name that no function of the program has yet."""
        return _entered(name, "_v", self.function_names)


def _entered(name: str, mark: str, taken: set[str]) -> str:
    """The name, or else `name_2`, `name_3`, …: the first that is not taken, which it then is."""
    chosen, number = name, 2
    while chosen in taken:
        chosen, number = f"{name}{mark}{number}", number + 1
    taken.add(chosen)
    return chosen


@dataclass(slots=True)
class Frame:
    """One function being built."""

    session: Session
    module: LoadedModule
    name: str
    kind: str
    """layer, circuit, model, quantizer, observable or expression (of a run)."""
    span: Span
    concrete: bool
    training: bool = False
    chain: tuple[Note, ...] = ()
    definition: ast.Definition | None = None
    named: Global | None = None
    """The definition under its name; None for an expression of a run."""
    params: list[typed.Local] = field(default_factory=list)
    slots: dict[str, typed.SlotDeclaration] = field(default_factory=dict)
    instances: dict[str, Instance] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    origins: dict[typed.Local, Span] = field(default_factory=dict)
    """Where locals were bound, for notes."""
    intervals: dict[typed.Local, tuple[Dim, Dim]] = field(default_factory=dict)
    """Lowest and highest value of loop variables, both inclusive."""
    created: dict[object, Instance | typed.SlotDeclaration] = field(default_factory=dict)
    """By id of the syntax node: a node that is elaborated once per turn of an expanded loop creates once."""
    by_turn: frozenset[int] = frozenset()
    """Nodes that create another thing in each turn of an expanded loop: `w[0]`, `w[1]`."""
    differs: set[int] = field(default_factory=set)
    """Such nodes found now: the function is built once more, with these."""
    rebuilt: bool = False
    """Whether that is possible."""
    shared: dict[str, Instance] = field(default_factory=dict)
    """By layer-valued static: the instances of the caller that this function has used."""
    result: typed.Expr | None = None
    returned: Span | None = None
    result_type: Type | None = None
    """As declared, with the sizes of this frame; None where the circuit returns nothing."""
    has_where: bool = False
    uses_training: bool = False
    failed: bool = False
    """Something was reported: the function is not kept."""
    written_turns: int = 0
    """Turns of classical loops that were expanded."""
    qubits: int = 0
    qubit_params: int = 0
    values: list[tuple[str, typed.Expr]] = field(default_factory=list)
    """What the names of the text stand for, where that is one value."""
    calls: list[Called] = field(default_factory=list)
    taps: list[Tap] = field(default_factory=list)
    call_elsewhere: Callable[[str], tuple[Span, ...]] | None = None
    """In a run: takes in a call of an instance from elsewhere, see `runs/functions.py`."""
    structure: Callable[[str], typed.Function | None] | None = None
    """In a run: what an instance calls elsewhere."""
    gone: tuple[tuple[int, str], ...] = ()
    """Of the caller's wires, those that are measured or discarded at the end."""
    circuit: object | None = None
    """State of `check_circuit`, which alone reads it."""

    def fresh_local(self, name: str, type_: Type, span: Span) -> typed.Local:
        """A local whose name is unique in the function and a Python identifier."""
        local = typed.Local(self.unique_name(name), type_)
        self.origins[local] = span
        return local

    def unique_name(self, name: str) -> str:
        base = f"{name}_" if keyword.iskeyword(name) or keyword.issoftkeyword(name) else name
        return _entered(base, "_", self.taken)


@dataclass(slots=True)
class Scope:
    """One block. `statements` is where elaborated statements go: the sink of this block."""

    frame: Frame
    parent: Scope | None = None
    names: dict[str, Binding] = field(default_factory=dict)
    statements: list[typed.Statement] = field(default_factory=list)
    loops: tuple[CreatingLoop, ...] = ()
    """Creating loops around this block, outermost first."""
    turn: TurnResult | None = None
    """Of the innermost enclosing loop."""

    @property
    def session(self) -> Session:
        return self.frame.session

    @property
    def concrete(self) -> bool:
        return self.frame.concrete

    @property
    def turns(self) -> tuple[typed.Turn, ...]:
        """Which turn of each creating loop this block is in."""
        return tuple(loop.turn for loop in self.loops)

    @property
    def trips(self) -> tuple[Dim, ...]:
        return tuple(loop.trips for loop in self.loops)

    def lookup(self, name: str) -> Binding | None:
        """The innermost meaning of a name in this body; definitions and primitives are not here."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        return None

    def lookup_global(self, name: str) -> Global | None:
        """A definition of this file or one it imports."""
        return self.frame.module.scope.get(name)

    def visible_names(self) -> Iterator[str]:
        """Every name of the body and the module, for suggestions."""
        scope: Scope | None = self
        while scope is not None:
            yield from scope.names
            scope = scope.parent
        yield from self.frame.module.scope

    def bind(self, ident: ast.Ident, binding: Binding) -> None:
        """Bind a name in this block; a second binding of one name in one block is reported."""
        from hqn.compiler.names.errors import NameBoundTwice

        first = self.names.get(ident.name)
        if first is not None:
            self.report(NameBoundTwice(span=ident.span, name=ident.name, first=first.span))
            return
        self.names[ident.name] = binding
        if isinstance(binding, ValueBinding):
            local = binding.local
            self.frame.values.append((ident.name, typed.Read(local, type=local.type, span=ident.span)))
            if binding.interval is not None:
                self.frame.intervals[local] = binding.interval
        elif isinstance(binding, AliasBinding) and isinstance(binding.value, typed.Literal):
            self.frame.values.append((ident.name, binding.value))

    def bind_value(self, ident: ast.Ident, type_: Type) -> typed.Local:
        """A new local under a user's name."""
        local = self.frame.fresh_local(ident.name, type_, ident.span)
        self.bind(ident, ValueBinding(span=ident.span, local=local))
        return local

    def inner(self, loop: CreatingLoop | None = None, turn: TurnResult | None = None) -> Scope:
        """A block inside this one, with statements of its own (share them by assigning `statements`)."""
        return Scope(
            frame=self.frame,
            parent=self,
            loops=(*self.loops, loop) if loop else self.loops,
            turn=turn or self.turn,
        )

    def emit(self, statement: typed.Statement) -> None:
        self.statements.append(statement)

    def report(self, diagnostic: Diagnostic) -> None:
        """To the sink, with the call chain if this is an instance; the function is given up."""
        if diagnostic.level == "error":
            self.frame.failed = True
        if self.frame.chain:
            diagnostic = diagnostic.led_by(self.frame.chain)
        self.session.sink.report(diagnostic)

    def replay(self) -> Scope:
        """An inner block for another turn of an expanded loop, adding to the statements of this one."""
        scope = self.inner()
        scope.statements = self.statements
        return scope

    def reads_training(self) -> bool:
        """The built-in static `training`; the function then differs between the two modes."""
        self.frame.uses_training = True
        return self.frame.training


FLOATS = (DType.F16, DType.BF16, DType.F32, DType.F64)
