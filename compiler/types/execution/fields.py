"""One clause of an execution profile as written: `gradient spsa(0.1)`, `shots 1024`.

What came before: `ast.ProfileEntry`. What leaves: the field that it says and its value; None after a mistake.
Invariant: what this version does not do is refused at its span, never read as something else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hqn.compiler.names.resolve import nearest
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types.bodies.check_static import static_value
from hqn.compiler.types.calls.statics import UNKNOWN_STATIC
from hqn.compiler.types.execution.errors import WrongExecution
from hqn.compiler.types.execution.specs import EXACT, SHIFTED, Gradient
from hqn.compiler.types.policies.errors import UnknownPolicyWord
from hqn.compiler.types.scope import Scope
from hqn.compiler.types.unsupported import refuse

METHODS = (*EXACT, *SHIFTED)
NUMBERS = {"finite_difference": ("step",), "spsa": ("step", "directions")}
"""What stands in the brackets of a method."""
MOST_SHOTS = 1_000_000
LATER = ("noise", "mitigate", "cut")


def field(scope: Scope, entry: ast.ProfileEntry) -> tuple[str, Any] | None:
    """The field and its value; `backend` says nothing that is not so anyway."""
    word = entry.key.name
    if word in LATER:
        refuse(scope, entry.span, "profile", f"`{word}` in an execution profile")
        return None
    if word not in _READERS:
        choices = (*_READERS, *LATER)
        found = nearest(word, choices)
        what = "field of an execution profile"
        scope.report(
            UnknownPolicyWord(span=entry.key.span, word=word, what=what, nearest=found, choices=(*_READERS,))
        )
        return None
    if len(entry.values) != 1:
        _wrong(scope, entry.span, f"`{word}` takes one value", _EXAMPLES[word])
        return None
    return _READERS[word](scope, entry.values[0])


def _gradient(scope: Scope, value: ast.Expr) -> tuple[str, Gradient] | None:
    named = value.callee if isinstance(value, ast.Call) else value
    if not isinstance(named, ast.Name):
        _wrong(scope, value.span, "`gradient` takes the name of a method", _EXAMPLES["gradient"])
        return None
    if named.name not in METHODS:
        found = nearest(named.name, METHODS)
        scope.report(
            UnknownPolicyWord(
                span=named.span, word=named.name, what="gradient method", nearest=found, choices=METHODS
            )
        )
        return None
    arguments = value.arguments if isinstance(value, ast.Call) else ()
    numbers = _numbers(scope, named, arguments)
    return None if numbers is None else ("gradient", Gradient(named.name, numbers))


def _numbers(scope: Scope, method: ast.Name, given: tuple[ast.Argument, ...]) -> tuple[float, ...] | None:
    """The numbers in the brackets of a method, in order."""
    names = NUMBERS.get(method.name, ())
    if len(given) > len(names) or any(one.name for one in given):
        takes = f"takes {' and '.join(names)}, in this order" if names else "takes no numbers"
        _wrong(scope, given[-1].span, f"`{method.name}` {takes}", _example(method.name))
        return None
    values = [static_value(scope, one.value) for one in given]
    for name, one, value in zip(names, given, values):
        whole = name == "directions"
        fits = isinstance(value, int if whole else int | float) and not isinstance(value, bool) and value > 0
        if value != UNKNOWN_STATIC and not fits:
            why = f"{name} is a {'whole ' if whole else ''}number above 0"
            _wrong(scope, one.span, why, _example(method.name))
            return None
    return tuple(0.01 if value == UNKNOWN_STATIC else float(value) for value in values)  # type: ignore[arg-type]


def _example(method: str) -> str:
    return {"spsa": "gradient spsa(0.1, 4)", "finite_difference": "gradient finite_difference(0.01)"}.get(
        method, f"gradient {method}"
    )


def _shots(scope: Scope, value: ast.Expr) -> tuple[str, int] | None:
    count = static_value(scope, value)
    if count == UNKNOWN_STATIC:
        return None if scope.frame.failed else ("shots", 1)
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MOST_SHOTS:
        why = f"shots are a whole number from 1 to {MOST_SHOTS:,}; without `shots` results are exact"
        _wrong(scope, value.span, why, _EXAMPLES["shots"])
        return None
    return "shots", count


def _backend(scope: Scope, value: ast.Expr) -> None:
    if not (isinstance(value, ast.Name) and value.name in ("auto", "simulator")):
        refuse(scope, value.span, "backend")


_READERS: dict[str, Callable[[Scope, ast.Expr], tuple[str, Any] | None]] = {
    "gradient": _gradient, "shots": _shots, "backend": _backend,
}  # fmt: skip
_EXAMPLES = {"gradient": "gradient parameter_shift", "shots": "shots 1024", "backend": "backend simulator"}


def _wrong(scope: Scope, span: Span, why: str, example: str) -> None:
    scope.report(WrongExecution(span=span, why=why, example=example))
