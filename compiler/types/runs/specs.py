"""Runs and data blocks, checked: plain data that an emitter prints as it stands.

What came before: `check_data` and `check_run`. What leaves: one frozen dataclass per statement, whose names
and fields are those of the run time's `spec` module (a test compares them). Invariants: every field is a
literal, another of these dataclasses or a `typed.Function`; a function is for one sample and takes the bound
fields in the order of `Source.fields`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from hqn.compiler.types.typed import Function

Reading: TypeAlias = "float | int | bool | str | tuple[Any, ...]"
"""An expression over a run's numbers in prefix form: `(">=", ("last", ("series", "acc")), 0.96)`."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A weight, frozen weight or state at its path; `shape` has the axes of `loops` creating loops first."""

    path: str
    shape: tuple[int, ...]
    initial: str
    args: tuple[float, ...] = ()
    kind: Literal["weight", "frozen weight", "state"] = "weight"
    dtype: str = "f32"
    loops: int = 0
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Array:
    """The type of one sample of an input or a field."""

    name: str
    shape: tuple[int, ...]
    dtype: str = "f32"
    bound: int | None = None


@dataclass(frozen=True, slots=True)
class Traits:
    """What a caller must know of a function in training mode."""

    draws: bool = False
    state: bool = False
    batch_mean: bool = False


@dataclass(frozen=True, slots=True)
class Split:
    """`split(train = 1437, test = 360, seed = 0)`, sizes in samples."""

    sizes: tuple[tuple[str, int], ...]
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Map:
    """`map s { … }`: `function` takes the fields before and gives those after."""

    function: Function
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """`standardize`, `minmax(a, b)`, `pca(k)`: fitted on field x of the train part."""

    kind: Literal["standardize", "minmax", "pca"]
    args: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Arrange:
    """`windows(n)`, `shuffle(seed)`, `take(n)`, `classes(k)`."""

    kind: Literal["windows", "shuffle", "take", "classes"]
    argument: int


@dataclass(frozen=True, slots=True)
class Data:
    """A data block; `fields` are the types of one sample at its end, `arguments`
    those of the loader."""

    name: str
    loader: str
    steps: tuple[Split | Map | Fit | Arrange, ...]
    fields: tuple[Array, ...]
    arguments: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Lowered:
    """A function that only the IR knows, by name."""

    name: str


@dataclass(frozen=True, slots=True)
class Site:
    """A quantized activation: the paths of its scale and zero point, and how its range becomes them."""

    scale: str
    zero: str
    bits: int
    symmetric: bool = False
    po2: bool = False
    percentile: float = 100.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """Evaluating `function` on the first `count` samples of a split shows the values at all `sites`.

    `integer` is the same on integers, where the policy says `lower integer`; `training` is the model in
    training, where that differs.
    """

    function: Lowered
    data: str
    split: str = "train"
    count: int | None = None
    sites: tuple[Site, ...] = ()
    integer: Lowered | None = None
    training: Lowered | None = None


@dataclass(frozen=True, slots=True)
class Let:
    """An instance of a run; `model` where it is one, `origin` the run and path that it starts from.

    `policy` is what it is `under`; lowering it gives the `calibration`. `shares` is the instance of the same
    run whose values it has, where it has none of its own.
    """

    name: str
    model: str | None = None
    origin: tuple[str, str] | None = None
    policy: str | None = None
    calibration: Calibration | None = None
    shares: str | None = None
    execution: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """`data (x, y) in d8 batch 64`."""

    data: str
    fields: tuple[str, ...]
    batch: int | None
    split: str = "train"


@dataclass(frozen=True, slots=True)
class Optimiser:
    """A name of `optimisers.OPTIMISERS` with all its numbers; `rate` may be a reading."""

    name: str
    args: tuple[tuple[str, Reading], ...]
    modifiers: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """The weights at or below `paths`, trained by one optimiser."""

    paths: tuple[str, ...]
    optimiser: Optimiser


NO_TRAITS = Traits()


@dataclass(frozen=True, slots=True)
class Minimize:
    """One `minimize`; `function` is its expression in training mode."""

    function: Function
    groups: tuple[Group, ...]
    traits: Traits = NO_TRAITS


@dataclass(frozen=True, slots=True)
class Evaluation:
    """An expression in evaluation mode, over the samples of `split` or over none."""

    function: Function
    split: str | None = None
    draws: bool = False


@dataclass(frozen=True, slots=True)
class Track:
    """`track name = value every n`."""

    name: str
    value: Reading
    every: int = 1


@dataclass(frozen=True, slots=True)
class Assertion:
    """`assert value`; True where checking decided it already."""

    value: Reading
    text: str
    place: str


@dataclass(frozen=True, slots=True)
class Run:
    """A run; see `runtime/spec.py` for what its fields make the run time do."""

    name: str
    lets: tuple[Let, ...] = ()
    slots: tuple[Slot, ...] = ()
    source: Source | None = None
    minimize: tuple[Minimize, ...] = ()
    evaluations: tuple[Evaluation, ...] = ()
    tracks: tuple[Track, ...] = ()
    asserts: tuple[Assertion, ...] = ()
    epochs: int | None = None
    steps: int | None = None
    seeds: tuple[int, ...] = (0,)
    precision: Literal["f32", "f64"] = "f32"
    stop: Reading | None = None
    keep: Reading | None = None
    after: tuple[str, ...] = ()
    top: bool = False


def is_at(path: str, prefix: str) -> bool:
    """Whether `path` is `prefix` or below it."""
    return path == prefix or path.startswith(f"{prefix}.")
