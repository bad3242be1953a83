"""Whether an expression is a squared error affine in some weights, so that its minimum has a closed form.

What came before: a typed function and the paths of the weights. What leaves: a `Degree`. Invariants: the
answer may be too careful and is never too bold: what is called a sum of squares is one, of affine functions
of the weights, with positive numbers as coefficients.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from hqn.compiler.types import typed
from hqn.compiler.types.walk import parts


class Degree(IntEnum):
    """How a value depends on the weights; every kind includes those before it but the last one."""

    CONSTANT = 0
    AFFINE = 1
    SQUARES = 2
    OTHER = 3


_LINEAR = {
    "reshape", "transpose", "slice", "gather", "take_along", "concat", "stack", "broadcast", "sum", "mean",
    "cast", "pad", "batch_mean", "channel_mean", "patches", "avgpool2d", "cumsum",
}  # fmt: skip
_PRODUCTS = {"conv2d"}


@dataclass(slots=True)
class _Reader:
    """One call of a function. `places` are the paths of its instances where they are not its own."""

    is_trained: Callable[[str], bool]
    prefix: str
    values: dict[typed.Local, Degree]
    places: dict[str, str] = field(default_factory=dict)
    gates: Degree = Degree.CONSTANT
    """Of the angles of the circuit so far."""

    def function(self, function: typed.Function) -> Degree:
        for statement in function.statements:
            self.statement(statement)
        return self.expr(function.result) if function.result else Degree.CONSTANT

    def statement(self, statement: typed.Statement) -> None:
        match statement:
            case typed.Assign(local=local, value=value):
                self.values[local] = self.expr(value)
            case typed.DrawRandom(local=local, args=args):
                self.values[local] = Degree.OTHER if any(map(self.expr, args)) else Degree.CONSTANT
            case typed.SetState():
                pass  # read in the next step, when it is a constant
            case typed.ApplyCircuit():
                inner = self._inside(statement.function, statement.instance, statement.args, statement.shared)
                inner.function(statement.function)
                self.gates = max(self.gates, inner.gates)
            case _:
                self._circuit(statement)

    def expr(self, expr: typed.Expr) -> Degree:
        match expr:
            case typed.Read(local=local):
                return self.values.get(local, Degree.CONSTANT)
            case typed.SlotRead(slot=slot):
                return Degree.AFFINE if self.is_trained(f"{self.prefix}{slot}") else Degree.CONSTANT
            case typed.Elementwise(fn=fn, args=args):
                return self._elementwise(fn, args)
            case typed.Prim(fn=fn, args=args):
                return self._prim(fn, args)
            case typed.Contraction(factors=factors, rescale=rescale):
                degrees = [self.expr(factor.value) for factor in factors]
                if degrees == [Degree.AFFINE] * 2 and factors[0] == factors[1]:
                    return Degree.OTHER if rescale else Degree.SQUARES
                found = _product(degrees)
                return Degree.OTHER if rescale and found else found
            case typed.CallFunction():
                inner = self._inside(expr.function, expr.instance, expr.args, expr.shared)
                return inner.function(expr.function)
            case typed.Loop():
                return self._loop(expr)
            case typed.MakeTuple(items=items):
                return _worst([self.expr(item) for item in items])
            case typed.Item(value=value):
                return self.expr(value)
            case typed.Expect(terms=terms) if not self.gates:
                return _worst([self.expr(term.coefficient) for term in terms])
        known = [self.expr(part) for part in parts(expr) if isinstance(part, typed.Expr)]
        return Degree.OTHER if any(known) or self.gates else Degree.CONSTANT

    def _circuit(self, statement: typed.Statement) -> None:
        """What acts on qubits: its angles, and the statements in it."""
        for part in parts(statement):
            if isinstance(part, typed.Statement):
                self.statement(part)
            elif isinstance(part, typed.Expr) and self.expr(part):
                self.gates = Degree.OTHER

    def _inside(
        self,
        function: typed.Function,
        instance: str,
        args: Sequence[typed.Expr],
        shared: Sequence[typed.Shared],
    ) -> _Reader:
        place = self.place(instance)
        given = {param: self.expr(arg) for param, arg in zip(function.params, args)}
        places = {one.label: self.place(one.instance) for one in shared}
        return _Reader(self.is_trained, place, given, places)

    def place(self, instance: str) -> str:
        return self.places.get(instance, f"{self.prefix}{instance}.")

    def _elementwise(self, fn: str, args: tuple[typed.Expr, ...]) -> Degree:
        degrees = [self.expr(arg) for arg in args]
        if not any(degrees):
            return Degree.CONSTANT
        match fn:
            case "add":
                return _worst(degrees)
            case "sub" | "neg" if degrees[-1] < Degree.SQUARES:
                return _worst(degrees)
            case "square" if degrees[0] == Degree.AFFINE:
                return Degree.SQUARES
            case "pow" if degrees == [Degree.AFFINE, Degree.CONSTANT] and _is(args[1], 2):
                return Degree.SQUARES
            case "mul" if args[0] == args[1] and degrees[0] == Degree.AFFINE:
                return Degree.SQUARES
            case "mul":
                positive = any(_is_positive(arg) for arg in args)
                return Degree.SQUARES if positive and Degree.SQUARES in degrees else _product(degrees)
            case "div" if degrees[1] == Degree.CONSTANT:
                fits = degrees[0] == Degree.AFFINE or _is_positive(args[1])
                return degrees[0] if fits else Degree.OTHER
            case "select" if degrees[0] == Degree.CONSTANT:
                return _worst(degrees)
        return Degree.OTHER

    def _prim(self, fn: str, args: tuple[typed.Expr, ...]) -> Degree:
        degrees = [self.expr(arg) for arg in args]
        if not any(degrees):
            return Degree.CONSTANT
        if fn == "var" and degrees[0] == Degree.AFFINE:
            return Degree.SQUARES
        if fn in ("gather", "take_along") and degrees[1]:
            return Degree.OTHER
        if fn in _LINEAR:
            return _worst(degrees)
        return _product(degrees) if fn in _PRODUCTS else Degree.OTHER

    def _loop(self, loop: typed.Loop) -> Degree:
        """Carries keep the worst degree of any turn; a turn can raise it only a few times."""
        for element, domain in zip(loop.elements, loop.domains):
            self.values[element] = self.expr(domain)
        for carry, start in zip(loop.carries, loop.initial):
            self.values[carry] = self.expr(start)
        yielded = Degree.CONSTANT
        for _ in Degree:
            for statement in loop.body.statements:
                self.statement(statement)
            following = [self.expr(one) for one in loop.body.following]
            yielded = self.expr(loop.body.yielded) if loop.body.yielded else Degree.CONSTANT
            for carry, after in zip(loop.carries, following):
                self.values[carry] = _worst([self.values[carry], after])
        if loop.take is not None and self.expr(loop.take):
            return Degree.OTHER
        return yielded if loop.body.yielded else _worst([self.values[carry] for carry in loop.carries[:1]])


def _worst(degrees: Sequence[Degree]) -> Degree:
    return max(degrees, default=Degree.CONSTANT)


def _product(degrees: Sequence[Degree]) -> Degree:
    """A product in which at most one factor depends on the weights, and is no square of unknown sign."""
    dependent = [one for one in degrees if one]
    if dependent in ([], [Degree.AFFINE]):
        return _worst(dependent)
    return dependent[0] if len(degrees) == 1 else Degree.OTHER


def _is_positive(expr: typed.Expr) -> bool:
    return isinstance(expr, typed.Literal) and expr.value > 0


def _is(expr: typed.Expr, value: int) -> bool:
    return isinstance(expr, typed.Literal) and expr.value == value


def degree_in(function: typed.Function, is_trained: Callable[[str], bool]) -> Degree:
    """How the result of a run's expression depends on the weights at the paths that are trained."""
    return _Reader(is_trained, "", {}).function(function)
