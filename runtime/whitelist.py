"""What an emitted module may hold: refused text never runs.

What came before: the syntax tree of a module. What leaves: nothing, or ForbiddenModule. Invariant: admitted
text can reach jax's arithmetic, the run time's vocabulary and its own functions, and no file, process,
module or attribute beyond them.
"""

from __future__ import annotations

import ast
from importlib import import_module
from types import ModuleType

from hqn.runtime.errors import ForbiddenModule

STATEMENTS = (
    ast.Import, ast.ImportFrom, ast.FunctionDef, ast.Assign, ast.AugAssign, ast.Return, ast.For, ast.With,
    ast.Expr, ast.Pass,
)  # fmt: skip
EXPRESSIONS = (
    ast.Constant, ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.Slice, ast.Tuple, ast.List, ast.Dict,
    ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Lambda, ast.Starred, ast.ListComp,
    ast.GeneratorExp, ast.DictComp,
)  # fmt: skip
PARTS = (
    ast.Module, ast.arguments, ast.arg, ast.keyword, ast.alias, ast.withitem, ast.comprehension,
    ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop,
)  # fmt: skip
OF_ARRAYS = {
    "T", "mT", "shape", "ndim", "size", "dtype", "real", "imag", "at", "set", "add", "multiply",
    "get", "reshape", "astype", "sum", "mean", "max", "min", "prod", "any", "all", "transpose",
    "conj", "swapaxes", "squeeze", "ravel", "flatten", "argmax", "argmin", "items", "keys",
    "values", "lift", "turn", "per", "run", "step", "sample", "split",
}  # fmt: skip
"""Attributes of values: those of arrays, dicts and keys, and `split` of a text of Pauli words."""
OF_JAX = {
    "numpy", "nn", "lax", "random", "tree", "named_scope", "vmap", "grad", "value_and_grad", "jit",
    "checkpoint", "remat", "custom_vjp", "custom_jvp", "Array", "linearize", "vjp", "jvp",
}  # fmt: skip
HIDDEN = {
    "save", "savez", "savez_compressed", "load", "fromfile", "tofile", "from_dlpack", "frombuffer",
}  # fmt: skip
"""Members of admitted modules that touch files or memory."""
CLOSED = {
    "loading", "checkpoint", "outputs", "report", "data", "whitelist", "training",
}  # fmt: skip
"""Modules of the run time that emitted text has no business with."""
ARITHMETIC = ("jax.numpy", "jax.nn", "jax.lax", "jax.random", "jax.tree")


def refuse_foreign(tree: ast.Module, name: str) -> None:
    """Raise ForbiddenModule at the first thing in `tree` that emitters do not write."""
    aliases: dict[str, ModuleType] = {}
    for node in ast.walk(tree):
        what = _foreign(node, aliases)
        if what is not None:
            raise ForbiddenModule(name=name, line=getattr(node, "lineno", 1), what=what)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and not _admitted(node, aliases):
            raise ForbiddenModule(name=name, line=node.lineno, what=f"the attribute `{node.attr}`")


def _foreign(node: ast.AST, aliases: dict[str, ModuleType]) -> str | None:
    """What about this node no emitter writes, or None; imports are entered into `aliases`."""
    match node:
        case ast.Import(names=names):
            return next((f"`import {entry.name}`" for entry in names if not _import(entry, aliases)), None)
        case ast.ImportFrom(module=module, names=names, level=level):
            known = level == 0 and module == "hqn.runtime" and all(_vocabulary(n, aliases) for n in names)
            return None if known else f"`from {module} import`"
        case ast.Name(id=word, ctx=ast.Store()) if word in aliases:
            return f"another value for `{word}`"
        case ast.Attribute(attr=word) | ast.Name(id=word) | ast.FunctionDef(name=word):
            return f"the name `{word}`" if word.startswith("__") else None
        case ast.arg(arg=word) | ast.keyword(arg=str(word)):
            return f"the name `{word}`" if word.startswith("__") or word in aliases else None
    return None if isinstance(node, STATEMENTS + EXPRESSIONS + PARTS) else f"`{type(node).__name__}`"


def _import(entry: ast.alias, aliases: dict[str, ModuleType]) -> bool:
    """`import jax`, `import jax.numpy as jnp`."""
    if entry.name != "jax" and (entry.name not in ARITHMETIC or entry.asname is None):
        return False
    aliases[entry.asname or entry.name] = import_module(entry.name)
    return True


def _vocabulary(entry: ast.alias, aliases: dict[str, ModuleType]) -> bool:
    """`from hqn.runtime import circuit as qc`."""
    if entry.name in CLOSED or not entry.name.isidentifier():
        return False
    try:
        aliases[entry.asname or entry.name] = import_module(f"hqn.runtime.{entry.name}")
    except ImportError:
        return False
    return True


def _admitted(node: ast.Attribute, aliases: dict[str, ModuleType]) -> bool:
    """Whether this attribute is a member of an admitted module, or one that arrays have."""
    module = _module(node.value, aliases)
    if module is None:
        return node.attr in OF_ARRAYS
    if node.attr in HIDDEN or node.attr.startswith("_"):
        return False
    if module.__name__ == "jax":
        return node.attr in OF_JAX
    member = getattr(module, node.attr, None)
    return member is not None and (not isinstance(member, ModuleType) or _arithmetic(member))


def _module(node: ast.expr, aliases: dict[str, ModuleType]) -> ModuleType | None:
    """The module that `jnp`, `jax.nn` or `jnp.linalg` names, or None for any other value."""
    match node:
        case ast.Name(id=name):
            return aliases.get(name)
        case ast.Attribute(value=value, attr=attr):
            outer = _module(value, aliases)
            member = getattr(outer, attr, None) if outer else None
            return member if isinstance(member, ModuleType) and _arithmetic(member) else None
    return None


def _arithmetic(module: ModuleType) -> bool:
    return any(module.__name__ == known or module.__name__.startswith(known + ".") for known in ARITHMETIC)
