"""Typed expressions: what bodies compute, and what circuits are asked.

Invariant: every type is concrete, and what an expression reads is a local, a slot, or the circuit's state.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from typing import Literal as Choice

from hqn.compiler.source import Span
from hqn.compiler.types.model import Type

if TYPE_CHECKING:
    from hqn.compiler.types.typed.functions import Function
    from hqn.compiler.types.typed.statements import Statement


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
