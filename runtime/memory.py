"""The limit of memory at run time: what does not fit is refused before it is allocated.

What came before: a limit in bytes, which the compiler gives (None: nobody does), and what is about to run.
What leaves: nothing, or BeyondMemory with both numbers. Invariant: nothing is allocated here.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from hqn.runtime.errors import BeyondMemory
from hqn.runtime.spec import Array

_BYTES = {"f64": 8, "c64": 8, "bool": 1, "i8": 1, "u8": 1}
"""Of an element, where it is not 4."""


def refuse_program(what: str, compiled: Any, limit: int | None) -> None:
    """A program of XLA that takes more than the limit beside its arguments, by XLA's own account."""
    found = compiled.memory_analysis() if limit is not None else None
    if found is not None:
        _refuse(what, found.temp_size_in_bytes + found.output_size_in_bytes, limit)


def refuse_results(
    model: str, outputs: Sequence[Array], batch: tuple[int, ...], precision: str, limit: int | None
) -> None:
    """Results of a batch that alone take more than the limit."""
    each = sum(prod(one.shape) * _BYTES.get(one.dtype, 4) for one in outputs)
    wide = 2 if precision == "f64" else 1
    samples = f"{prod(batch):,} samples" if batch else "one sample"
    _refuse(f"the result of `{model}` for {samples}", wide * prod(batch) * each, limit)


def _refuse(what: str, needed: int, limit: int | None) -> None:
    if limit is not None and needed > limit:
        raise BeyondMemory(what=what, needed=shown_bytes(needed), limit=shown_bytes(limit))


def shown_bytes(number: int) -> str:
    """`1.5 GiB`."""
    power = min(int(np.log2(max(number, 1))) // 10, 5)
    unit = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB")[power]
    return f"{number / (1 << 10 * power):.4g} {unit}"
