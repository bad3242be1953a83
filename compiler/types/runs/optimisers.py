"""Optimisers and their numbers, as a file may write them.

What came before: what stands behind `by`. What leaves: `runs.Optimiser` with every number filled in.
Invariant: names and argument names equal those of the run time's table; a test compares them.
"""

from __future__ import annotations

from hqn.compiler.names.builtins import CONSTANTS
from hqn.compiler.names.resolve import nearest
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types.bodies.check_static import FUNCTIONS, static_value
from hqn.compiler.types.runs.check_data import unpiped
from hqn.compiler.types.runs.errors import BadOptimiser, UnknownOptimiser
from hqn.compiler.types.runs.specs import Optimiser, Reading
from hqn.compiler.types.scope import Scope, StaticBinding

OPTIMISERS: dict[str, dict[str, float | bool | None]] = {
    "adam": {"rate": None, "b1": 0.9, "b2": 0.999, "eps": 1e-8},
    "adamw": {"rate": None, "b1": 0.9, "b2": 0.999, "eps": 1e-8, "decay": 1e-4},
    "sgd": {"rate": None, "momentum": 0.0, "nesterov": False},
    "rmsprop": {"rate": None, "decay": 0.9, "eps": 1e-8, "momentum": 0.0},
    "adagrad": {"rate": None, "eps": 1e-7},
    "lbfgs": {"memory": 10.0, "search": 20.0},
    "spsa": {"rate": None, "perturbation": 0.1, "alpha": 0.602, "gamma": 0.101, "stability": 0.0},
    "cobyla": {"evaluations": None, "radius": 1.0},
    "nelder_mead": {"evaluations": None, "size": 0.1},
    "ridge": {"penalty": None},
}
"""Argument -> default; None where the number must be given."""

MODIFIERS = ("clip", "clip_value", "decay")
"""Each takes one number: the largest norm of the gradient, its largest element, a pull towards zero."""

COMPLETE = ("cobyla", "nelder_mead", "ridge")
"""One step of theirs is a whole minimisation."""

FULL_BATCH = ("lbfgs", *COMPLETE)
"""Each step compares losses, which must be of the same samples."""

FIRST_ORDER = ("adam", "adamw", "sgd", "rmsprop", "adagrad")
"""What follows the gradient of each step, which modifiers change before."""

_COUNTS = ("evaluations", "memory", "search")
PROGRESS = ("epoch", "step", "progress")
"""What a learning rate may follow."""

_KNOWN = {*CONSTANTS, *FUNCTIONS}
_SCHEDULED = {"+", "-", "*", "/", "**", "//", "%", "<", "<=", ">", ">="}
_FUNCTIONS = {"cos": "cos", "sin": "sin", "exp": "exp", "sqrt": "sqrt", "min": "minimum", "max": "maximum"}
_FUNCTIONS |= {"minimum": "minimum", "maximum": "maximum", "log": "log", "abs": "abs"}


def says_how_long(statement: ast.Minimize) -> bool:
    """Whether every optimiser of a `minimize` ends by itself: `cobyla(400)`, `ridge(1e-6)`."""
    written = [group.optimiser for group in statement.groups if group.optimiser is not None]
    return bool(written) and all(_call(unpiped(one)[0])[0] in COMPLETE for one in written)


def optimiser(scope: Scope, expr: ast.Expr) -> Optimiser | None:
    """`adam(1e-2) |> clip(1)`; None after a mistake."""
    first, stages = unpiped(expr)
    name, arguments = _call(first)
    if name not in OPTIMISERS:
        found, choices = nearest(name, OPTIMISERS), tuple(OPTIMISERS)
        scope.report(UnknownOptimiser(span=first.span, name=name, nearest=found, choices=choices))
        return None
    numbers = _numbers(scope, name, arguments, first.span)
    modifiers = [_modifier(scope, name, stage) for stage in stages]
    if numbers is None or None in modifiers:
        return None
    return Optimiser(name, numbers, tuple(modifier for modifier in modifiers if modifier is not None))


def _call(expr: ast.Expr) -> tuple[str, tuple[ast.Argument, ...]]:
    callee = expr.callee if isinstance(expr, ast.Call) else expr
    name = callee.name if isinstance(callee, ast.Name) else callee.span.text
    return name, expr.arguments if isinstance(expr, ast.Call) else ()


def _numbers(
    scope: Scope, name: str, arguments: tuple[ast.Argument, ...], span: Span
) -> tuple[tuple[str, Reading], ...] | None:
    table = OPTIMISERS[name]
    given: dict[str, Reading] = {}
    for position, argument in enumerate(arguments):
        word = argument.name.name if argument.name else [*table, ""][min(position, len(table))]
        word = "rate" if word == "learning_rate" else word
        if word not in table or word in given:
            why = f"`{name}` takes {', '.join(table)}"
            first = next((_WANTED[one][1] for one, default in table.items() if default is None), "")
            scope.report(BadOptimiser(span=argument.span, why=why, example=f"{name}({first})"))
            return None
        number = schedule(scope, argument.value) if word == "rate" else _constant(scope, argument.value)
        if number is None or not _fits(scope, argument, word, number):
            return None
        given[word] = number
    missing = next((word for word, default in table.items() if default is None and word not in given), None)
    if missing is not None:
        wanted, number = _WANTED[missing]
        scope.report(BadOptimiser(span=span, why=f"`{name}` needs {wanted}", example=f"{name}({number})"))
        return None
    return tuple((word, given.get(word, default)) for word, default in table.items())  # type: ignore[misc]


_WANTED = {
    "rate": ("a learning rate", "1e-2"),
    "evaluations": ("the number of losses that it may ask for", "200"),
    "penalty": ("the weight of the squares, 0 or more", "1e-6"),
}
"""What must be given, in words and as one would write it."""


def _fits(scope: Scope, argument: ast.Argument, word: str, number: Reading) -> bool:
    """Whether a number is a count where it must be one, and not negative."""
    if word == "rate" or isinstance(number, bool):
        return True
    assert isinstance(number, int | float)
    whole = word not in _COUNTS or (number == int(number) and number >= 1)
    if number >= 0 and whole:
        return True
    why = f"`{word}` is a whole number from 1" if word in _COUNTS else f"`{word}` is not negative"
    scope.report(BadOptimiser(span=argument.span, why=why))
    return False


def _modifier(scope: Scope, optimiser: str, stage: ast.Expr) -> tuple[str, float] | None:
    name, arguments = _call(stage)
    if name in MODIFIERS and optimiser not in FIRST_ORDER:
        why = f"`{name}` changes a gradient before a step follows it; `{optimiser}` follows none"
        scope.report(BadOptimiser(span=stage.span, why=why))
        return None
    if name not in MODIFIERS:
        found = nearest(name, MODIFIERS)
        scope.report(UnknownOptimiser(span=stage.span, name=name, nearest=found, choices=MODIFIERS))
        return None
    if len(arguments) != 1:
        scope.report(BadOptimiser(span=stage.span, why=f"`{name}` takes one number", example=f"{name}(1)"))
        return None
    number = _constant(scope, arguments[0].value)
    return None if number is None else (name, float(number))


def _constant(scope: Scope, expr: ast.Expr) -> float | bool | None:
    """A number or truth value that is known while checking."""
    names = [node.name for node in ast.walk(expr) if isinstance(node, ast.Name)]
    if any(name not in _KNOWN and not isinstance(scope.lookup(name), StaticBinding) for name in names):
        scope.report(BadOptimiser(span=expr.span, why="this is not known before running"))
        return None
    value = static_value(scope, expr)
    if isinstance(value, int | float):
        return value if isinstance(value, bool) else float(value)
    return None


def schedule(scope: Scope, expr: ast.Expr) -> Reading | None:
    """A learning rate: a number, or an expression of `epoch`, `step` and `progress`."""
    if not any(isinstance(node, ast.Name) and node.name in PROGRESS for node in ast.walk(expr)):
        number = _constant(scope, expr)
        if number is not None and number < 0:
            scope.report(BadOptimiser(span=expr.span, why="a learning rate is not negative"))
            return None
        return number
    match expr:
        case ast.Name(name=name):
            return (name,)
        case ast.Unary(op="-", operand=operand):
            return _prefix(scope, "neg", (operand,))
        case ast.Binary(op=op, left=left, right=right) if op in _SCHEDULED:
            return _prefix(scope, op, (left, right))
        case ast.Call(callee=ast.Name(name=name), arguments=arguments) if name in _FUNCTIONS:
            return _prefix(scope, _FUNCTIONS[name], tuple(argument.value for argument in arguments))
    why = "a learning rate is made of numbers, `epoch`, `step`, `progress` and arithmetic"
    scope.report(BadOptimiser(span=expr.span, why=why, example="1e-2 * (1 - progress)"))
    return None


def _prefix(scope: Scope, word: str, parts: tuple[ast.Expr, ...]) -> Reading | None:
    readings = [schedule(scope, part) for part in parts]
    return None if None in readings else (word, *readings)
