"""A program with decisions put in: the same type again, for every emitter."""

from hqn.compiler.specialize.specialize import execute, specialize

__all__ = ["execute", "specialize"]
