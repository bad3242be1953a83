"""Texts as typed functions, and typed functions as lists of gates and as numbers: for tests of the checker.

The evaluator here is written for clarity, with NumPy, one value at a time; nothing of the compiler is used
to check the compiler.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from hqn.compiler.diagnostics import Sink
from hqn.compiler.diagnostics.render import render_all
from hqn.compiler.names.resolve import resolve
from hqn.compiler.source import Source
from hqn.compiler.syntax.parse import parse
from hqn.compiler.types import typed
from hqn.compiler.types.calls.apply import fit
from hqn.compiler.types.calls.equations import Given
from hqn.compiler.types.calls.functions import check_definition, function_for
from hqn.compiler.types.calls.signature import signature_of
from hqn.compiler.types.calls.statics import StaticValue
from hqn.compiler.types.model import DType, QubitType, TensorType, Type
from hqn.compiler.types.scope import Frame, Scope, Session


def f32(*shape: int) -> TensorType:
    return TensorType(DType.F32, shape)


def qubits(size: int | None = None) -> QubitType:
    return QubitType(size)


def elaborate(
    text: str, name: str, *arguments: Type, **statics: StaticValue
) -> tuple[typed.Function | None, Sink]:
    """The function `name` of a text at these argument types and statics, and all that was reported."""
    sink = Sink()
    source = Source("test.hqn", text)
    resolved = resolve(parse(source, sink), _nothing, sink)
    session = Session(resolved, sink)
    signatures = {key: signature_of(session, named) for key, named in resolved.root.own.items()}
    for signature in signatures.values():
        if not check_definition(signature):
            session.poisoned.add(id(signature.named))
    if sink.has_errors:
        return None, sink
    span = source.span(0, 0)
    place = {"name": "test", "kind": "expression", "span": span, "concrete": True}
    caller = Scope(Frame(session=session, module=resolved.root, **place))
    signature, given = signatures[name], dict(statics)
    match = fit(caller, signature, given, [Given(one, span) for one in arguments], span, None)
    if match is None:
        return None, sink
    return function_for(caller, signature, given, match, span, training=False), sink


def function(text: str, name: str, *arguments: Type, **statics: StaticValue) -> typed.Function:
    """The function, which must have no mistakes."""
    found, sink = elaborate(text, name, *arguments, **statics)
    assert found is not None and not sink.all, render_all(sink)
    return found


def codes(text: str, name: str, *arguments: Type, **statics: StaticValue) -> list[str]:
    """The codes of what is wrong with a text and with one function of it."""
    return [found.code for found in elaborate(text, name, *arguments, **statics)[1].all]


def _nothing(path: tuple[str, ...]) -> Source:
    raise AssertionError(f"a test asked for module {path}")


# --- typed functions as numbers -------------------------------------------------------------------


@dataclass
class Numbers:
    """What a function computes with: its arguments, slots and the gates it has applied."""

    slots: Mapping[str, np.ndarray] = field(default_factory=dict)
    values: dict[typed.Local, object] = field(default_factory=dict)
    gates: list[tuple[str, tuple[int, ...], tuple[float, ...]]] = field(default_factory=list)

    def run(self, statements: tuple[typed.Statement, ...]) -> None:
        for statement in statements:
            match statement:
                case typed.Assign():
                    self.values[statement.local] = self.of(statement.value)
                case typed.ApplyGate():
                    self._gate(statement)
                case typed.RepeatGates():
                    for turn in range(statement.trips):
                        self.values[statement.index] = turn
                        self.run(statement.statements)
                case _:
                    raise AssertionError(f"no meaning for {type(statement).__name__}")

    def _gate(self, gate: typed.ApplyGate) -> None:
        name = " @ ".join([*(f"{one.kind}({one.value})" for one in gate.modifiers), gate.gate])
        table = np.zeros((len(gate.wires), 0)) if gate.angles is None else self.of(gate.angles)
        assert table.shape[0] == len(gate.wires)
        for wires, row in zip(gate.wires, table, strict=True):
            self.gates.append((name, wires, tuple(float(angle) for angle in row)))

    def of(self, expr: typed.Expr) -> np.ndarray:
        """The value of an expression; its shape must be that of its type."""
        value = np.asarray(self._value(expr))
        assert isinstance(expr.type, TensorType) and value.shape == expr.type.shape, (expr, value.shape)
        return value

    def _value(self, expr: typed.Expr) -> object:
        match expr:
            case typed.Literal():
                return expr.value
            case typed.Read():
                return self.values[expr.local]
            case typed.SlotRead():
                return self.slots[expr.slot][tuple(self._turn(turn) for turn in expr.turns)]
            case typed.Elementwise():
                return _ELEMENTWISE[expr.fn](*(self.of(arg) for arg in expr.args))
            case typed.Prim():
                return _prim(expr, [self.of(arg) for arg in expr.args])
            case typed.Contraction():
                return contracted(expr, [self.of(factor.value) for factor in expr.factors])
            case _:
                raise AssertionError(f"no meaning for {type(expr).__name__}")

    def _turn(self, turn: typed.Turn) -> int:
        index = 0 if turn.index is None else int(self.values[turn.index])  # type: ignore[call-overload]
        return turn.stride * index + turn.offset


_ELEMENTWISE = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "neg": np.negative,
    "mod": np.mod,
    "reciprocal": lambda x: 1.0 / x,
    "sqrt": np.sqrt,
}


def _prim(expr: typed.Prim, args: list[np.ndarray]) -> np.ndarray:
    options = dict(expr.options)
    assert isinstance(expr.type, TensorType)
    shape: tuple[int, ...] = expr.type.shape  # type: ignore[assignment]
    match expr.fn:
        case "reshape":
            return args[0].reshape(shape)
        case "broadcast":
            return np.broadcast_to(args[0], shape)
        case "stack":
            return np.stack(args, axis=options["axis"])
        case "concat":
            return np.concatenate(args, axis=options["axis"])
        case "gather":
            return np.take(args[0], args[1], axis=options["axis"])
        case "slice":
            bounds = zip(options["starts"], options["stops"], options["steps"], strict=True)
            return args[0][tuple(slice(*one) for one in bounds)]
        case _:
            raise AssertionError(f"no meaning for {expr.fn}")


def gates_of(found: typed.Function, slots: Mapping[str, np.ndarray] | None = None, *args: object) -> list:
    """Every gate that a circuit applies, one by one: name with modifiers, wires, angles."""
    numbers = Numbers(slots or {}, dict(zip(found.params, args, strict=True)))
    numbers.run(found.statements)
    return numbers.gates


def contracted(expr: typed.Contraction, factors: list[np.ndarray]) -> np.ndarray:
    """The Einstein sum by its definition: over every value of every index."""
    ranges = dict(expr.ranges)
    result = np.zeros([ranges[name] for name in expr.output])
    for values in product(*(range(size) for size in ranges.values())):
        at = dict(zip(ranges, values, strict=True))
        term = 1.0
        for factor, value in zip(expr.factors, factors, strict=True):
            term *= float(value[tuple(_places(factor, at))])
        result[tuple(at[name] for name in expr.output)] += term
    return result


def _places(factor: typed.Factor, at: Mapping[str, int]) -> Iterator[int]:
    for position in factor.positions:
        place = position.offset + sum(number * at[name] for name, number in position.terms)
        assert place >= 0
        yield place
