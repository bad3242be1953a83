"""One `hqn.func` as a Python function.

What came before: a function whose callees are emitted. What leaves: its lines and its signature. Invariant:
the function is written for one sample and takes any leading batch axes; `p` is the first parameter where it
or its instances have slots, `keys` the next where it draws.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hqn.compiler.emit.jax.circuit import emit_circuit
from hqn.compiler.emit.jax.operations import emit_operations
from hqn.compiler.emit.jax.slots import has_slots, shared_instances
from hqn.compiler.emit.jax.writer import Line, Module, Signature, Writer
from hqn.compiler.emit.text import docstring
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.tensors import dtype, shape
from hqn.compiler.ir.xdsl_api import SSAValue, TensorType

MANY = 1 << 16
"""Circuits that may take so many samples at once are left to take any number."""


@dataclass(frozen=True, slots=True)
class Emitted:
    """A function's text: `head` is the `def` line, `doc` its docstring, `body` the rest."""

    signature: Signature
    doc: str
    body: tuple[Line, ...]
    decorators: tuple[str, ...] = ()

    @property
    def head(self) -> str:
        signature = self.signature
        given = ["p"] * (signature.reads or signature.entry) + ["keys"] * signature.draws
        return f"def {signature.name}({', '.join([*given, *signature.params])}):"


def emit_function(func: FuncOp, module: Module) -> Emitted:
    """The function; entries (models, expressions of runs) take `p` even where they do not read it."""
    writer = Writer(func, module)
    params = _tensors(func)
    hints = dict(zip(func.args, func.arg_names, strict=True))
    names = [writer.names.new(hints[arg]) for arg in params]
    for arg, name in zip(params, names, strict=True):
        writer.argument(arg, name, frozenset({0}), frozenset({name}))
    at_once: int | None = None
    with writer.at(func):
        if len(params) < len(func.args) or any(op.name.startswith("qc.") for op in func.walk()):
            at_once = _emit_circuit(writer, func)
        else:
            emit_operations(writer, func.block.ops)
    results = [writer.value(value) for value in func.returned if isinstance(value.type, TensorType)]
    signature = Signature(
        name=module.functions[func.symbol_name],
        slots=has_slots(func, module),
        shared=shared_instances(func, module),
        entry=func.kind in ("model", "expression"),
        draws=func.draws,
        sets_state=func.sets_state,
        states=writer.states.names,
        params=tuple(names),
        leads=tuple(value.leads for value in results),
        sure=tuple(value.sure for value in results),
    )
    decorators = (*_portions(params, signature, at_once), *_gradient(func))
    return Emitted(signature, _doc(func), tuple(writer.lines), decorators)


def _portions(params: list[SSAValue], signature: Signature, at_once: int | None) -> Iterator[str]:
    """How many samples a circuit takes at once, where a batch may well be larger.

    Every result must certainly have the axes of all samples, which are put together again.
    """
    whole = frozenset(signature.params)
    if params and at_once is not None and at_once < MANY and all(whole <= sure for sure in signature.sure):
        ranks = [str(len(shape(param))) for param in params]
        yield f"@qc.at_once({at_once}, ({', '.join(ranks)}{',' * (len(ranks) == 1)}))"


def _gradient(func: FuncOp) -> Iterator[str]:
    """How a circuit with qubits of its own is differentiated, where that is not by its text alone."""
    found = func.execution
    if found is None or found.gradient == "adjoint" or len(func.args) > len(_tensors(func)):
        return
    numbers = [str(int(one)) if place else repr(one) for place, one in enumerate(found.arguments)]
    takes = found.gradient in ("finite_difference", "spsa")
    yield f"@qc.{found.gradient}" + (f"({', '.join(numbers)})" if takes else "")


def _tensors(func: FuncOp) -> list[SSAValue]:
    return [arg for arg in func.args if isinstance(arg.type, TensorType)]


def _emit_circuit(writer: Writer, func: FuncOp) -> int | None:

    return emit_circuit(writer, func)


def _doc(func: FuncOp) -> str:
    word = "model " if func.kind == "model" else ""
    params = [_type_text(arg) for arg in func.args if isinstance(arg.type, TensorType)]
    results = [_type_text(value) for value in func.returned if isinstance(value.type, TensorType)]
    gives = results[0] if len(results) == 1 else f"({', '.join(results)})"
    return docstring(f"{word}{func.definition}, {func.source}: ({', '.join(params)}) -> {gives}.")


def _type_text(value: SSAValue) -> str:
    return f"{dtype(value)}[{', '.join(['...', *map(str, shape(value))])}]"
