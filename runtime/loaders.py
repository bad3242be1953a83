"""Data sets by name: what comes with scikit-learn, what lies in the folder `HQN_DATA`, and a grid of numbers.

What came before: a loader's name and its arguments. What leaves: arrays by field, samples first. Invariant:
nothing is downloaded; labels are i32, everything else f32. Formats: IDX (MNIST) and npz without pickle.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

import numpy as np

Fields: TypeAlias = "dict[str, np.ndarray]"
"""Arrays by field, samples first."""

FOLDER = "HQN_DATA"
"""The environment variable that names the folder of data sets."""


class Missing(Exception):
    """A set that is not there; the argument says what to do."""


def load(name: str, arguments: tuple[float, ...] = ()) -> Fields:
    """The samples of a loader. Raises Missing."""
    try:
        return LOADERS[name](*arguments)
    except ImportError as error:
        raise Missing(f"scikit-learn, which holds it, cannot be imported ({error})") from None


def _bundled(function: str, shape: tuple[int, ...] | None = None) -> Callable[[], Fields]:
    """One of scikit-learn's bundled sets: features x in f32, labels y in i32."""

    def bundled() -> Fields:
        from sklearn import datasets

        found = getattr(datasets, function)()
        x = np.asarray(found.data, np.float32)
        return _labelled(x.reshape(-1, *shape) if shape else x, found.target)

    return bundled


def _labelled(x: np.ndarray, y: np.ndarray) -> Fields:
    return {"x": np.asarray(x, np.float32), "y": np.asarray(y, np.int32)}


def linspace(count: float, low: float, high: float) -> Fields:
    return {"x": np.linspace(low, high, int(count), dtype=np.float32)}


# --- files ----------------------------------------------------------------------------------------


def _path(set_: str, *names: str) -> Path:
    """The first of these files in the folder of a set; `fashion_mnist` may be called `fashion-mnist`."""
    root = os.environ.get(FOLDER)
    if not root:
        raise Missing(f"it is not bundled: let {FOLDER} name a folder that holds `{set_}/{names[0]}`")
    for folder in (set_, set_.replace("_", "-")):
        for name in names:
            path = Path(root, folder, name)
            if path.is_file():
                return path
    raise Missing(f"there is no file `{set_}/{names[0]}` in the folder that {FOLDER} names")


def _idx(name: str) -> Callable[[], Fields]:
    """The four files of MNIST and what is laid out like it: train samples, then test samples."""

    def both() -> Fields:
        images = [_read_idx(name, f"{part}-images-idx3-ubyte", 3) for part in ("train", "t10k")]
        labels = [_read_idx(name, f"{part}-labels-idx1-ubyte", 1) for part in ("train", "t10k")]
        return _labelled(np.concatenate(images), np.concatenate(labels))

    return both


def _read_idx(set_: str, name: str, rank: int) -> np.ndarray:
    """An IDX file of bytes: two zeros, the type 8, the rank, big-endian sizes, then the values."""
    path = _path(set_, f"{name}.gz", name)
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError) as error:
        raise Missing(f"`{path.name}` cannot be read ({error})") from None
    shape = tuple(int(size) for size in np.frombuffer(raw[4 : 4 + 4 * rank], ">u4"))
    if raw[:4] != bytes([0, 0, 8, rank]) or len(raw) != 4 + 4 * rank + int(np.prod(shape)):
        raise Missing(f"`{path.name}` is not an IDX file of {rank} axes of bytes")
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * rank).reshape(shape)


def _npz(name: str) -> Callable[[], Fields]:
    """A set of MedMNIST: train samples, then validation, then test samples."""

    def all_parts() -> Fields:
        path = _path("medmnist", f"{name.replace('_', '')}.npz")
        try:
            with np.load(path, allow_pickle=False) as found:
                parts = [
                    (found[f"{part}_images"], found[f"{part}_labels"]) for part in ("train", "val", "test")
                ]
        except (OSError, ValueError, KeyError) as error:
            raise Missing(f"`{path.name}` is not a file of MedMNIST ({error})") from None
        images, labels = zip(*parts, strict=True)
        return _labelled(np.concatenate(images), np.concatenate([one.reshape(-1) for one in labels]))

    return all_parts


LOADERS: Mapping[str, Callable[..., Fields]] = {
    "digits_8x8": _bundled("load_digits", (8, 8)),
    "iris": _bundled("load_iris"),
    "wine": _bundled("load_wine"),
    "breast_cancer": _bundled("load_breast_cancer"),
    "mnist": _idx("mnist"),
    "fashion_mnist": _idx("fashion_mnist"),
    "breast_mnist": _npz("breast_mnist"),
    "pneumonia_mnist": _npz("pneumonia_mnist"),
    "linspace": linspace,
}
