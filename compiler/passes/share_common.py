"""Common subexpressions: xDSL's pass, which relies on the effects that our operations declare.

Reading a slot is free of effects: `next` is seen by the next call only. Draws have sites, so two draws are
never one; calls that draw or set state say so and stay.
"""

from __future__ import annotations

from hqn.compiler.ir.module import Built
from hqn.compiler.ir.xdsl_api import cse


def share_common(built: Built) -> None:
    """Computes once what is computed twice from the same values."""
    cse(built.module.op)
