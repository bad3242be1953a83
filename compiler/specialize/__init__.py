"""A program with decisions put in: the same type again, for every emitter."""

from hqn.compiler.specialize.specialize import specialize

__all__ = ["specialize"]
