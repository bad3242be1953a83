"""The kernel `phase`: a run of diagonal gates as one vector over the states of the register.

What came before: a `State`, diagonal gates and their angles. What leaves: the state times exp(i exponent). An
exponent is a sum of angles times products of wires' signs (a Walsh series), so gates merge by adding
coefficients, whatever the wires, and controls multiply a series by (1 -+ sign) / 2. Angles without leading
axes are shared by all samples; with them, they are per sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from hqn.runtime.circuit.signs import TABLE, expand, mask_of, signs
from hqn.runtime.circuit.sites import kernel
from hqn.runtime.circuit.state import PLANE, State, samples_last, with_batch

Walsh = dict[tuple[int, ...], float]
"""An exponent in units of an angle: coefficients of products of the signs of some of a gate's wires."""

_Z: Walsh = {(0,): -0.5}
_P: Walsh = {(): 0.5, (0,): -0.5}


def _times(a: Walsh, b: Walsh) -> Walsh:
    product: Walsh = {}
    for left, x in a.items():
        for right, y in b.items():
            wires = tuple(sorted(set(left) ^ set(right)))
            product[wires] = product.get(wires, 0.0) + x * y
    return product


def _controlled(exponent: Walsh, on: Sequence[int]) -> Walsh:
    """The exponent where the leading wires read `on`: times (1 -+ sign) / 2 for each."""
    shifted: Walsh = {tuple(wire + len(on) for wire in wires): value for wires, value in exponent.items()}
    for wire, value in enumerate(on):
        shifted = _times({(): 0.5, (wire,): 0.5 if value == 0 else -0.5}, shifted)
    return shifted


_ANGLED: dict[str, Walsh] = {
    "rz": _Z,
    "p": _P,
    "u1": _P,
    "rzz": {(0, 1): -0.5},
    "crz": _controlled(_Z, (1,)),
    "cp": _controlled(_P, (1,)),
}
_FIXED: dict[str, tuple[Walsh, float]] = {
    "z": (_P, np.pi),
    "s": (_P, np.pi / 2),
    "sdg": (_P, -np.pi / 2),
    "t": (_P, np.pi / 4),
    "tdg": (_P, -np.pi / 4),
    "cz": (_controlled(_P, (1,)), np.pi),
    "id": ({}, 0.0),
}


class Diagonal:
    """One gate name on tuples of wires: exp(i sum_m c_m s_m) over sets of wires m with signs s_m.

    `angles` are `[..., m]` (or None), one per tuple; `on` are values of leading control wires,
    `scale` multiplies every angle (-1: the inverse).
    """

    def __init__(
        self,
        name: str,
        wires: Sequence[Sequence[int]] | Sequence[int],
        angles: jax.Array | None = None,
        *,
        on: Sequence[int] = (),
        scale: float = 1.0,
    ) -> None:
        tuples = [(one,) if isinstance(one, int) else tuple(one) for one in wires]
        exponent, fixed = (_ANGLED[name], 1.0) if angles is not None else _FIXED[name]
        exponent = _controlled(exponent, on)
        sets: dict[tuple[int, ...], dict[int, float]] = {}
        for gate, one in enumerate(tuples):
            for local, value in exponent.items():
                key = tuple(sorted(one[wire] for wire in local))
                sets.setdefault(key, {})[gate] = sets.get(key, {}).get(gate, 0.0) + value * fixed * scale
        self.sets = list(sets)
        self.table = np.zeros((len(sets), len(tuples)))
        for row, values in enumerate(sets.values()):
            for gate, value in values.items():
                self.table[row, gate] = value
        self.angles = angles

    def with_angles(self, angles: jax.Array | None) -> Diagonal:
        other = copy(self)
        other.angles = angles
        return other

    def shifted(self, count: int) -> Diagonal:
        """The same gates, so many wires further."""
        other = copy(self)
        other.sets = [tuple(wire + count for wire in wires) for wires in self.sets]
        return other

    def inverse(self) -> Diagonal:
        other = copy(self)
        other.table = -self.table
        return other

    @property
    def batch(self) -> tuple[int, ...]:
        return () if self.angles is None else self.angles.shape[:-1]

    def coefficients(self, dtype: Any, batch: tuple[int, ...]) -> jax.Array:
        """`[sets, B]` for the samples `batch`, B = 1 where they share the angles."""
        table = jnp.asarray(self.table, dtype)
        if self.angles is None:
            return table.sum(1, keepdims=True)
        return table @ samples_last(self.angles.astype(dtype), 1, batch)


@kernel
def phase(q: State, *gates: Diagonal) -> State:
    """A run of diagonal gates as one vector of phases over the states of the register."""
    q = with_batch(q, np.broadcast_shapes(*(gate.batch for gate in gates)))
    order, dtype = q.wires, q.array.dtype
    fixed = [gate for gate in gates if gate.angles is None]
    moving = [gate for gate in gates if gate.angles is not None]
    vectors = [_fixed_vector(fixed, order, dtype)] if fixed else []
    if moving:
        moved = exponent(moving, q)
        vectors.append((jnp.cos(moved), jnp.sin(moved)))
    for re, im in vectors:
        q = _multiply(q, re, im)
    return q


def _fixed_vector(
    gates: list[Diagonal], order: tuple[int, ...], dtype: Any
) -> tuple[jax.Array, jax.Array | None]:
    """cos and sin of a constant exponent, exact at multiples of a right angle; None is a sine of zero."""
    masks = [mask_of(wires, order) for gate in gates for wires in gate.sets]
    values = np.concatenate([gate.table.sum(1) for gate in gates])
    if len(masks) << len(order) > 16 * TABLE:
        large = expand(jnp.asarray(values[:, None], dtype), masks, len(order))
        return jnp.cos(large), jnp.sin(large)
    small = signs(np.array(masks, dtype=np.int64), len(order)).T @ values
    re, im = (np.where(np.abs(part) < 1e-12, 0.0, part) for part in (np.cos(small), np.sin(small)))
    return jnp.asarray(re[:, None], dtype), jnp.asarray(im[:, None], dtype) if im.any() else None


def exponent(gates: list[Diagonal], q: State) -> jax.Array:
    """The exponent of gates with angles in memory order of the wires of `q`: `[2^n, B]`, or `[2^n, 1]`."""
    masks = [mask_of(wires, q.wires) for gate in gates for wires in gate.sets]
    parts = [gate.coefficients(q.array.dtype, q.batch) for gate in gates]
    samples = max(part.shape[-1] for part in parts)
    values = jnp.concatenate([jnp.broadcast_to(part, (len(part), samples)) for part in parts])
    return expand(values, masks, q.n)


def _multiply(q: State, re: jax.Array, im: jax.Array | None) -> State:
    """The state times `re + i im`, `[2^n, B]` in memory order of the wires."""
    place = q.axes.index(PLANE)
    shape = (1 << place, 1 << (len(q.axes) - place - 1), -1)
    rows = q.array.reshape(shape[0], 2, shape[1], -1)
    re = re.reshape(shape)
    if im is None:
        rows = rows * re[:, None]
    else:
        im = im.reshape(shape)
        a, b = rows[:, 0], rows[:, 1]
        rows = jnp.stack([re * a - im * b, im * a + re * b], 1)
    return State(rows.reshape(q.array.shape[0], -1), q.axes, q.batch)
