"""Passes: the IR becomes a simpler IR that computes the same."""

from hqn.compiler.passes.passes import AS_WRITTEN, DEFAULT, PASSES, Pass, run_passes

__all__ = ["AS_WRITTEN", "DEFAULT", "PASSES", "Pass", "run_passes"]
