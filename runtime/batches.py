"""The order of samples: which of them every step of a pass takes.

What came before: a seed and a number of samples. What leaves: tables of sample numbers. Invariant: every
sample is taken once in a pass, and the order depends on seed and pass only.
"""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np


@jax.tree_util.register_dataclass
@dataclass(frozen=True, slots=True)
class Table:
    """The sample numbers of every step, `[steps, batch]`.

    `weights` are 1 for a sample and 0 for padding, or None where no batch is padded. `order` is None
    without data, and where every step takes all samples.
    """

    order: jax.Array | None
    weights: jax.Array | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Steps of a pass that one compiled loop can make; `counts` are the real samples of every step."""

    table: Table
    counts: np.ndarray


def stretches(
    seed: int, turn: int, count: int, batch: int, *, padded: bool, steps: int = 1
) -> tuple[Stretch, ...]:
    """A pass over `count` samples, `batch` at a time; without data, or with all of it, `steps` equal steps.

    A short last batch is padded, or else a stretch of its own.
    """
    if batch >= count:
        return (Stretch(Table(None, None), np.ones(steps)),)
    order = np.random.default_rng([seed, turn]).permutation(count).astype(np.int32)
    full, short = divmod(count, batch)
    if short and padded:
        return (Stretch(_padded(order, batch), np.array([batch] * full + [short])),)
    whole = order[: full * batch].reshape(full, batch)
    first = Stretch(Table(jnp.asarray(whole), None), np.full(full, batch))
    if not short:
        return (first,)
    rest = order[full * batch :][None]
    return first, Stretch(Table(jnp.asarray(rest), None), np.array([short]))


def _padded(order: np.ndarray, batch: int) -> Table:
    """All samples in rows of `batch`, the last row filled up with weightless copies of its first sample."""
    rows = -(-len(order) // batch)
    weights = (np.arange(rows * batch) < len(order)).astype(np.float32)
    padding = np.full(rows * batch - len(order), order[(rows - 1) * batch], np.int32)
    table = np.concatenate([order, padding]).reshape(rows, batch)
    return Table(jnp.asarray(table), jnp.asarray(weights.reshape(rows, batch)))
