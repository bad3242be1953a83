"""Optimisers by name: one table from the words of `minimize … by` to gradient transformations.

What came before: `Optimiser` literals. What leaves: optax transformations whose numbers may follow the run
(`adam(1e-2 * (1 - progress))`). Invariant: the names and argument names here equal those of the checker's
table; a test compares them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import optax

from hqn.runtime.readings import read
from hqn.runtime.spec import Optimiser, Reading

OPTIMISERS: Mapping[str, Callable[..., optax.GradientTransformation]] = {
    "adam": lambda rate, b1, b2, eps: optax.adam(rate, b1, b2, eps),
    "adamw": lambda rate, b1, b2, eps, decay: optax.adamw(rate, b1, b2, eps, weight_decay=decay),
    "sgd": lambda rate, momentum, nesterov: optax.sgd(rate, momentum or None, bool(nesterov)),
    "rmsprop": lambda rate, decay, eps, momentum: optax.rmsprop(rate, decay, eps, momentum=momentum or None),
    "adagrad": lambda rate, eps: optax.adagrad(rate, eps=eps),
}
MODIFIERS: Mapping[str, Callable[[float], optax.GradientTransformation]] = {
    "clip": optax.clip_by_global_norm,
    "clip_value": optax.clip,
    "decay": optax.add_decayed_weights,
}


def transformation(optimiser: Optimiser, total: int, per_epoch: int) -> optax.GradientTransformation:
    """The gradient transformation of one group in a run of `total` steps, `per_epoch` steps each epoch.

    Modifiers act on the gradient before the optimiser does, in the order written.
    """
    args = dict(optimiser.args)
    rate = _schedule(args.pop("rate"), total, per_epoch)
    base = OPTIMISERS[optimiser.name](rate, **args)
    before = [MODIFIERS[name](value) for name, value in optimiser.modifiers]
    return optax.chain(*before, base) if before else base


def _schedule(rate: Reading, total: int, per_epoch: int) -> Any:
    """A number, or a function of the number of updates made so far."""
    if not isinstance(rate, tuple):
        return float(rate)

    def at(count: jax.Array) -> jax.Array:
        values = {
            "step": count,
            "epoch": count // per_epoch,
            "progress": count / max(total, 1),
        }
        return jnp.asarray(read(rate, lambda leaf: values[leaf[0]], jnp))

    return at
