"""OpenQASM 3 made plain by the reference parser's tree, for Qiskit's reader, which knows fewer constructs.

Nothing here comes from hqn: loops are turned, elements of arrays, inputs and expressions become numbers, a
definition with parameters becomes one without for every call, and `pow` of whole numbers repeats.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import openqasm3
from openqasm3 import ast
from qiskit import QuantumCircuit, qasm3

Known = Mapping[str, Any]
OPERATORS = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "**": np.power}


def read(text: str, inputs: Known | None = None) -> QuantumCircuit:
    """The circuit of a program, every input of which has a value."""
    return qasm3.loads(plain(text, inputs or {}))


def plain(text: str, inputs: Known) -> str:
    program = openqasm3.parse(text)
    constants = {"pi": math.pi, "tau": math.tau, "euler": math.e}
    first = ast.Include | ast.QuantumGateDefinition
    flat = list(_Plain().statements(program.statements, constants | dict(inputs)))
    program.statements = sorted(flat, key=lambda one: not isinstance(one, first))
    return openqasm3.dumps(program)


class _Plain:
    """Writes statements out; what they define goes with them, callees first."""

    def __init__(self) -> None:
        self.gates: dict[str, ast.QuantumGateDefinition] = {}
        self.calls: dict[tuple[str, tuple[float, ...]], str] = {}

    def statements(self, written: Sequence[Any], known: Known) -> Iterator[Any]:
        known = dict(known)
        for one in written:
            match one:
                case ast.ForInLoop(set_declaration=ast.RangeDefinition(start=start, end=end, step=None)):
                    for turn in range(int(value(start, known)), int(value(end, known)) + 1):
                        yield from self.statements(one.block, known | {one.identifier.name: turn})
                case ast.ClassicalDeclaration(type=ast.ArrayType()):
                    known[one.identifier.name] = np.array(value(one.init_expression, known))
                    assert _shape(one.type, known) == known[one.identifier.name].shape
                case ast.IODeclaration():
                    assert _shape(one.type, known) == np.shape(known[one.identifier.name])
                case ast.QuantumGateDefinition():
                    self.gates[one.name.name] = one
                case ast.QuantumGate():
                    yield from self.gate(copy.deepcopy(one), known)
                case ast.BranchingStatement():
                    block = list(self.statements(one.if_block, known))
                    yield from (each for each in block if isinstance(each, ast.QuantumGateDefinition))
                    inside = [each for each in block if not isinstance(each, ast.QuantumGateDefinition)]
                    yield ast.BranchingStatement(one.condition, inside, [])
                case _:
                    yield one

    def gate(self, gate: ast.QuantumGate, known: Known) -> Iterator[Any]:
        args = tuple(float(value(one, known)) for one in gate.arguments)
        gate.arguments = [_literal(one) for one in args]
        if gate.name.name in self.gates:
            yield from self.call(gate, args)
        powers = [value(one.argument, {}) for one in gate.modifiers if one.modifier.name == "pow"]
        gate.modifiers = [one for one in gate.modifiers if one.modifier.name != "pow"]
        if math.prod(powers) < 0:
            gate.modifiers.insert(0, ast.QuantumGateModifier(ast.GateModifierName.inv, None))
        yield from [gate] * abs(math.prod(powers))

    def call(self, gate: ast.QuantumGate, args: tuple[float, ...]) -> Iterator[Any]:
        """The definition at these angles, where it is a new one."""
        defined = self.gates[gate.name.name]
        key = defined.name.name, args
        is_new = key not in self.calls
        gate.name, gate.arguments = ast.Identifier(self.calls.setdefault(key, f"g{len(self.calls)}")), []
        if is_new:
            names = [one.name for one in defined.arguments]
            known = {"pi": math.pi, **dict(zip(names, args, strict=True))}
            body = list(self.statements(defined.body, known))
            yield from (one for one in body if isinstance(one, ast.QuantumGateDefinition))
            plain = [one for one in body if not isinstance(one, ast.QuantumGateDefinition)]
            yield ast.QuantumGateDefinition(gate.name, [], defined.qubits, plain)


def _shape(type_: Any, known: Known) -> tuple[int, ...]:
    return tuple(int(value(one, known)) for one in getattr(type_, "dimensions", ()))


def _literal(number: float) -> ast.Expression:
    plain = ast.FloatLiteral(abs(number))
    return plain if number >= 0 else ast.UnaryExpression(ast.UnaryOperator["-"], plain)


def value(node: Any, known: Known) -> Any:
    """What an expression is; division of whole numbers would round in OpenQASM and is not expected."""
    match node:
        case ast.IntegerLiteral() | ast.FloatLiteral():
            return node.value
        case ast.Identifier():
            return known[node.name]
        case ast.UnaryExpression(op=op) if op.name == "-":
            return -value(node.expression, known)
        case ast.BinaryExpression():
            left, right = value(node.lhs, known), value(node.rhs, known)
            assert node.op.name != "/" or not (isinstance(left, int) and isinstance(right, int))
            return OPERATORS[node.op.name](left, right)
        case ast.FunctionCall():
            return getattr(np, node.name.name)(*(value(one, known) for one in node.arguments))
        case ast.ArrayLiteral():
            return [value(one, known) for one in node.values]
        case ast.IndexExpression():
            assert isinstance(node.index, list)
            return np.asarray(value(node.collection, known))[
                tuple(int(value(one, known)) for one in node.index)
            ]
    raise TypeError(f"{node} is nothing that is exported")
