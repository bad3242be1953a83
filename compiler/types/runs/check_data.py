"""Data blocks: `data d8 = digits_8x8 |> map s { … } |> pca(5) |> split(train = 1437, test = 360)`.

What came before: a resolved `data` item. What leaves: `runs.Data` with the type of one sample after every
step accounted for, and the number of samples of each split. Invariants: nothing is loaded, sizes come from
the table in `datasets.py`; a block is checked once.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import prod

from hqn.compiler.names.resolve import Global, nearest
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import typed
from hqn.compiler.types.bodies.check_static import static_value
from hqn.compiler.types.limits import allow_turns
from hqn.compiler.types.model import DType, TensorType, TupleType
from hqn.compiler.types.runs.datasets import DATASETS, GRID, Dataset, grid
from hqn.compiler.types.runs.errors import BadStep, TooFewSamples, UnknownDataset, UnknownStep
from hqn.compiler.types.runs.functions import map_function
from hqn.compiler.types.runs.specs import Arrange, Array, Data, Fit, Map, Split
from hqn.compiler.types.scope import Frame, Scope, Session

Step = Split | Map | Fit | Arrange

EXAMPLES = {
    "split": "split(train = 1437, test = 360, seed = 0)",
    "standardize": "standardize",
    "minmax": "minmax(-1, 1)",
    "pca": "pca(5)",
    "windows": "windows(4)",
    "shuffle": "shuffle(0)",
    "take": "take(500)",
    "classes": "classes(2)",
    "map": "map s { yield (x = s.x / 16, y = s.y) }",
}
"""Every step as one would write it."""


@dataclass(frozen=True, slots=True)
class CheckedData:
    """A data block and what runs need of it: samples per split."""

    data: Data
    splits: dict[str, int]
    span: Span


@dataclass(slots=True)
class _Pipeline:
    """The block so far. `fields` is None after a mistake: what follows is silent."""

    scope: Scope
    name: str
    count: int
    fields: tuple[Array, ...] | None
    per_class: tuple[int, ...]
    steps: list[Step] = field(default_factory=list)
    splits: dict[str, int] | None = None


def check_data(session: Session, block: Global) -> CheckedData | None:
    """The block, checked once; None where it has mistakes."""
    key = ("data", id(block.item))
    if key not in session.memo:
        session.memo[key] = None
        session.memo[key] = _check(session, block)
    found = session.memo[key]
    assert found is None or isinstance(found, CheckedData)
    return found


def _check(session: Session, block: Global) -> CheckedData | None:
    item = block.item
    assert isinstance(item, ast.Data)
    frame = Frame(session, block.module, block.name, "expression", item.name.span, concrete=True)
    scope = Scope(frame)
    first, stages = unpiped(item.value)
    loaded = _loaded(scope, first)
    if loaded is None:
        return None
    name, arguments, known = loaded
    pipeline = _Pipeline(scope, block.name, known.count, known.fields, known.per_class)
    for stage in stages:
        _step(pipeline, stage)
    if frame.failed or pipeline.fields is None:
        return None
    data = Data(block.name, name, tuple(pipeline.steps), pipeline.fields, arguments)
    return CheckedData(data, pipeline.splits or {"train": pipeline.count}, item.name.span)


def _loaded(scope: Scope, first: ast.Expr) -> tuple[str, tuple[float, ...], Dataset] | None:
    """The loader that a block begins with, its arguments and what it gives."""
    if isinstance(first, ast.Call) and isinstance(first.callee, ast.Name) and first.callee.name == GRID:
        return _grid(scope, first)
    if isinstance(first, ast.Name) and first.name in DATASETS:
        return first.name, (), DATASETS[first.name]
    name = first.name if isinstance(first, ast.Name) else first.span.text
    choices = (*DATASETS, GRID)
    scope.report(UnknownDataset(span=first.span, name=name, nearest=nearest(name, choices), choices=choices))
    return None


def _grid(scope: Scope, call: ast.Call) -> tuple[str, tuple[float, ...], Dataset] | None:
    values = [static_value(scope, argument.value) for argument in call.arguments]
    numbers = [float(one) for one in values if isinstance(one, int | float) and not isinstance(one, bool)]
    named = any(argument.name for argument in call.arguments)
    if len(numbers) != 3 or len(values) != 3 or named or numbers[0] != int(numbers[0]) or numbers[0] < 2:
        why = f"`{GRID}` takes how many numbers, at least 2, the first and the last"
        scope.report(BadStep(span=call.span, why=why, example=f"{GRID}(100, 0.0, 1.0)"))
        return None
    if not allow_turns(scope, call.span, int(numbers[0])):
        return None
    return GRID, tuple(numbers), grid(int(numbers[0]))


def unpiped(expr: ast.Expr) -> tuple[ast.Expr, list[ast.Expr]]:
    """`a |> b |> c` as its first value and its stages."""
    stages: list[ast.Expr] = []
    while isinstance(expr, ast.Pipe):
        stages.append(expr.stage)
        expr = expr.value
    return expr, stages[::-1]


def _step(pipeline: _Pipeline, stage: ast.Expr) -> None:
    if isinstance(stage, ast.Loop) and stage.kind == "map" and stage.variable is not None:
        _map(pipeline, stage)
        return
    callee = stage.callee if isinstance(stage, ast.Call) else stage
    name = callee.name if isinstance(callee, ast.Name) else callee.span.text
    arguments = stage.arguments if isinstance(stage, ast.Call) else ()
    if name not in _STEPS:
        found, choices = nearest(name, EXAMPLES), tuple(EXAMPLES)
        pipeline.scope.report(UnknownStep(span=callee.span, name=name, nearest=found, choices=choices))
        pipeline.fields = None
        return
    _STEPS[name](pipeline, stage, arguments)


def _map(pipeline: _Pipeline, stage: ast.Loop) -> None:
    if pipeline.fields is None or stage.variable is None:
        return
    found = map_function(pipeline.scope.frame, stage.variable, stage.body, pipeline.fields, pipeline.name)
    if found is None:
        pipeline.scope.frame.failed, pipeline.fields = True, None
        return
    function, names = found
    pipeline.steps.append(Map(function, names))
    pipeline.fields = _fields(function, names)


def _fields(function: typed.Function, names: tuple[str, ...]) -> tuple[Array, ...]:
    assert function.result is not None
    type_ = function.result.type
    types = type_.items if isinstance(type_, TupleType) else (type_,)
    return tuple(array_of(name, one) for name, one in zip(names, types) if isinstance(one, TensorType))


def array_of(name: str, type_: TensorType) -> Array:
    """A concrete tensor type as a specification."""
    shape = tuple(dim for dim in type_.shape if isinstance(dim, int))
    bound = type_.bound if isinstance(type_.bound, int) else None
    return Array(name, shape, type_.dtype.value, bound)


def type_of(array: Array) -> TensorType:
    """The inverse of `array_of`."""
    return TensorType(DType(array.dtype), array.shape, array.bound)


def _split(pipeline: _Pipeline, stage: ast.Expr, arguments: tuple[ast.Argument, ...]) -> None:
    if pipeline.splits is not None:
        _bad(pipeline, stage.span, "the data is split already", "split")
        return
    sizes: dict[str, int] = {}
    seed = None
    for argument in arguments:
        value = static_value(pipeline.scope, argument.value)
        if argument.name is None or isinstance(value, bool) or not isinstance(value, int | float):
            _bad(pipeline, argument.span, "a split has names and sizes", "split")
            return
        if argument.name.name == "seed":
            seed = int(value)
            continue
        sizes[argument.name.name] = int(value) if isinstance(value, int) else int(value * pipeline.count)
    if not sizes or any(size < 1 for size in sizes.values()) or "train" not in sizes:
        _bad(pipeline, stage.span, "a split needs a part `train`, and every part has samples", "split")
        return
    if sum(sizes.values()) > pipeline.count:
        wanted = sum(sizes.values())
        pipeline.scope.report(TooFewSamples(span=stage.span, wanted=wanted, count=pipeline.count))
        return
    pipeline.splits = sizes
    pipeline.steps.append(Split(tuple(sizes.items()), seed))


def _numbers(
    pipeline: _Pipeline, stage: ast.Expr, arguments: tuple[ast.Argument, ...], name: str, count: int
) -> tuple[float, ...] | None:
    values = [static_value(pipeline.scope, argument.value) for argument in arguments]
    good = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if len(good) != count or len(values) != count or any(argument.name for argument in arguments):
        plural = "number" if count == 1 else "numbers"
        _bad(pipeline, stage.span, f"`{name}` takes {count} {plural}", name)
        return None
    return tuple(good)


def _standardize(pipeline: _Pipeline, stage: ast.Expr, arguments: tuple[ast.Argument, ...]) -> None:
    if _numbers(pipeline, stage, arguments, "standardize", 0) is not None and _has_x(pipeline, stage):
        pipeline.steps.append(Fit("standardize"))


def _minmax(pipeline: _Pipeline, stage: ast.Expr, arguments: tuple[ast.Argument, ...]) -> None:
    found = _numbers(pipeline, stage, arguments, "minmax", 2)
    if found is None or not _has_x(pipeline, stage):
        return
    if not found[0] < found[1]:
        _bad(pipeline, stage.span, "`minmax` goes from a smaller to a larger number", "minmax")
        return
    pipeline.steps.append(Fit("minmax", (float(found[0]), float(found[1]))))


def _pca(pipeline: _Pipeline, stage: ast.Expr, arguments: tuple[ast.Argument, ...]) -> None:
    found = _numbers(pipeline, stage, arguments, "pca", 1)
    if found is None or not _has_x(pipeline, stage) or pipeline.fields is None:
        return
    features = prod(next(one for one in pipeline.fields if one.name == "x").shape)
    most = min(features, (pipeline.splits or {}).get("train", pipeline.count))
    if found[0] != int(found[0]) or not 1 <= found[0] <= most:
        why = f"`pca` keeps from 1 to {most} components, not {found[0]}"
        _bad(pipeline, stage.span, why, "pca")
        return
    pipeline.steps.append(Fit("pca", (int(found[0]),)))
    pipeline.fields = tuple(
        replace(one, shape=(int(found[0]),)) if one.name == "x" else one for one in pipeline.fields
    )


def _windows(pipeline: _Pipeline, stage: ast.Expr, arguments: tuple[ast.Argument, ...]) -> None:
    size = _whole(pipeline, stage, arguments, "windows")
    if size is None or pipeline.fields is None:
        return
    pipeline.count -= size - 1
    pipeline.steps.append(Arrange("windows", size))
    pipeline.fields = tuple(
        replace(one, shape=(size, *one.shape)) if one.dtype == "f32" else one for one in pipeline.fields
    )


def _take(pipeline: _Pipeline, stage: ast.Expr, arguments: tuple[ast.Argument, ...]) -> None:
    size = _whole(pipeline, stage, arguments, "take")
    if size is not None:
        pipeline.count = size
        pipeline.steps.append(Arrange("take", size))


def _classes(pipeline: _Pipeline, stage: ast.Expr, arguments: tuple[ast.Argument, ...]) -> None:
    """The samples of the first labels; how many those are is known of a whole set only."""
    size = _number(pipeline, stage, arguments, "classes")
    if size is None or pipeline.fields is None:
        return
    known = len(pipeline.per_class)
    if pipeline.steps or not 2 <= size <= known:
        why = "`classes` comes first, behind the data set" if pipeline.steps else "`classes` needs labels"
        if known and not pipeline.steps:
            why = f"`classes` keeps from 2 to {known} labels, not {size}"
        _bad(pipeline, stage.span, why, "classes")
        return
    pipeline.count = sum(pipeline.per_class[:size])
    pipeline.steps.append(Arrange("classes", size))
    pipeline.fields = tuple(replace(one, bound=size) if one.name == "y" else one for one in pipeline.fields)


def _shuffle(pipeline: _Pipeline, stage: ast.Expr, arguments: tuple[ast.Argument, ...]) -> None:
    found = _numbers(pipeline, stage, arguments, "shuffle", 1)
    if found is not None and _unsplit(pipeline, stage, "shuffle"):
        pipeline.steps.append(Arrange("shuffle", int(found[0])))


def _whole(
    pipeline: _Pipeline, stage: ast.Expr, arguments: tuple[ast.Argument, ...], name: str
) -> int | None:
    """The one number of a step that chooses samples: from 1 to as many as there are."""
    size = _number(pipeline, stage, arguments, name)
    if size is not None and size > pipeline.count:
        pipeline.scope.report(TooFewSamples(span=stage.span, wanted=size, count=pipeline.count))
        return None
    return size


def _number(
    pipeline: _Pipeline, stage: ast.Expr, arguments: tuple[ast.Argument, ...], name: str
) -> int | None:
    """The one number of a step before `split`, from 1."""
    found = _numbers(pipeline, stage, arguments, name, 1)
    if found is None or not _unsplit(pipeline, stage, name):
        return None
    if found[0] != int(found[0]) or found[0] < 1:
        _bad(pipeline, stage.span, f"`{name}` takes a whole number from 1", name)
        return None
    return int(found[0])


def _unsplit(pipeline: _Pipeline, stage: ast.Expr, name: str) -> bool:
    if pipeline.splits is None:
        return True
    _bad(pipeline, stage.span, f"`{name}` comes before `split`, whose sizes it would change", name)
    return False


def _has_x(pipeline: _Pipeline, stage: ast.Expr) -> bool:
    """Fitted steps act on a field `x` of numbers."""
    if pipeline.fields is None:
        return False
    if any(one.name == "x" and one.dtype == "f32" and one.shape for one in pipeline.fields):
        return True
    _bad(pipeline, stage.span, "this step changes a field `x` of numbers, and there is none", "map")
    return False


def _bad(pipeline: _Pipeline, span: Span, why: str, name: str) -> None:
    pipeline.scope.report(BadStep(span=span, why=why, example=EXAMPLES[name]))


_STEPS = {
    "split": _split,
    "standardize": _standardize,
    "minmax": _minmax,
    "pca": _pca,
    "windows": _windows,
    "shuffle": _shuffle,
    "take": _take,
    "classes": _classes,
}
