"""The plainest text of a syntax tree: parentheses around every part, one statement per line."""

from __future__ import annotations

from collections.abc import Iterable
from functools import singledispatch

from hqn.compiler.syntax import ast


@singledispatch
def unparse(node: object) -> str:
    raise TypeError(f"no text for {type(node).__name__}")


def listed(nodes: Iterable[object]) -> str:
    return ", ".join(map(unparse, nodes))


def bracketed(nodes: tuple[object, ...]) -> str:
    return f"[{listed(nodes)}]" if nodes else ""


def given(word: str, node: object | None) -> str:
    return "" if node is None else f" {word} {unparse(node)}"


def part(node: ast.Expr) -> str:
    return f"({unparse(node)})"


def braced(nodes: Iterable[object]) -> str:
    return "{\n" + "\n".join(map(unparse, nodes)) + "\n}"


@unparse.register(ast.Ident)
@unparse.register(ast.Name)
def _(node: ast.Ident | ast.Name) -> str:
    return node.name


@unparse.register(ast.Int)
def _(node: ast.Int) -> str:
    return str(node.value)


@unparse.register
def _(node: ast.Float) -> str:
    return node.text


@unparse.register
def _(node: ast.Bool) -> str:
    return str(node.value).lower()


@unparse.register
def _(node: ast.String) -> str:
    return '"' + node.value.replace("\\", "\\\\").replace('"', '\\"') + '"'


@unparse.register
def _(node: ast.Unary) -> str:
    return f"{node.op} {part(node.operand)}"


@unparse.register
def _(node: ast.Binary) -> str:
    return f"{part(node.left)} {node.op} {part(node.right)}"


@unparse.register(ast.Argument)
@unparse.register(ast.WithEntry)
@unparse.register(ast.Carry)
def _(node: ast.Argument | ast.WithEntry | ast.Carry) -> str:
    name = node.path if isinstance(node, ast.WithEntry) else node.name
    return f"{unparse(name)} = {unparse(node.value)}" if name else unparse(node.value)


@unparse.register
def _(node: ast.Range) -> str:
    start, stop = (part(end) if end else "" for end in (node.start, node.stop))
    return f"{start}..{stop}" + (f" step {part(node.step)}" if node.step else "")


@unparse.register
def _(node: ast.Whole) -> str:
    return ":"


@unparse.register
def _(node: ast.NewAxis) -> str:
    return "new"


@unparse.register
def _(node: ast.Subscript) -> str:
    value = unparse(node.value) if isinstance(node.value, ast.Name) else part(node.value)
    return f"{value}[{listed(node.items)}]"


@unparse.register
def _(node: ast.Call) -> str:
    callee = unparse(node.callee) if isinstance(node.callee, ast.Name) else part(node.callee)
    return f"{callee}({listed(node.arguments)})"


@unparse.register
def _(node: ast.Attribute) -> str:
    return f"{part(node.value)}.{node.name.name}"


@unparse.register
def _(node: ast.Tap) -> str:
    return f"{part(node.value)}::" + ".".join(name.name for name in node.path)


@unparse.register
def _(node: ast.Labelled) -> str:
    return f"{part(node.value)} as {node.label.name}"


@unparse.register
def _(node: ast.Pipe) -> str:
    return f"{part(node.value)}\n  |> {part(node.stage)}"


@unparse.register
def _(node: ast.Array) -> str:
    return f"[{listed(node.items)}]"


@unparse.register
def _(node: ast.Tuple) -> str:
    return f"({listed(node.items)})"


@unparse.register
def _(node: ast.Record) -> str:
    return f"({listed(node.entries)})"


@unparse.register
def _(node: ast.Binder) -> str:
    return (
        given("in", node.domain) if node.variable is None else f"{node.variable.name} in {part(node.domain)}"
    )


@unparse.register
def _(node: ast.Reduction) -> str:
    return f"{node.op}({listed(node.binders)}) {part(node.body)}"


@unparse.register
def _(node: ast.If) -> str:
    return f"if {part(node.condition)} {unparse(node.then)}" + given("else", node.otherwise)


@unparse.register
def _(node: ast.Loop) -> str:
    head = unparse(node.binder) if node.binder else unparse(node.variable)
    take = f" take {part(node.take)}" if node.take else ""
    carry = f" carry ({listed(node.carry)})" if node.carry else ""
    return f"{node.kind} {head}{take}{carry} {unparse(node.body)}"


@unparse.register
def _(node: ast.With) -> str:
    return f"{part(node.value)} with {{{listed(node.entries)}}}"


@unparse.register
def _(node: ast.Under) -> str:
    return f"{part(node.value)} under {part(node.profile)}"


@unparse.register
def _(node: ast.On) -> str:
    return f"{part(node.value)} on {part(node.split)}"


@unparse.register
def _(node: ast.Spread) -> str:
    return ".." + (node.name.name if node.name else "")


@unparse.register
def _(node: ast.TensorTypeExpr) -> str:
    return node.dtype.name + bracketed(node.shape)


@unparse.register
def _(node: ast.IndexTypeExpr) -> str:
    return f"idx[{unparse(node.bound)}]" + bracketed(node.shape)


@unparse.register
def _(node: ast.ArrowTypeExpr) -> str:
    return f"({listed(node.params)}) -> {unparse(node.result)}"


@unparse.register
def _(node: ast.Block) -> str:
    return braced(node.statements)


@unparse.register
def _(node: ast.Bind) -> str:
    targets = node.targets[0].name if len(node.targets) == 1 else f"({listed(node.targets)})"
    return f"{targets} = {unparse(node.value)}"


@unparse.register
def _(node: ast.Let) -> str:
    origin = f" from {part(node.origin)}" if node.origin else ""
    return f"let {node.name.name} = {part(node.value)}{origin}" + " frozen" * node.frozen


@unparse.register
def _(node: ast.Slot) -> str:
    return f"{node.kind} {listed(node.names)}: {unparse(node.type)} = {unparse(node.initial)}"


@unparse.register
def _(node: ast.Next) -> str:
    return f"next {node.name.name} = {unparse(node.value)}"


@unparse.register
def _(node: ast.Draw) -> str:
    return f"draw {node.name.name}: {unparse(node.type)} = {part(node.distribution)}" + given("per", node.per)


@unparse.register
def _(node: ast.Contract) -> str:
    end = " where rescale" if node.rescale else ""
    return f"contract {node.name.name}{bracketed(node.indices)} = {part(node.value)}{end}"


@unparse.register
def _(node: ast.Network) -> str:
    return f"network {node.name.name}{bracketed(node.indices)} = {unparse(node.value)}"


@unparse.register
def _(node: ast.Return) -> str:
    return f"return {unparse(node.value)}"


@unparse.register
def _(node: ast.Yield) -> str:
    return f"yield {unparse(node.value)}"


@unparse.register
def _(node: ast.Evaluate) -> str:
    return part(node.value)


@unparse.register
def _(node: ast.Qubits) -> str:
    registers = zip(node.names, node.sizes)
    return "qubits " + ", ".join(
        name.name + (f"[{unparse(size)}]" if size else "") for name, size in registers
    )


@unparse.register
def _(node: ast.Modifier) -> str:
    return node.kind + (part(node.argument) if node.argument else "") + " @ "


@unparse.register
def _(node: ast.Gate) -> str:
    head = "".join(map(unparse, node.modifiers)) + unparse(node.callee)
    entries = f" with {{{listed(node.entries)}}}" if node.entries else ""
    return f"{head} {listed(node.operands)}" + given("as", node.label) + entries


@unparse.register
def _(node: ast.Application) -> str:
    return f"{unparse(node.callee)} {listed(node.operands)}"


@unparse.register
def _(node: ast.Postselect) -> str:
    return f"postselect {listed(node.operands)} == {part(node.value)}"


@unparse.register
def _(node: ast.QubitOp) -> str:
    return f"{node.kind} {listed(node.operands)}"
