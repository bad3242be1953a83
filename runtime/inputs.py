"""Arrays from outside, checked against what a model declares.

What came before: whatever a caller passed. What leaves: arrays of the declared element types and their one
common batch shape. Invariant: a wrong array is a coded error before anything is computed; only floats are
converted, and only to floats.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from hqn.runtime.errors import UnequalBatches, WrongInputCount, WrongInputShape, WrongInputType
from hqn.runtime.spec import Array
from hqn.runtime.variables import stored_dtype

KINDS = {"f": "floats", "i": "integers", "u": "integers", "b": "truth values", "c": "complex numbers"}


def batched_inputs(
    model: str, declared: tuple[Array, ...], given: tuple[Any, ...], precision: str
) -> tuple[tuple[int, ...], list[jax.Array]]:
    """The batch shape that all inputs share, and the inputs in their declared element types."""
    if len(given) != len(declared):
        names = ", ".join(array.name for array in declared)
        raise WrongInputCount(model=model, expected=len(declared), names=names, found=len(given))
    arrays = [_typed(model, array, value, precision) for array, value in zip(declared, given)]
    batches = [value.shape[: value.ndim - len(array.shape)] for array, value in zip(declared, arrays)]
    if len(set(batches)) > 1:
        raise UnequalBatches(model=model, batches=", ".join(_shown(batch) for batch in batches))
    return (batches[0] if batches else ()), arrays


def _typed(model: str, array: Array, value: Any, precision: str) -> jax.Array:
    found = value if isinstance(value, jax.Array) else np.asarray(value)
    kind = "f" if jnp.issubdtype(found.dtype, jnp.floating) else found.dtype.kind
    wanted = stored_dtype(array.dtype, precision)
    if kind not in _accepted(wanted):
        raise WrongInputType(
            model=model,
            name=array.name,
            found=KINDS.get(kind, f"{found.dtype}"),
            expected=f"{array.dtype if array.bound is None else f'idx[{array.bound}]'}",
            dtype=np.dtype(wanted).name,
        )
    rank = len(array.shape)
    if found.ndim < rank or found.shape[found.ndim - rank :] != array.shape:
        raise WrongInputShape(
            model=model, name=array.name, found=_shown(found.shape), expected=_shown(array.shape)
        )
    return jnp.asarray(found, wanted)


def _accepted(wanted: Any) -> str:
    """Kinds of NumPy that become `wanted` without changing what was meant."""
    if jnp.issubdtype(wanted, jnp.floating):
        return "f"
    return {"i": "iu", "b": "b", "c": "fc"}[np.dtype(wanted).kind]


def _shown(shape: tuple[int, ...]) -> str:
    return "[" + ", ".join(map(str, shape)) + "]" if shape else "[] (a scalar)"
