"""The tail of an emitted module: what it says about itself, as literals.

What came before: models, data and runs as frozen dataclasses, whose names and fields are those of
`runtime/spec.py`. What leaves: `PROGRAM = rt.Program(models=…, data=…, runs=…)`. Invariant: only plain
data, names of emitted functions and constructors of `rt` are written, so that no text of a user becomes
code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from typing import Any

from hqn.compiler.emit.jax.code import sequence
from hqn.compiler.emit.jax.writer import Signature
from hqn.compiler.emit.text import identifier, literal
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.module import Built, Entry
from hqn.compiler.ir.nn_reduce import BatchMeanOp
from hqn.compiler.ir.tensors import dtype, shape
from hqn.compiler.ir.xdsl_api import Attribute, TensorType
from hqn.compiler.types.runs.specs import NO_TRAITS, Array, Lowered, Slot, Traits
from hqn.compiler.types.typed import Function

Signatures = Mapping[str, Signature]


@dataclass(frozen=True, slots=True)
class Ref:
    """A function of the emitted module."""

    name: str


@dataclass(frozen=True, slots=True)
class Model:
    """`rt.Model`."""

    name: str
    function: Ref
    inputs: tuple[Array, ...]
    output: Array | tuple[Array, ...]
    slots: tuple[Slot, ...]
    training: Ref | None = None
    traits: Traits = NO_TRAITS
    draws: bool = False


def program_text(built: Built, signatures: Signatures) -> str:
    """The last statement of the module."""
    parts = {"models": _models(built, signatures), "data": built.data, "runs": built.runs}
    parts |= {"renamed": built.renamed}
    shown = [f"{name}={_text(value, signatures)}" for name, value in parts.items() if value]
    return f"PROGRAM = rt.Program({', '.join(shown)})"


def _models(built: Built, signatures: Signatures) -> tuple[Model, ...]:
    return tuple(_model(entry, built, signatures) for entry in built.entries)


def _model(entry: Entry, built: Built, signatures: Signatures) -> Model:
    functions = built.module.functions
    evaluation, training = functions[entry.evaluation], functions[entry.training]
    own, other = signatures[entry.evaluation], signatures[entry.training]
    outputs = tuple(_array("", type_) for type_ in evaluation.returns)
    given = zip(evaluation.arg_names, evaluation.args, strict=True)
    return Model(
        name=entry.name,
        function=Ref(own.name),
        inputs=tuple(_array(name, value.type) for name, value in given),
        output=outputs[0] if len(outputs) == 1 else outputs,
        slots=tuple(slots_of(evaluation, functions)),
        training=None if own.name == other.name else Ref(other.name),
        traits=Traits(training.draws, training.sets_state, takes_batch_mean(training, functions)),
        draws=evaluation.draws,
    )


def _array(name: str, type_: Attribute) -> Array:
    assert isinstance(type_, TensorType)
    return Array(name, shape(type_), dtype(type_).value)


def slots_of(
    func: FuncOp,
    functions: Mapping[str, FuncOp],
    prefix: str = "",
    loops: tuple[int, ...] = (),
    frozen: bool = False,
) -> Iterator[Slot]:
    """Every slot of an instance of `func`, by path, those of its instances included."""
    for slot in func.slots:
        kind = "frozen weight" if frozen and slot.kind == "weight" else slot.kind
        around = (*loops, *slot.loops)
        dims = (*around, *shape(slot.type))
        yield Slot(
            prefix + slot.name, dims, slot.init, tuple(slot.init_args), kind,  # type: ignore[arg-type]
            slot.dtype.value, len(around), slot.role or None,
        )  # fmt: skip
    for child in func.created:
        inside = f"{prefix}{child.name}.", (*loops, *child.loops), frozen or child.frozen
        yield from slots_of(functions[child.callee], functions, *inside)


def takes_batch_mean(func: FuncOp, functions: Mapping[str, FuncOp]) -> bool:
    """Whether a call reduces over the batch, its callees included."""
    if any(isinstance(op, BatchMeanOp) for op in func.walk()):
        return True
    return any(takes_batch_mean(functions[child.callee], functions) for child in func.children)


# --- plain data as text ------------------------------------------------------------------------------


def _text(value: Any, signatures: Signatures) -> str:
    match value:
        case Ref(name):
            return identifier(name)
        case Function() | Lowered():
            return identifier(signatures[value.name].name)
        case tuple():
            return sequence([_text(item, signatures) for item in value]) if value else "()"
        case _ if is_dataclass(value) and not isinstance(value, type):
            return _record(value, signatures)
    return literal(value)


def _record(value: Any, signatures: Signatures) -> str:
    """`rt.Slot("w", (3,), "normal", args=(0.1,))`: what has a default is named, and left out where it is
    that.
    """
    shown = []
    for field in fields(value):
        item = getattr(value, field.name)
        if _has_default(field):
            if item != field.default:
                shown.append(f"{field.name}={_text(item, signatures)}")
        else:
            shown.append(_text(item, signatures))
    return f"rt.{identifier(type(value).__name__)}({', '.join(shown)})"


def _has_default(field: Field[Any]) -> bool:
    return field.default is not MISSING
