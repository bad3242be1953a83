"""The dialect `hqn`: functions, randomness, derivatives. Loops and instances have files of their own.

What came before: `typed.Function`. What leaves: one `hqn.func` per function. Invariant: what a function
says of itself (`draws`, `sets_state`, its type, what it declares) is true of its body.
"""

from __future__ import annotations

from collections.abc import Sequence

from hqn.compiler.ir.declarations import Child, ChildAttr, Execution, Slot, SlotAttr
from hqn.compiler.ir.properties import (
    attributes,
    encode_all,
    flag,
    operation,
    optional_integer,
    optional_records,
    optional_string,
    raw,
    records,
    string,
    strings,
)
from hqn.compiler.ir.tensors import check, shape
from hqn.compiler.ir.xdsl_api import (
    Attribute,
    Block,
    FunctionType,
    IRDLOperation,
    IsolatedFromAbove,
    IsTerminator,
    NoMemoryEffect,
    Operation,
    Pure,
    RecursiveMemoryEffect,
    Region,
    SSAValue,
    SymbolOpInterface,
    VerifyException,
    operand_def,
    region_def,
    result_def,
    traits_def,
    var_operand_def,
)

KINDS = ("layer", "circuit", "model", "quantizer", "expression")


@operation
class FuncOp(IRDLOperation):
    """One definition at one choice of statics, sizes and mode. Block arguments are the parameters.

    `draws` and `sets_state` say what a call needs or does, callees included. A circuit that takes qubits
    has its register as the first block argument; the caller gives the first `qubit_params` wires.
    """

    name = "hqn.func"

    symbol_name: str = string("sym_name")
    kind: str = string()
    type: FunctionType = raw(FunctionType, "function_type")
    arg_names: tuple[str, ...] = strings()
    definition: str = string()
    source: str = string()
    doc: str | None = optional_string()
    training: bool = flag()
    draws: bool = flag()
    sets_state: bool = flag()
    qubit_params: int | None = optional_integer()
    slots: tuple[Slot, ...] = records()
    children: tuple[Child, ...] = records()
    executions: tuple[Execution, ...] | None = optional_records("execution")
    body = region_def("single_block")

    traits = traits_def(IsolatedFromAbove(), SymbolOpInterface())

    def __init__(
        self,
        symbol_name: str,
        kind: str,
        body: Block,
        results: Sequence[Attribute],
        arg_names: Sequence[str],
        *,
        slots: Sequence[Slot] = (),
        children: Sequence[Child] = (),
        definition: str = "",
        source: str = "",
        doc: str | None = None,
        training: bool = False,
        draws: bool = False,
        sets_state: bool = False,
        qubit_params: int = 0,
    ) -> None:
        properties = encode_all(
            {
                "sym_name": symbol_name,
                "kind": kind,
                "function_type": FunctionType.from_lists(list(body.arg_types), list(results)),
                "arg_names": attributes(arg_names),
                "definition": definition or symbol_name,
                "source": source,
                "doc": doc,
                "training": training,
                "draws": draws,
                "sets_state": sets_state,
                "qubit_params": qubit_params or None,
                "slots": attributes(SlotAttr(slot) for slot in slots),
                "children": attributes(ChildAttr(child) for child in children),
            }
        )
        super().__init__(properties=properties, regions=[Region(body)])

    @property
    def execution(self) -> Execution | None:
        """How a circuit is executed, where a profile says so."""
        return self.executions[0] if self.executions else None

    @property
    def block(self) -> Block:
        return self.body.block

    @property
    def args(self) -> tuple[SSAValue, ...]:
        return self.body.block.args

    @property
    def returns(self) -> tuple[Attribute, ...]:
        """The types that a call gives."""
        return self.type.outputs.data

    @property
    def returned(self) -> tuple[SSAValue, ...]:
        last = self.block.last_op
        assert last is not None
        return tuple(last.operands)

    @property
    def created(self) -> tuple[Child, ...]:
        """The instances that the function owns: not those that its caller gives."""
        return tuple(child for child in self.children if not child.shared)

    def slot(self, name: str) -> Slot | None:
        return next((slot for slot in self.slots if slot.name == name), None)

    def child(self, name: str) -> Child | None:
        return next((child for child in self.children if child.name == name), None)

    def verify_(self) -> None:
        check(self.kind in KINDS, f"no kind of function is called {self.kind}")
        check(self.type.inputs.data == tuple(self.block.arg_types), "block arguments differ from the type")
        check(len(self.arg_names) == len(self.args), "every argument needs a name")
        for declared in (self.slots, self.children):
            names = [one.name for one in declared]
            check(len(set(names)) == len(names), f"declared twice: {names}")
        last = self.block.last_op
        check(isinstance(last, ReturnOp), "a function ends in hqn.return")
        types = tuple(operand.type for operand in last.operands) if last else ()
        check(types == self.type.outputs.data, "returned types differ from the type")


@operation
class ReturnOp(IRDLOperation):
    """Ends a function and gives its results; a circuit that takes qubits gives its register last."""

    name = "hqn.return"

    values = var_operand_def()

    traits = traits_def(IsTerminator(), Pure())

    def __init__(self, values: Sequence[SSAValue]) -> None:
        super().__init__(operands=[list(values)])

    def verify_(self) -> None:
        check(isinstance(self.parent_op(), FuncOp), "hqn.return ends a function")


@operation
class DrawOp(IRDLOperation):
    """Fresh randomness per sample, step or run. `site` names the draw in its function, so that its key
    depends on neither order nor other draws; two draws never have one site."""

    name = "hqn.draw"

    args = var_operand_def()
    distribution: str = string()
    per: str = string()
    site: str = string()
    result = result_def()

    traits = traits_def(NoMemoryEffect())

    def __init__(
        self, distribution: str, args: Sequence[SSAValue], per: str, site: str, type_: Attribute
    ) -> None:
        properties = encode_all({"distribution": distribution, "per": per, "site": site})
        super().__init__(operands=[list(args)], properties=properties, result_types=[type_])

    def verify_(self) -> None:
        expected = {"bernoulli": 1, "uniform": 2, "normal": 1, "index": 1}
        check(self.distribution in expected, f"no distribution is called {self.distribution}")
        check(len(self.args) == expected[self.distribution], f"wrong arguments of {self.distribution}")
        check(self.per in ("sample", "step", "run"), f"`per {self.per}` means nothing")
        check(function_of(self).draws, "the function does not say that it draws")


@operation
class GradOp(IRDLOperation):
    """The derivative of the scalar that the body yields with respect to its block argument, at `wrt`."""

    name = "hqn.grad"

    wrt = operand_def()
    body = region_def("single_block")
    result = result_def()

    traits = traits_def(RecursiveMemoryEffect())

    def __init__(self, wrt: SSAValue, body: Block) -> None:
        super().__init__(operands=[wrt], regions=[Region(body)], result_types=[wrt.type])

    @property
    def block(self) -> Block:
        return self.body.block

    @property
    def value(self) -> SSAValue:
        """The scalar that is differentiated."""
        last = self.block.last_op
        assert last is not None
        return last.operands[0]

    def verify_(self) -> None:
        check(tuple(self.block.arg_types) == (self.wrt.type,), "the block argument stands for `wrt`")
        check(self.result.type == self.wrt.type, "a derivative has the type of `wrt`")
        last = self.block.last_op
        check(last is not None and len(last.operands) == 1, "the body yields one value")
        check(shape(self.value) == (), "the body yields a scalar")


def function_of(op: Operation) -> FuncOp:
    """The function that an operation is in."""
    parent: Operation | None = op
    while not isinstance(parent, FuncOp):
        if parent is None:
            raise VerifyException(f"{op.name} is outside of any function")
        parent = parent.parent_op()
    return parent
