"""Instances that an expression of a run names where it uses them: `float.net(x)`, `(net under edge)(x)`.

What came before: the statements of a run. What leaves: the same statements, where each such instance is a
`let` of its own at the end of the run, and expressions have its name. Invariants: one instance under one row
of profiles is one `let`; what a profile is, and what it does, is decided where `let`s are checked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from hqn.compiler.syntax import ast
from hqn.compiler.types.runs.errors import NothingUnder
from hqn.compiler.types.runs.variants import find_run, run_name, whole_run
from hqn.compiler.types.scope import Scope, Session

if TYPE_CHECKING:
    from hqn.compiler.types.runs.check_run import RunCheck

Profiles = tuple[ast.Expr, ...]
"""From the innermost `under` to the outermost."""


def with_instances_named(run: RunCheck) -> ast.Run:
    """The run with a `let` for every instance that an expression names itself."""
    statements = run.item.statements
    lets = {one.name.name for one in statements if isinstance(one, ast.Let)}
    values = {one.targets[0].name: one.value for one in statements
              if isinstance(one, ast.Bind) and len(one.targets) == 1}  # fmt: skip
    taken = {node.name for one in statements for node in ast.walk(one) if isinstance(node, ast.Ident)}
    naming = _Naming(run.session, run.scope, lets, values, taken)
    written = tuple(
        one if isinstance(one, ast.Let | ast.DataLine) else naming.statement(one) for one in statements
    )
    return replace(run.item, statements=(*written, *naming.added.values()))


@dataclass(slots=True)
class _Naming:
    session: Session
    scope: Scope
    lets: set[str]
    values: dict[str, ast.Expr]
    """Named values of a sample: a profile around one is around what it stands for."""
    taken: set[str]
    added: dict[tuple[str, ...], ast.Let] = field(default_factory=dict)
    open_values: list[str] = field(default_factory=list)

    def statement(self, statement: ast.Statement) -> ast.Statement:
        if isinstance(statement, ast.Minimize):  # groups name paths, not values
            return replace(statement, value=self.expr(statement.value, ()))
        return self._parts(statement, ())  # type: ignore[no-any-return]

    def expr(self, expr: Any, profiles: Profiles) -> Any:
        """The expression under profiles, instances replaced by names."""
        match expr:
            case ast.Under():
                return self._under(expr, profiles)
            case ast.Name(name=name) if profiles and name in self.lets:
                return self._named(expr, profiles)
            case ast.Name(name=name) if profiles and name in self.values and name not in self.open_values:
                self.open_values.append(name)
                inside = self.expr(self.values[name], profiles)
                self.open_values.pop()
                return inside
            case ast.Attribute() if self._is_instance(expr):
                return self._named(expr, profiles)
        return self._parts(expr, profiles)

    def _parts(self, node: Any, profiles: Profiles) -> Any:
        changes = {}
        for one in fields(node):
            value = getattr(node, one.name)
            if isinstance(value, ast.Node):
                changes[one.name] = self.expr(value, profiles)
            elif isinstance(value, tuple):
                changes[one.name] = tuple(
                    self.expr(item, profiles) if isinstance(item, ast.Node) else item for item in value
                )
        return replace(node, **changes) if changes else node

    def _under(self, expr: ast.Under, profiles: Profiles) -> ast.Expr:
        value, profile = expr.value, expr.profile
        if isinstance(profile, ast.Call) and not self._takes_arguments(profile.callee):
            inner = replace(expr, profile=profile.callee)  # `net under w[8](x)`: the net is what is called
            return self.expr(replace(profile, callee=inner), profiles)  # type: ignore[no-any-return]
        found: ast.Expr = self.expr(value, (profile, *profiles))
        named = {one.name.name for one in self.added.values()}
        if not any(isinstance(node, ast.Name) and node.name in named for node in ast.walk(found)):
            self.scope.report(NothingUnder(span=value.span, profile=profile.span.text))
        return found

    def _takes_arguments(self, callee: ast.Expr) -> bool:
        found = self.scope.lookup_global(run_name(callee) or "")
        return found is not None and isinstance(found.item, ast.Profile)

    def _is_instance(self, expr: ast.Attribute) -> bool:
        """Whether this is `float.net` and not the series `float.acc`."""
        name = run_name(expr.value) or ""
        found = None if name in self.lets else find_run(self.session, name)
        item = whole_run(self.session, found) if found else None
        statements = item.statements if item else ()
        return any(isinstance(one, ast.Let) and one.name.name == expr.name.name for one in statements)

    def _named(self, expr: ast.Expr, profiles: Profiles) -> ast.Name:
        key = (_text(expr), *(_text(one) for one in profiles))
        if key not in self.added:
            value = expr
            for profile in profiles:
                value = ast.Under(value, profile, span=expr.span)
            name = self._free("_".join(re.findall(r"\w+", " under ".join(key))))
            self.added[key] = ast.Let(ast.Ident(name, span=expr.span), value, span=expr.span)
        return ast.Name(self.added[key].name.name, span=expr.span)

    def _free(self, name: str) -> str:
        chosen, number = name, 2
        while chosen in self.taken:
            chosen, number = f"{name}_{number}", number + 1
        self.taken.add(chosen)
        return chosen


def _text(expr: ast.Expr) -> str:
    return "".join(expr.span.text.split())
