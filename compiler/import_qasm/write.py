"""hqn text of the trees that the importer makes.

What came before: `ast.Module`. What leaves: its text with as few parentheses as it needs, in the style of the
formatter but for lines that are too long: what is in its style already, the formatter reads only once.
Invariant: the text parses to the same tree.
"""

from __future__ import annotations

from collections.abc import Iterable

from hqn.compiler.diagnostics.internal import InternalError
from hqn.compiler.diagnostics.visible import visible
from hqn.compiler.syntax import ast

_LEVELS = {
    "or": 1, "and": 2, "not": 3, "==": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4, "..": 5, "+": 6, "-": 6,
    "*": 7, "/": 7, "//": 7, "%": 7, "sign": 8, "**": 9,
}  # fmt: skip
_ATOM = 10


def module_text(module: ast.Module) -> str:
    """The text of a module of circuits."""
    return "\n".join(_definition(item) for item in module.items if isinstance(item, ast.Definition))


def _definition(item: ast.Definition) -> str:
    doc = "".join(f"## {visible(line)}\n" for line in (item.doc or "").splitlines())
    statics = f"[{', '.join(one.name.name for one in item.statics)}]" if item.statics else ""
    params = ", ".join(f"{param.name.name}: {_type(param.type)}" for param in item.params)
    result = f" -> {_type(item.result)}" if item.result else ""
    assert isinstance(item.body, ast.Block)
    body = _lines(map(_statement, item.body.statements))
    return f"{doc}{item.kind} {item.name.name}{statics}({params}){result} {body}\n"


def _type(type_: ast.TypeExpr) -> str:
    assert isinstance(type_, ast.TensorTypeExpr)
    shape = ", ".join(text(size) for size in type_.shape if isinstance(size, ast.Expr))
    return type_.dtype.name + (f"[{shape}]" if shape else "")


def _block(block: ast.Block) -> str:
    statements = [_statement(one) for one in block.statements]
    if len(statements) == 1 and "\n" not in statements[0]:
        return f"{{ {statements[0]} }}"
    return _lines(statements)


def _lines(statements: Iterable[str]) -> str:
    indented = (one.replace("\n", "\n  ") for one in statements)
    return "{\n" + "".join(f"  {one}\n" for one in indented) + "}"


def _statement(statement: ast.Statement) -> str:
    match statement:
        case ast.Qubits():
            registers = zip(statement.names, statement.sizes, strict=True)
            return "qubits " + ", ".join(
                one.name + ("" if size is None else f"[{text(size)}]") for one, size in registers
            )
        case ast.Gate():
            modifiers = "".join(f"{_modifier(one)} @ " for one in statement.modifiers)
            return f"{modifiers}{text(statement.callee)} {_listed(statement.operands)}"
        case ast.Bind(value=ast.Application() as applied):
            return f"{statement.targets[0].name} = {text(applied.callee)} {_listed(applied.operands)}"
        case ast.QubitOp():
            return f"{statement.kind} {_listed(statement.operands)}"
        case ast.Bind():
            return f"{statement.targets[0].name} = {text(statement.value)}"
        case ast.Return():
            return f"return {text(statement.value)}"
        case ast.Evaluate(value=ast.Loop() as loop):
            return _loop(loop)
        case ast.Evaluate(value=ast.If() as choice):
            return _choice(choice)
    raise InternalError("import", f"no text for {type(statement).__name__}", statement.span)


def _modifier(modifier: ast.Modifier) -> str:
    return modifier.kind + (f"({text(modifier.argument)})" if modifier.argument else "")


def _loop(loop: ast.Loop) -> str:
    assert loop.binder is not None and loop.binder.variable is not None
    return f"repeat {loop.binder.variable.name} in {text(loop.binder.domain)} {_block(loop.body)}"


def _choice(choice: ast.If) -> str:
    assert choice.otherwise is None or isinstance(choice.otherwise, ast.Block)
    otherwise = f" else {_block(choice.otherwise)}" if choice.otherwise else ""
    return f"if {text(choice.condition)} {_block(choice.then)}{otherwise}"


def text(expr: ast.Expr, level: int = 0) -> str:
    """An expression, in parentheses where it binds less tightly than `level`."""
    own, written = _plain(expr)
    return written if own >= level else f"({written})"


def _plain(expr: ast.Expr) -> tuple[int, str]:
    """How tightly an expression binds, and its text."""
    match expr:
        case ast.Name():
            return _ATOM, expr.name
        case ast.Int():
            return _ATOM, str(expr.value)
        case ast.Float():
            return _ATOM, expr.text
        case ast.Bool():
            return _ATOM, str(expr.value).lower()
        case ast.Array():
            return _ATOM, f"[{_listed(expr.items)}]"
        case ast.Call():
            return _ATOM, f"{text(expr.callee)}({_listed(one.value for one in expr.arguments)})"
        case ast.Subscript():
            return _ATOM, f"{text(expr.value)}[{_listed(one.value for one in expr.items)}]"
        case ast.Unary():
            level = _LEVELS["not" if expr.op == "not" else "sign"]
            return level, ("not " if expr.op == "not" else "-") + text(expr.operand, level)
        case ast.Binary():
            return _binary(expr)
        case ast.Range():
            return _LEVELS[".."], _range(expr)
    raise InternalError("import", f"no text for {type(expr).__name__}", expr.span)


def _binary(expr: ast.Binary) -> tuple[int, str]:
    level = _LEVELS[expr.op]
    if expr.op == "**":
        return level, f"{text(expr.left, _ATOM)} ** {text(expr.right, _LEVELS['sign'])}"
    left = level + (level == _LEVELS["=="])
    return level, f"{text(expr.left, left)} {expr.op} {text(expr.right, level + 1)}"


def _range(expr: ast.Range) -> str:
    assert expr.start is not None and expr.stop is not None
    step = f" step {text(expr.step, _LEVELS['+'])}" if expr.step else ""
    return f"{text(expr.start, _LEVELS['+'])}..{text(expr.stop, _LEVELS['+'])}{step}"


def _listed(nodes: Iterable[ast.Expr]) -> str:
    return ", ".join(text(one) for one in nodes)
