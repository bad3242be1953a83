"""The matrices of a step: which gates multiply to one, and as what text.

What came before: the steps of a plan and what gives the angles of a gate. What leaves: for each matrix of a
step its gates, its wires and the code that builds it. Invariant: gates multiply in their order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import prod

from hqn.compiler.emit.jax import circuit_angles as angles_
from hqn.compiler.emit.jax.code import Code, call
from hqn.compiler.emit.jax.gate_text import Angles, fuse_steps, fused, matrix
from hqn.compiler.plan.gates import Use
from hqn.compiler.plan.steps import Dense, Layer, Step

Build = Callable[[list[Use], tuple[int, ...], Angles], Code]


def products(step: Step) -> Iterable[tuple[list[Use], tuple[int, ...], Build]]:
    """The matrices of a step: gates, wires, and how they multiply."""
    if isinstance(step, Dense):
        yield step.uses, step.wires, _fused
    elif isinstance(step, Layer):
        for block in step.blocks:
            yield [part for use in step.uses if (part := use.within(block)) is not None], block, _layer_matrix


def _layer_matrix(uses: list[Use], wires: tuple[int, ...], angles: Angles) -> Code:
    """The Kronecker product of what gates make of each wire."""
    if any(tuple(one[0] for one in use.wires) != wires for use in uses):
        return _fused(uses, wires, angles)
    factors = [matrix(use, angles) for use in uses]
    product = factors[0] if len(factors) == 1 else call("qc.matmul", *factors)
    counted = [str(len(wires))] if all(use.angles is None for use in uses) else []
    return call("qc.kron", product, *counted)


def _fused(uses: list[Use], wires: tuple[int, ...], angles: Angles) -> Code:
    """The matrix of gates one after the other."""
    return fused(len(wires), [step for use in uses for step in fuse_steps(use, wires, angles)])


def matrix_bytes(uses: list[Use]) -> int:
    """What the matrices of all turns take, in single precision."""
    wires = frozenset[int]().union(*(use.touched for use in uses))
    turns = max((prod(angles_.created(use)) for use in uses if use.angles is not None), default=1)
    return turns * 16 << 2 * len(wires)
