"""Checkpoints: arrays by path in a safetensors file, with a JSON header. No code, no pickle, no paths.

What came before: variables or a result. What leaves: one file; or its arrays, compared with what is wanted.
Invariants: a reader sees a whole old file or a whole new one; shapes and types are compared before any
array is read; nothing in a file is executed or used as a path.

Format: a safetensors file whose metadata has one entry `hqn`, a JSON object with `format` (1), `program`,
`kind` ("model" or "run"), `name`, `models` (path of an instance -> model), `crc32` of the arrays in the order
of their names, and of a run `seed`, `epoch`, `step`, `precision`, `finished`, `series`, `policies` (path of
an instance -> policy), `calibration` (paths of scales and zero points, which no model has by itself).
Constants that data blocks fitted stand beside the slots as `d8::1.mean`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from math import prod
from typing import TYPE_CHECKING, Any
from zlib import crc32

import jax.numpy as jnp
import numpy as np
from safetensors import SafetensorError, deserialize
from safetensors.numpy import save

from hqn.runtime.errors import ForeignCheckpoint, NotACheckpoint, WrongSlotShape
from hqn.runtime.outputs import write_whole
from hqn.runtime.renaming import renamed_path
from hqn.runtime.spec import Slot
from hqn.runtime.variables import WIDER, Variables, by_kind

if TYPE_CHECKING:
    from hqn.runtime.program import Model
    from hqn.runtime.results import Result

FORMAT = 1
LONGEST_HEADER = 16 * 2**20
"""Bytes; about 100,000 slots."""

DTYPES = {
    "F16": "f16", "BF16": "bf16", "F32": "f32", "F64": "f64", "I8": "i8", "I32": "i32", "BOOL": "bool",
    "C64": "c64",
}  # fmt: skip
NUMPY = {
    "F16": np.float16, "BF16": jnp.bfloat16, "F32": np.float32, "F64": np.float64, "I8": np.int8,
    "I32": np.int32, "BOOL": np.bool_, "C64": np.complex64,
}  # fmt: skip

Renamed = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Arrays by path and the header that says what they are of."""

    values: Mapping[str, Any]
    kind: str
    name: str
    program: str
    models: Mapping[str, str]
    """The model at each path that is one; of a model, itself at the path ""."""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def what(self) -> str:
        return f"{self.kind} `{self.name}`"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a file's header says about one array."""

    dtype: str
    shape: tuple[int, ...]


def of_model(model: Model, variables: Variables) -> Checkpoint:
    """A model's variables as a checkpoint."""
    return Checkpoint(variables.flat(), "model", model.name, "", {"": model.name})


def of_result(result: Result) -> Checkpoint:
    """The best seed of a run as a checkpoint, with the constants of its data."""
    best, constants = result.best, result.data.constants if result.data else {}
    models = {let.name: let.model for let in result.run.lets if let.model and not let.shares}
    facts = {
        "seed": best.seed, "epoch": best.kept, "step": best.steps, "precision": result.precision,
        "policies": {let.name: let.policy for let in result.run.lets if let.policy},
        "calibration": [slot.path for slot in result.run.slots if slot.role == "calibration"],
        "finished": result.finished, "series": {name: list(values) for name, values in best.series.items()},
    }  # fmt: skip
    return Checkpoint(
        dict(best.values) | dict(constants), "run", result.run.name, result.program.name, models, facts
    )


def write_checkpoint(path: str, checkpoint: Checkpoint, *, force: bool = False) -> None:
    """Write a checkpoint whole or not at all. Raises OutputExists, CannotWrite."""
    write_whole(path, encoded(checkpoint), force=force)


def encoded(checkpoint: Checkpoint) -> bytes:
    """The bytes of a checkpoint."""
    header = {
        "format": FORMAT, "kind": checkpoint.kind, "name": checkpoint.name, "program": checkpoint.program,
        "models": dict(checkpoint.models), **checkpoint.facts,
    }  # fmt: skip
    arrays = {path: np.asarray(value, order="C") for path, value in checkpoint.values.items()}
    return save(arrays, metadata={"hqn": json.dumps(header | {"crc32": _sum(arrays)})})


def _sum(arrays: Mapping[str, np.ndarray]) -> int:
    """A check sum over all arrays: storage that flips a bit is noticed."""
    return reduce(lambda total, path: crc32(arrays[path].tobytes(), total), sorted(arrays), 0)


# --- reading --------------------------------------------------------------------------------------


def read_checkpoint(path: str, wanted: Mapping[str, Entry] | None = None) -> Checkpoint:
    """A checkpoint's arrays; `wanted` are compared with its header before any array is read.

    Raises NotACheckpoint, WrongSlotShape.
    """
    header, entries = read_header(path)
    for name, entry in (wanted or {}).items():
        _compare(path, name, entries.get(name), entry, f"{header['kind']} `{header['name']}`")
    try:
        with open(path, "rb") as file:
            arrays = deserialize(file.read())  # type: ignore[no-untyped-call]
        values = {name: _array(found) for name, found in arrays}
        if _sum(values) != header.get("crc32"):
            raise ValueError("its numbers do not agree with its check sum")
    except (OSError, SafetensorError, ValueError, KeyError, MemoryError) as error:
        raise NotACheckpoint(path=path, reason=_reason(error)) from None
    known = ("format", "kind", "name", "program", "models", "crc32")
    facts = {key: value for key, value in header.items() if key not in known}
    return Checkpoint(values, header["kind"], header["name"], header["program"], header["models"], facts)


def read_header(path: str) -> tuple[dict[str, Any], dict[str, Entry]]:
    """The JSON header of a checkpoint and what it says about its arrays, without reading them.

    Raises NotACheckpoint.
    """
    try:
        with open(path, "rb") as file:
            length = int.from_bytes(file.read(8), "little")
            size = os.fstat(file.fileno()).st_size
            if not 2 <= length <= min(LONGEST_HEADER, size - 8):
                raise ValueError(f"its header of {length:,} bytes does not fit a file of {size:,} bytes")
            table = json.loads(file.read(length).decode("utf-8"))
        header = json.loads(table.pop("__metadata__")["hqn"])
        entries = {name: _entry(name, found, size - 8 - length) for name, found in table.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NotACheckpoint(path=path, reason=_reason(error)) from None
    _refuse_header(path, header)
    return header, entries


def _entry(name: str, found: Any, size: int) -> Entry:
    """One line of the table, whose bytes must lie inside the file and be as many as its shape says."""
    shape, (start, end) = tuple(found["shape"]), found["data_offsets"]
    if not all(type(n) is int and 0 <= n <= size for n in (start, end, *shape)):
        raise ValueError(f"`{name[:80]}` has a size outside the file")
    if end - start != prod(shape) * np.dtype(NUMPY[found["dtype"]]).itemsize or end > size:
        raise ValueError(f"`{name[:80]}` is cut off")
    return Entry(DTYPES[found["dtype"]], shape)


def _refuse_header(path: str, header: Any) -> None:
    texts = ("kind", "name", "program")
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise NotACheckpoint(path=path, reason=f"its header is not of format {FORMAT}")
    models = header.get("models")
    if not all(isinstance(header.get(key), str) for key in texts) or not isinstance(models, dict):
        raise NotACheckpoint(path=path, reason="its header lacks a name")
    if not all(isinstance(name, str) for pair in models.items() for name in pair):
        raise NotACheckpoint(path=path, reason="its table of models is not text")


def _array(found: Mapping[str, Any]) -> np.ndarray:
    data = np.frombuffer(bytes(found["data"]), NUMPY[found["dtype"]])
    return data.reshape(tuple(found["shape"]))


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError):
        return error.strerror or "it cannot be opened"
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
        return "its header is not JSON"
    if type(error) is ValueError and str(error).startswith(("its ", "`")):
        return str(error)
    return "it is cut off or was not written by hqn"


def _compare(path: str, name: str, found: Entry | None, wanted: Entry, what: str) -> None:
    if found is None:
        raise ForeignCheckpoint(path=path, what=what, reason=f"it has no slot `{name}`")
    if found.shape != wanted.shape or found.dtype not in (wanted.dtype, WIDER.get(wanted.dtype)):
        raise WrongSlotShape(path=path, slot=name, what=what, found=_shown(found), expected=_shown(wanted))


def _shown(entry: Entry) -> str:
    return f"{entry.dtype}[{', '.join(map(str, entry.shape))}]"


# --- restoring ------------------------------------------------------------------------------------


def restore_model(path: str, model: Model, renamed: Renamed = ()) -> Variables:
    """A model's variables, from its own checkpoint or that of a run with an instance of it.

    Raises NotACheckpoint, ForeignCheckpoint, WrongSlotShape.
    """
    header, _ = read_header(path)
    prefixes = [prefix for prefix, name in header["models"].items() if name == model.name]
    if not prefixes:
        held = ", ".join(f"`{name}`" for name in header["models"].values()) or "no model"
        raise ForeignCheckpoint(path=path, what=f"model `{model.name}`", reason=f"it holds {held}")
    prefix = f"{prefixes[0]}." if prefixes[0] else ""
    own = f"{model.name}."
    inside = tuple((old.removeprefix(own), new.removeprefix(own)) for old, new in (*renamed, *model.renamed))
    values = restore_slots(path, model.slots, prefix, inside, f"model `{model.name}`")
    return by_kind(model.slots, values)


def restore_slots(
    path: str, slots: tuple[Slot, ...], prefix: str, renamed: Renamed, what: str
) -> dict[str, Any]:
    """The arrays of `slots`, whose paths in the file begin with `prefix` and may be older ones."""
    header, entries = read_header(path)
    found = header.get("calibration")
    calibrated = set(map(str, found)) if isinstance(found, list) else set()
    wanted_paths = {prefix + slot.path for slot in slots}
    entries = {name: entry for name, entry in entries.items() if name not in calibrated - wanted_paths}
    inside = [name for name in entries if name.startswith(prefix) and "::" not in name]
    today = {renamed_path(name.removeprefix(prefix), renamed): name for name in inside}
    places = {slot.path: today.get(slot.path, prefix + slot.path) for slot in slots}
    for slot in slots:
        wanted = Entry(slot.dtype, slot.shape)
        _compare(path, places[slot.path], entries.get(places[slot.path]), wanted, what)
    surplus = sorted(set(inside) - set(places.values()))
    if surplus:
        more = f", and {len(surplus) - 1} more" if len(surplus) > 1 else ""
        raise ForeignCheckpoint(path=path, what=what, reason=f"its slot `{surplus[0]}` is unknown{more}")
    values = read_checkpoint(path).values
    return {slot.path: jnp.asarray(values[places[slot.path]]) for slot in slots}
