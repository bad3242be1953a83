"""The syntax tree: one frozen class per grammar rule of `grammar/hqn.lark`.

What came before: text. What leaves: `Module`, exactly what was written; names are not resolved and
`x[i]` is not yet known to be an index, a static argument list or an index family. Invariant: `span`
takes no part in equality, so two texts that differ in layout only give equal trees.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from hqn.compiler.source import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Anything with a place in the text."""

    span: Span = field(compare=False, repr=False)

    def children(self) -> Iterator[Node]:
        """Nodes directly below this one, in the order of the fields."""
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            for item in value if isinstance(value, tuple) else (value,):
                if isinstance(item, Node):
                    yield item


def walk(node: Node) -> Iterator[Node]:
    """This node and everything below it, outermost first."""
    yield node
    for child in node.children():
        yield from walk(child)


@dataclass(frozen=True, slots=True)
class Ident(Node):
    """A name where it is defined or bound."""

    name: str


# --- expressions ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Expr(Node):
    """Anything with a value."""


@dataclass(frozen=True, slots=True)
class Name(Expr):
    name: str


@dataclass(frozen=True, slots=True)
class Int(Expr):
    value: int


@dataclass(frozen=True, slots=True)
class Float(Expr):
    """`text` is kept as written (`1e-2`), so that formatting changes no number."""

    text: str

    @property
    def value(self) -> float:
        return float(self.text)


@dataclass(frozen=True, slots=True)
class Bool(Expr):
    value: bool


@dataclass(frozen=True, slots=True)
class String(Expr):
    value: str


@dataclass(frozen=True, slots=True)
class Unary(Expr):
    op: Literal["-", "not"]
    operand: Expr


@dataclass(frozen=True, slots=True)
class Binary(Expr):
    """Arithmetic, comparison and logic: `+ - * / // % ** == != < <= > >= and or`."""

    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Argument(Node):
    """An item of a bracket or an argument list: `x`, `depth = 3`."""

    name: Ident | None
    value: Expr


@dataclass(frozen=True, slots=True)
class Range(Expr):
    """`a..b step c`, excluding b; either end may be missing (`..`, `2..`) in an index."""

    start: Expr | None
    stop: Expr | None
    step: Expr | None = None


@dataclass(frozen=True, slots=True)
class Whole(Expr):
    """`:` in an index: one whole axis."""


@dataclass(frozen=True, slots=True)
class NewAxis(Expr):
    """`new` in an index."""


@dataclass(frozen=True, slots=True)
class Subscript(Expr):
    """`value[items]`: an index, static arguments or an index family; the checker knows which.

    A bare `..` item is a `Range` without ends: all axes not named.
    """

    value: Expr
    items: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class Call(Expr):
    """`callee(arguments)`."""

    callee: Expr
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class Attribute(Expr):
    """`value.name`."""

    value: Expr
    name: Ident


@dataclass(frozen=True, slots=True)
class Tap(Expr):
    """`value::path.to.name`: a named value inside a labelled call."""

    value: Expr
    path: tuple[Ident, ...]


@dataclass(frozen=True, slots=True)
class Labelled(Expr):
    """`call as label`: names the instance that the call creates."""

    value: Expr
    label: Ident


@dataclass(frozen=True, slots=True)
class Pipe(Expr):
    """`value |> stage`; `stage` is a name, a bracketed name, a call, a loop or a labelled one of these."""

    value: Expr
    stage: Expr


@dataclass(frozen=True, slots=True)
class Array(Expr):
    """`[a, b, c]`."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Tuple(Expr):
    """`(a, b)`."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Record(Expr):
    """`(x = a, y = b)`."""

    entries: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class Binder(Node):
    """`i in 0..n`, in loops, sums and products. `variable` is None for `repeat 3 { … }`."""

    variable: Ident | None
    domain: Expr


@dataclass(frozen=True, slots=True)
class Reduction(Expr):
    """`sum(i in 0..n) body`, `prod(k in 0..4) body`: the body is one product term."""

    op: Literal["sum", "prod"]
    binders: tuple[Binder, ...]
    body: Expr


@dataclass(frozen=True, slots=True)
class Application(Expr):
    """`callee operands` behind `=`: what is done to qubits and gives something, `b = measure q[0]`."""

    callee: Expr
    operands: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class If(Expr):
    """`if condition { a } else { b }`; the condition is static, or tells of measured bits in a circuit."""

    condition: Expr
    then: Block
    otherwise: Block | If | None


@dataclass(frozen=True, slots=True)
class Carry(Node):
    """`h = e` in `carry (h = e, …)`."""

    name: Ident
    value: Expr


@dataclass(frozen=True, slots=True)
class Loop(Expr):
    """The four loops: `map`, `parallel`, `scan`, `repeat`. `take` is a run-time turn count."""

    kind: Literal["map", "parallel", "scan", "repeat"]
    binder: Binder | None
    """None for a pipe stage `|> map v { … }`'s missing domain; see `variable`."""
    variable: Ident | None
    """The variable of a pipe stage `|> map v { … }`, whose domain is the piped value."""
    take: Expr | None
    carry: tuple[Carry, ...]
    body: Block


@dataclass(frozen=True, slots=True)
class WithEntry(Node):
    """`path = e` in `with { … }`; `path` is an expression of names, attributes and indices."""

    path: Expr
    value: Expr


@dataclass(frozen=True, slots=True)
class With(Expr):
    """`value with {path = e, …}`: binds slots of the callee."""

    value: Expr
    entries: tuple[WithEntry, ...]


@dataclass(frozen=True, slots=True)
class Under(Expr):
    """`value under profile[…](…)`."""

    value: Expr
    profile: Expr


@dataclass(frozen=True, slots=True)
class On(Expr):
    """`value on test`: evaluated over a data split."""

    value: Expr
    split: Expr


# --- types ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TypeExpr(Node):
    """A type as written."""


@dataclass(frozen=True, slots=True)
class Spread(Node):
    """`..s` or `..` in a shape: all leading axes."""

    name: Ident | None


@dataclass(frozen=True, slots=True)
class TensorTypeExpr(TypeExpr):
    """`f32[8, 8]`, `angle[n, 3]`, `qubit[n]`, `bool`; `shape` is empty for a scalar."""

    dtype: Ident
    shape: tuple[Expr | Spread, ...]


@dataclass(frozen=True, slots=True)
class IndexTypeExpr(TypeExpr):
    """`idx[n]`, `idx[vocab][len]`: integers below `bound`."""

    bound: Expr
    shape: tuple[Expr | Spread, ...]


@dataclass(frozen=True, slots=True)
class ArrowTypeExpr(TypeExpr):
    """`f32[a] -> f32[b]`, `(f32[a], f32[b]) -> f32[c]`: the signature of a layer-valued static."""

    params: tuple[TypeExpr, ...]
    result: TypeExpr


# --- statements -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Statement(Node):
    """One line of a body."""


@dataclass(frozen=True, slots=True)
class Block(Node):
    """`{ … }`. A last `Evaluate` is the block's value where a value is wanted."""

    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Bind(Statement):
    """`name = e`, `(x, y) = e`."""

    targets: tuple[Ident, ...]
    value: Expr


@dataclass(frozen=True, slots=True)
class Let(Statement):
    """`let f = L[…]`: creates an instance. `origin` is `from path`, `frozen` stands with or without paths."""

    name: Ident
    value: Expr
    origin: Expr | None = None
    frozen: bool = False
    frozen_part: Expr | None = None


@dataclass(frozen=True, slots=True)
class Slot(Statement):
    """`weight W, V: f32[n] = init`, `frozen weight …`, `state mu: f32[c] = zeros`."""

    kind: Literal["weight", "frozen weight", "state"]
    names: tuple[Ident, ...]
    type: TypeExpr
    initial: Expr


@dataclass(frozen=True, slots=True)
class Next(Statement):
    """`next h = e`: a carry's or a state's following value."""

    name: Ident
    value: Expr


@dataclass(frozen=True, slots=True)
class Draw(Statement):
    """`draw k: bool = bernoulli(p) per sample`."""

    name: Ident
    type: TypeExpr
    distribution: Expr
    per: Ident | None


@dataclass(frozen=True, slots=True)
class Contract(Statement):
    """`contract y[i < n, o] = … where rescale, memory <= 64 MiB`."""

    name: Ident
    indices: tuple[Expr, ...]
    value: Expr
    rescale: bool = False
    memory: Expr | None = None
    """The limit in bytes, an `Int` whose unit is already multiplied in; its span is `64 MiB`."""


@dataclass(frozen=True, slots=True)
class Network(Statement):
    """`network psi[l, p[0..16]] = …`: a contraction that stays symbolic."""

    name: Ident
    indices: tuple[Expr, ...]
    value: Expr


@dataclass(frozen=True, slots=True)
class Return(Statement):
    value: Expr


@dataclass(frozen=True, slots=True)
class Yield(Statement):
    value: Expr


@dataclass(frozen=True, slots=True)
class Evaluate(Statement):
    """An expression standing alone: a loop over registers, a static `if`, a block's value."""

    value: Expr


@dataclass(frozen=True, slots=True)
class Qubits(Statement):
    """`qubits q[n], a`: fresh qubits in |0…0>; `sizes` has None for a single qubit."""

    names: tuple[Ident, ...]
    sizes: tuple[Expr | None, ...]


@dataclass(frozen=True, slots=True)
class Modifier(Node):
    """`ctrl @`, `negctrl @`, `inv @`, `pow(k) @`, `ctrl(2) @`."""

    kind: Literal["ctrl", "negctrl", "inv", "pow"]
    argument: Expr | None


@dataclass(frozen=True, slots=True)
class Gate(Statement):
    """`mods callee operands`: `cx q[a], q[b]`, `ctrl @ rz(t) q[0], q[1]`, `u(w) q as top with {t = e}`."""

    modifiers: tuple[Modifier, ...]
    callee: Expr
    operands: tuple[Expr, ...]
    label: Ident | None
    entries: tuple[WithEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class QubitOp(Statement):
    """`reset q`, `discard c`, `barrier q`."""

    kind: Literal["reset", "discard", "barrier"]
    operands: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Postselect(Statement):
    """`postselect q[0], q[1] == 1`: each of the qubits reads `value`."""

    operands: tuple[Expr, ...]
    value: Expr


# --- definitions ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Item(Node):
    """A top-level declaration. `doc` is the text of the `##` lines above it, without the marks."""

    doc: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Use(Item):
    """`use std.layers.{dense, tanh}`."""

    module: tuple[Ident, ...]
    names: tuple[Ident, ...]


@dataclass(frozen=True, slots=True)
class Renamed(Item):
    """`renamed "old.glob" -> "new"`."""

    old: String
    new: String


@dataclass(frozen=True, slots=True)
class StaticParam(Node):
    """`depth`, `depth = 3`, `gate: f32[a] -> f32[b]`, `p: f32 = 0.1` in a definition's brackets."""

    name: Ident
    type: TypeExpr | None
    default: Expr | None


@dataclass(frozen=True, slots=True)
class Param(Node):
    """`x: f32[n]`, `a, b: f32` in a definition's parentheses."""

    name: Ident
    type: TypeExpr


@dataclass(frozen=True, slots=True)
class Definition(Item):
    """A layer, circuit, model, quantizer or observable.

    `body` is None for the bodiless signatures of `std.prim`, an `Expr` for an observable.
    `statics` is None where no bracket was written.
    """

    kind: Literal["layer", "circuit", "model", "quantizer", "observable"]
    name: Ident
    statics: tuple[StaticParam, ...]
    params: tuple[Param, ...]
    result: TypeExpr | None
    where: tuple[Expr, ...]
    body: Block | Expr | None


# --- profiles -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Selector(Node):
    """`digits.head`, `**.conv`, `kind circuit`, `first`, `last`; `pattern` is the text without `kind`."""

    kind: Literal["path", "kind", "first", "last"]
    pattern: str


@dataclass(frozen=True, slots=True)
class DType(Node):
    """`int8`, `int<b>`, `fix<8, 4>`, `6 bits`, a quantizer `sine[w0 = 2.0]`; `text` is its head word."""

    text: str
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class PolicyOption(Node):
    """`per channel`, `per group(32)`, `sym`, `range percentile(99.9)`, `scale po2`, `round nearest`."""

    field: Literal["per", "symmetry", "scale", "range", "round"]
    value: str
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class TensorSpec(Node):
    """`w int8 per channel sym`: one role's treatment."""

    role: Ident
    dtype: DType
    options: tuple[PolicyOption, ...]


@dataclass(frozen=True, slots=True)
class PolicyStatement(Node):
    """One line of a policy."""


@dataclass(frozen=True, slots=True)
class PolicyDefault(PolicyStatement):
    specs: tuple[TensorSpec, ...]


@dataclass(frozen=True, slots=True)
class PolicyRule(PolicyStatement):
    selectors: tuple[Selector, ...]
    specs: tuple[TensorSpec, ...]


@dataclass(frozen=True, slots=True)
class PolicyKeep(PolicyStatement):
    selectors: tuple[Selector, ...]
    dtype: DType | None


@dataclass(frozen=True, slots=True)
class PolicyPrepare(PolicyStatement):
    steps: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class PolicyCalibrate(PolicyStatement):
    """`calibrate on d8.train[512]`; `count` is None for the whole split."""

    data: Expr
    count: Expr | None


@dataclass(frozen=True, slots=True)
class PolicyLower(PolicyStatement):
    mode: Literal["simulate", "integer", "auto"]
    rescale: Literal["dyadic", "po2", "float"] | None


@dataclass(frozen=True, slots=True)
class PolicyBudget(PolicyStatement):
    constraints: tuple[Expr, ...]
    role: Ident
    choices: tuple[DType, ...]
    objective: Ident
    measure: Ident | None


@dataclass(frozen=True, slots=True)
class Policy(Item):
    name: Ident
    statics: tuple[StaticParam, ...]
    target: Ident | None
    statements: tuple[PolicyStatement, ...]


@dataclass(frozen=True, slots=True)
class ProfileEntry(Node):
    """One clause of a `noise` or `execute` profile: a key word and its values, `rule` with a selector."""

    key: Ident
    selector: Selector | None
    values: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Profile(Item):
    """`noise dep(p: f32) { … }`, `execute lab { … }`."""

    kind: Literal["noise", "execute"]
    name: Ident
    params: tuple[Param, ...]
    entries: tuple[ProfileEntry, ...]


# --- data and runs --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Data(Item):
    """`data d8 = digits_8x8 |> split(train = 1437, …)`."""

    name: Ident
    value: Expr


@dataclass(frozen=True, slots=True)
class Pattern(Node):
    """What a run's `data` line binds: `(x, y)`, `x`, `s`."""

    names: tuple[Ident, ...]
    is_tuple: bool


@dataclass(frozen=True, slots=True)
class DataLine(Statement):
    """`data (x, y) in d8 batch 64`; `batch` is None for `batch all` and where none is written."""

    pattern: Pattern
    source: Expr
    batch: Expr | None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Group(Node):
    """`net.head by adam(1e-2)`: a path and its optimiser."""

    path: Expr
    optimiser: Expr | None


@dataclass(frozen=True, slots=True)
class Minimize(Statement):
    """`minimize e over net by adam(1e-2), head by sgd(0.1)`."""

    value: Expr
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Track(Statement):
    """`track acc = e every 5`."""

    name: Ident
    value: Expr
    every: Expr | None


@dataclass(frozen=True, slots=True)
class Setting(Statement):
    """`epochs 30`, `steps 500`, `seed 0`, `seeds 0..5`, `stop e`, `keep e`, `precision f64`."""

    key: Literal["epochs", "steps", "seed", "seeds", "stop", "keep", "precision"]
    value: Expr


@dataclass(frozen=True, slots=True)
class Assert(Statement):
    """`assert e`, in a run or at top level."""

    value: Expr


@dataclass(frozen=True, slots=True)
class TopAssert(Item):
    """An `assert` outside every run."""

    value: Expr


@dataclass(frozen=True, slots=True)
class Run(Item):
    """`run fit { … }`, `run cob from aqgd { … }`."""

    name: Ident
    statics: tuple[StaticParam, ...]
    origin: Ident | None
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Module(Node):
    """One file. `version` is the number of a first line `hqn 0.1`."""

    version: str | None
    items: tuple[Item, ...]
