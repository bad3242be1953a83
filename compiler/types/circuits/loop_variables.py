"""How a loop's variable is used in a circuit: whether the loop can stay a loop.

What came before: the syntax of a loop in a circuit. What leaves: `Uses` of its variable. A use is static
where only a known number will do: a qubit index, a static argument, a condition, the range of another
loop, a size. Invariant: nothing is evaluated; what cannot be told from the text counts as a static use.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hqn.compiler.syntax import ast

IsValue = Callable[[str], bool]
"""Whether a name outside of the loop is a value, so that `name[i]` reads an element at run time."""


@dataclass(slots=True)
class Uses:
    """`moduli`: the p of every static use through `% p`; `fixed`: there are other static uses."""

    fixed: bool = False
    moduli: list[ast.Expr] = field(default_factory=list)
    as_value: bool = False


def uses_of(variable: str, body: ast.Block, is_value: IsValue) -> Uses:
    """The uses of a loop's variable in its body."""
    walk = _Walk(variable, is_value)
    walk.block(body)
    return walk.uses


class _Walk:
    def __init__(self, variable: str, is_value: IsValue) -> None:
        self.uses = Uses()
        self._variable = variable
        self._is_value = is_value
        self._derived: set[str] = set()
        """Names whose value depends on the variable; a static use of one is a fixed use."""
        self._bound: set[str] = set()
        """Names that the body binds: values, and the variables of inner loops."""

    # --- statements ---

    def block(self, block: ast.Block) -> None:
        for statement in block.statements:
            self._statement(statement)

    def _statement(self, statement: ast.Statement) -> None:
        match statement:
            case ast.Gate():
                self._gate(statement)
            case ast.QubitOp():
                self._operands(statement.operands)
            case ast.Bind():
                self._binding([target.name for target in statement.targets], statement.value)
            case ast.Slot():
                self._bound.update(name.name for name in statement.names)
                self._static(statement.type)
                self._static(statement.initial)
            case ast.Evaluate() | ast.Yield() | ast.Next() | ast.Return():
                self._value(statement.value)
            case ast.Draw():
                self._bound.add(statement.name.name)
                self._static(statement.type)
                self._value(statement.distribution)
            case ast.Contract():
                self._static(statement.value)
                self._binding([statement.name.name], statement.value)
            case _:
                for child in statement.children():
                    self._static(child)

    def _gate(self, gate: ast.Gate) -> None:
        for modifier in gate.modifiers:
            if modifier.argument:
                self._static(modifier.argument)
        self._value(gate.callee)
        self._operands(gate.operands)

    def _operands(self, operands: tuple[ast.Expr, ...]) -> None:
        for operand in operands:
            self._static(operand)

    def _binding(self, names: list[str], value: ast.Expr) -> None:
        self._value(value)
        self._bound.update(names)
        if self._depends(value):
            self._derived.update(names)

    def _depends(self, node: ast.Node) -> bool:
        names = self._derived | {self._variable}
        return any(isinstance(part, ast.Name) and part.name in names for part in ast.walk(node))

    # --- expressions that are computed at run time ---

    def _value(self, expr: ast.Node) -> None:
        match expr:
            case ast.Name(name=name):
                self.uses.as_value |= name == self._variable
            case ast.Subscript():
                self._subscript(expr)
            case ast.If():
                self._if(expr)
            case ast.Loop():
                self._loop(expr)
            case ast.Reduction():
                for binder in expr.binders:
                    self._static(binder.domain)
                self._value(expr.body)
            case _:
                for child in expr.children():
                    self._value(child)

    def _subscript(self, expr: ast.Subscript) -> None:
        """Reading an element of a value may wait until run time; a slice, statics and qubits may not."""
        reads = not isinstance(expr.value, ast.Name) or self._names_value(expr.value.name)
        self._value(expr.value)
        for item in expr.items:
            if reads and not isinstance(item.value, ast.Range):
                self._value(item.value)
            else:
                self._static(item.value)

    def _names_value(self, name: str) -> bool:
        return name in self._bound or self._is_value(name)

    def _if(self, expr: ast.If) -> None:
        self._static(expr.condition)
        self.block(expr.then)
        if isinstance(expr.otherwise, ast.If):
            self._if(expr.otherwise)
        elif expr.otherwise:
            self.block(expr.otherwise)

    def _loop(self, expr: ast.Loop) -> None:
        domain = expr.binder.domain if expr.binder else None
        if domain is not None:
            is_count = expr.binder is not None and expr.binder.variable is None
            (self._static if is_count or isinstance(domain, ast.Range) else self._value)(domain)
        for carry in expr.carry:
            self._value(carry.value)
        if expr.binder is not None and expr.binder.variable is not None:
            self._bound.add(expr.binder.variable.name)
        self.block(expr.body)

    # --- expressions that must be known while checking ---

    def _static(self, expr: ast.Node, modulus: ast.Expr | None = None) -> None:
        """`modulus` is set where only the remainder by it counts."""
        match expr:
            case ast.Name(name=name):
                self._static_name(name, modulus)
            case ast.Binary(op="%"):
                self._static(expr.right)
                self._static(expr.left, expr.right)
            case ast.Binary(op="+" | "-" | "*") | ast.Unary(op="-"):
                for child in expr.children():
                    self._static(child, modulus)
            case _:
                for child in expr.children():
                    self._static(child)

    def _static_name(self, name: str, modulus: ast.Expr | None) -> None:
        if name in self._derived:
            self.uses.fixed = True
        elif name == self._variable:
            self._remainder(modulus)

    def _remainder(self, modulus: ast.Expr | None) -> None:
        """A static use; through `% p` it repeats, if p is the same in all turns."""
        if modulus is None or any(
            isinstance(node, ast.Name) and node.name in self._bound for node in ast.walk(modulus)
        ):
            self.uses.fixed = True
        else:
            self.uses.moduli.append(modulus)
