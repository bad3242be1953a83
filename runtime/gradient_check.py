"""Gradients of a run by two methods, compared: what `hqn run --check-gradient` prints.

What came before: the loss of a run's first step as a function of the weights that it trains. What leaves:
`GradientCheck`, a row per slot. Invariants: everything is computed in f64 and without shots, at the initial
values and the first batch; finite differences are those of the loss itself, whatever makes its gradient.

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

from hqn.runtime.circuit.exactly import exactly, simulated
from hqn.runtime.errors import GradientDiffers

METHODS = ("own", "reverse", "finite_difference")
"""`own` is what the run trains by; `reverse` has the derivative of the simulation in every circuit."""
TOLERANCE = 1e-4
DIRECTIONS = 16
"""Directions per slot; a slot of no more elements is compared element by element."""
STEPS = (6e-6, 6e-7)
"""Of finite differences: the better one counts, for with the other a kink may lie in between."""
SMALLEST = 1e-6
"""Derivatives below this are compared with this."""

Values = Mapping[str, jax.Array]
Loss = Callable[[Values], jax.Array]


@dataclass(frozen=True, slots=True)
class SlotDifference:
    """`difference` is the largest along any direction, relative to the norm of the slot's gradient."""

    path: str
    difference: float
    norm: float


@dataclass(frozen=True, slots=True)
class GradientCheck:
    """The gradients of a run's first `minimize` by two methods."""

    run: str
    methods: tuple[str, str]
    slots: tuple[SlotDifference, ...]
    tolerance: float = TOLERANCE

    @property
    def differing(self) -> tuple[SlotDifference, ...]:
        return tuple(one for one in self.slots if not one.difference <= self.tolerance)

    @property
    def agrees(self) -> bool:
        return not self.differing

    def enforce(self) -> GradientCheck:
        """This, where both methods agree. Raises GradientDiffers."""
        if self.agrees:
            return self
        worst = max(self.differing, key=lambda one: one.difference)
        more = len(self.differing) - 1
        others = f", and for {more} other slot{'s' if more > 1 else ''}" if more else ""
        first, second = self.methods
        raise GradientDiffers(
            run=self.run,
            first=first,
            second=second,
            slot=worst.path,
            difference=worst.difference,
            others=others,
        )

    def text(self) -> str:
        """The table, one line per slot."""
        wide = max((len(one.path) for one in self.slots), default=0)
        head = f"run {self.run}: gradient by {self.methods[0]} and by {self.methods[1]}"
        rows = [
            f"  {one.path:<{wide}}  difference {one.difference:.1e}  norm {one.norm:.4g}"
            + ("" if one.difference <= self.tolerance else f"  above {self.tolerance:g}")
            for one in self.slots
        ]
        return "\n".join([head, *rows])

    def data(self) -> dict[str, Any]:
        return asdict(self) | {"agrees": self.agrees}


def compare(run: str, methods: tuple[str, str], values: Values, loss: Loss) -> GradientCheck:
    """Compare two of `METHODS` at `values`, inside of `jax.enable_x64`."""
    slopes = [_slopes(method, values, loss) for method in methods]
    gradient = next(one.gradient for one in slopes if isinstance(one, _Gradient))
    norms = {path: float(np.linalg.norm(value)) for path, value in gradient.items()}
    floor = max(1e-3 * float(np.linalg.norm([*norms.values()])), SMALLEST)
    rows = []
    for number, (path, value) in enumerate(values.items()):
        found = []
        for direction in _directions(number, value):
            first, second = (one.along(path, direction) for one in slopes)
            scale = max(norms[path], floor, float(np.abs([*first, *second]).max()))
            found.append(min(abs(a - b) for a in first for b in second) / scale)
        rows.append(SlotDifference(path, float(np.max(found, initial=0.0)), norms[path]))
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
    """Derivatives along directions, by a gradient."""

    gradient: Mapping[str, np.ndarray]

    def along(self, path: str, direction: np.ndarray) -> tuple[float, ...]:
        return (float(np.sum(self.gradient[path] * direction).real),)


@dataclass(frozen=True, slots=True)
class _Differences:
    """Derivatives along directions by central differences, one for each of `STEPS`."""

    values: Values
    loss: Loss

    def along(self, path: str, direction: np.ndarray) -> tuple[float, ...]:
        return tuple(self._difference(path, step * direction) / (2 * step) for step in STEPS)

    def _difference(self, path: str, change: np.ndarray) -> float:
        above, below = (
            self.loss({**self.values, path: self.values[path] + side * change}) for side in (1, -1)
        )
        return float(above) - float(below)


def _slopes(method: str, values: Values, loss: Loss) -> _Gradient | _Differences:
    """A method, compiled with the circuits as it wants them; shots are out of the way in all of them."""
    with ExitStack() as circuits:
        circuits.enter_context(exactly())
        if method != "own":
            circuits.enter_context(simulated())
        if method == "finite_difference":
            return _Differences(values, jax.jit(lambda at: loss(at)).lower(dict(values)).compile())
        found = jax.jit(jax.grad(lambda at: loss(at)))(dict(values))
    return _Gradient({path: np.asarray(value) for path, value in found.items()})
