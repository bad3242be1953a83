"""From slots to arrays: initial values, and the nested dicts that emitted functions read.

What came before: the slots of a model or run. What leaves: `Variables`, three nested dicts of arrays by
path. Invariant: the initial value of a slot depends on the seed, its path and its turn only, so adding a
layer, or a turn to a loop, changes no other initial value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from math import prod, sqrt
from typing import Any, TypeAlias
from zlib import crc32

import jax
import jax.numpy as jnp

from hqn.runtime.spec import Slot

Tree: TypeAlias = "dict[str, Any]"
"""Nested dicts whose leaves are arrays: `tree["encoder"]["W"]` is slot `encoder.W`."""

DTYPES = {
    "f16": jnp.float16, "bf16": jnp.bfloat16, "f32": jnp.float32, "f64": jnp.float64, "i8": jnp.int8,
    "i32": jnp.int32, "bool": jnp.bool_, "c64": jnp.complex64, "c128": jnp.complex128,
}  # fmt: skip
WIDER = {"f16": "f64", "bf16": "f64", "f32": "f64", "c64": "c128"}


@jax.tree_util.register_dataclass
@dataclass(frozen=True, slots=True)
class Variables:
    """The arrays of a model or run: trained `params`, `frozen` weights and `state`, each by path."""

    params: Tree
    frozen: Tree = field(default_factory=dict)
    state: Tree = field(default_factory=dict)

    def merged(self) -> Tree:
        """The one nested dict that emitted functions take."""
        return merge(self.params, self.frozen, self.state)

    def flat(self) -> dict[str, jax.Array]:
        """Every array by its whole path."""
        return dict(leaves(self.merged()))

    @property
    def size(self) -> int:
        """The number of trained numbers."""
        return sum(leaf.size for _, leaf in leaves(self.params))


def merge(*trees: Mapping[str, Any]) -> Tree:
    """One nested dict with the leaves of all; later trees win."""
    merged: Tree = {}
    for tree in trees:
        for key, value in tree.items():
            below = merged.get(key)
            if isinstance(below, dict) and isinstance(value, Mapping):
                value = merge(below, value)
            merged[key] = value
    return merged


def leaves(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, jax.Array]]:
    """Paths and arrays of a nested dict, in order."""
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def nested(flat: Iterable[tuple[str, Any]]) -> Tree:
    """The inverse of `leaves`."""
    tree: Tree = {}
    for path, value in flat:
        *parents, last = path.split(".")
        below = tree
        for parent in parents:
            below = below.setdefault(parent, {})
        below[last] = value
    return tree


def is_at(path: str, prefix: str) -> bool:
    """Whether `path` is `prefix` or below it."""
    return path == prefix or path.startswith(prefix + ".")


def by_kind(slots: Iterable[Slot], values: Mapping[str, jax.Array]) -> Variables:
    """Sort the arrays of `slots` into the three trees."""
    kinds: dict[str, list[tuple[str, jax.Array]]] = {"weight": [], "frozen weight": [], "state": []}
    for slot in slots:
        kinds[slot.kind].append((slot.path, values[slot.path]))
    return Variables(*(nested(found) for found in kinds.values()))


def initial(slots: tuple[Slot, ...], key: jax.Array, precision: str = "f32") -> Variables:
    """Initial values of `slots`, drawn in f32 and widened where `precision` is f64. Pure, any transform."""
    return by_kind(slots, _draw_all(slots, key, precision))


@partial(jax.jit, static_argnums=(0, 2))
def _draw_all(slots: tuple[Slot, ...], key: jax.Array, precision: str) -> dict[str, jax.Array]:
    return {slot.path: _draw(slot, key).astype(stored_dtype(slot.dtype, precision)) for slot in slots}


def stored_dtype(name: str, precision: str) -> Any:
    """The JAX dtype of an element type at a run's precision."""
    return DTYPES[WIDER.get(name, name) if precision == "f64" else name]


def _draw(slot: Slot, key: jax.Array) -> jax.Array:
    initialise, shape = INITIALISERS[slot.initial], slot.shape[slot.loops :]
    draw: Callable[[jax.Array], jax.Array] = partial(initialise, shape=shape, args=slot.args)
    keys = jax.random.fold_in(key, crc32(slot.path.encode()))
    for trips in reversed(slot.shape[: slot.loops]):
        draw = _each_turn(draw, trips)
    return draw(keys)


def _each_turn(draw: Callable[[jax.Array], jax.Array], trips: int) -> Callable[[jax.Array], jax.Array]:
    """`draw` once per turn of a loop, each with its own key."""
    return lambda key: jax.vmap(lambda i: draw(jax.random.fold_in(key, i)))(jnp.arange(trips))


# --- initialisers: (key, shape, args) -> f32[shape] --------------------------------------------------


def _full(key: jax.Array, shape: tuple[int, ...], args: tuple[float, ...]) -> jax.Array:
    """`constant(v)`: every element v."""
    return jnp.full(shape, args[0], jnp.float32)


def _uniform(key: jax.Array, shape: tuple[int, ...], args: tuple[float, ...]) -> jax.Array:
    """`uniform(a, b)`: uniform in [a, b); `uniform(b)` in [0, b), `uniform` in [0, 1)."""
    low, high = args if len(args) == 2 else (0.0, *args, 1.0)[:2]
    return jax.random.uniform(key, shape, jnp.float32, low, high)


def _normal(key: jax.Array, shape: tuple[int, ...], args: tuple[float, ...]) -> jax.Array:
    """`normal(s)`: normal of standard deviation s (1) around 0."""
    (scale,) = args or (1.0,)
    return scale * jax.random.normal(key, shape, jnp.float32)


def fans(shape: tuple[int, ...], args: tuple[float, ...]) -> tuple[float, float]:
    """Inputs and outputs of one unit: the two numbers given, or by shape: `[out, in]`, `[h, w, in, out]`."""
    if len(args) == 2:
        return args[0], args[1]
    if len(shape) == 4:
        return prod(shape[:3]), prod(shape[:2]) * shape[3]
    return (prod(shape[1:]) if shape else 1), (shape[0] if shape else 1)


def _scaled(kind: str, variance: Callable[[float, float], float]) -> Callable[..., jax.Array]:
    """Initialisers of a variance that depends on the fans."""

    def draw(key: jax.Array, shape: tuple[int, ...], args: tuple[float, ...]) -> jax.Array:
        deviation = sqrt(variance(*fans(shape, args)))
        if kind == "normal":
            return _normal(key, shape, (deviation,))
        return _uniform(key, shape, (-sqrt(3) * deviation, sqrt(3) * deviation))

    return draw


def _orthogonal(key: jax.Array, shape: tuple[int, ...], args: tuple[float, ...]) -> jax.Array:
    """`orthogonal(gain)`: orthonormal rows or columns of the last two axes (Saxe et al., 2013)."""
    (gain,) = args or (1.0,)
    return jax.nn.initializers.orthogonal(gain)(key, shape, jnp.float32)


def _near_identity(key: jax.Array, shape: tuple[int, ...], args: tuple[float, ...]) -> jax.Array:
    """`near_identity(s)`: normal noise s around the identity of the outer two of the last three axes.

    `[…, bond, d, bond]` gets an identity for every d, so that a chain of such cores starts as a sum.
    A matrix `[n, n]` gets the plain identity.
    """
    eye = jnp.eye(shape[-min(len(shape), 3)], shape[-1], dtype=jnp.float32)
    return (eye[:, None, :] if len(shape) > 2 else eye) + _normal(key, shape, args or (0.0,))


INITIALISERS: dict[str, Callable[..., jax.Array]] = {
    "zeros": lambda key, shape, args: _full(key, shape, (0.0,)),
    "ones": lambda key, shape, args: _full(key, shape, (1.0,)),
    "constant": _full,
    "uniform": _uniform,
    "normal": _normal,
    "glorot_uniform": _scaled("uniform", lambda inputs, outputs: 2 / (inputs + outputs)),
    "glorot_normal": _scaled("normal", lambda inputs, outputs: 2 / (inputs + outputs)),
    "he_uniform": _scaled("uniform", lambda inputs, outputs: 2 / inputs),
    "he_normal": _scaled("normal", lambda inputs, outputs: 2 / inputs),
    "lecun_uniform": _scaled("uniform", lambda inputs, outputs: 1 / inputs),
    "lecun_normal": _scaled("normal", lambda inputs, outputs: 1 / inputs),
    "orthogonal": _orthogonal,
    "identity": lambda key, shape, args: _near_identity(key, shape, (0.0,)),
    "near_identity": _near_identity,
}
