"""Gradients of a run by two methods, compared: what `hqn run --check-gradient` prints.

What came before: the loss of a run's first step as a function of the weights that it trains. What leaves:
`GradientCheck`, a row per slot. Invariants: everything is computed in f64, at the initial values and the
first batch; finite differences are those of the loss itself, whatever makes its gradient.

A gradient that is estimated, from shots or along random directions, is so `REPETITIONS` times. Its mean is
compared with the other gradient, in units of the standard error of the mean. The results of circuits, which
losses are functions of, are exact meanwhile: else the mean would be off by what a loss makes of their noise.

A slot of many elements is compared along random directions, each of which touches all of its elements: a
gradient that is wrong by a vector e is wrong by about |e| along such a direction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from hqn.runtime.circuit.exactly import exactly, repetition, simulated
from hqn.runtime.errors import GradientDiffers

METHODS = ("own", "reverse", "finite_difference")
"""`own` is what the run trains by; `reverse` has the derivative of the simulation in every circuit."""
TOLERANCE = 1e-4
DIRECTIONS = 16
"""Directions per slot; a slot of no more elements is compared element by element."""
REPETITIONS = 64
MOST_ERRORS = 5.0
"""Standard errors that the mean of estimates may be off by; beyond, less than once in 100,000 directions."""
STEPS = (6e-6, 6e-7)
"""Of finite differences: the better one counts, for with the other a kink may lie in between."""
SMALLEST = 1e-6
"""Derivatives below this are compared with this."""

Values = Mapping[str, jax.Array]
Loss = Callable[[Values], jax.Array]


@dataclass(frozen=True, slots=True)
class SlotDifference:
    """`difference` is the largest along any direction, relative to the norm of the slot's gradient; of a
    gradient that is estimated `z` is the largest in standard errors.
    """

    path: str
    difference: float
    norm: float
    z: float | None = None

    def agrees(self, tolerance: float) -> bool:
        return self.difference <= tolerance if self.z is None else self.z <= MOST_ERRORS

    def text(self, wide: int, tolerance: float) -> str:
        """One line of the table."""
        errors = "" if self.z is None else f"  {self.z:.1f} standard errors"
        line = f"  {self.path:<{wide}}  difference {self.difference:.1e}{errors}  norm {self.norm:.4g}"
        limit = tolerance if self.z is None else MOST_ERRORS
        return line if self.agrees(tolerance) else f"{line}  above {limit:g}"


@dataclass(frozen=True, slots=True)
class GradientCheck:
    """The gradients of a run's first `minimize` by two methods."""

    run: str
    methods: tuple[str, str]
    slots: tuple[SlotDifference, ...]
    tolerance: float = TOLERANCE

    @property
    def differing(self) -> tuple[SlotDifference, ...]:
        return tuple(one for one in self.slots if not one.agrees(self.tolerance))

    @property
    def agrees(self) -> bool:
        return not self.differing

    def enforce(self) -> GradientCheck:
        """This, where both methods agree. Raises GradientDiffers."""
        if self.agrees:
            return self
        worst = max(self.differing, key=lambda one: one.z or one.difference)
        more = len(self.differing) - 1
        others = f", and for {more} other slot{'s' if more > 1 else ''}" if more else ""
        first, second = self.methods
        raise GradientDiffers(
            run=self.run,
            first=first,
            second=second,
            slot=worst.path,
            difference=worst.difference,
            noise="" if worst.z is None else f", {worst.z:.1f} standard errors",
            others=others,
        )

    def text(self) -> str:
        """The table, one line per slot."""
        wide = max((len(one.path) for one in self.slots), default=0)
        head = f"run {self.run}: gradient by {self.methods[0]} and by {self.methods[1]}"
        if any(one.z is not None for one in self.slots):
            head += f", the mean of {REPETITIONS} estimates"
        return "\n".join([head, *(one.text(wide, self.tolerance) for one in self.slots)])

    def data(self) -> dict[str, Any]:
        return asdict(self) | {"agrees": self.agrees}


def compare(run: str, methods: tuple[str, str], values: Values, loss: Loss) -> GradientCheck:
    """Compare two of `METHODS` at `values`, inside of `jax.enable_x64`."""
    slopes = [_slopes(method, values, loss) for method in methods]
    gradient = next(one for one in slopes if isinstance(one, _Gradient))
    norms = {path: float(np.linalg.norm(value)) for path, value in gradient.mean.items()}
    floor = max(1e-3 * float(np.linalg.norm([*norms.values()])), SMALLEST)
    rows = []
    for number, (path, value) in enumerate(values.items()):
        found, errors = [0.0], [0.0]
        for direction in _directions(number, value):
            first, second = (one.along(path, direction) for one in slopes)
            scale = max(norms[path], floor, float(np.abs([*first, *second]).max()))
            found.append(min(abs(a - b) for a in first for b in second) / scale)
            deviation = sum(one.deviation(path, direction) for one in slopes) / scale
            errors.append(found[-1] / np.hypot(deviation, TOLERANCE / MOST_ERRORS))
        z = float(np.max(errors)) if any(one.is_estimate for one in slopes) else None
        rows.append(SlotDifference(path, float(np.max(found)), norms[path], z))
    return GradientCheck(run, methods, tuple(rows))


def _directions(number: int, value: jax.Array) -> np.ndarray:
    """Directions in the space of a slot, `[directions, *shape]`; a complex slot has complex ones."""
    if value.size <= DIRECTIONS and not jnp.iscomplexobj(value):
        return np.eye(value.size).reshape(-1, *value.shape)
    rng = np.random.default_rng(number)
    shape = (DIRECTIONS, *value.shape)
    signs = rng.choice((-1.0, 1.0), shape)
    return signs + 1j * rng.choice((-1.0, 1.0), shape) if jnp.iscomplexobj(value) else signs


@dataclass(frozen=True, slots=True)
class _Gradient:
    """Derivatives along directions, by gradients `[repetitions, *slot]`: one, or estimates."""

    gradients: Mapping[str, np.ndarray]

    @property
    def mean(self) -> Mapping[str, np.ndarray]:
        return {path: value.mean(0) for path, value in self.gradients.items()}

    @property
    def is_estimate(self) -> bool:
        return any(len(value) > 1 for value in self.gradients.values())

    def along(self, path: str, direction: np.ndarray) -> tuple[float, ...]:
        return (float(self._each(path, direction).mean()),)

    def deviation(self, path: str, direction: np.ndarray) -> float:
        """The standard error of the mean."""
        each = self._each(path, direction)
        return float(each.std(ddof=1) / np.sqrt(len(each))) if len(each) > 1 else 0.0

    def _each(self, path: str, direction: np.ndarray) -> np.ndarray:
        products = self.gradients[path] * direction
        each: np.ndarray = products.real.reshape(len(products), -1).sum(1)
        return each


@dataclass(frozen=True, slots=True)
class _Differences:
    """Derivatives along directions by central differences, one for each of `STEPS`."""

    values: Values
    loss: Loss
    is_estimate = False

    def deviation(self, path: str, direction: np.ndarray) -> float:
        return 0.0

    def along(self, path: str, direction: np.ndarray) -> tuple[float, ...]:
        return tuple(self._difference(path, step * direction) / (2 * step) for step in STEPS)

    def _difference(self, path: str, change: np.ndarray) -> float:
        above, below = (
            self.loss({**self.values, path: self.values[path] + side * change}) for side in (1, -1)
        )
        return float(above) - float(below)


def _slopes(method: str, values: Values, loss: Loss) -> _Gradient | _Differences:
    """A method, compiled with the circuits as it wants them."""

    def gradient(at: Values) -> Mapping[str, jax.Array]:
        found: Mapping[str, jax.Array] = jax.grad(lambda at: loss(at))(dict(at))
        return found

    if method == "own" and _is_estimated(gradient, values):
        return _estimates(gradient, values)
    with ExitStack() as circuits:
        circuits.enter_context(exactly())
        if method != "own":
            circuits.enter_context(simulated())
        if method == "finite_difference":
            return _Differences(values, jax.jit(lambda at: loss(at)).lower(dict(values)).compile())
        one = jax.jit(gradient)(values)
    return _Gradient({path: np.asarray(value)[None] for path, value in one.items()})


def _is_estimated(gradient: Callable[[Values], Any], values: Values) -> bool:
    """Whether shots or random directions stand in a gradient."""
    with repetition(0) as found:
        jax.eval_shape(gradient, values)
    return found.estimates


def _estimates(gradient: Callable[[Values], Any], values: Values) -> _Gradient:
    def once(number: jax.Array) -> Any:
        with repetition(number):
            return gradient(values)

    each = jax.jit(lambda: jax.lax.map(once, np.arange(REPETITIONS)))()
    return _Gradient({path: np.asarray(value) for path, value in each.items()})
