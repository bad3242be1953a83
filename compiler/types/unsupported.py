"""Constructs of the language that this version refuses: one table, one diagnostic.

`docs/status.md` lists this table. Invariant: what is refused is refused at its span and never misread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hqn.compiler.diagnostics import Diagnostic
from hqn.compiler.source import Span

if TYPE_CHECKING:
    from hqn.compiler.types.scope import Scope

REFUSED: dict[str, str] = {
    "under": "applying a profile with `under` inside a layer, circuit or model",
    "on": "evaluating on a data split with `on` inside a layer, circuit or model",
    "network": "symbolic networks, `network psi[…] = …`",
    "loop size": "weights that depend on the turn, in a loop within an expression of a run",
    "array index": "arrays as indices of axes that are not side by side",
    "rest axis": "this operation on a shape that begins with `..`",
    "grad of call": "`grad` with respect to anything but a value of this body",
    "string": "strings as values",
    "record": "records as values",
    "let from": "`from` and `under` behind a `let` of a layer",
    "profile": "`noise` profiles; `noise`, `mitigate` and `cut` in `execute` profiles",
    "backend": "a backend other than `simulator`",
    "policy line": "`prepare`, `budget`, `lower auto` and `rescale` to anything but `float` in policies",
    "policy selector": "a selector of single turns of a loop",
    "policy role": "the roles `in`, `out`, `acc`, `core`, `bond`, `enc` and `readout` in policies",
    "policy type": (
        "the types `bf16`, `f16`, `fp8_e4m3`, `fp8_e5m2`, `uint`, `fix`, `binary`, `ternary`, `po2` and "
        "`codebook` in policies; activations of other than 8 bits; keeping a tensor as anything but `f32`"
    ),
    "quantizer": "a quantizer in place of a type",
    "policy option": (
        "`per bucket`, `per core`, `per gate`; activations `per channel` or `per group`; `scale learned`, "
        "`scale fixed`; `range mse`, `kl`, `ema` or `dynamic`; `round floor`, `stochastic`, `ada` or `gptq`"
    ),
}
"""Key -> what is refused, in the words of the diagnostic; of several things it names the one that stands."""


class NotSupportedYet(Diagnostic):
    code = "HQN0399"
    title = "not supported yet"
    label = "{construct}"

    construct: str


def not_supported(span: Span, key: str, written: str | None = None) -> NotSupportedYet:
    """The diagnostic for one construct of the table; `written` is the one of several that stands here."""
    return NotSupportedYet(span=span, construct=written or REFUSED[key])


def refuse(scope: Scope, span: Span, key: str, written: str | None = None) -> None:
    """Report one construct of the table, with the call chain where there is one."""
    scope.report(not_supported(span, key, written))
