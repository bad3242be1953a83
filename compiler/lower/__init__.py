"""Lowering: the typed program becomes the IR."""

from hqn.compiler.lower.program import lower

__all__ = ["lower"]
