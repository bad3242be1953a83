"""Data blocks into arrays: load, arrange, transform, split.

What came before: a `Data` literal. What leaves: `Prepared`: the arrays of every split and the constants
that were fitted. Invariants: constants come from samples of the train part only, wherever in the pipeline
the split stands; the same literal gives the same arrays everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from hqn.runtime.errors import DataMismatch, NoSuchData
from hqn.runtime.loaders import Fields, Missing, load
from hqn.runtime.spec import Arrange, Data, Fit, Map, Split


@dataclass(frozen=True, slots=True)
class Prepared:
    """`splits["test"]["x"]` holds one field's samples; `constants` are those of fitted steps, by path."""

    name: str
    splits: Mapping[str, Fields]
    constants: Mapping[str, np.ndarray]
    numbers: Mapping[str, np.ndarray]
    """For each split, the number of every sample in the loader's order."""

    def size(self, split: str) -> int:
        return len(self.numbers[split])


def prepare(data: Data) -> Prepared:
    """Perform a data block. Raises NoSuchData where it cannot be loaded, DataMismatch where it surprises."""
    fields = _loaded(data)
    rows = _arranged(data, fields)
    train = np.unique(np.concatenate([rows[-1][i].reshape(-1) for i in _parts(data, rows)["train"]]))
    constants: dict[str, np.ndarray] = {}
    before = np.arange(len(next(iter(fields.values()))))
    for position, (step, now) in enumerate(zip(data.steps, rows[1:])):
        fields, fitted = _performed(step, fields, before, now, train)
        constants |= {f"{data.name}::{position}.{key}": value for key, value in fitted.items()}
        before = now
    _compare(data, fields)
    parts = _parts(data, rows)
    splits = {split: {key: value[ids] for key, value in fields.items()} for split, ids in parts.items()}
    return Prepared(data.name, splits, constants, parts)


def _loaded(data: Data) -> Fields:
    try:
        return load(data.loader, data.arguments)
    except Missing as missing:
        raise NoSuchData(name=data.name, reason=str(missing)) from None


# --- which samples --------------------------------------------------------------------------------


def _arranged(data: Data, fields: Fields) -> list[np.ndarray]:
    """The loader's rows that make up each sample, before the first step and after every step.

    One row per sample, or a window of rows per sample: `[samples]` or `[samples, window]`.
    """
    stages = [np.arange(len(next(iter(fields.values()))))]
    for step in data.steps:
        rows = stages[-1]
        match step:
            case Arrange("windows", size):
                rows = np.stack([rows[i : len(rows) - size + 1 + i] for i in range(size)], 1)
            case Arrange("shuffle", seed):
                rows = rows[np.random.default_rng(seed).permutation(len(rows))]
            case Arrange("take", number):
                rows = rows[:number]
            case Arrange("classes", labels):
                rows = rows[fields["y"] < labels]
        stages.append(rows)
    return stages


def _parts(data: Data, stages: list[np.ndarray]) -> dict[str, np.ndarray]:
    """For each split, the positions of its samples among those of the last stage."""
    for step in data.steps:
        if isinstance(step, Split):
            return _cut(data, step, len(stages[-1]))
    return {"train": np.arange(len(stages[-1]))}


def _cut(data: Data, split: Split, count: int) -> dict[str, np.ndarray]:
    wanted = sum(size for _, size in split.sizes)
    if wanted > count:
        raise DataMismatch(name=data.name, reason=f"the splits take {wanted:,} samples of {count:,}")
    order = np.arange(count) if split.seed is None else np.random.default_rng(split.seed).permutation(count)
    parts, start = {}, 0
    for name, size in split.sizes:
        parts[name] = order[start : start + size]
        start += size
    return parts


# --- values ---------------------------------------------------------------------------------------


def _performed(
    step: Any, fields: Fields, before: np.ndarray, now: np.ndarray, train: np.ndarray
) -> tuple[Fields, Fields]:
    """The fields after one step, and the constants it fitted on rows of the train part."""
    match step:
        case Arrange():
            return {key: _chosen(step, value, now) for key, value in fields.items()}, {}
        case Map(function=function, fields=names):
            found = function({}, *fields.values())
            values = found if isinstance(found, tuple) else (found,)
            return {name: np.asarray(value) for name, value in zip(names, values)}, {}
        case Fit():
            inside = np.isin(before, train).reshape(len(before), -1).all(axis=1)
            constants = FITS[step.kind](fields["x"][inside], *step.args)
            return fields | {"x": applied(step, constants, fields["x"])}, constants
    return fields, {}


def _chosen(step: Arrange, value: np.ndarray, now: np.ndarray) -> np.ndarray:
    """A field's samples after a step that chooses samples; a window of labels is its last label."""
    if step.kind == "windows":
        windows = np.stack([value[i : len(value) - step.argument + 1 + i] for i in range(step.argument)], 1)
        return windows if value.dtype.kind == "f" else windows[:, -1]
    if step.kind == "take":
        return value[: step.argument]
    if step.kind == "classes":
        return np.asarray(value[now])
    return value[np.random.default_rng(step.argument).permutation(len(value))]


def _standardize(x: np.ndarray) -> Fields:
    """Mean and standard deviation per feature; a constant feature keeps its scale."""
    deviation = x.std(axis=0)
    return {"mean": x.mean(axis=0), "scale": np.where(deviation > 0, deviation, 1)}


def _minmax(x: np.ndarray, low: float, high: float) -> Fields:
    """Offset and scale per feature that take the train part's range to [low, high]."""
    span = x.max(axis=0) - x.min(axis=0)
    scale = np.where(span > 0, span, 1) / (high - low)
    return {"mean": x.min(axis=0) - low * scale, "scale": scale}


def _pca(x: np.ndarray, count: float) -> Fields:
    """Mean and the `count` leading principal axes; each axis' largest entry is positive."""
    flat = x.reshape(len(x), -1).astype(np.float64)
    mean = flat.mean(axis=0)
    axes = np.linalg.svd(flat - mean, full_matrices=False)[2][: int(count)]
    axes *= np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])[:, None]
    return {"mean": mean, "axes": axes}


FITS: Mapping[str, Callable[..., Fields]] = {"standardize": _standardize, "minmax": _minmax, "pca": _pca}


def applied(step: Fit, constants: Mapping[str, np.ndarray], x: np.ndarray) -> np.ndarray:
    """A fitted transform of samples: `[n, …] -> [n, …]`, for `pca(k)` `[n, …] -> [n, k]`."""
    if step.kind == "pca":
        flat = x.reshape(len(x), -1)
        return np.asarray((flat - constants["mean"]) @ constants["axes"].T, x.dtype)
    return np.asarray((x - constants["mean"]) / constants["scale"], x.dtype)


def _compare(data: Data, fields: Fields) -> None:
    """The checker knew shapes and types from its own table; a loader that gives others is an error."""
    for reason in _differences(data, fields):
        raise DataMismatch(name=data.name, reason=reason)


def _differences(data: Data, fields: Fields) -> Iterator[str]:
    for array in data.fields:
        found = fields.get(array.name)
        if found is None:
            yield f"there is no field `{array.name}`"
        elif found.shape[1:] != array.shape:
            yield f"`{array.name}` has shape {list(found.shape[1:])}, checked was {list(array.shape)}"
        elif array.bound is not None and found.size and not 0 <= found.min() <= found.max() < array.bound:
            yield f"`{array.name}` has values outside 0..{array.bound}"
