"""Calibration: the scales and zero points of quantized activations, from samples.

What came before: a run's instances under policies, and the present values of its slots. What leaves: the
values of the slots that calibration fills. Invariants: the samples are seen in batches and only histograms of
them are kept, so memory does not grow with their number; the result does not depend on the size of the
batches; weights are quantized while activations are watched, activations are not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from hqn.runtime import quant
from hqn.runtime.data import Prepared, prepare
from hqn.runtime.histogram import Histogram
from hqn.runtime.keys import keys_of
from hqn.runtime.sharing import shared
from hqn.runtime.spec import Calibration, Let, Run, Site
from hqn.runtime.variables import nested, stored_dtype

if TYPE_CHECKING:
    from hqn.runtime.program import Model, Program

BATCH = 256
CALIBRATED = "calibration"
"""The role of slots that are filled here."""
Values = Mapping[str, Any]
"""Arrays by slot path."""


class Recorder:
    """Histograms by the identity that stands in a site's scale."""

    def __init__(self) -> None:
        self.seen: dict[int, Histogram] = {}

    def __call__(self, identity: Any, values: Any) -> None:
        self.seen.setdefault(int(np.asarray(identity)), Histogram()).add(values)


@dataclass(slots=True)
class Calibrator:
    """Calibrates all instances of a run; compiled at the first call."""

    program: Program
    run: Run
    batch: int = BATCH
    recorder: Recorder = field(default_factory=Recorder)
    _data: dict[str, Prepared] = field(default_factory=dict)
    _compiled: dict[str, Callable[..., Any]] = field(default_factory=dict)

    def __call__(self, values: Values) -> dict[str, jax.Array]:
        """New values of every slot that calibration fills."""
        found: dict[str, jax.Array] = {}
        for let in self.run.lets:
            if let.calibration is not None and let.calibration.sites:
                found |= self._instance(let, let.calibration, values)
        return found

    def _instance(self, let: Let, calibration: Calibration, values: Values) -> dict[str, jax.Array]:
        numbered, first = dict(values), 0
        starts: list[int] = []
        for site in calibration.sites:
            dims = np.shape(values[site.scale])
            numbered[site.scale] = jnp.arange(first, first + prod(dims), dtype=jnp.float32).reshape(dims)
            starts.append(first)
            first += prod(dims)
        self.recorder.seen.clear()
        self._watch(let, calibration, numbered)
        found: dict[str, jax.Array] = {}
        for site, start in zip(calibration.sites, starts):
            found |= self._grid(site, start, values)
        return found

    def _watch(self, let: Let, calibration: Calibration, numbered: Values) -> None:
        """Evaluate the instance on all samples, its activations going to the recorder."""
        assert let.model is not None
        model = self.program.models[let.model]
        values = shared(self.run, numbered)
        inside = {path.removeprefix(f"{let.name}."): value for path, value in values.items()
                  if path.startswith(f"{let.name}.")}  # fmt: skip
        if let.name not in self._compiled:
            self._compiled[let.name] = jax.jit(lambda p, *inputs: _evaluate(model, calibration, p, inputs))
        with quant.observing(self.recorder):
            for inputs in self._batches(calibration, len(model.inputs)):
                ready = self._compiled[let.name](nested(inside.items()), *inputs)
                jax.block_until_ready(ready)  # type: ignore[no-untyped-call]
        jax.effects_barrier()  # type: ignore[no-untyped-call]

    def _batches(self, calibration: Calibration, inputs: int) -> Iterator[tuple[Any, ...]]:
        if calibration.data not in self._data:
            self._data[calibration.data] = prepare(self.program.data[calibration.data])
        samples = self._data[calibration.data].splits[calibration.split]
        count = min(self._data[calibration.data].size(calibration.split), calibration.count or 2**31)
        names = [one.name for one in self.program.data[calibration.data].fields][:inputs]
        types = [one.dtype for one in self.program.data[calibration.data].fields][:inputs]
        dtypes = [stored_dtype(name, self.run.precision) for name in types]
        for start in range(0, count, self.batch):
            stop = min(start + self.batch, count)
            yield tuple(jnp.asarray(samples[name][start:stop], kind) for name, kind in zip(names, dtypes))

    def _grid(self, site: Site, start: int, values: Values) -> dict[str, jax.Array]:
        """Scale and zero point of a site in every turn; a turn that saw nothing keeps what it has."""
        dims, kind = np.shape(values[site.scale]), values[site.scale].dtype
        seen = [self.recorder.seen.get(start + turn, Histogram()) for turn in range(prod(dims))]
        ranges = np.array([one.range(site.percentile, site.symmetric) for one in seen])
        low, high = (jnp.asarray(ranges[:, end].reshape(dims), kind) for end in (0, 1))
        scale, zero = quant.grid(low, high, site.bits, site.symmetric, site.po2)
        return {site.scale: scale.astype(kind), site.zero: zero.astype(kind)}


def _evaluate(model: Model, calibration: Calibration, p: Any, inputs: tuple[Any, ...]) -> Any:
    keys = (keys_of(jax.random.key(0), (len(inputs[0]),)),) if model.draws else ()
    return calibration.function(p, *keys, *inputs)
