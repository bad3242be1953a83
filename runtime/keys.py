"""Where randomness comes from: keys folded from seed, path, loop index, pass over the data and sample.

What came before: a run's seed, or the key given to `apply_train`. What leaves: arrays drawn at a site.
Invariant: what a site draws for a sample depends on the seed, the site's path, its loop indices, the
pass over the data and the sample's number only; not on batch size, order or any other layer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from zlib import crc32

import jax
import jax.numpy as jnp

Per = Literal["sample", "step", "run"]


@jax.tree_util.register_dataclass
@dataclass(frozen=True, slots=True)
class Keys:
    """One key per run and step, and one per sample, shaped like the leading batch axes.

    Inside a call lifted over axes of one sample, every field has these axes too, last.
    """

    run: jax.Array
    step: jax.Array
    sample: jax.Array

    def __getitem__(self, label: str) -> Keys:
        """The keys of an instance or a site with this label."""
        return self.turn(crc32(label.encode()))

    def turn(self, index: jax.Array | int) -> Keys:
        """The keys of turn `index` of a loop; also usable with a traced index."""
        return Keys(*(fold(key, index) for key in (self.run, self.step, self.sample)))

    def lift(self, shape: tuple[int, ...]) -> Keys:
        """The keys of a call lifted over extra leading axes `shape`: one per element, like a loop."""
        numbers = jnp.arange(_count(shape)).reshape(shape)
        return Keys(*(_fold_each(key, numbers) for key in (self.run, self.step, self.sample)))

    def per(self, scope: Per) -> jax.Array:
        """The keys of one scope: a scalar key, or one per sample."""
        return {"run": self.run, "step": self.step, "sample": self.sample}[scope]


def fold(keys: jax.Array, number: jax.Array | int) -> jax.Array:
    """Fold `number` into every key of an array of keys."""
    folded = jax.vmap(lambda key: jax.random.fold_in(key, number))(keys.reshape(-1))
    return folded.reshape(keys.shape)


def _fold_each(keys: jax.Array, numbers: jax.Array) -> jax.Array:
    def folded(key: jax.Array) -> jax.Array:
        return jax.vmap(lambda number: jax.random.fold_in(key, number))(numbers.reshape(-1))

    return jax.vmap(folded)(keys.reshape(-1)).reshape(keys.shape + numbers.shape)


def keys_of(key: jax.Array, batch: tuple[int, ...]) -> Keys:
    """Keys for one call on its own: samples are numbered in the order of the leading axes `batch`."""
    numbers = jnp.arange(_count(batch)).reshape(batch)
    return training_keys(key, 0, 0, numbers)


def training_keys(seed: jax.Array, turn: jax.Array | int, step: jax.Array | int, samples: jax.Array) -> Keys:
    """Keys of one training step: `turn` is the pass over the data, `samples` the numbers of the samples."""
    run, steps, passes = (jax.random.fold_in(seed, i) for i in range(3))
    base = jax.random.fold_in(passes, turn)
    each = jax.vmap(lambda number: jax.random.fold_in(base, number))(samples.reshape(-1))
    return Keys(run, jax.random.fold_in(steps, step), each.reshape(samples.shape))


def bernoulli(keys: Keys, per: Per, p: jax.Array | float, shape: tuple[int, ...] = ()) -> jax.Array:
    """Truth values of `shape` for every key of the scope, true with probability `p`."""
    return _each(keys.per(per), lambda key: jax.random.uniform(key, shape)) < p


def uniform(
    keys: Keys, per: Per, low: jax.Array | float, high: jax.Array | float, shape: tuple[int, ...] = ()
) -> jax.Array:
    """Numbers in [low, high) of `shape` for every key of the scope."""
    return low + (high - low) * _each(keys.per(per), lambda key: jax.random.uniform(key, shape))


def index(keys: Keys, per: Per, bound: jax.Array | int, shape: tuple[int, ...] = ()) -> jax.Array:
    """Whole numbers from 0 below `bound`, each as likely, of `shape` for every key of the scope."""
    return _each(keys.per(per), lambda key: jax.random.randint(key, shape, 0, bound, jnp.int32))


def normal(keys: Keys, per: Per, scale: jax.Array | float, shape: tuple[int, ...] = ()) -> jax.Array:
    """Normal numbers of standard deviation `scale` and of `shape` for every key of the scope."""
    return scale * _each(keys.per(per), lambda key: jax.random.normal(key, shape))


def _each(keys: jax.Array, draw: Callable[[jax.Array], jax.Array]) -> jax.Array:
    drawn = jax.vmap(draw)(keys.reshape(-1))
    return drawn.reshape(keys.shape + drawn.shape[1:])


def _count(shape: tuple[int, ...]) -> int:
    count = 1
    for size in shape:
        count *= size
    return count
