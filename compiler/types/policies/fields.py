"""One tensor's treatment as written: `w int8 per channel asym range percentile(99.9)`.

What came before: `ast.TensorSpec`. What leaves: the fields that it says, by their names in the cascade; None
after a mistake. Invariant: what this version does not do is refused at its span, never read as something
else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hqn.compiler.names.resolve import nearest
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types.bodies.check_static import static_value
from hqn.compiler.types.calls.statics import UNKNOWN_STATIC
from hqn.compiler.types.policies.errors import UnknownPolicyWord, WrongSpec
from hqn.compiler.types.policies.specs import ROLE_WORDS
from hqn.compiler.types.scope import Scope
from hqn.compiler.types.unsupported import refuse

Fields = dict[str, Any]
"""`bits` (None: float), `per` (word and size), `symmetric`, `scale`, `range` (word and percentage)."""

LATER_ROLES = ("in", "out", "acc", "core", "bond", "enc", "readout")
LATER_DTYPES = ("bf16", "f16", "fp8_e4m3", "fp8_e5m2", "uint", "fix", "binary", "ternary", "po2", "codebook")
WIDTHS = {"w": (2, 8), "a": (8, 8), "b": (32, 32), "angle": (1, 24)}
"""The smallest and largest number of bits of each role."""
EXAMPLES = {
    "w": "w int8 per channel sym",
    "a": "a int8 per tensor asym",
    "b": "b f32",
    "angle": "angle 6 bits",
}
UNKNOWN_BITS = 8
"""Stands for a number that only a use of the policy knows."""


def tensor_spec(scope: Scope, spec: ast.TensorSpec) -> tuple[str, Fields] | None:
    """The role and the fields of a spec."""
    role = spec.role.name
    if not known_role(scope, spec.role):
        return None
    fields = element_type(scope, spec.dtype, role)
    for option in spec.options:
        found = _option(scope, option, role)
        fields = None if fields is None or found is None else fields | found
    return None if fields is None else (role, fields)


def known_role(scope: Scope, role: ast.Ident) -> bool:
    if role.name in ROLE_WORDS:
        return True
    if role.name in LATER_ROLES:
        refuse(scope, role.span, "policy role", f"the role `{role.name}` of a policy")
    else:
        choices = tuple(ROLE_WORDS)
        found = nearest(role.name, choices)
        scope.report(
            UnknownPolicyWord(span=role.span, word=role.name, what="role", nearest=found, choices=choices)
        )
    return False


# --- element types --------------------------------------------------------------------------------


def element_type(scope: Scope, dtype: ast.DType, role: str) -> Fields | None:
    """`f32`, `int8`, `int<b>`, `6 bits`; `keep … as` has the role "" and takes floats only."""
    word = dtype.text
    if word == "f32" and not dtype.arguments:
        return {"bits": None}
    head = word.rstrip("0123456789")
    if word in LATER_DTYPES or head in LATER_DTYPES:
        return _later(scope, dtype.span, "policy type", f"the type `{dtype.span.text}` in a policy")
    if word == "bits" and dtype.arguments:
        bits = _whole(scope, dtype.arguments[0].value)
        return _checked(scope, dtype.span, bits, role, is_angle=True)
    if head == "int" and (word != "int" or len(dtype.arguments) == 1):
        bits = int(word[3:]) if word != "int" else _whole(scope, dtype.arguments[0].value)
        return _checked(scope, dtype.span, bits, role, is_angle=False)
    named = scope.lookup_global(word)
    if dtype.arguments or scope.lookup(word) is not None or (named and named.kind == "quantizer"):
        return _later(scope, dtype.span, "quantizer")
    choices = ("f32", "int2", "int4", "int8", *LATER_DTYPES)
    found = nearest(word, choices)
    scope.report(
        UnknownPolicyWord(span=dtype.span, word=word, what="type", nearest=found, choices=choices[:4])
    )
    return None


def _checked(scope: Scope, span: Span, bits: int | None, role: str, *, is_angle: bool) -> Fields | None:
    """The number of bits, if the role can have them in this form."""
    if bits is None:
        return None
    if not role:
        return _later(scope, span, "policy type", "keeping a tensor as anything but `f32`")
    if is_angle != (role == "angle"):
        form = "`N bits`, steps of 2 pi / 2^N" if role == "angle" else "`intN` or `f32`"
        scope.report(WrongSpec(span=span, why=f"`{role}` takes {form}", example=EXAMPLES[role]))
        return None
    low, high = WIDTHS[role]
    if low <= bits <= high:
        return {"bits": bits}
    if role == "a" and 2 <= bits < 8:
        return _later(scope, span, "policy type", "activations of other than 8 bits")
    limits = f"{low} bits" if low == high else f"{low} to {high} bits"
    scope.report(WrongSpec(span=span, why=f"`{role}` has {limits}, not {bits}", example=EXAMPLES[role]))
    return None


def _whole(scope: Scope, expr: ast.Expr) -> int | None:
    value = static_value(scope, expr)
    if value == UNKNOWN_STATIC:
        return None if scope.frame.failed else UNKNOWN_BITS
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    scope.report(WrongSpec(span=expr.span, why="a number of bits is a whole number", example="int<4>"))
    return None


# --- options --------------------------------------------------------------------------------------


def _option(scope: Scope, option: ast.PolicyOption, role: str) -> Fields | None:
    if role in ("angle", "b"):
        why = f"`{role}` takes no options: its grid is fixed"
        scope.report(WrongSpec(span=option.span, why=why, example=EXAMPLES[role]))
        return None
    return _OPTIONS[option.field](scope, option, role)


def _per(scope: Scope, option: ast.PolicyOption, role: str) -> Fields | None:
    if option.value in ("bucket", "core", "gate"):
        return _later(scope, option.span, "policy option", f"`per {option.value}`")
    if option.value not in ("tensor", "channel", "group"):
        return _unknown(scope, option, ("tensor", "channel", "group"))
    if role == "a" and option.value != "tensor":
        return _later(scope, option.span, "policy option", f"activations `per {option.value}`")
    if option.value != "group":
        return _bare(scope, option, {"per": (option.value, 0)})
    size = _number(scope, option, "per group(16)")
    if size is None:
        return None
    if size != int(size) or size < 1:
        scope.report(
            WrongSpec(span=option.span, why="a group has a whole number of elements", example="per group(16)")
        )
        return None
    return {"per": ("group", int(size))}


def _symmetry(scope: Scope, option: ast.PolicyOption, role: str) -> Fields | None:
    return {"symmetric": option.value == "sym"}


def _scale(scope: Scope, option: ast.PolicyOption, role: str) -> Fields | None:
    if option.value in ("learned", "fixed"):
        return _later(scope, option.span, "policy option", f"`scale {option.value}`")
    if option.value not in ("f32", "po2"):
        return _unknown(scope, option, ("f32", "po2"))
    return _bare(scope, option, {"scale": option.value})


def _range(scope: Scope, option: ast.PolicyOption, role: str) -> Fields | None:
    if option.value in ("mse", "kl", "ema", "dynamic"):
        return _later(scope, option.span, "policy option", f"`range {option.value}`")
    if option.value not in ("absmax", "minmax", "percentile"):
        return _unknown(scope, option, ("absmax", "minmax", "percentile"))
    if option.value != "percentile":
        return _bare(scope, option, {"range": (option.value, 100.0)})
    percent = _number(scope, option, "range percentile(99.9)")
    if percent is None:
        return None
    if not 50 < percent <= 100:
        why, example = f"a percentile above 50 up to 100, not {percent:g}", "range percentile(99.9)"
        scope.report(WrongSpec(span=option.span, why=why, example=example))
        return None
    return {"range": ("percentile", float(percent))}


def _round(scope: Scope, option: ast.PolicyOption, role: str) -> Fields | None:
    if option.value in ("floor", "stochastic", "ada", "gptq"):
        return _later(scope, option.span, "policy option", f"`round {option.value}`")
    return _bare(scope, option, {}) if option.value == "nearest" else _unknown(scope, option, ("nearest",))


_OPTIONS: dict[str, Callable[[Scope, ast.PolicyOption, str], Fields | None]] = {
    "per": _per, "symmetry": _symmetry, "scale": _scale, "range": _range, "round": _round,
}  # fmt: skip


def _bare(scope: Scope, option: ast.PolicyOption, fields: Fields) -> Fields | None:
    """The fields of an option that takes no numbers."""
    if not option.arguments:
        return fields
    why, example = f"`{option.field} {option.value}` takes no numbers", f"{option.field} {option.value}"
    scope.report(WrongSpec(span=option.span, why=why, example=example))
    return None


def _number(scope: Scope, option: ast.PolicyOption, example: str) -> float | None:
    """The one number in an option's brackets."""
    values = [static_value(scope, argument.value) for argument in option.arguments]
    if len(values) == 1 and isinstance(values[0], int | float) and not isinstance(values[0], bool):
        return values[0]
    if UNKNOWN_STATIC not in values:
        why = f"`{option.field} {option.value}` takes one number"
        scope.report(WrongSpec(span=option.span, why=why, example=example))
    return None


def _unknown(scope: Scope, option: ast.PolicyOption, choices: tuple[str, ...]) -> Fields | None:
    """None, so that a rule can end with it."""
    what, found = f"word behind `{option.field}`", nearest(option.value, choices)
    scope.report(
        UnknownPolicyWord(span=option.span, word=option.value, what=what, nearest=found, choices=choices)
    )
    return None


def _later(scope: Scope, span: Span, key: str, written: str | None = None) -> Fields | None:
    """Refused; None, so that a rule can end with it."""
    refuse(scope, span, key, written)
    return None
