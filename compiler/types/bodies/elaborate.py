"""The entry points of elaboration: which checker handles which syntax.

What came before: a resolved body. What leaves: typed expressions and statements. Every checker of this
folder calls these four functions and none imports another checker for its syntax; the table is built on
first use, so that the checkers may import this module.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from hqn.compiler.syntax import ast
from hqn.compiler.types import typed
from hqn.compiler.types.body_errors import Misplaced
from hqn.compiler.types.model import Type
from hqn.compiler.types.scope import Scope
from hqn.compiler.types.sizes import Dim

ExprChecker = Callable[[Scope, ast.Expr, "Type | None"], typed.Expr]
StatementChecker = Callable[[Scope, ast.Statement], None]


def elaborate_expr(scope: Scope, expr: ast.Expr, expected: Type | None = None) -> typed.Expr:
    """The typed expression; after a diagnostic, one of `UnknownType`. `expected` helps, it does not check."""
    return _expressions()[type(expr)](scope, expr, expected)


def elaborate_size(scope: Scope, expr: ast.Expr) -> Dim:
    """A size: an int in an instance, possibly a `Size` in a definition; after a diagnostic an unknown one."""
    from hqn.compiler.types.bodies.check_static import size

    return size(scope, expr)


def elaborate_statement(scope: Scope, statement: ast.Statement) -> None:
    """Adds what the statement does to `scope.statements`, and what it binds to `scope.names`."""
    _statements()[type(statement)](scope, statement)


def elaborate_block(scope: Scope, block: ast.Block) -> None:
    """All statements of a block, in this scope; a `return` is the last one."""
    for before, statement in zip((None, *block.statements), block.statements):
        if isinstance(before, ast.Return) and not isinstance(statement, ast.Return):
            scope.report(
                Misplaced(span=statement.span, why="`return` ends the body, and this stands behind it")
            )
        elaborate_statement(scope, statement)


@cache
def _expressions() -> dict[type[ast.Expr], ExprChecker]:
    from hqn.compiler.types.bodies.check_expr import table

    return table()


@cache
def _statements() -> dict[type[ast.Statement], StatementChecker]:
    from hqn.compiler.types.bodies.check_statement import table

    return table()
