"""Passes: the IR becomes a simpler IR that computes the same."""

from hqn.compiler.passes.passes import DEFAULT, PASSES, Pass, run_passes

__all__ = ["DEFAULT", "PASSES", "Pass", "run_passes"]
