"""The typed program: what is left of a module once every size is a number.

What came before: checked definitions and the roots to instantiate (models and runs). What leaves:
one `Function` per definition at one choice of statics, sizes and mode, and per run the functions of
its expressions. Sugar is gone: pipes are calls, `if` is decided, statics and sizes are literals,
lifting is explicit, spatial loops are expanded, gates act on numbered wires. Lowering to the IR is
one to one. Invariants: every type is concrete; the graph of `Function`s is acyclic; names of locals
are unique in their function and are Python identifiers that are not keywords.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from typing import Literal as Choice

from hqn.compiler.source import Span
from hqn.compiler.types.model import TensorType, Type

if TYPE_CHECKING:
    from hqn.compiler.types.execution.specs import Execution
    from hqn.compiler.types.policies.specs import Policy
    from hqn.compiler.types.runs.specs import Data, Run

type_ = Type
Static = "int | float | bool | str | tuple[Static, ...]"


@dataclass(frozen=True, slots=True, eq=False)
class Local:
    """A bound value; two locals are the same only if they are the same object."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Turn:
    """Which turn of a creating loop a slot or instance is read in: `stride * index + offset`.

    `index` is None (and stride 0) in an expanded turn.
    """

    index: Local | None
    stride: int
    offset: int


# --- expressions ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Expr:
    type: Type
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Literal(Expr):
    """A number or truth value; `type` is a scalar."""

    value: int | float | bool


@dataclass(frozen=True, slots=True)
class Read(Expr):
    local: Local


@dataclass(frozen=True, slots=True)
class SlotRead(Expr):
    """A weight, frozen weight or state of this function, of the given turn of each creating loop."""

    slot: str
    turns: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class Elementwise(Expr):
    """`fn` over arguments whose shapes are equal, scalar, or a suffix of the result's shape.

    `fn`: add sub mul div floordiv mod pow neg · eq ne lt le gt ge and or not · select · abs sign exp
    log sqrt sin cos tan tanh sinh cosh asin acos atan sigmoid relu gelu silu softplus floor ceil round
    minimum maximum clip(x, lo, hi) atan2 square reciprocal erf.
    """

    fn: str
    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Prim(Expr):
    """A structural primitive of `std.prim`, with static options.

    reshape(x){} (to `type.shape`) · transpose(x){axes} · slice(x){starts, stops, steps} ·
    gather(x, i){axis} · take_along(x, i){} · concat(*xs){axis} · stack(*xs){axis} ·
    broadcast(x){} · full(){value} · iota(){} ·
    sum mean max min prod any all argmax argmin std var logsumexp norm (x){axes} ·
    softmax log_softmax cumsum (x){axis} · conv2d(x[h,w,ci], k[kh,kw,ci/g,co]){stride, pad, groups} ·
    maxpool2d avgpool2d patches (x){size, stride} · one_hot(i){} · cast(x){} · stop(x){} ·
    ste(value, surrogate){} · batch_mean(x){} · pad(x){low, high} ·
    su(angles){} = exp(i sum angle P) · pauli_sum(c){words} = sum c P · evolution(h, t){} = exp(-i t h).
    Axes count from the front of one sample; negative axes do not occur.
    """

    fn: str
    args: tuple[Expr, ...]
    options: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Affine:
    """A position of a contraction factor: `sum(coefficient * index) + offset`."""

    terms: tuple[tuple[str, int], ...]
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Factor:
    """One tensor of a contraction with a position for each of its axes."""

    value: Expr
    positions: tuple[Affine, ...]


@dataclass(frozen=True, slots=True)
class Contraction(Expr):
    """An Einstein sum: families and products are unrolled, every index is a name with a range.

    `chain` is set where the statement is a linear chain (MPS, TT, MPO) over `prod(s in …)`: the factors
    named by position that repeat along it, for emission as a scan; see `plan/chain.py`.
    """

    output: tuple[str, ...]
    ranges: tuple[tuple[str, int], ...]
    factors: tuple[Factor, ...]
    rescale: bool = False
    memory: int | None = None
    families: tuple[ProductLoop, ...] = ()


@dataclass(frozen=True, slots=True)
class ProductLoop:
    """A `prod(s in 0..n)` as written, so that a plan can see the repetition that `factors` unrolls.

    Turn `t` (of `trips`) contributes `factors[first + t * per_turn : first + (t + 1) * per_turn]`.
    """

    first: int
    per_turn: int
    trips: int


@dataclass(frozen=True, slots=True)
class CallFunction(Expr):
    """A call of an instance. `batch` is the shape of surplus leading axes; `lifted[i]` says whether
    argument i carries them. `bound` are slots bound by `with`, relative path -> value."""

    instance: str
    function: Function
    args: tuple[Expr, ...]
    batch: tuple[int, ...] = ()
    lifted: tuple[bool, ...] = ()
    turns: tuple[Turn, ...] = ()
    shared: tuple[Shared, ...] = ()


@dataclass(frozen=True, slots=True)
class Shared:
    """Child `label` of the called function is the caller's `instance`, in these turns."""

    label: str
    instance: str
    turns: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class Body:
    """The statements of a loop's turn and what the turn gives."""

    statements: tuple[Statement, ...]
    following: tuple[Expr, ...]
    """The next value of each carry."""
    yielded: Expr | None
    extras: tuple[Expr, ...] = ()
    """Values of each turn that are read from outside; the loop then gives a tuple, its own value first."""


@dataclass(frozen=True, slots=True)
class Loop(Expr):
    """`map`, `parallel`, `scan` or `repeat` over `trips` turns.

    `elements` are the locals bound to slices of `domains` along their leading axis; `index` is the turn
    number (an i32 local). The value is the stacked `yielded`, or the first carry where nothing is yielded;
    where the body has `extras`, a tuple of that and of each of them, stacked.
    """

    kind: Choice["map", "parallel", "scan", "repeat"]
    trips: int
    index: Local
    domains: tuple[Expr, ...]
    elements: tuple[Local, ...]
    carries: tuple[Local, ...]
    initial: tuple[Expr, ...]
    body: Body
    take: Expr | None = None


@dataclass(frozen=True, slots=True)
class Grad(Expr):
    """`grad(e, v)`: the derivative of the scalar `value` with respect to the local `wrt`."""

    value: Expr
    wrt: Local


@dataclass(frozen=True, slots=True)
class MakeTuple(Expr):
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Item(Expr):
    """Element `position` of a tuple or record."""

    value: Expr
    position: int


# --- quantum results ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PauliTerm:
    """`coefficient * P…P`, added to element `output` (flat, row-major) of the result."""

    coefficient: Expr
    paulis: tuple[tuple[int, Choice["X", "Y", "Z"]], ...]
    output: int


@dataclass(frozen=True, slots=True)
class Expect(Expr):
    """Expectation values of Pauli sums in the circuit's present state; no terms means the identity."""

    terms: tuple[PauliTerm, ...]


@dataclass(frozen=True, slots=True)
class ExpectMatrix(Expr):
    """The expectation value of the Hermitian part of a matrix `[2^k, 2^k]` on k wires, a scalar."""

    matrix: Expr
    wires: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Probabilities(Expr):
    """`probs(q)`: f32[2 ** k] over the given wires; the first wire is the most significant bit."""

    wires: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reduced(Expr):
    """Of the reduced density matrix of some wires: itself, c64[2^k, 2^k], tr rho^2, or -tr rho log rho."""

    kind: Choice["density", "purity", "entropy"]
    wires: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Fidelity(Expr):
    """<v| rho |v> / <v|v> of the reduced state rho of some wires and a vector of 2 ** k amplitudes."""

    vector: Expr
    wires: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sampled(Expr):
    """Outcomes of some wires: i32[shots, k] bits, i32[2^k] counts, or the i32[k] bits that are most likely.

    `site` names it in its function, so that two of them are independent.
    """

    kind: Choice["sample", "counts", "most_likely"]
    wires: tuple[int, ...]
    shots: int
    site: str


@dataclass(frozen=True, slots=True)
class StateVector(Expr):
    """`state(q)`: c64[2 ** n] of all wires; wire 0 is the most significant bit."""


# --- statements -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Assign(Statement):
    local: Local
    value: Expr


@dataclass(frozen=True, slots=True)
class SetState(Statement):
    """`next mu = …`, of the given turn; occurs in training functions only."""

    slot: str
    turns: tuple[Turn, ...]
    value: Expr


@dataclass(frozen=True, slots=True)
class DrawRandom(Statement):
    """`draw k: T = bernoulli(p)`: fresh randomness. Others: uniform(lo, hi), normal(s),
    index(n): a whole number from 0 below n."""

    local: Local
    distribution: str
    args: tuple[Expr, ...]
    per: Choice["sample", "step", "run"]


@dataclass(frozen=True, slots=True)
class GateModifier:
    """`ctrl`/`negctrl` with a count of controls, `inv`, or `pow` with an exponent; `if`/`unless` with the
    number of a measured bit that must read 1/0: those stand first.
    """

    kind: Choice["ctrl", "negctrl", "inv", "pow", "if", "unless"]
    value: int = 1


@dataclass(frozen=True, slots=True)
class ApplyGate(Statement):
    """A built-in gate over an ordered list of wire tuples, applied one after the other.

    `angles` is f32[len(wires), p], row i for wire tuple i, or None where the gate takes no parameter.
    Wire tuples include the controls of modifiers, first. The gate `MATRIX` acts on one tuple, and its
    `angles` are its matrix `[2^k, 2^k]`, real or complex.
    """

    gate: str
    wires: tuple[tuple[int, ...], ...]
    angles: Expr | None
    modifiers: tuple[GateModifier, ...] = ()


@dataclass(frozen=True, slots=True)
class ApplyCircuit(Statement):
    """A circuit that takes qubits, applied like a gate: wire i of `function` is `wires[i]`."""

    instance: str
    function: Function
    wires: tuple[int, ...]
    args: tuple[Expr, ...]
    modifiers: tuple[GateModifier, ...] = ()
    turns: tuple[Turn, ...] = ()
    shared: tuple[Shared, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure(Statement):
    """Writes the outcome of `wires[i]` into classical bit `bits[i]` of this function."""

    wires: tuple[int, ...]
    bits: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class QubitOperation(Statement):
    """`reset`: wires back to |0>. `discard`: used no more until reset. `barrier`: nothing moves across."""

    kind: Choice["reset", "discard", "barrier"]
    wires: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Postselect(Statement):
    """The part of the state where `wires[i]` reads `values[i]`, normalised."""

    wires: tuple[int, ...]
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RepeatGates(Statement):
    """A temporal loop over the register: `trips` turns of `statements`, `index` is the turn number.

    `repeat` has weights of its own per turn, `scan` shares them; turns from `take` on change nothing.
    A loop whose variable reaches qubit indices through `% p` has p written turns in `statements` and
    `trips` counts groups of p; slots are then read at `Turn(index, p, offset)`.
    """

    trips: int
    index: Local
    statements: tuple[Statement, ...]
    kind: Choice["repeat", "scan"] = "repeat"
    take: Expr | None = None


# --- functions, slots, instances ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Initial:
    """An initialiser: name and numbers, `uniform(0, 2 pi)`; `fan_in`, `fan_out` where it needs them."""

    name: str
    args: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class SlotDeclaration:
    """A slot of a function. `type` is of one turn; `loops` are the trip counts of the creating loops."""

    name: str
    kind: Choice["weight", "frozen weight", "state"]
    type: TensorType
    loops: tuple[int, ...]
    initial: Initial
    span: Span = field(compare=False, repr=False)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape as stored: loop axes first."""
        return (*self.loops, *self.type.shape)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class ChildInstance:
    """An instance of a function: its label and the trip counts of the creating loops.

    One with `shared`, the name of a layer-valued static, is created and owned by the caller.
    """

    name: str
    function: Function
    loops: tuple[int, ...]
    frozen: bool = False
    shared: str | None = None
    span: Span = field(compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """One definition at one choice of statics, sizes and mode (or one expression of a run).

    `name` is unique in the program and an identifier (`dense_64_20`); `qubits` counts the wires, of which
    the first `qubit_params` are given by the caller and the rest start in |0>.
    `training` functions may set state and draw; others never do unless a draw is in evaluation too.
    """

    name: str
    definition: str
    kind: Choice["layer", "circuit", "model", "quantizer", "expression"]
    params: tuple[Local, ...]
    slots: tuple[SlotDeclaration, ...]
    children: tuple[ChildInstance, ...]
    statements: tuple[Statement, ...]
    result: Expr | None
    span: Span
    doc: str | None = None
    training: bool = False
    qubits: int = 0
    qubit_params: int = 0
    values: tuple[tuple[str, Expr], ...] = ()
    """What the names of the text stand for, in its order: what a tap may read."""
    gone: tuple[tuple[int, str], ...] = ()
    """Of the given wires, those that are measured or discarded at the end."""

    @property
    def created(self) -> tuple[ChildInstance, ...]:
        """The instances that the function owns: not those that its caller gives."""
        return tuple(child for child in self.children if child.shared is None)

    @property
    def draws(self) -> bool:
        """Whether a call needs a key."""
        from hqn.compiler.types.walk import any_statement

        return any_statement(self, (DrawRandom, Sampled))

    @property
    def unitary(self) -> bool:
        """Whether the circuit is made of gates alone, those of circuits that it applies included."""
        from hqn.compiler.types.walk import walk_statements

        kinds = (Measure, QubitOperation, Postselect)
        for part in walk_statements(self.statements):
            if isinstance(part, ApplyCircuit) and not part.function.unitary:
                return False
            if isinstance(part, kinds) and getattr(part, "kind", "") != "barrier":
                return False
        return True

    @property
    def sets_state(self) -> bool:
        from hqn.compiler.types.walk import any_statement

        return any_statement(self, (SetState,))


@dataclass(frozen=True, slots=True)
class Entry:
    """A model, compiled at its declared sizes: the same text twice, once per mode."""

    name: str
    evaluation: Function
    training: Function


@dataclass(frozen=True, slots=True)
class Program:
    """Everything `lower` needs. Runs, data and profiles are defined beside their checkers."""

    entries: tuple[Entry, ...]
    runs: tuple[Run, ...] = ()
    data: tuple[Data, ...] = ()
    policies: tuple[Policy, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    """Paths of older checkpoints and what they are today."""
    executions: tuple[Execution, ...] = ()
