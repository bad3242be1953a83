"""A mistake of ours: the one exception that stages raise on purpose.

What came before: a state that a stage's invariant excludes. What leaves: an exception that names the
stage and the place in the user's text that led there. Invariant: a user's mistake is never one of these.
"""

from __future__ import annotations

from hqn.compiler.source import Span

CODE = "HQN0900"


class InternalError(Exception):
    """`stage` is the word of the architecture (`lower`, `emit jax`); `span` what it worked on."""

    def __init__(self, stage: str, message: str, span: Span | None = None) -> None:
        super().__init__(message)
        self.stage = stage
        self.span = span
