"""Batches in portions: a circuit that takes so many samples at once that its states fit into memory.

What came before: a circuit function, the samples that the planner lets it have at once, and the own axes of
each of its inputs. What leaves: the same function; a larger batch goes through it in equal portions, one
after the other. Invariants: values and derivatives are those of the whole batch; of a portion nothing is kept
for the way back, on which it is computed again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, wraps
from math import prod
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from hqn.runtime.keys import Keys

Circuit = Callable[..., Any]


def at_once(samples: int, ranks: Sequence[int]) -> Callable[[Circuit], Circuit]:
    """At most so many samples at once. `ranks` are the numbers of own axes of the inputs, which come last;
    slots and keys come before them.
    """

    def portioned(circuit: Circuit) -> Circuit:
        @wraps(circuit)
        def call(*args: Any) -> Any:
            first = len(args) - len(ranks)
            keys = [one for one in args[:first] if isinstance(one, Keys)]
            inputs = [*jax.tree.leaves(keys), *args[first:]]
            own = [*[0] * (len(inputs) - len(ranks)), *ranks]
            leads = [jnp.shape(value)[: jnp.ndim(value) - rank] for value, rank in zip(inputs, own)]
            batch = np.broadcast_shapes(*leads)
            if prod(batch) <= samples:
                return circuit(*args)
            tree, fixed = jax.tree.structure(keys), args[: first - len(keys)]

            def of_inputs(*values: Any) -> Any:
                given = len(values) - len(ranks)
                return circuit(*fixed, *jax.tree.unflatten(tree, values[:given]), *values[given:])

            return _in_portions(of_inputs, inputs, own, leads, batch, samples)

        return call

    return portioned


def _in_portions(
    circuit: Circuit,
    inputs: Sequence[Any],
    own: Sequence[int],
    leads: Sequence[tuple[int, ...]],
    batch: tuple[int, ...],
    samples: int,
) -> Any:
    """Inputs that all samples share are given to every portion as they are."""
    count = prod(batch)
    portions = -(-count // samples)
    size = -(-count // portions)
    varies = [prod(lead) > 1 for lead in leads]
    fill = partial(_portions, batch=batch, portions=portions, size=size)
    stacked = [fill(value, rank) for value, rank, each in zip(inputs, own, varies) if each]
    shared = [None if each else _own(*one) for each, *one in zip(varies, inputs, own)]

    @jax.checkpoint
    def portion(given: list[jax.Array]) -> Any:
        mine = iter(given)
        return circuit(*(next(mine) if each else value for each, value in zip(varies, shared)))

    found = jax.lax.map(portion, stacked)
    return jax.tree.map(partial(_joined, batch=batch), found)


def _own(value: Any, rank: int) -> Any:
    """A value that all samples share, without axes of samples."""
    return jnp.reshape(value, jnp.shape(value)[jnp.ndim(value) - rank :])


def _portions(value: jax.Array, rank: int, batch: tuple[int, ...], portions: int, size: int) -> jax.Array:
    """`[..., *own]` as `[portions, size, *own]`, filled up with copies of the last sample."""
    rest = value.shape[value.ndim - rank :]
    flat = jnp.broadcast_to(value, (*batch, *rest)).reshape(-1, *rest)
    missing = portions * size - len(flat)
    if missing:
        flat = jnp.concatenate([flat, jnp.broadcast_to(flat[-1:], (missing, *rest))])
    return flat.reshape(portions, size, *rest)


def _joined(value: jax.Array, batch: tuple[int, ...]) -> jax.Array:
    """`[portions, size, *rest]` as `[*batch, *rest]`."""
    rest = value.shape[2:]
    return value.reshape(-1, *rest)[: prod(batch)].reshape(*batch, *rest)
