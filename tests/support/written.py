"""Well-typed hqn programs as text, drawn at random: layers, weights, loops, contractions, lifted calls.

A size is kept as the text that stands for it (`n`, `2 * n`, `3`); two are equal where their texts are, and
`Scope.number` says what they come to. So a layer is written over symbols and called with numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod
from typing import TypeVar

from hypothesis import strategies as st

Shape = tuple[str, ...]
T = TypeVar("T")

UNARY = ("tanh", "sin", "cos", "sigmoid", "softplus", "gelu", "silu", "erf", "atan", "abs", "relu")
BINARY = (
    "{} + {}", "{} - {}", "tanh({} * {})", "{} / (1 + {} ** 2)", "maximum({}, {})", "atan2({}, 2 + cos({}))",
)  # fmt: skip
SCALED = (
    "0.5 * {}", "{} + 1", "-{}", "{} / 3", "tanh({} ** 2)", "1 - {}", "2 * {} |> tanh", "clip({}, -2.0, 2.0)",
)  # fmt: skip
REDUCTIONS = ("sum", "mean", "max", "norm", "logsumexp")
MOST_ELEMENTS = 48


@dataclass(frozen=True)
class Written:
    """A program and its only model's signature."""

    text: str
    inputs: tuple[tuple[int, ...], ...]
    output: tuple[int, ...]


@dataclass
class File:
    """What all definitions of one file share: the choices, the names, the definitions written so far."""

    draw: st.DrawFn
    names: int = 0
    definitions: list[str] = field(default_factory=list)
    uses: set[str] = field(default_factory=set)

    def fresh(self, stem: str) -> str:
        self.names += 1
        return f"{stem}{self.names}"

    def pick(self, choices: Sequence[T]) -> T:
        return self.draw(st.sampled_from(choices))

    def below(self, limit: int) -> int:
        return self.draw(st.integers(0, limit - 1))

    def chance(self) -> bool:
        return self.draw(st.booleans())


@dataclass
class Scope:
    """One body being written: its lines, the values it can see, what its symbols stand for."""

    file: File
    symbols: dict[str, int]
    values: dict[str, Shape]
    lines: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)
    depth: int = 0

    def number(self, size: str) -> int:
        return int(eval(size, {}, self.symbols))

    def elements(self, shape: Shape) -> int:
        return prod(self.number(size) for size in shape)

    def value(self, *, least: int = 0, most: int = 9) -> tuple[str, Shape] | None:
        fits = [(name, shape) for name, shape in self.values.items() if least <= len(shape) <= most]
        return self.file.pick(fits[-6:]) if fits else None

    def bind(self, text: str, shape: Shape) -> str | None:
        """A local of this value, unless it has grown too large to be tested quickly."""
        if self.elements(shape) > MOST_ELEMENTS or len(shape) > 4:
            return None
        name = self.file.fresh("v")
        self.lines.append(f"{name} = {text}")
        self.own.append(name)
        self.values[name] = shape
        return name

    def inside(self, values: dict[str, Shape]) -> Scope:
        """The body of a loop."""
        return Scope(self.file, self.symbols, self.values | values, depth=self.depth + 1)

    def block(self, last: Sequence[str]) -> str:
        return "\n".join(["{", *self.lines, *last, "}"])

    def grow(self, statements: int) -> None:
        for _ in range(statements):
            statement(self)

    def result(self) -> tuple[str, Shape]:
        """The value that a body gives: the latest, and a little of all others, so that nothing is unused."""
        name = list(self.values)[-1]
        shape = self.values[name]
        others = [other for other in self.values if other in self.own and other != name]
        terms = [other if self.values[other] == () else f"mean({other})" for other in others]
        total = self.file.fresh("v")
        self.lines.append(f"{total} = {' + '.join([name, *(f'0.1 * {term}' for term in terms)])}")
        self.values[total] = shape
        return total, shape


# --- statements -----------------------------------------------------------------------------------


def unary(scope: Scope) -> None:
    name, shape = scope.value() or ("0.5", ())
    if scope.file.chance():
        scope.bind(f"{scope.file.pick(UNARY)}({name})", shape)
    else:
        scope.bind(scope.file.pick(SCALED).format(name), shape)


def binary(scope: Scope) -> None:
    """Equal shapes, or one the end of the other."""
    name, shape = scope.value() or ("0.5", ())
    ends = [other for other, end in scope.values.items() if shape[len(shape) - len(end) :] == end]
    pair = [name, scope.file.pick(ends) if ends else "0.5"]
    if scope.file.chance():
        pair.reverse()
    scope.bind(scope.file.pick(BINARY).format(*pair), shape)


def weight(scope: Scope) -> None:
    """A weight of the shape, or the end, of some value, used at once."""
    name, shape = scope.value() or ("0.5", ())
    own, of = scope.file.fresh("w"), shape[scope.file.below(len(shape) + 1) :]
    dims = f"[{', '.join(of)}]" if of else ""
    kind = scope.file.pick(["weight", "weight", "frozen weight"])
    initial = scope.file.pick(["normal(0.5)", "uniform(-1, 1)", "ones", "glorot_uniform"])
    scope.lines.append(f"{kind} {own}: f32{dims} = {initial}")
    scope.bind(f"{name} * {own}" if scope.file.chance() else f"{own} + {name}", shape)


def reshaped(scope: Scope) -> None:
    found = scope.value(least=1)
    if found is None:
        return
    name, shape = found
    last, first = shape[-1], shape[0]
    axes = scope.file.draw(st.permutations(range(len(shape))))
    start = scope.file.below(scope.number(first))
    choices: list[tuple[str, Shape]] = [
        (f"flatten({name})", (" * ".join(_factor(size) for size in shape),)),
        (f"stack({name}, tanh({name}))", (*shape, "2")),
        (f"stack[axis = 0]({name}, cos({name}))", ("2", *shape)),
        (f"concat[axis = 0]({name}, {name})", (f"2 * {_factor(first)}", *shape[1:])),
        (f"concat({name}, cos({name}))", (*shape[:-1], f"2 * {_factor(last)}")),
        (f"{name}[-1]", shape[1:]),
        (f"{name}[.., {scope.file.below(scope.number(last))}]", shape[:-1]),
        (f"{name}[{start}..]", (f"{first} - {start}", *shape[1:])),
        (f"reshape[{', '.join((*shape[:-1], '1', last))}]({name})", (*shape[:-1], "1", last)),
    ]
    if len(shape) > 1:
        order = ", ".join(map(str, axes))
        choices.append((f"transpose[axes = ({order})]({name})", tuple(shape[axis] for axis in axes)))
    text, result = scope.file.pick(choices)
    scope.bind(text, result)


def _factor(size: str) -> str:
    return size if size.isalnum() else f"({size})"


def reduced(scope: Scope) -> None:
    found = scope.value(least=1)
    if found is None:
        return
    name, shape = found
    axis = scope.file.below(len(shape))
    if scope.file.chance():
        fn = scope.file.pick(["softmax", "log_softmax", "cumsum"])
        scope.bind(f"{fn}[axis = {axis}]({name})", shape)
    elif scope.file.chance():
        scope.bind(f"{scope.file.pick(REDUCTIONS)}({name})", ())
    else:
        fn = scope.file.pick(REDUCTIONS)
        scope.bind(f"{fn}[axes = {axis}]({name})", shape[:axis] + shape[axis + 1 :])


def contraction(scope: Scope) -> None:
    """A few factors whose axes share indices where their sizes are equal."""
    ranges: dict[str, str] = {}
    factors = []
    for _ in range(scope.file.below(3) + 1):
        found = scope.value(least=1)
        if found is not None:
            places = [_index(scope, ranges, size) for size in found[1]]
            factors.append(f"{found[0]}[{', '.join(places)}]")
    if not factors:
        return
    kept = [index for index in ranges if scope.file.chance()][:3]
    shape = tuple(ranges[index] for index in kept)
    if scope.elements(shape) > MOST_ELEMENTS or scope.elements(tuple(ranges.values())) > 5000:
        return
    name = scope.file.fresh("v")
    output = f"[{', '.join(kept)}]" if kept else ""
    options = scope.file.pick(["", "", " where rescale", " where memory <= 1 MiB"])
    scope.lines.append(f"contract {name}{output} = {' * '.join(factors)}{options}")
    scope.bind(f"tanh({name} / 4)", shape)


def _index(scope: Scope, ranges: dict[str, str], size: str) -> str:
    same = [index for index, of in ranges.items() if of == size]
    if same and scope.file.chance():
        return scope.file.pick(same)
    index = "abcdefghijklmnop"[len(ranges)]
    ranges[index] = size
    return index


def window(scope: Scope) -> None:
    """A sum at affine positions."""
    found = scope.value(least=1, most=1)
    if found is None or scope.number(found[1][0]) < 2:
        return
    name, (size,) = found
    own, result = scope.file.fresh("w"), scope.file.fresh("v")
    scope.lines.append(f"weight {own}: f32[2] = normal(0.5)")
    scope.lines.append(f"contract {result}[i < {size} - 1] = {name}[i + j] * {own}[j]")
    scope.bind(f"tanh({result})", (f"{size} - 1",))


# --- loops ----------------------------------------------------------------------------------------


def mapped(scope: Scope) -> None:
    """`map` and `parallel` over a value: the stacked results."""
    found = scope.value(least=1)
    if found is None or scope.depth > 1:
        return
    name, shape = found
    element = scope.file.fresh("e")
    body = scope.inside({element: shape[1:]})
    body.grow(scope.file.below(3) + 1)
    last, result = body.result()
    kind = scope.file.pick(["map", "parallel"])
    scope.bind(f"{kind} {element} in {name} {body.block([f'yield {last}'])}", (shape[0], *result))


def carried(scope: Scope) -> None:
    """`scan` and `repeat` with a carry: the last carry, or the stacked results."""
    over, start = scope.value(least=1), scope.value()
    if over is None or start is None or scope.depth > 1:
        return
    (name, shape), (initial, carry_shape) = over, start
    element, carry = scope.file.fresh("e"), scope.file.fresh("h")
    body = scope.inside({element: shape[1:], carry: carry_shape})
    body.grow(scope.file.below(3) + 1)
    ends = [one for one, end in body.values.items() if carry_shape[len(carry_shape) - len(end) :] == end]
    last = [f"next {carry} = tanh({carry} + {ends[-1]})"]
    result = carry_shape
    if scope.file.chance():
        given, of = body.result()
        last, result = [*last, f"yield {given}"], (shape[0], *of)
    kind = scope.file.pick(["scan", "repeat"])
    scope.bind(f"{kind} {element} in {name} carry ({carry} = {initial}) {body.block(last)}", result)


def stages(scope: Scope) -> None:
    """A pipe of library layers, some repeated."""
    found = scope.value(least=1)
    if found is None:
        return
    name, shape = found
    text, last = name, shape[-1]
    scope.file.uses |= {"dense", "layer_norm", "normalize", "dropout"}
    for _ in range(scope.file.below(3) + 1):
        size, label = str(scope.file.below(4) + 1), scope.file.fresh("d")
        stage, last = scope.file.pick(
            [
                (f"dense[{size}] as {label}", size),
                (f"layer_norm as {label}", last),
                ("normalize", last),
                ("tanh", last),
                (f"dropout[0.5] as {label}", last),
                (f"repeat {size} {{ dense[{last}] as {label} }}", last),
                (f"map s {{ yield tanh(s) / {size} }}", last),
            ]
        )
        text += f" |> {stage}"
    scope.bind(text, (*shape[:-1], last))


# --- definitions ----------------------------------------------------------------------------------


def own_layer(scope: Scope) -> None:
    """A layer written for the end of some value's shape, called on the value: what is left over lifts it."""
    found = scope.value()
    if found is None or scope.depth > 1 or len(scope.file.definitions) > 3:
        return
    name, shape = found
    own = shape[scope.file.below(len(shape) + 1) :]
    layer, inner, outcome = define_layer(scope, own)
    label = scope.file.fresh("l")
    result = tuple(str(inner.number(size)) for size in outcome)
    scope.bind(f"{layer}({name}) as {label}", (*shape[: len(shape) - len(own)], *result))


def define_layer(scope: Scope, own: Shape) -> tuple[str, Scope, Shape]:
    """A layer over one symbol per size of `own`; equal sizes may share theirs."""
    file, symbols = scope.file, dict[str, int]()
    dims = []
    for size in own:
        shared = [symbol for symbol, number in symbols.items() if number == scope.number(size)]
        symbol = file.pick(shared) if shared and file.chance() else file.fresh("n")
        symbols[symbol] = scope.number(size)
        dims.append(symbol)
    name, param = file.fresh("layer"), file.fresh("x")
    inner = Scope(file, symbols, {param: tuple(dims)}, depth=scope.depth + 1)
    inner.grow(file.below(4) + 1)
    last, outcome = inner.result()
    body = inner.block([f"return {last}"])
    file.definitions.append(f"layer {name}({param}: {_type(dims)}) -> {_type(outcome)} {body}")
    return name, inner, outcome


def _type(dims: Sequence[str]) -> str:
    return f"f32[{', '.join(dims)}]" if dims else "f32"


STATEMENTS = (
    unary, unary, binary, binary, weight, reshaped, reshaped, reduced, contraction, contraction, window,
    mapped, carried, stages, own_layer,
)  # fmt: skip


def statement(scope: Scope) -> None:
    scope.file.pick(STATEMENTS)(scope)


@st.composite
def programs(draw: st.DrawFn, statements: int = 6) -> Written:
    """A file with one model of one or two inputs, called `net`."""
    file = File(draw)
    shapes = draw(st.lists(st.lists(st.integers(1, 3), max_size=2).map(tuple), min_size=1, max_size=2))
    params = {file.fresh("x"): tuple(str(size) for size in shape) for shape in shapes}
    scope = Scope(file, {}, dict(params))
    weight(scope)  # a model's weights say in which precision it computes
    scope.grow(statements)
    last, outcome = scope.result()
    inputs = ", ".join(f"{name}: {_type(shape)}" for name, shape in params.items())
    model = f"model net({inputs}) -> {_type(outcome)} {scope.block([f'return {last}'])}"
    use = [f"use std.layers.{{{', '.join(sorted(file.uses))}}}"] if file.uses else []
    text = "\n".join(["hqn 0.1", *use, *file.definitions, model]) + "\n"
    return Written(text, tuple(shapes), tuple(scope.number(size) for size in outcome))
