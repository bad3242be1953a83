"""Emitted contractions, run by JAX, against a direct sum over every index."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hqn.compiler.emit.jax.module import module_text
from hqn.compiler.ir.declarations import Slot
from hqn.compiler.ir.hqn import FuncOp, ReturnOp
from hqn.compiler.ir.instances import SlotOp
from hqn.compiler.ir.module import Module
from hqn.compiler.ir.tn import ContractOp
from hqn.compiler.ir.xdsl_api import Block, SSAValue
from support.contractions import contractions, direct, mps

BATCH = 3


def function(op: ContractOp, varies: Sequence[bool], rescale: bool, memory: int | None = None) -> FuncOp:
    """The contraction as a layer: factors that vary are arguments, the others weights."""
    distinct = dict(zip(op.factors, varies, strict=True))
    block = Block(arg_types=[value.type for value, varies_ in distinct.items() if varies_])
    args, given, slots = iter(block.args), {}, []
    for number, (value, varies_) in enumerate(distinct.items()):
        given[value] = next(args) if varies_ else _slot(block, f"w{number}", value, slots)
    copy = ContractOp(
        [given[value] for value in op.factors],
        op.positions,
        list(zip(op.index_names, op.index_sizes, strict=True)),
        op.output,
        op.result.type,
        rescale=rescale,
        memory=memory,
        families=op.families,
    )
    block.add_ops([copy, ReturnOp([copy.result])])
    names = [f"x{number}" for number in range(len(block.args))]
    return FuncOp("f", "layer", block, [copy.result.type], names, slots=slots)


def _slot(block: Block, name: str, value: SSAValue, slots: list[Slot]) -> SSAValue:
    slots.append(Slot(name, "weight", (), value.type, "zeros"))
    read = SlotOp(name, value.type)
    block.add_op(read)
    return read.result


def run(
    op: ContractOp,
    arrays: Sequence[np.ndarray],
    varies: Sequence[bool],
    rescale: bool,
    memory: int | None = None,
) -> np.ndarray:
    """What the emitted function gives for a batch whose samples are multiples of `arrays`."""
    module = Module.of([function(op, varies, rescale, memory)])
    module.verify()
    text, _ = module_text("f", list(module.functions.values()), lambda known: "")
    namespace: dict[str, object] = {}
    exec(text, namespace)
    values = dict(zip(op.factors, zip(arrays, varies, strict=True), strict=True))
    slots = {f"w{n}": array for n, (array, varies_) in enumerate(values.values()) if not varies_}
    inputs = [
        np.stack([array * (s + 1) for s in range(BATCH)]) for array, varies_ in values.values() if varies_
    ]
    with jax.enable_x64(True):
        call = namespace["f"]
        assert callable(call)
        return np.asarray(call(slots, *inputs) if slots else call(*inputs))


def expected(op: ContractOp, arrays: Sequence[np.ndarray], varies: Sequence[bool]) -> np.ndarray:
    one = direct(op, arrays)
    scale = [np.prod([float(s + 1) for varies_ in varies if varies_]) for s in range(BATCH)]
    return np.stack([one * factor for factor in scale]) if any(varies) else one


@settings(max_examples=60, deadline=None)
@given(contractions(), st.data())
def test_emitted_text_gives_the_sum(case: tuple[ContractOp, list[np.ndarray]], data: st.DataObject) -> None:
    op, arrays = case
    varies = data.draw(st.lists(st.booleans(), min_size=len(arrays), max_size=len(arrays)))
    found = run(op, arrays, varies, data.draw(st.booleans()))
    np.testing.assert_allclose(found, expected(op, arrays, varies), rtol=1e-9, atol=1e-9)


@settings(max_examples=15, deadline=None)
@given(contractions(), st.data())
def test_slices_add_up_to_the_sum(case: tuple[ContractOp, list[np.ndarray]], data: st.DataObject) -> None:
    op, arrays = case
    varies = data.draw(st.lists(st.booleans(), min_size=len(arrays), max_size=len(arrays)))
    memory = 8 * (prod(op.index_sizes[number] for number in op.output) + data.draw(st.integers(0, 4)))
    found = run(op, arrays, varies, data.draw(st.booleans()), memory)
    np.testing.assert_allclose(found, expected(op, arrays, varies), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("rescale", [False, True])
@pytest.mark.parametrize("sites", [3, 9, 12])
def test_a_chain_gives_the_sum(sites: int, rescale: bool) -> None:
    op, arrays = mps(sites, 2, closed=True)
    varies = [False, True] * sites + [False]
    found = run(op, arrays, varies, rescale)
    matrix = np.eye(2)
    for s in range(sites):
        matrix = matrix @ np.einsum("lpr,p->lr", arrays[0][s], arrays[1][s])
    one = np.einsum("lor,rl->o", arrays[-1], matrix)
    np.testing.assert_allclose(found, np.stack([one * (s + 1.0) ** sites for s in range(BATCH)]), rtol=1e-9)


def test_rescaling_keeps_what_would_underflow() -> None:
    op, arrays = mps(40, 2, closed=True)
    small = [array * (1e-20 if array is arrays[0] else 1.0) for array in arrays]
    large = [array * (1e20 if array is arrays[-1] else 1.0) for array in arrays]
    varies = [False, True] * 40 + [False]
    plain = run(op, small, varies, rescale=False)
    rescaled = run(op, large, varies, rescale=True)
    assert np.all(plain == 0)
    assert np.all(np.isfinite(rescaled)) and np.all(rescaled != 0)


def test_a_long_chain_is_no_longer_text_than_a_short_one() -> None:
    def lines(sites: int) -> int:
        op, _ = mps(sites, 2, closed=True)
        swept = function(op, [False, True] * sites + [False], False)
        return len(module_text("f", [swept], lambda known: "")[0].splitlines())

    assert lines(12) == lines(48)
