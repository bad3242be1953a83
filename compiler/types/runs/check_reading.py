"""Readings: `mean(accuracy(net(x), y) on test)`, `acc[last] >= 0.96`, `params(net) == 1690`.

What came before: what stands behind `track`, `stop`, `keep` and `assert`. What leaves: readings in prefix
form (`runs.Reading`) over evaluations, which are functions, and series. Invariants: an expression of values
becomes one function as a whole; only what is around evaluations and series is a reading; numbers that are
known while checking are literals.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hqn.compiler.names.resolve import nearest
from hqn.compiler.syntax import ast
from hqn.compiler.types.model import DType, TensorType
from hqn.compiler.types.runs.count_weights import COUNTS, count_weights
from hqn.compiler.types.runs.errors import BadReading, UnknownSeries, UnknownSplit, WhichSamples
from hqn.compiler.types.runs.functions import RunText, run_function, traits_of
from hqn.compiler.types.runs.specs import Evaluation, Reading
from hqn.compiler.types.runs.variants import Variant, find_run, run_name, variant_of

if TYPE_CHECKING:
    from hqn.compiler.types.runs.check_run import CheckedRun

REDUCTIONS = ("mean", "min", "max", "sum", "std", "median")
FUNCTIONS = {"abs": 1, "sqrt": 1, "exp": 1, "log": 1, "minimum": 2, "maximum": 2}
SEEDS = ("best", "worst")
_BOUNDS = {"<": "<", "<=": "<", ">": ">", ">=": ">"}
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
COMPARISONS = ("==", "!=", *_FLIPPED)


@dataclass(frozen=True, slots=True)
class Read:
    """A reading and what it gives: numbers of this shape (None: a series, of any length) or truth values."""

    reading: Reading
    shape: tuple[int | None, ...] = ()
    truth: bool = False

    @property
    def shown(self) -> str:
        """In the words of a message."""
        if self.truth:
            return "true or false"
        dims = ", ".join("…" if dim is None else str(dim) for dim in self.shape)
        return f"an array [{dims}]" if self.shape else "a number"


@dataclass(slots=True)
class Readings:
    """The evaluations of a run so far, and what its readings may name."""

    run: RunText
    splits: dict[str, int] | None
    """None after a mistake in the `data` line: any split then is silently unknown."""
    find_run: Callable[[Variant], CheckedRun | None]
    data: str = ""
    seeds: int = 1
    own: set[str] = field(default_factory=set)
    """The series of this run that are tracked so far."""
    top: bool = False
    """An assertion outside of runs, which holds for every seed of the runs that it is about."""
    trained: tuple[str, ...] = ()
    """The paths that the run trains."""
    evaluations: list[Evaluation] = field(default_factory=list)
    used_runs: set[str] = field(default_factory=set)

    @property
    def lets(self) -> list[str]:
        """The names of the run's instances."""
        return [let.name.name for let in self.run.lets]

    def path(self, expr: ast.Expr) -> str:
        """Where the weights of an instance or a part of it are: `net.head`."""
        match expr:
            case ast.Name(name=name):
                return self.run.owner(name)
            case ast.Attribute(value=value, name=name):
                return f"{self.path(value)}.{name.name}"
        return expr.span.text

    def read(self, expr: ast.Expr) -> Read | None:
        """The reading of an expression; None after a mistake."""
        return _read(self, expr, bound=None)


def _read(all_: Readings, expr: ast.Expr, bound: str | None) -> Read | None:
    if not _is_around(all_, expr):
        return _value(all_, expr)
    match expr:
        case ast.On():
            return _on(all_, expr)
        case ast.Name(name=name):
            return Read(("series", name), (None,))
        case ast.Attribute():
            return _other_series(all_, expr)
        case ast.Subscript():
            return _element(all_, expr)
        case ast.Unary(op=op, operand=operand):
            part = _read(all_, operand, bound)
            word = "neg" if op == "-" else "not"
            return part and Read((word, part.reading), part.shape, op == "not")
        case ast.Binary():
            return _binary(all_, expr)
        case ast.Call():
            return _call(all_, expr, bound)
    return _bad(all_, expr, "this goes around no evaluation; put it inside `… on test`")


def _bad(all_: Readings, expr: ast.Expr, why: str, example: str | None = None) -> Read | None:
    """Report; None, which is what every reading is after a mistake."""
    all_.run.session.sink.report(BadReading(span=expr.span, why=why, example=example))
    all_.run.failed = True
    return None


def _is_around(all_: Readings, expr: ast.Expr) -> bool:
    """Whether an expression has an evaluation, a series or a count in it, and so is a reading."""
    match expr:
        case ast.On():
            return True
        case ast.Name(name=name):
            return name in all_.own
        case ast.Attribute(value=value):
            name = run_name(value) or ""
            return name not in all_.lets and find_run(all_.run.session, name) is not None
        case ast.Call(callee=ast.Name(name=name)) if name in (*COUNTS, *SEEDS, "pearson"):
            return True
        case ast.Subscript(value=value):
            return _is_around(all_, value)
    return any(_is_around(all_, part) for part in _operands(expr))


def _operands(expr: ast.Expr) -> list[ast.Expr]:
    match expr:
        case ast.Unary(operand=operand):
            return [operand]
        case ast.Binary(left=left, right=right):
            return [left, right]
        case ast.Call(arguments=arguments):
            return [argument.value for argument in arguments]
    return []


# --- values and evaluations -------------------------------------------------------------------------


def _value(all_: Readings, expr: ast.Expr) -> Read | None:
    """An expression without samples: a literal, or a function evaluated once."""
    match expr:
        case ast.Int() | ast.Float():
            return Read(expr.value)
        case ast.Bool(value=value):
            return Read(value, (), True)
        case ast.Unary(op="-", operand=ast.Int() | ast.Float() as number):
            return Read(-number.value)
    open_ = all_.run.samples_in(expr)
    if open_:
        error = WhichSamples(span=expr.span, name=open_[0], data=all_.data)
        all_.run.session.sink.report(error)
        all_.run.failed = True
        return None
    return _evaluation(all_, expr, None)


def _on(all_: Readings, expr: ast.On) -> Read | None:
    split = _split_name(all_, expr.split)
    return None if split is None else _evaluation(all_, expr.value, split)


def _split_name(all_: Readings, expr: ast.Expr) -> str | None:
    """`test`, or `d8.test` where d8 is the run's data."""
    match expr:
        case ast.Name(name=name):
            pass
        case ast.Attribute(value=ast.Name(name=data), name=ident) if data == all_.data:
            name = ident.name
        case _:
            _bad(all_, expr, "a split of the run's data is needed behind `on`", "on test")
            return None
    if all_.splits is None:
        all_.run.failed = True
        return None
    if name in all_.splits:
        return name
    found = nearest(name, all_.splits)
    error = UnknownSplit(
        span=expr.span, name=name, data=all_.data or "no data", nearest=found, choices=tuple(all_.splits)
    )
    all_.run.session.sink.report(error)
    all_.run.failed = True
    return None


def _evaluation(all_: Readings, expr: ast.Expr, split: str | None) -> Read | None:
    what = "value" if split is None else f"on_{split}"
    function = run_function(all_.run, expr, what, sampled=split is not None)
    if function is None or function.result is None:
        return None
    if split is None and function.params:
        names = {ident.name.replace(".", "_"): ident.name for ident, _ in all_.run.sample}
        all_.run.session.sink.report(
            WhichSamples(span=expr.span, name=names[function.params[0].name], data=all_.data)
        )
        all_.run.failed = True
        return None
    type_ = function.result.type
    if not isinstance(type_, TensorType):
        return _bad(all_, expr, "only arrays and numbers can be read")
    number = len(all_.evaluations)
    all_.evaluations.append(Evaluation(function, split, traits_of(function).draws))
    lead = (all_.splits[split],) if split is not None and all_.splits else ()
    shape = (*lead, *(dim for dim in type_.shape if isinstance(dim, int)))
    return Read(("value" if split is None else "on", number), shape, type_.dtype is DType.BOOL)


# --- series -----------------------------------------------------------------------------------------


def _other_series(all_: Readings, expr: ast.Attribute) -> Read | None:
    """`fit.acc`, `creep[1].acc`: a series of another run."""
    scope = all_.run.scope()
    variant = variant_of(scope, expr.value)
    other = all_.find_run(variant) if variant else None
    if variant is None or other is None:
        all_.run.failed = True  # reported there
        return None
    name, tracked = expr.name.name, [track.name for track in other.spec.tracks]
    if name not in tracked:
        found, where = nearest(name, tracked), f"run `{variant.name}`"
        error = UnknownSeries(
            span=expr.name.span, name=name, where=where, nearest=found, choices=tuple(tracked)
        )
        all_.run.session.sink.report(error)
        all_.run.failed = True
        return None
    all_.used_runs.add(variant.name)
    all_.seeds = max(all_.seeds, len(other.spec.seeds) if all_.top else 1)
    return Read(("series", name, variant.name), (None,))


def _element(all_: Readings, expr: ast.Subscript) -> Read | None:
    inner = _read(all_, expr.value, None)
    if inner is None:
        return None
    items = [item.value for item in expr.items]
    if inner.shape[:1] != (None,) or len(items) != 1:
        return _bad(all_, expr, "only a series is indexed here", "acc[last]")
    match items[0]:
        case ast.Name(name="last"):
            return Read(("last", inner.reading))
        case ast.Int(value=0):
            return Read(("at", inner.reading, 0))
        case ast.Unary(op="-", operand=ast.Int(value=1)):
            return Read(("last", inner.reading))
    return _bad(all_, items[0], "a series has the entries `0` (before training) and `last`", "acc[last]")


# --- operators and functions ------------------------------------------------------------------------


def _binary(all_: Readings, expr: ast.Binary) -> Read | None:
    compares = expr.op in COMPARISONS
    left = _read(all_, expr.left, expr.op if compares else None)
    right = _read(all_, expr.right, _FLIPPED.get(expr.op, expr.op) if compares else None)
    if left is None or right is None:
        return None
    if expr.op not in ("+", "-", "*", "/", "//", "%", "**", "and", "or", *COMPARISONS):
        return _bad(all_, expr, f"`{expr.op}` is not an operator of readings")
    if left.shape and right.shape and left.shape != right.shape:
        return _bad(all_, expr, f"`{expr.op}` of {left.shown} and {right.shown}")
    truth = compares or expr.op in ("and", "or")
    return _folded(Read((expr.op, left.reading, right.reading), left.shape or right.shape, truth))


def _folded(read: Read) -> Read:
    """Arithmetic of literals is a literal."""
    assert isinstance(read.reading, tuple)
    word, *args = read.reading
    if any(isinstance(arg, tuple | str) for arg in args):
        return read
    a, b = args
    operations = {
        "+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "==": lambda: a == b,
        "!=": lambda: a != b, "<": lambda: a < b, "<=": lambda: a <= b, ">": lambda: a > b,
        ">=": lambda: a >= b,
    }  # fmt: skip
    return Read(operations[word](), (), read.truth) if word in operations else read


def _call(all_: Readings, expr: ast.Call, bound: str | None) -> Read | None:
    name = expr.callee.name if isinstance(expr.callee, ast.Name) else ""
    arguments = [argument.value for argument in expr.arguments]
    if name in COUNTS:
        count = count_weights(all_, expr, arguments)
        return None if count is None else Read(count)
    wanted = FUNCTIONS.get(name, 2 if name == "pearson" else 1)
    if name not in (*REDUCTIONS, *FUNCTIONS, *SEEDS, "pearson"):
        why = f"`{name or expr.callee.span.text}` cannot go around an evaluation or a series"
        return _bad(all_, expr.callee, why, "mean(… on test)")
    if len(arguments) != wanted:
        return _bad(all_, expr, f"`{name}` takes {wanted} here")
    reads = [_read(all_, argument, None) for argument in arguments]
    parts = [part for part in reads if part is not None]
    if len(parts) < len(reads):
        return None
    readings = [part.reading for part in parts]
    if name in SEEDS:
        return _over_seeds(all_, expr, name, parts[0], bound)
    if name == "mean" and not parts[0].shape and all_.seeds > 1:
        return Read(("seed_mean", *readings))
    return Read((name, *readings), parts[0].shape if name in FUNCTIONS else ())


def _over_seeds(all_: Readings, expr: ast.Call, name: str, part: Read, bound: str | None) -> Read | None:
    """`best(e) <= k`: the comparison says which end is the better one."""
    if bound not in _BOUNDS:
        why = f"whether low or high is better follows from a comparison, and `{name}` is in none"
        return _bad(all_, expr, why, f"{name}(…) <= 0.1")
    small = (name == "best") == (_BOUNDS[bound] == "<")
    return Read(("least" if small else "greatest", part.reading))
