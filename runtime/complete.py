"""Optimisers whose one step is a whole minimisation: `cobyla`, `nelder_mead`, `ridge`.

What came before: the weights of one group, and their loss as compiled code. What leaves: better weights.
Invariants: the host decides where to look next and the loss stays compiled; of all weights that were tried
the best are kept; vectors are in f64 between losses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

Flat: TypeAlias = "dict[str, jax.Array]"
Loss: TypeAlias = "Callable[[Flat], jax.Array]"


class Complete:
    """Base of the three."""

    def init(self, part: Flat, key: jax.Array) -> Any:
        """Such an optimiser begins anew each time."""
        return ()

    def solve(self, loss: Loss, part: Flat) -> Flat:
        """The weights that it ends at, from where they are."""
        raise NotImplementedError


class _Search(Complete):
    """A search by losses alone, by SciPy."""

    def _minimize(self, loss: Callable[[np.ndarray], float], start: np.ndarray) -> None:
        raise NotImplementedError

    def solve(self, loss: Loss, part: Flat) -> Flat:
        flat, whole = ravel_pytree(part)
        best, least = flat, np.inf

        def at(point: np.ndarray) -> float:
            nonlocal best, least
            value = float(loss(whole(jnp.asarray(point, flat.dtype))))
            if value < least:
                best, least = jnp.asarray(point, flat.dtype), value
            return value if np.isfinite(value) else float(np.finfo(np.float64).max)

        self._minimize(at, np.asarray(flat, np.float64))
        found: Flat = whole(best)
        return found


@dataclass(frozen=True, slots=True)
class Cobyla(_Search):
    """Powell's linear approximations, in a region that begins with `radius`."""

    evaluations: float
    radius: float

    def _minimize(self, loss: Callable[[np.ndarray], float], start: np.ndarray) -> None:
        from scipy.optimize import minimize

        options = {"maxiter": int(self.evaluations), "rhobeg": self.radius}
        minimize(loss, start, method="COBYLA", options=options)


@dataclass(frozen=True, slots=True)
class NelderMead(_Search):
    """The downhill simplex method; the first simplex has edges of length `size`."""

    evaluations: float
    size: float

    def _minimize(self, loss: Callable[[np.ndarray], float], start: np.ndarray) -> None:
        from scipy.optimize import minimize

        simplex = start + self.size * np.eye(start.size + 1, start.size, -1)
        options = {"maxfev": int(self.evaluations), "initial_simplex": simplex, "adaptive": True}
        minimize(loss, start, method="Nelder-Mead", options=options)


COLUMNS = 16
"""Columns of the second derivative that are computed at once."""


@dataclass(frozen=True, slots=True)
class Ridge(Complete):
    """The one minimum of a squared error plus `penalty` times the sum of all squares.

    The error is quadratic in the weights (the checker saw to it), so its first and second derivative at any
    one point say all: with H = E'' at w, the minimum v solves (H + 2 penalty) v = H w - E'.
    """

    penalty: float

    def solve(self, loss: Loss, part: Flat) -> Flat:
        flat, whole = ravel_pytree(part)

        def at(point: jax.Array) -> jax.Array:
            return loss(whole(point))

        def column(direction: jax.Array) -> jax.Array:
            found: jax.Array = jax.jvp(jax.grad(at), (flat,), (direction,))[1]
            return found

        @jax.jit
        def derivatives(directions: jax.Array) -> tuple[jax.Array, jax.Array]:
            return jax.grad(at)(flat), jax.lax.map(column, directions, batch_size=COLUMNS)

        slope, columns = derivatives(jnp.eye(flat.size, dtype=flat.dtype))
        slope = np.asarray(slope, np.float64)
        curve, start = np.asarray(columns, np.float64), np.asarray(flat, np.float64)
        system = (curve + curve.T) / 2 + 2 * self.penalty * np.eye(flat.size)
        best, *_ = np.linalg.lstsq(system, curve @ start - slope)
        found: Flat = whole(jnp.asarray(best, flat.dtype))
        return found
