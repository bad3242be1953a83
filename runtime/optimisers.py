"""Optimisers by name: one table from the words of `minimize … by` to rules.

What came before: `Optimiser` literals. What leaves: a `Rule` for every group of weights: one that follows a
gradient (optax), one that only asks for losses (`spsa`), or one of `complete` that is a whole minimisation.
Numbers may follow the run (`adam(1e-2 * (1 - progress))`). Invariant: the names and argument names here equal
those of the checker's table; a test compares them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import optax

from hqn.runtime.complete import Cobyla, Complete, NelderMead, Ridge
from hqn.runtime.readings import read
from hqn.runtime.spec import Optimiser, Reading

Flat: TypeAlias = "dict[str, jax.Array]"
Loss: TypeAlias = "Callable[[Flat], jax.Array]"
"""The loss at other values of a group, everything else as it is."""


@dataclass(frozen=True, slots=True)
class Gradient:
    """Follows the gradient; `lbfgs` searches along its direction with losses and gradients."""

    transformation: optax.GradientTransformationExtraArgs

    def init(self, part: Flat, key: jax.Array) -> Any:
        return self.transformation.init(part)

    def step(self, part: Flat, state: Any, loss: jax.Array, gradient: Flat, along: Loss) -> tuple[Flat, Any]:
        update, after = self.transformation.update(
            gradient, state, part, value=loss, grad=gradient, value_fn=along
        )
        return optax.apply_updates(part, update), after


@dataclass(frozen=True, slots=True)
class Spsa:
    """Simultaneous perturbation: two losses a step, whatever the number of weights.

    Spall, "Implementation of the simultaneous perturbation algorithm for stochastic optimization", IEEE
    Trans. Aerosp. Electron. Syst. 34 (1998): step k has the gain `rate / (k + 1 + stability) ** alpha` and
    the perturbation `perturbation / (k + 1) ** gamma` in a direction of signs.
    """

    rate: Any
    perturbation: float
    alpha: float
    gamma: float
    stability: float

    def init(self, part: Flat, key: jax.Array) -> Any:
        return jnp.zeros((), jnp.int32), jax.random.key_data(key)

    def step(self, part: Flat, state: Any, loss: jax.Array, gradient: Flat, along: Loss) -> tuple[Flat, Any]:
        count, data = state
        key = jax.random.fold_in(jax.random.wrap_key_data(data), count)
        rate = self.rate(count) if callable(self.rate) else self.rate
        gain = rate / (count + 1 + self.stability) ** self.alpha
        width = self.perturbation / (count + 1) ** self.gamma
        signs = {
            path: jax.random.rademacher(jax.random.fold_in(key, i), value.shape, value.dtype)
            for i, (path, value) in enumerate(part.items())
        }
        ends = [along({path: part[path] + end * signs[path] for path in part}) for end in (width, -width)]
        slope = gain * (ends[0] - ends[1]) / (2 * width)
        moved = {path: (value - slope * signs[path]).astype(value.dtype) for path, value in part.items()}
        return moved, (count + 1, data)


Rule: TypeAlias = Gradient | Spsa | Complete


def _lbfgs(memory: float, search: float) -> optax.GradientTransformationExtraArgs:
    steps = optax.scale_by_zoom_linesearch(int(search), initial_guess_strategy="one")
    return optax.lbfgs(memory_size=int(memory), linesearch=steps)


OPTIMISERS: Mapping[str, Callable[..., Any]] = {
    "adam": lambda rate, b1, b2, eps: optax.adam(rate, b1, b2, eps),
    "adamw": lambda rate, b1, b2, eps, decay: optax.adamw(rate, b1, b2, eps, weight_decay=decay),
    "sgd": lambda rate, momentum, nesterov: optax.sgd(rate, momentum or None, bool(nesterov)),
    "rmsprop": lambda rate, decay, eps, momentum: optax.rmsprop(rate, decay, eps, momentum=momentum or None),
    "adagrad": lambda rate, eps: optax.adagrad(rate, eps=eps),
    "lbfgs": _lbfgs,
    "spsa": Spsa,
    "cobyla": Cobyla,
    "nelder_mead": NelderMead,
    "ridge": Ridge,
}
MODIFIERS: Mapping[str, Callable[[float], optax.GradientTransformation]] = {
    "clip": optax.clip_by_global_norm,
    "clip_value": optax.clip,
    "decay": optax.add_decayed_weights,
}


def rule(optimiser: Optimiser, total: int, per_epoch: int) -> Rule:
    """The rule of one group in a run of `total` steps, `per_epoch` steps each epoch.

    Modifiers act on the gradient before the optimiser does, in the order written.
    """
    args = dict(optimiser.args)
    if "rate" in args:
        args["rate"] = _schedule(args["rate"], total, per_epoch)
    base = OPTIMISERS[optimiser.name](**args)
    if isinstance(base, Spsa | Complete):
        return base
    before = [MODIFIERS[name](value) for name, value in optimiser.modifiers]
    return Gradient(optax.with_extra_args_support(optax.chain(*before, base) if before else base))


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
