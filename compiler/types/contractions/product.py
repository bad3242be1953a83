"""The right side of a `contract` statement as a product: its factors and the products around them.

What came before: an expression. What leaves: a tuple of `Part`s, or the expressions that have no place in a
product. Names are not looked up here. Invariant: a part of `prod(s in …)` mentions `s`; what stands behind
the last part that mentions it is outside of the `prod`, so `prod(s in 0..n) A[s, l[s]] * C[l[0]]` has C once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from hqn.compiler.syntax import ast


@dataclass(frozen=True, slots=True)
class Term:
    """One factor: a tensor with positions, or a scalar; `inverse` where the product is divided by it."""

    expr: ast.Expr
    inverse: bool = False


@dataclass(frozen=True, slots=True)
class Over:
    """`prod` or `sum` over binders; a `sum` declares summed indices, a `prod` repeats its parts."""

    node: ast.Reduction
    parts: tuple[Part, ...]


Part: TypeAlias = "Term | Over"


@dataclass(frozen=True, slots=True)
class Misplaced:
    """An expression that cannot be part of a product, and why."""

    expr: ast.Expr
    why: str


@dataclass(frozen=True, slots=True)
class Product:
    parts: tuple[Part, ...]
    sign: int
    misplaced: tuple[Misplaced, ...]


def read_product(expr: ast.Expr) -> Product:
    """The product that an expression denotes."""
    reader = _Reader()
    parts = reader.read(expr)
    return Product(tuple(parts), reader.sign, tuple(reader.misplaced))


class _Reader:
    def __init__(self) -> None:
        self.sign = 1
        self.misplaced: list[Misplaced] = []

    def read(self, expr: ast.Expr) -> list[Part]:
        match expr:
            case ast.Binary(op="*"):
                return self.read(expr.left) + self.read(expr.right)
            case ast.Binary(op="/") if _is_tensor_product(expr.left):
                return self._divide(expr)
            case ast.Binary(op="+" | "-") if _is_tensor_product(expr):
                self._refuse(expr, "a sum of products")
                return []
            case ast.Unary(op="-"):
                return self._negate(expr)
            case ast.Reduction():
                return self._over(expr)
            case _:
                return [Term(expr)]

    def _negate(self, expr: ast.Unary) -> list[Part]:
        """A sign inside `prod` counts once per turn, so it stays a factor there; see `_over`."""
        self.sign = -self.sign
        return self.read(expr.operand)

    def _divide(self, expr: ast.Binary) -> list[Part]:
        if _is_tensor_product(expr.right):
            self._refuse(expr.right, "a division by a tensor")
            return []
        parts = self.read(expr.left)
        parts.append(Term(expr.right, inverse=True))
        return parts

    def _over(self, node: ast.Reduction) -> list[Part]:
        sign, self.sign = self.sign, 1
        parts = self.read(node.body)
        if self.sign < 0 and node.op == "prod":
            self._refuse(node.body, "a sign inside of a `prod`")
        self.sign = sign * (self.sign if node.op == "sum" else 1)
        names = {binder.variable.name for binder in node.binders if binder.variable}
        inside = _extent(parts, names, node)
        if node.op == "prod":
            for part in parts[:inside]:
                self._must_mention(part, names)
        elif unused := names - {name for part in parts[:inside] for name in mentions(part)}:
            self._refuse(node.body, f"a `sum` whose body does not depend on `{min(unused)}`")
        return [Over(node, tuple(parts[:inside])), *parts[inside:]]

    def _must_mention(self, part: Part, names: set[str]) -> None:
        missing = sorted(names - mentions(part))
        if missing:
            self._refuse(_expr(part), f"a factor that does not depend on `{missing[0]}` inside of its `prod`")

    def _refuse(self, expr: ast.Expr, why: str) -> None:
        self.misplaced.append(Misplaced(expr, why))


def _extent(parts: list[Part], names: set[str], node: ast.Reduction) -> int:
    """How many parts it holds: all that are in parentheses, else up to the last that mentions a variable."""
    if _in_parentheses(node):
        return len(parts)
    return max((i + 1 for i, part in enumerate(parts) if names & mentions(part)), default=len(parts))


def _in_parentheses(node: ast.Reduction) -> bool:
    """Parentheses leave no trace in the tree but where the body begins and ends."""
    text, body = node.span.source.text, node.body.span
    before = text[: body.start].rstrip()
    behind = text[body.end :].lstrip()
    return (text[body.start : body.start + 1] == "(" and body.text.endswith(")")) or (
        before.endswith("(") and behind.startswith(")")
    )


def mentions(part: Part) -> set[str]:
    """The names that occur in a part."""
    return {node.name for node in ast.walk(_expr(part)) if isinstance(node, ast.Name)}


def _expr(part: Part) -> ast.Expr:
    return part.expr if isinstance(part, Term) else part.node


def _is_tensor_product(expr: ast.Expr) -> bool:
    """Whether indices are written anywhere in an expression outside of calls."""
    match expr:
        case ast.Subscript():
            return True
        case ast.Binary():
            return _is_tensor_product(expr.left) or _is_tensor_product(expr.right)
        case ast.Unary():
            return _is_tensor_product(expr.operand)
        case ast.Reduction():
            return True
        case _:
            return False
