"""What `hqn plan --execute` shows: the tables of one execution profile.

What came before: a checked program. What leaves: text. Invariant: the table shown is the one that is applied.
"""

from __future__ import annotations

from collections.abc import Sequence

from hqn.compiler.diagnostics import Sink
from hqn.compiler.files.errors import UnknownChoice
from hqn.compiler.types.execution.specs import Execution


def profile_text(executions: Sequence[Execution], name: str, sink: Sink) -> str | None:
    """The tables of a profile, one per model and choice of its numbers; None where there is none."""
    found = [one for one in executions if name in (one.name, one.name.partition("(")[0])]
    if not found:
        choices = tuple(dict.fromkeys(one.name for one in executions))
        sink.report(UnknownChoice(kind="execution profile", asked=name, choices=choices))
        return None
    return "\n\n".join(one.text() for one in found)
