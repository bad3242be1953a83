"""Modules as text and back: MLIR's generic form, which real MLIR parses too.

What came before: a module. What leaves: text; `parse` is its inverse. Invariant: printing what was parsed
gives the same text.
"""

from __future__ import annotations

from functools import cache
from io import StringIO
from math import isnan

from hqn.compiler.diagnostics.internal import InternalError
from hqn.compiler.ir import hqn, instances, loops, nn, qc, quant, tn
from hqn.compiler.ir.declarations import ChildAttr, ExecutionAttr, SharingAttr, SlotAttr
from hqn.compiler.ir.nn_matrix import MATRICES
from hqn.compiler.ir.nn_reduce import REDUCE
from hqn.compiler.ir.nn_shape import ARRANGE
from hqn.compiler.ir.nn_window import WINDOW
from hqn.compiler.ir.record import decimal
from hqn.compiler.ir.xdsl_api import (
    AnyFloat,
    Builtin,
    Context,
    Dialect,
    ModuleOp,
    Operation,
    ParseError,
    Parser,
    Printer,
)

HQN = Dialect(
    "hqn",
    [
        hqn.FuncOp,
        hqn.ReturnOp,
        hqn.DrawOp,
        hqn.GradOp,
        instances.SlotOp,
        instances.SetStateOp,
        instances.CallOp,
        loops.YieldOp,
        *loops.LOOPS.values(),
    ],
    [SlotAttr, ChildAttr, SharingAttr, ExecutionAttr],
)
NN = Dialect("nn", [nn.ConstantOp, nn.MapOp, *ARRANGE, *REDUCE, *WINDOW, *MATRICES])
TN = Dialect("tn", [tn.ContractOp], [tn.PositionsAttr, tn.FamilyAttr])
QC = Dialect(
    "qc",
    [qc.AllocOp, qc.GateOp, qc.ApplyOp, *qc.OPERATIONS, qc.MixedOp, *qc.QUERIES],
    [qc.RegType, qc.WiresAttr, qc.ModAttr],
)
QUANT = Dialect(
    "quant",
    [quant.FakeOp, quant.AngleOp, quant.ScaleOp, quant.IntegersOp, quant.DenseOp, quant.Conv2dOp],
    [quant.SpecAttr],
)
DIALECTS = (HQN, NN, TN, QC, QUANT)


@cache
def context() -> Context:
    """Our dialects and MLIR's builtin one."""
    made = Context()
    for dialect in (Builtin, *DIALECTS):
        made.load_dialect(dialect)
    return made


class _Printer(Printer):
    """xDSL's printer, with floats as the shortest decimals that parse back."""

    def print_float(self, value: float, type: AnyFloat) -> None:
        if isnan(value):
            super().print_float(value, type)
        else:
            self.print_string(decimal(value))


def print_text(op: Operation, locations: bool = False) -> str:
    """An operation in the generic form; `locations` adds where each came from."""
    stream = StringIO()
    _Printer(stream, print_generic_format=True, print_debuginfo=locations).print_op(op)
    return stream.getvalue() + "\n"


def parse_text(text: str, name: str = "module.mlir") -> ModuleOp:
    """The module that a text prints."""
    try:
        return Parser(context(), text, name).parse_module()
    except ParseError as error:
        raise InternalError("ir", f"the text of a module does not parse: {error}") from error
