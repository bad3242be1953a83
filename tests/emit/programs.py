"""Random well-typed programs over the operations of the IR."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from emit.build import BOOL, F32, I32, Builder, Function, Shape

from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.tensors import dtype, shape
from hqn.compiler.ir.turns import Turn
from hqn.compiler.ir.xdsl_api import SSAValue

UNARY = ("tanh", "sin", "cos", "sigmoid", "softplus", "square", "neg", "erf", "gelu", "silu", "atan")
BINARY = ("add", "sub", "mul", "maximum", "minimum", "atan2")


class Generator:
    """One random function of a program; `callees` are those generated before."""

    def __init__(self, random: Random, callees: Sequence[FuncOp], draws: bool) -> None:
        self.random, self.callees, self.may_draw = random, callees, draws
        self.count = 0

    def function(self, name: str, params: Sequence[Shape], size: int) -> FuncOp:
        self.owner = Function(name, params)
        values = self.grow(self.owner.body, list(self.owner.body.args), size, (), 0)
        return self.owner.done(*values[-8:])

    def new(self, stem: str) -> str:
        self.count += 1
        return f"{stem}{self.count}"

    def grow(
        self, b: Builder, values: list[SSAValue], size: int, turns: tuple[tuple[Turn, int], ...], depth: int
    ) -> list[SSAValue]:
        """Append `size` operations that work on `values`; `turns` are those of the creating loops around."""
        kinds = [self.unary, self.binary, self.binary, self.shaped, self.reduced, self.weight, self.gathered,
                 self.einsum, self.constant]  # fmt: skip
        loops = [self.loop] * 3 if depth < 2 else []
        for _ in range(size):
            choices = kinds + loops + ([self.call] * 2 if self.callees else [])
            choices += [self.draw] if self.may_draw else []
            choices += [self.grad] if depth < 2 else []
            made = self.random.choice(choices)(b, values, turns, depth)
            if made is not None and len(shape(made)) <= 4:
                if self.random.random() < 0.3:
                    made.name_hint = self.random.choice(["h", "y", "lambda", "sum", "z"])
                values.append(made)
        return values

    def pick(self, values: list[SSAValue], rank: int | None = None) -> SSAValue | None:
        fits = [value for value in values if rank is None or len(shape(value)) == rank]
        recent = fits[-6:]
        return self.random.choice(recent) if recent else None

    # --- operations ---

    def unary(self, b: Builder, values: list[SSAValue], turns: object, depth: int) -> SSAValue:
        value = self.pick(values)
        return b.map(self.random.choice(UNARY), value)

    def binary(self, b: Builder, values: list[SSAValue], turns: object, depth: int) -> SSAValue:
        left = self.pick(values)
        dims = shape(left)
        fits = [v for v in values if shape(v) == dims[len(dims) - len(shape(v)) :]]
        right = self.random.choice(fits)
        pair = [left, right] if self.random.random() < 0.5 else [right, left]
        if self.random.random() < 0.2:
            less = b.map("lt", *pair)
            return b.map("select", less, pair[1], pair[0])
        return b.map(self.random.choice(BINARY), *pair)

    def constant(self, b: Builder, values: list[SSAValue], turns: object, depth: int) -> SSAValue:
        dims = shape(self.pick(values))[-1:]
        if self.random.random() < 0.5:
            return b.constant(self.random.choice([0.5, -2.0, 3.141592653589793]))
        return b.constant([self.random.uniform(-1, 1) for _ in range(dims[0] if dims else 1)], dims or (1,))

    def shaped(self, b: Builder, values: list[SSAValue], turns: object, depth: int) -> SSAValue | None:
        x = self.pick(values)
        dims, rank = shape(x), len(shape(x))
        kind = self.random.choice(
            ["reshape", "transpose", "slice", "drop", "concat", "stack", "broadcast", "pad"]
        )
        if kind == "reshape":
            count = 1
            for dim in dims:
                count *= dim
            to = self.random.choice([(count,), (1, count), (count, 1), (*dims, 1)])
            return b.prim("reshape", to, x)
        if kind == "broadcast":
            return b.prim("broadcast", (2, *dims), x)
        if kind == "stack":
            axis, same = self.random.randrange(rank + 1), [v for v in values if shape(v) == dims]
            others = [x, self.random.choice(same)]
            return b.prim("stack", (*dims[:axis], 2, *dims[axis:]), *others, axis=axis)
        return self.along(b, x, kind, values) if rank else None

    def along(self, b: Builder, x: SSAValue, kind: str, values: list[SSAValue]) -> SSAValue:
        """What needs an axis."""
        dims, rank = shape(x), len(shape(x))
        axis = self.random.randrange(rank)
        if kind == "transpose":
            axes = tuple(self.random.sample(range(rank), rank))
            return b.prim("transpose", tuple(dims[a] for a in axes), x, axes=axes)
        if kind == "concat":
            same = self.random.choice([v for v in values if shape(v) == dims])
            return b.prim("concat", (*dims[:axis], 2 * dims[axis], *dims[axis + 1 :]), x, same, axis=axis)
        if kind == "pad":
            low = tuple(self.random.randrange(2) for _ in dims)
            high = tuple(self.random.randrange(2) for _ in dims)
            to = tuple(a + d + c for a, d, c in zip(low, dims, high))
            return b.prim("pad", to, x, low=low, high=high)
        return self.sliced(b, x, kind)

    def sliced(self, b: Builder, x: SSAValue, kind: str) -> SSAValue:
        """A slice, or one whose axes of one element are dropped."""
        dims = shape(x)
        starts = tuple(self.random.randrange(dim) for dim in dims)
        steps = tuple(self.random.choice([1, 1, 2]) for _ in dims)
        stops = dims if kind == "slice" else tuple(start + 1 for start in starts)
        cut = tuple(len(range(*bounds)) for bounds in zip(starts, stops, steps))
        sliced = b.prim("slice", cut, x, starts=starts, stops=stops, steps=steps)
        if kind == "slice":
            return sliced
        return b.prim(
            "reshape", tuple(dim for dim, before in zip(cut, dims) if dim != 1 or before == 1), sliced
        )

    def reduced(self, b: Builder, values: list[SSAValue], turns: object, depth: int) -> SSAValue | None:
        x = self.pick(values)
        dims, rank = shape(x), len(shape(x))
        if rank == 0:
            return None
        if self.random.random() < 0.4:
            fn = self.random.choice(["softmax", "log_softmax", "cumsum"])
            return b.prim(fn, dims, x, axis=self.random.randrange(rank))
        axes = tuple(sorted(self.random.sample(range(rank), self.random.randint(1, rank))))
        left = tuple(dim for axis, dim in enumerate(dims) if axis not in axes)
        fn = self.random.choice(["sum", "mean", "max", "min", "logsumexp", "norm", "var", "argmax", "argmin"])
        if fn.startswith("arg"):
            return b.prim("cast", left, b.prim(fn, left, x, axes=axes, kind=I32))
        return b.prim(fn, left, x, axes=axes)

    def gathered(self, b: Builder, values: list[SSAValue], turns: object, depth: int) -> SSAValue | None:
        """Elements chosen by where the largest is, so that indices vary as values do."""
        x, by = self.pick(values), self.pick(values)
        dims = shape(x)
        if not dims or not shape(by):
            return None
        if self.random.random() < 0.4:
            index = b.prim("argmax", dims[:-1], x, axes=(len(dims) - 1,), kind=I32)
            return b.prim("take_along", dims[:-1], x, index)
        axis = self.random.randrange(len(dims))
        index = b.prim("argmax", shape(by)[:-1], by, axes=(len(shape(by)) - 1,), kind=I32)
        limit = b.constant(dims[axis], (), I32)
        bounded = b.map("mod", index, limit)
        return b.prim("gather", (*dims[:axis], *shape(index), *dims[axis + 1 :]), x, bounded, axis=axis)

    def weight(
        self, b: Builder, values: list[SSAValue], turns: tuple[tuple[Turn, int], ...], depth: int
    ) -> SSAValue:
        dims = self.random.choice([(), (2,), (3,), shape(self.pick(values))])
        return b.slot(self.new("w"), dims, [turn for turn, _ in turns], tuple(trips for _, trips in turns))

    def einsum(self, b: Builder, values: list[SSAValue], turns: object, depth: int) -> SSAValue | None:
        x, y = self.pick(values, 1), self.pick(values, 1)
        if x is None or y is None:
            return None
        if shape(x) == shape(y) and self.random.random() < 0.5:
            return b.einsum("i,i->", x, y)
        return b.einsum("i,j->ji", x, y)

    def loop(
        self, b: Builder, values: list[SSAValue], turns: tuple[tuple[Turn, int], ...], depth: int
    ) -> SSAValue:
        kind = self.random.choice(["map", "parallel", "scan", "repeat"])
        domain = self.pick([value for value in values if shape(value)])
        domains = [] if domain is None or self.random.random() < 0.2 else [domain]
        trips = shape(domain)[0] if domains else self.random.choice([2, 3])
        if kind in ("scan", "repeat") and not domains and self.random.random() < 0.4:
            trips = 12
        initial = (
            [self.pick(values) for _ in range(self.random.choice([1, 2]))]
            if kind in ("scan", "repeat")
            else []
        )
        yields = not initial or self.random.random() < 0.5

        def body(inner: Builder) -> tuple[list[SSAValue], list[SSAValue]]:
            own = turns
            if kind in ("parallel", "repeat"):
                own = (*turns, (Turn(inner.args[0]), trips))
            seen = [*values, *inner.args[1:]]
            if self.random.random() < 0.4:
                seen.append(inner.prim("cast", (), inner.args[0]))
            made = self.grow(inner, seen, self.random.randint(2, 4), own, depth + 1)
            following = [self.fitting(inner, made, carry) for carry in inner.args[1 + len(domains) :]]
            return following, (made[-2:] if yields else [])

        vector = self.pick(values, 1)
        limited = vector is not None and initial and self.random.random() < 0.3
        take = b.prim("argmax", (), vector, axes=(0,), kind=I32) if limited else None
        op = b.loop(kind, trips, domains, initial, body, take)
        for result in op.results[:-1]:
            values.append(result)
        return op.results[-1]

    def fitting(self, b: Builder, values: list[SSAValue], carry: SSAValue) -> SSAValue:
        """Some value as large as the carry."""
        fits = [value for value in values if shape(value) == shape(carry)]
        value = self.random.choice(fits[-3:])
        return b.map("tanh", value) if self.random.random() < 0.7 else value

    def call(
        self, b: Builder, values: list[SSAValue], turns: tuple[tuple[Turn, int], ...], depth: int
    ) -> SSAValue | None:
        callee = self.random.choice(self.callees)
        args, lifted, batch = [], [], ()
        for type_ in callee.type.inputs.data:
            dims = shape(type_)
            fits = [v for v in values if shape(v)[len(shape(v)) - len(dims) :] == dims and len(shape(v)) <= 3]
            if batch:
                fits = [v for v in fits if shape(v) in (dims, (*batch, *dims))]
            if not fits:
                return None
            value = self.random.choice(fits[-5:])
            extra = shape(value)[: len(shape(value)) - len(dims)]
            batch = batch or extra
            args.append(value)
            lifted.append(bool(extra))
        where = {"turns": [turn for turn, _ in turns], "loops": tuple(trips for _, trips in turns)}
        return b.call(callee, self.new("net"), *args, batch=batch, lifted=lifted, **where)

    def draw(self, b: Builder, values: list[SSAValue], turns: object, depth: int) -> SSAValue:
        per = self.random.choice(["sample", "sample", "step", "run"])
        dims = shape(self.pick(values))[-2:]
        scale = b.map("sigmoid", self.pick([v for v in values if shape(v) == ()]) or b.constant(0.3))
        if self.random.random() < 0.5:
            return b.draw("normal", dims, scale, per=per, site=self.new("u"))
        return b.prim("cast", dims, b.draw("bernoulli", dims, scale, per=per, site=self.new("u")))

    def grad(self, b: Builder, values: list[SSAValue], turns: object, depth: int) -> SSAValue:
        def body(inner: Builder) -> SSAValue:
            x = inner.args[0]
            other = self.random.choice([v for v in values if shape(v) == shape(x)][-3:])
            y = inner.map("mul", inner.map("sin", x), other)
            return inner.prim("sum", (), y, axes=tuple(range(len(shape(x))))) if shape(x) else y

        return b.grad(self.pick(values), body)


def random_program(seed: int, draws: bool = False) -> list[FuncOp]:
    """Two or three functions, the last of which may call the others."""
    random = Random(seed)
    functions: list[FuncOp] = []
    for number in range(random.choice([2, 3])):
        params = [random.choice([(), (2,), (3,), (2, 3)]) for _ in range(random.choice([1, 1, 2]))]
        generator = Generator(random, functions, draws)
        functions.append(generator.function(f"f{number}", params, random.randint(4, 9)))
    return functions


__all__ = ["BOOL", "F32", "I32", "dtype", "random_program"]
