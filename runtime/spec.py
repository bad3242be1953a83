"""What an emitted module says about itself: slots, models, data and runs as plain literals.

What came before: the emitted text, whose last statement is `PROGRAM = rt.Program(models, data, runs)`.
What leaves: the same facts as frozen dataclasses, read by `variables`, `training` and `data`. Invariant:
nothing here computes, and every field but a function is a literal.

Functions of an emitted module are `f(p, *inputs)`: `p` is the nested dict of slots by path, inputs carry
any leading batch axes. One that draws is `f(p, keys, *inputs)` with `keys.Keys`; a training function that
sets state returns `(value, state)`, `state` being the nested dict of the slots that it sets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Precision: TypeAlias = Literal["f32", "f64"]
Function: TypeAlias = "Callable[..., Any]"
Reading: TypeAlias = "float | int | bool | str | tuple[Any, ...]"
"""An expression over numbers of a run in prefix form; see `readings.py` for its words."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A weight, frozen weight or state. `shape` is as stored: the axes of `loops` creating loops first.

    `initial` names an initialiser and `args` its numbers; see `variables.INITIALISERS`.
    """

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
    """The type of one sample of an input or a result; `bound` is set for `idx[n]`."""

    name: str
    shape: tuple[int, ...]
    dtype: str = "f32"
    bound: int | None = None


@dataclass(frozen=True, slots=True)
class Traits:
    """What a caller must know of a training function: needs keys, returns state, reduces over the batch."""

    draws: bool = False
    state: bool = False
    batch_mean: bool = False


NO_TRAITS = Traits()


@dataclass(frozen=True, slots=True)
class Split:
    """`split(train = 1437, test = 360, seed = 0)`: sizes in samples, in the order written.

    Samples are shuffled by `seed` first, or taken in order where it is None.
    """

    sizes: tuple[tuple[str, int], ...]
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Map:
    """`map s { … }`: `function({}, *fields)` gives the new fields, one value or a tuple, for a batch."""

    function: Function
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """A transform of field `x` fitted on the train part: standardize, minmax(a, b), pca(k)."""

    kind: Literal["standardize", "minmax", "pca"]
    args: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Arrange:
    """A step that chooses samples: `windows(n)`, `shuffle(seed)`, `take(n)`, `classes(k)`."""

    kind: Literal["windows", "shuffle", "take", "classes"]
    argument: int


@dataclass(frozen=True, slots=True)
class Data:
    """`data d8 = digits_8x8 |> …`; `fields` are the types of one sample at the end of the pipeline,
    `arguments` those of the loader."""

    name: str
    loader: str
    steps: tuple[Split | Map | Fit | Arrange, ...]
    fields: tuple[Array, ...]
    arguments: tuple[float, ...] = ()


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
    """`function(p, *inputs)` is the quantized model; its inputs are the first fields of a sample.

    It shows the values at all `sites`, over the first `count` samples of a split. `integer` computes the same
    on integers, where the policy says `lower integer`; `training` is the model in training, where that
    differs.
    """

    function: Function
    data: str
    split: str = "train"
    count: int | None = None
    sites: tuple[Site, ...] = ()
    integer: Function | None = None
    training: Function | None = None


@dataclass(frozen=True, slots=True)
class Let:
    """`let net = digits from float.net under edge`: an instance of a run, at path `name`.

    `model` is the name of the program's model where the instance is one; `origin` is another run and the
    path in it whose values this instance starts from; `policy` is what quantizes it, with its calibration.
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
    """`data (x, y) in d8 batch 64`; `fields` are the fields bound, in the order of the functions' inputs."""

    data: str
    fields: tuple[str, ...]
    batch: int | None
    split: str = "train"


@dataclass(frozen=True, slots=True)
class Optimiser:
    """`adam(1e-2) |> clip(1)`: name, numbers (readings of `epoch step progress`), modifiers."""

    name: str
    args: tuple[tuple[str, Reading], ...]
    modifiers: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Slots trained by one optimiser: those at or below `paths`."""

    paths: tuple[str, ...]
    optimiser: Optimiser


@dataclass(frozen=True, slots=True)
class Minimize:
    """`minimize e over …`: `function` is e in training mode, for one sample; its mean is minimised."""

    function: Function
    groups: tuple[Group, ...]
    traits: Traits = NO_TRAITS


@dataclass(frozen=True, slots=True)
class Evaluation:
    """An expression in evaluation mode: `e on test` over all samples of a split, or over none of them.

    `run` is the run whose variables it reads, where that is another one.
    """

    function: Function
    split: str | None = None
    draws: bool = False


@dataclass(frozen=True, slots=True)
class Track:
    """`track acc = e every 5`: a series with one entry per `every` epochs (or steps, without data)."""

    name: str
    value: Reading
    every: int = 1


@dataclass(frozen=True, slots=True)
class Assertion:
    """`assert e`: `text` as written and where. `value` is False or True where checking already decided it."""

    value: Reading
    text: str
    place: str


@dataclass(frozen=True, slots=True)
class Run:
    """`run fit { … }`.

    Exactly one of `epochs` and `steps` is set where `minimize` is not empty. `slots` have paths from the
    run's root (`net.encoder.W`). `after` are the runs whose results this one reads, which come first. `top`
    says that this is an assertion outside of runs, which is held for every seed of those.
    """

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
