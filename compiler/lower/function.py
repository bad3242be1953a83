"""One typed function to one `hqn.func`.

What came before: a function whose callees are lowered. What leaves: the operation, with its declarations.
Invariant: a circuit that takes qubits has its register as the first argument and returns it last; one that
takes none makes its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hqn.compiler.ir import qc
from hqn.compiler.ir.declarations import Child, Slot
from hqn.compiler.ir.hqn import FuncOp, ReturnOp
from hqn.compiler.ir.location import at
from hqn.compiler.ir.tensors import ELEMENTS, lower_type
from hqn.compiler.ir.xdsl_api import Attribute, Block, SSAValue, TensorType
from hqn.compiler.lower.expr import lower_expr
from hqn.compiler.lower.scope import Effects, Scope
from hqn.compiler.lower.statement import lower_statements
from hqn.compiler.types import typed


def lower_function(function: typed.Function, functions: Mapping[str, FuncOp]) -> FuncOp:
    """The function; `functions` holds its callees by name."""
    scope = _enter(function, functions)
    lower_statements(scope, function.statements)
    results = [] if function.result is None else list(lower_expr(scope, function.result))
    if function.qubit_params and scope.register is not None:
        results.append(scope.register)
    end = scope.add(ReturnOp(results), function.span)
    return at(_operation(function, scope, [value.type for value in end.values]), function.span)


def _enter(function: typed.Function, functions: Mapping[str, FuncOp]) -> Scope:
    """A scope with the parameters bound and the register there."""
    groups = [lower_type(local.type) for local in function.params]
    leading: list[Attribute] = [qc.RegType(function.qubits)] if function.qubit_params else []
    block = Block(arg_types=[*leading, *(leaf for group in groups for leaf in group)])
    scope = Scope(block, functions, Effects())
    args: Iterator[SSAValue] = iter(block.args)
    if function.qubit_params:
        scope.register = next(args)
    for local, group in zip(function.params, groups):
        scope.bind(local, [next(args) for _ in group])
    if function.qubits and not function.qubit_params:
        scope.register = scope.add(qc.AllocOp(function.qubits), function.span).result
    return scope


def _operation(function: typed.Function, scope: Scope, results: list[Attribute]) -> FuncOp:
    return FuncOp(
        function.name,
        function.kind,
        scope.block,
        results,
        _arg_names(function),
        slots=[_slot(slot) for slot in function.slots],
        children=[_child(one) for one in function.children],
        definition=function.definition,
        source=f"{function.span.source.name}:{function.span.begin.line}",
        doc=function.doc,
        training=function.training,
        draws=scope.effects.draws,
        sets_state=scope.effects.sets_state,
        qubit_params=function.qubit_params,
    )


def _arg_names(function: typed.Function) -> list[str]:
    """A name per argument; those of a tuple are numbered."""
    names = ["register"] if function.qubit_params else []
    for local in function.params:
        count = len(lower_type(local.type))
        names += [local.name] if count == 1 else [f"{local.name}_{place}" for place in range(count)]
    return names


def _child(child: typed.ChildInstance) -> Child:
    return Child(child.name, child.function.name, child.loops, child.frozen, child.shared is not None)


def _slot(slot: typed.SlotDeclaration) -> Slot:
    type_ = TensorType(ELEMENTS[slot.type.dtype], [int(str(dim)) for dim in slot.type.shape])
    args = tuple(float(number) for number in slot.initial.args)
    return Slot(slot.name, slot.kind, slot.loops, type_, slot.initial.name, args, slot.type.role or "")
