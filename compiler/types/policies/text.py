"""What `hqn plan --policy` shows: the tables of one policy.

What came before: a checked program. What leaves: text. Invariant: the table shown is the one that is applied.
"""

from __future__ import annotations

from collections.abc import Sequence

from hqn.compiler.diagnostics import Sink
from hqn.compiler.files.errors import UnknownChoice
from hqn.compiler.types.policies.specs import Policy


def policy_text(policies: Sequence[object], name: str, sink: Sink) -> str | None:
    """The tables of a policy, one per model and choice of its numbers; None where there is no such policy."""
    known = [one for one in policies if isinstance(one, Policy)]
    found = [one for one in known if name in (one.name, one.name.partition("[")[0])]
    if not found:
        choices = tuple(dict.fromkeys(one.name for one in known))
        sink.report(UnknownChoice(kind="policy", asked=name, choices=choices))
        return None
    return "\n\n".join(one.text() for one in found)
