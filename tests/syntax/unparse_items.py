"""The plainest text of declarations; importing it teaches them to `unparse`."""

from __future__ import annotations

from syntax.unparse import braced, bracketed, given, listed, part, unparse

from hqn.compiler.syntax import ast

__all__ = ["unparse"]


@unparse.register
def _(node: ast.Module) -> str:
    lines = [f"hqn {node.version}"] if node.version else []
    return "\n".join([*lines, *map(unparse, node.items)])


@unparse.register
def _(node: ast.Use) -> str:
    return f"use {'.'.join(name.name for name in node.module)}.{{{listed(node.names)}}}"


@unparse.register
def _(node: ast.StaticParam) -> str:
    return node.name.name + (f": {unparse(node.type)}" if node.type else "") + given("=", node.default)


@unparse.register
def _(node: ast.Param) -> str:
    return f"{node.name.name}: {unparse(node.type)}"


@unparse.register
def _(node: ast.Definition) -> str:
    head = f"{node.kind} {node.name.name}{bracketed(node.statics)}({listed(node.params)})"
    if isinstance(node.body, ast.Expr):
        return f"{head} = {unparse(node.body)}"
    where = " where " + ", ".join(map(part, node.where)) if node.where else ""
    return head + given("->", node.result) + where + (f" {unparse(node.body)}" if node.body else "")


@unparse.register
def _(node: ast.Data) -> str:
    return f"data {node.name.name} = {unparse(node.value)}"


@unparse.register(ast.Assert)
@unparse.register(ast.TopAssert)
def _(node: ast.Assert | ast.TopAssert) -> str:
    return f"assert {unparse(node.value)}"


@unparse.register
def _(node: ast.Run) -> str:
    origin = f" from {node.origin.name}" if node.origin else ""
    return f"run {node.name.name}{bracketed(node.statics)}{origin} {braced(node.statements)}"


@unparse.register
def _(node: ast.Pattern) -> str:
    return f"({listed(node.names)})" if node.is_tuple else node.names[0].name


@unparse.register
def _(node: ast.DataLine) -> str:
    batch = " batch all" if node.whole else given("batch", node.batch)
    return f"data {unparse(node.pattern)} in {part(node.source)}{batch}"


@unparse.register
def _(node: ast.Group) -> str:
    return unparse(node.path) + (f" by {part(node.optimiser)}" if node.optimiser else "")


@unparse.register
def _(node: ast.Minimize) -> str:
    return f"minimize {part(node.value)} over {listed(node.groups)}"


@unparse.register
def _(node: ast.Track) -> str:
    return f"track {node.name.name} = {part(node.value)}" + given("every", node.every)


@unparse.register
def _(node: ast.Setting) -> str:
    return f"{node.key} {unparse(node.value)}"
