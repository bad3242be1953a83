"""Gate definitions and subroutines as circuits of hqn.

What came before: `nodes.GateDefinition` and `nodes.Subroutine`. What leaves: an `ast.Definition` among the
items of the module, and the symbol of its name. Invariant: parameters come in the order angles, qubits; the
whole numbers of a subroutine become statics in brackets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hqn.compiler.import_qasm import errors, nodes, tree
from hqn.compiler.import_qasm.body import Body
from hqn.compiler.import_qasm.scope import Mistake, Register, Scope, SubroutineSymbol, Value
from hqn.compiler.import_qasm.standard import WRITTEN, GateSymbol
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast

if TYPE_CHECKING:
    from hqn.compiler.import_qasm.program import Importer


def gate_circuit(importer: Importer, gate: nodes.GateDefinition, scope: Scope) -> GateSymbol:
    """`gate name(a) q { … }` as `circuit name(a: angle, q: qubit) { … }`."""
    name = importer.scope.fresh(gate.name, WRITTEN)
    params = [_angle(scope, param) for param in gate.params]
    body = Body(importer, scope, "gate")
    qubits = []
    for param in gate.qubits:
        register = Register(scope.fresh(param.name), None, param.name)
        scope.declare(param.name, register, param.span)
        body.first = body.first or register
        qubits.append(_param(param.span, register.name, "qubit"))
    body.statements(gate.body or ())
    importer.items.append(_definition(gate.span, name, [], [*params, *qubits], body))
    return GateSymbol(name, len(params), len(qubits), is_circuit=True)


def subroutine_circuit(importer: Importer, sub: nodes.Subroutine, scope: Scope) -> SubroutineSymbol:
    """`def name(qubit[2] q, angle a, int n)` as `circuit name[n](a: angle, q: qubit[2])`."""
    if sub.result is not None:
        raise Mistake(errors.NotImportedYet(span=sub.result.span, what="a subroutine with a result"))
    name = importer.scope.fresh(sub.name, WRITTEN)
    body = Body(importer, scope, "subroutine")
    kinds: list[tuple[str, int | None]] = []
    angles: list[ast.Param] = []
    qubits: list[ast.Param] = []
    statics: list[str] = []
    for param in sub.params:
        kind = param.type.kind
        if kind == "qubit":
            register = _register(body, param)
            shape = () if register.size is None else (tree.integer(param.span, register.size),)
            qubits.append(_param(param.span, register.name, "qubit", *shape))
            kinds.append(("qubit", register.size))
        elif kind in ("float", "angle"):
            angles.append(_angle(scope, param))
            kinds.append(("float", None))
        elif kind in ("int", "uint"):
            statics.append(_static(scope, param))
            kinds.append(("int", None))
        else:
            raise Mistake(errors.NotImportedYet(span=param.span, what=f"an argument of type `{kind}`"))
    if not qubits:
        raise Mistake(errors.NotImportedYet(span=sub.span, what="a subroutine without qubits"))
    body.statements(sub.body)
    importer.items.append(_definition(sub.span, name, statics, [*angles, *qubits], body))
    return SubroutineSymbol(name, tuple(kinds))


def _register(body: Body, param: nodes.Param) -> Register:
    size = None if param.type.size is None else body.values.known(param.type.size, "a known size")
    if size is not None and not 1 <= size <= 1000:
        raise Mistake(errors.QasmNumber(span=param.type.span, reason="a register has from 1 to 1000 qubits"))
    register = Register(body.scope.fresh(param.name), size, param.name)
    body.scope.declare(param.name, register, param.span)
    return register


def _angle(scope: Scope, param: nodes.Param) -> ast.Param:
    name = scope.fresh(param.name)
    scope.declare(param.name, Value(tree.name(param.span, name), "float"), param.span)
    return _param(param.span, name, "angle")


def _static(scope: Scope, param: nodes.Param) -> str:
    name = scope.fresh(param.name)
    least = 0 if param.type.kind == "uint" else None
    scope.declare(param.name, Value(tree.name(param.span, name), "int", None, least), param.span)
    return name


def _param(span: Span, name: str, dtype: str, *shape: ast.Expr) -> ast.Param:
    return ast.Param(tree.ident(span, name), tree.tensor_type(span, dtype, *shape), span=span)


def _definition(
    span: Span, name: str, statics: list[str], params: list[ast.Param], body: Body
) -> ast.Definition:
    return ast.Definition(
        "circuit",
        tree.ident(span, name),
        tuple(ast.StaticParam(tree.ident(span, one), None, None, span=span) for one in statics),
        tuple(params),
        None,
        (),
        tree.block(span, body.finished()),
        span=span,
    )
