"""Gradient methods of circuits as decorators: parameter shift, finite differences, SPSA.

What came before: an emitted circuit function, whose angles pass `site` and whose results are linear in the
density matrix up to classical code. What leaves: the same function with a derivative that comes from running
the circuit at other angles; classical code before and behind the circuit keeps its own. Invariants: angles of
samples are shifted for all samples at once; only angles that something is differentiated by are shifted;
shifted evaluations use this derivative themselves, so derivatives of any order are right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from math import prod
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from hqn.runtime.circuit import sites as sites_
from hqn.runtime.circuit.exactly import is_simulated, of_repetition
from hqn.runtime.circuit.shifts import Rule, shift_rule
from hqn.runtime.circuit.sites import Collect, Play, Site, Sites
from hqn.runtime.keys import Keys

Circuit = Callable[..., Any]
MEMORY = 1 << 26
"""Bytes of states of shifted evaluations that are computed at once."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Facts:
    """What a backward pass knows before it runs: which sites to differentiate by, and the state's bytes."""

    moving: tuple[bool, ...] = field(metadata={"static": True})
    bytes: int = field(metadata={"static": True})
    own: tuple[int, ...] = field(metadata={"static": True})


def parameter_shift(circuit: Circuit) -> Circuit:
    """Derivatives by shift rules: two evaluations per turn about a Pauli word, four per controlled one."""
    return _shifted(circuit, _exact_rules)


def finite_difference(step: float | None = None) -> Callable[[Circuit], Circuit]:
    """Central differences of every angle; without a step, the cube root of the precision."""

    def rules(site: Site) -> list[Rule]:
        width = step or float(np.cbrt(np.finfo(site.value.dtype).eps))
        return [((width, 0.5 / width), (-width, -0.5 / width))]

    return lambda circuit: _shifted(circuit, rules)


def spsa(step: float = 0.01, directions: int = 1) -> Callable[[Circuit], Circuit]:
    """Central differences along random directions of all angles together, two evaluations each.

    Directions follow from the keys that the circuit is given, those of a sample's own angles from its own.
    Source: Spall, IEEE Transactions on Automatic Control 37, 332 (1992).
    """
    return lambda circuit: _by_results(circuit, lambda call: _SPSA(call, step, directions).backward)


def reverse(circuit: Circuit) -> Circuit:
    """The derivative of the simulation itself, also within a circuit that has another method."""

    @wraps(circuit)
    def call(*args: Any) -> Any:
        with sites_.entered(None):
            return circuit(*args)

    return call


def _exact_rules(site: Site) -> list[Rule]:
    return [shift_rule(found) for found in site.frequencies]


# --- the circuit as a function of its angles -------------------------------------------------------------

Results = Callable[[Sites, Any, Any], tuple[jax.Array, ...]]
Cotangents = Sequence[jax.Array | None]
"""Of results; None where nothing depends on one."""
Backward = Callable[[Sites, Any, Any, Facts, Cotangents], Sequence[jax.Array]]
"""Cotangents of the values of all sites, from sites, arguments, number, facts and cotangents of results."""


def _by_results(circuit: Circuit, method: Callable[[Results], Backward]) -> Circuit:
    def play(sites: Sites, args: Any, number: Any) -> Play:
        mode = Play(sites, number)
        with sites_.entered(mode):
            circuit(*args)
        return mode

    @jax.custom_vjp
    def results(sites: Sites, args: Any, number: Any) -> tuple[jax.Array, ...]:
        return tuple(play(sites, args, number).read)

    def forward(*given: Any) -> tuple[tuple[jax.Array, ...], Any]:
        moving = tuple(leaf.perturbed for leaf in jax.tree.leaves(given[0]))
        sites, args, number = jax.tree.map(lambda leaf: leaf.value, given)
        mode = play(sites, args, number)
        return tuple(mode.read), (sites, args, number, Facts(moving, mode.bytes, tuple(mode.own)))

    def backward(residual: Any, cotangents: Any) -> tuple[Any, None, None]:
        sites, args, number, facts = residual
        arrived = [None if _is_zero(g) else g for g in cotangents]
        slopes: Sequence[jax.Array] = [jnp.zeros_like(site.value) for site in sites_.leaves(sites)]
        if any(g is not None for g in arrived):
            slopes = method(results)(sites, args, number, facts, arrived)
        return sites_.with_values(sites, slopes), None, None

    results.defvjp(forward, backward, symbolic_zeros=True)

    @wraps(circuit)
    def call(*args: Any) -> Any:
        if is_simulated():
            return circuit(*args)
        constant = jax.lax.stop_gradient(args)
        with sites_.entered(Collect(lambda found: results(found, constant, 0))):
            return circuit(*args)

    return call


def _is_zero(cotangent: Any) -> bool:
    return isinstance(cotangent, jax.custom_derivatives.SymbolicZero)


def _contracted(facts: Facts, cotangents: Cotangents, results: Sequence[jax.Array]) -> jax.Array:
    """The results times their cotangents, summed for each sample: `[*samples]`; counts have no derivative."""
    parts = [
        (g * value).real.sum(tuple(range(value.ndim - own, value.ndim)))
        for own, g, value in zip(facts.own, cotangents, results)
        if g is not None and jnp.issubdtype(value.dtype, jnp.inexact)
    ]
    return jnp.stack(jnp.broadcast_arrays(*parts)).sum(0)


# --- shifts of single angles -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Evaluations:
    """One row per evaluation: which angle is shifted, by how much, and what the result counts."""

    targets: np.ndarray[Any, Any]
    shifts: np.ndarray[Any, Any]
    coefficients: np.ndarray[Any, Any]
    offsets: tuple[int | None, ...]
    """Where the angles of each site begin; None where nothing is differentiated by it."""
    angles: int

    def __len__(self) -> int:
        return len(self.targets)


def evaluations(
    sites: Sequence[Site], moving: Sequence[bool], rules: Callable[[Site], list[Rule]]
) -> Evaluations:
    """The table of all evaluations that a gradient takes."""
    rows: list[tuple[int, float, float]] = []
    offsets: list[int | None] = []
    angles = 0
    for site, moves in zip(sites, moving):
        offsets.append(angles if moves else None)
        if moves:
            columns = rules(site)
            count = prod(site.elements)
            rows += [(angles + one, *pair) for one in range(count) for pair in columns[one % len(columns)]]
            angles += count
    table = np.array(rows).reshape(-1, 3)
    return Evaluations(table[:, 0].astype(np.int32), table[:, 1], table[:, 2], tuple(offsets), angles)


def _shifted(circuit: Circuit, rules: Callable[[Site], list[Rule]]) -> Circuit:
    def method(results: Results) -> Backward:
        def backward(
            sites: Sites, args: Any, number: Any, facts: Facts, cotangents: Cotangents
        ) -> Sequence[jax.Array]:
            found = sites_.leaves(sites)
            table = evaluations(found, facts.moving, rules)
            if not len(table):
                return [jnp.zeros_like(site.value) for site in found]

            def evaluated(row: tuple[jax.Array, jax.Array, jax.Array]) -> jax.Array:
                target, shift, place = row
                moved = sites_.with_values(sites, _moved(found, table, target, shift))
                return _contracted(facts, cotangents, results(moved, args, number * (len(table) + 1) + place))

            places = jnp.arange(1, len(table) + 1)
            rows = (jnp.asarray(table.targets), jnp.asarray(table.shifts, found[0].value.dtype), places)
            values = _mapped(evaluated, rows, facts.bytes)
            weights = jnp.asarray(table.coefficients, values.dtype)
            weighted = values * weights.reshape(-1, *(1,) * (values.ndim - 1))
            slopes = jax.ops.segment_sum(weighted, rows[0], table.angles)
            return [_slope(site, slopes, offset) for site, offset in zip(found, table.offsets)]

        return backward

    return _by_results(circuit, method)


def _mapped(evaluated: Callable[[Any], jax.Array], rows: tuple[jax.Array, ...], size: int) -> jax.Array:
    """All rows, as many at once as the memory for states allows."""
    count, at_once = len(rows[0]), max(1, MEMORY // max(size, 1))
    all_rows: Callable[[Any], jax.Array] = jax.vmap(evaluated)
    found: jax.Array = (
        all_rows(rows) if at_once >= count else jax.lax.map(evaluated, rows, batch_size=at_once)
    )
    return found


def _moved(sites: Sequence[Site], table: Evaluations, target: jax.Array, shift: jax.Array) -> list[jax.Array]:
    """The angles of all sites with one of them shifted, in all samples."""
    change = jnp.zeros(table.angles, shift.dtype).at[target].set(shift)
    values = []
    for site, offset in zip(sites, table.offsets):
        if offset is None:
            values.append(site.value)
            continue
        mine = change[offset : offset + prod(site.elements)].reshape(site.elements)
        values.append(site.value + jnp.expand_dims(mine, _sample_axes(site)).astype(site.value.dtype))
    return values


def _sample_axes(site: Site) -> tuple[int, ...]:
    return tuple(range(site.loops, site.loops + len(site.samples)))


def _slope(site: Site, slopes: jax.Array, offset: int | None) -> jax.Array:
    """The cotangent of a site from the slopes `[angles, *samples]`."""
    if offset is None:
        return jnp.zeros_like(site.value)
    mine = slopes[offset : offset + prod(site.elements)]
    mine = _summed(mine, site.samples).reshape(*site.elements, *site.samples)
    count, turns = len(site.samples), site.loops
    order = (*range(turns), *range(mine.ndim - count, mine.ndim), *range(turns, mine.ndim - count))
    return mine.transpose(order).astype(site.value.dtype)


def _summed(values: jax.Array, samples: tuple[int, ...]) -> jax.Array:
    """`[angles, *all]` summed over the samples that share an angle: `[angles, *samples]`."""
    everything = values.shape[1:]
    surplus = len(everything) - len(samples)
    values = values.sum(tuple(range(1, 1 + surplus)))
    shared = tuple(1 + axis for axis, size in enumerate(samples) if size == 1 != everything[surplus + axis])
    return values.sum(shared, keepdims=True) if shared else values


# --- random directions -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _SPSA:
    results: Results
    step: float
    directions: int

    def backward(
        self, sites: Sites, args: Any, number: Any, facts: Facts, cotangents: Cotangents
    ) -> list[jax.Array]:
        found = sites_.leaves(sites)
        given = next(one for one in args if isinstance(one, Keys))
        keys = jax.tree.map(of_repetition, given)["spsa"].turn(number)

        def slopes(turn: jax.Array) -> list[jax.Array]:
            signs = [
                _signs(keys.turn(turn).turn(place), site) if moves else None
                for place, (site, moves) in enumerate(zip(found, facts.moving))
            ]
            ends = []
            for side in (1, -1):
                values = [
                    site.value if sign is None else site.value + side * self.step * sign
                    for site, sign in zip(found, signs)
                ]
                place = number * (2 * self.directions + 1) + 2 * turn + (3 - side) // 2
                moved = self.results(sites_.with_values(sites, values), args, place)
                ends.append(_contracted(facts, cotangents, moved))
            change = (ends[0] - ends[1]) / (2 * self.step)
            return [_along(site, change, sign) for site, sign in zip(found, signs)]

        each = jax.lax.map(slopes, jnp.arange(self.directions))
        return [one.mean(0) for one in each]


def _signs(keys: Keys, site: Site) -> jax.Array:
    """+1 or -1 for each angle of a site: of a sample's own from its key, else from that of the step."""
    samples, dtype = site.samples, site.value.dtype
    if samples and keys.sample.shape == samples:
        drawn = jax.vmap(lambda key: jax.random.rademacher(key, site.elements, dtype))(
            keys.sample.reshape(-1)
        )
        drawn = drawn.reshape(*samples, *site.elements)
        count, turns = len(samples), site.loops
        return drawn.transpose(*range(count, count + turns), *range(count), *range(count + turns, drawn.ndim))
    return jax.random.rademacher(keys.step.reshape(-1)[0], site.value.shape, dtype)


def _along(site: Site, change: jax.Array, sign: jax.Array | None) -> jax.Array:
    """`change[*samples]` times the direction, summed over samples that share an angle."""
    if sign is None:
        return jnp.zeros_like(site.value)
    mine = _summed(change[None], site.samples)[0]
    own = (*range(site.loops), *range(site.loops + mine.ndim, site.value.ndim))
    return (jnp.expand_dims(mine, own) * sign).astype(site.value.dtype)
