"""Contraction plans, carried out in NumPy, against a direct sum over every index."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hqn.compiler.ir.tn import ContractOp, Family, Position
from hqn.compiler.plan.contraction import CARRY, ContractionPlan, Network, Sweep, plan_contraction
from hqn.compiler.plan.views import Axis, Pick, Split, Strided, View, Whole, Window
from support.contractions import chain_value, contraction, contractions, direct, index, mps, value


def read(array: np.ndarray, view: View) -> np.ndarray:
    """The view of an array, axis by axis from the last one."""
    for number in reversed(range(len(view.axes))):
        array = read_axis(array, number, view.axes[number])
    return array


def read_axis(array: np.ndarray, number: int, axis: Axis) -> np.ndarray:
    match axis:
        case Pick():
            return np.take(array, axis.position, number)
        case Whole():
            return array
        case Strided():
            return np.take(array, axis.start + axis.step * np.arange(axis.count), number)
        case Split():
            return array.reshape(*array.shape[:number], *axis.sizes, *array.shape[number + 1 :])
        case Window():
            grid = np.indices(axis.sizes)
            return np.take(array, axis.start + np.tensordot(axis.factors, grid, 1), number)


def run(network: Network, operands: Sequence[np.ndarray]) -> np.ndarray:
    """The pairwise steps of a network."""
    values, indices = list(operands), list(network.indices)
    for step in network.order.steps:
        used = [step.left] if step.right is None else [step.left, step.right]
        pairs = [item for number in used for item in (values[number], list(indices[number]))]
        values.append(np.einsum(*pairs, list(step.kept)))
        indices.append(step.kept)
    return values[-1]


def carry_out(plan: ContractionPlan, arrays: Sequence[np.ndarray]) -> np.ndarray:
    views = [read(array, view) for array, view in zip(arrays, plan.views, strict=True)]
    if plan.sweep is None:
        assert plan.steps is not None
        return run(plan.steps, [views[number] for number in plan.steps.operands])
    return carry_out_sweep(plan.sweep, views)


def carry_out_sweep(sweep: Sweep, views: Sequence[np.ndarray]) -> np.ndarray:
    state = run(sweep.head, [views[number] for number in sweep.head.operands])
    shift = sweep.chain.family.per_turn
    for turn in range(1, sweep.chain.family.trips):
        later = [n if n == CARRY else n + (turn - 1) * shift for n in sweep.turn.operands]
        state = run(sweep.turn, [state if n == CARRY else views[n] for n in later])
    return run(sweep.tail, [state if n == CARRY else views[n] for n in sweep.tail.operands])


@settings(max_examples=150, deadline=None)
@given(contractions(), st.data())
def test_a_plan_gives_the_sum(case: tuple[ContractOp, list[np.ndarray]], data: st.DataObject) -> None:
    op, arrays = case
    varies = data.draw(st.lists(st.booleans(), min_size=len(arrays), max_size=len(arrays)))
    plan = plan_contraction(op, varies)
    np.testing.assert_allclose(carry_out(plan, arrays), direct(op, arrays), rtol=1e-9, atol=1e-9)


def test_an_open_chain_is_swept() -> None:
    op, arrays = mps(12, 3, closed=False)
    plan = plan_contraction(op, [False, True] * 12)
    assert plan.sweep is not None
    np.testing.assert_allclose(carry_out(plan, arrays), chain_value(arrays, 12), rtol=1e-9)


def test_a_closed_chain_is_swept_and_its_label_comes_last() -> None:
    op, arrays = mps(12, 3, closed=True)
    plan = plan_contraction(op, [False, True] * 12 + [False])
    assert plan.sweep is not None
    expected = np.einsum("lor,rl->o", np.moveaxis(arrays[-1], 0, 0), chain_value(arrays, 12))
    np.testing.assert_allclose(carry_out(plan, arrays), expected, rtol=1e-9)


def test_a_short_chain_is_written_out() -> None:
    op, arrays = mps(4, 2, closed=True)
    plan = plan_contraction(op, [False, True] * 4 + [False])
    assert plan.sweep is None
    np.testing.assert_allclose(carry_out(plan, arrays), direct(op, arrays), rtol=1e-9)


def test_a_long_chain_costs_as_much_per_turn_as_a_short_one() -> None:
    costs = [
        plan_contraction(mps(n, 3, True)[0], [False, True] * n + [False]).operations for n in (10, 20, 30)
    ]
    assert costs[2] - costs[1] == costs[1] - costs[0] > 0


def test_a_chain_whose_own_index_is_read_outside_is_not_swept() -> None:
    op, _ = mps(9, 2, closed=False)
    factors = [(v, places) for v, places in zip(op.factors, op.positions, strict=True)]
    outside = (value([2]), [index(10)])
    leaky = contraction([*factors, outside], op.index_sizes, op.output, [Family(0, 2, 9)])
    assert plan_contraction(leaky, [True] * 19).sweep is None


def test_the_same_operation_always_has_the_same_plan() -> None:
    op, _ = mps(7, 2, closed=True)
    assert plan_contraction(op, [True] * 15) == plan_contraction(op, [True] * 15)


def test_patches_without_overlap_are_a_reshape_and_with_overlap_a_window() -> None:
    patches = contraction([(value([6]), [Position(((0, 2), (1, 1)))])], [3, 2], [0, 1])
    hankel = contraction([(value([4]), [Position(((0, 1), (1, 1)))])], [3, 2], [0, 1])
    assert plan_contraction(patches, [True]).views[0].axes == (Split((0, 1), (3, 2)),)
    assert isinstance(plan_contraction(hankel, [True]).views[0].axes[0], Window)


def grid(width: int, height: int, bond: int) -> ContractOp:
    """Four-legged tensors on a torus, summed to one number: what planning orders for lattices."""
    across = [[y * width + x for x in range(width)] for y in range(height)]
    down = [[width * height + y * width + x for x in range(width)] for y in range(height)]
    legs = [
        (across[y][x - 1], across[y][x], down[y - 1][x], down[y][x])
        for y in range(height)
        for x in range(width)
    ]
    tensors = [(value([bond] * 4), [index(leg) for leg in four]) for four in legs]
    return contraction(tensors, [bond] * (2 * width * height), [], memory=8 * bond**5)


def test_slices_keep_intermediates_below_the_limit() -> None:
    op = grid(4, 4, 3)
    plan = plan_contraction(op, [False] * len(op.factors))
    assert plan.steps is not None and plan.steps.slices > 1
    assert plan.largest <= 3**5
    free = plan_contraction(grid_without_limit(op), [False] * len(op.factors))
    assert free.largest > 3**5 and free.operations < plan.operations


def grid_without_limit(op: ContractOp) -> ContractOp:
    factors = list(zip(op.factors, op.positions, strict=True))
    return contraction(factors, op.index_sizes, op.output)


def test_a_chain_too_wide_to_scan_is_sliced() -> None:
    op, _ = mps(12, 6, closed=True)
    limited = contraction(
        list(zip(op.factors, op.positions, strict=True)),
        op.index_sizes,
        op.output,
        op.families,
        memory=8 * 16,
    )
    varies = [False, True] * 12 + [False]
    assert plan_contraction(op, varies).sweep is not None
    plan = plan_contraction(limited, varies)
    assert plan.steps is not None and plan.largest <= 16
