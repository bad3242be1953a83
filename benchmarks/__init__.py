"""Benchmarks: hqn beside frozen baselines, in one run, alternating."""
