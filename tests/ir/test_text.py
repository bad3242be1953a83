"""Text: what is printed parses back, here and in real MLIR; values survive to the last bit."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqn.compiler.diagnostics.internal import InternalError
from hqn.compiler.ir import hqn, nn, qc, quant, tn
from hqn.compiler.ir.declarations import Child, Slot
from hqn.compiler.ir.module import Module
from hqn.compiler.ir.tensors import tensor
from hqn.compiler.ir.text import DIALECTS
from hqn.compiler.ir.xdsl_api import Block, SSAValue
from hqn.compiler.lower import lower
from hqn.compiler.types.model import DType
from support import typed_programs as build
from support.circuits import Gate, circuit, random_steps


def in_mlir(text: str) -> None:
    """Parses and verifies in the MLIR that ships with jaxlib."""
    ir = pytest.importorskip("jax.extend.mlir.ir")
    with ir.Context() as context:
        context.allow_unregistered_dialects = True
        assert ir.Module.parse(text).operation.verify()


def constant(values: object, dtype: DType, *shape: int) -> nn.ConstantOp:
    """The constant after a round trip through text."""
    op = nn.ConstantOp(values, tensor(dtype, shape))  # type: ignore[arg-type]
    block = Block()
    block.add_ops([op, hqn.ReturnOp([])])
    module = Module.parse(Module.of([hqn.FuncOp("f", "layer", block, [], [])]).text())
    (again,) = [one for one in module.op.walk() if isinstance(one, nn.ConstantOp)]
    return again


def everything() -> Module:
    """One of each attribute of ours."""
    block = Block(arg_types=[tensor(DType.F32, [4, 3])])
    x: SSAValue = block.args[0]
    places = ((tn.Position(((0, 2), (1, -1)), 1), tn.Position(())),)
    families = [tn.Family(0, 1, 1)]
    summed = tn.ContractOp(
        [x], places, [("i", 2), ("j", 2)], [0], tensor(DType.F32, [2]), memory=64, families=families
    )
    spec = quant.Spec("int8", "channel", False, 1, 0, "po2", "percentile(99.9)", "nearest")
    fake = quant.FakeOp(x, spec, "a", "net.dense")
    register = qc.AllocOp(3)
    mods = [qc.Mod("negctrl", 2), qc.Mod("inv"), qc.Mod("if", 0)]
    measured = qc.MeasureOp(register.result, [2], [0])
    gate = qc.GateOp("x", measured.result, [[0, 1, 2]], mods=mods)
    kept = qc.PostselectOp(gate.result, [0, 1], [1, 0])
    block.add_ops([summed, fake, register, measured, gate, kept, hqn.ReturnOp([])])
    slot = Slot("w", "weight", (2, 3), tensor(DType.C64, []), "normal", (1e-30, -0.5), "angle")
    names = {"doc": 'a "doc"\nwith lines', "source": "digits.hqn:3", "training": True}
    children = [Child("g", "g", (2,), True)]
    function = hqn.FuncOp("f", "layer", block, [], ["x"], slots=[slot], children=children, **names)  # type: ignore[arg-type]
    return Module.of([function])


def test_every_attribute_survives() -> None:
    module = everything()
    again = Module.parse(module.text())
    assert again.text() == module.text()
    assert again["f"].slots == module["f"].slots
    assert again["f"].children == module["f"].children
    assert again["f"].doc == 'a "doc"\nwith lines'
    for one, other in zip(module.op.walk(), again.op.walk(), strict=True):
        assert one.properties == other.properties


def test_real_mlir_parses_everything() -> None:
    in_mlir(everything().text())
    in_mlir(everything().text(locations=True))
    in_mlir(lower(build.program(build.digits())).module.text(locations=True))


def test_locations_survive() -> None:
    module = lower(build.program(build.dense(2, 3))).module
    text = module.text(locations=True)
    assert Module.parse(text).text(locations=True) == text


@given(random_steps(3))
def test_random_circuits_survive(steps: tuple[Gate, ...]) -> None:
    text = circuit(3, steps).text()
    assert Module.parse(text).text() == text


@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=5))
def test_floats_survive_to_the_last_bit(values: list[float]) -> None:
    again = constant(values, DType.F32, len(values)).values
    assert [math.copysign(1, one) for one in again] == [math.copysign(1, one) for one in values]  # type: ignore[arg-type]
    assert list(again) == values


def test_real_mlir_reads_infinities_and_small_numbers() -> None:
    ir = pytest.importorskip("jax.extend.mlir.ir")
    values = [math.inf, -math.inf, 5e-324, 1e22, -0.0, 0.1]
    block = Block()
    block.add_ops([nn.ConstantOp(values, tensor(DType.F32, [6])), hqn.ReturnOp([])])
    text = Module.of([hqn.FuncOp("f", "layer", block, [], [])]).text()
    with ir.Context() as context:
        context.allow_unregistered_dialects = True
        module = ir.Module.parse(text)  # must outlive what is read from it
        constant = module.body.operations[0].regions[0].blocks[0].operations[0]
        assert list(ir.DenseFPElementsAttr(constant.attributes["value"])) == values


@given(st.lists(st.complex_numbers(allow_nan=False, allow_infinity=False), min_size=1, max_size=3))
def test_complex_numbers_survive(values: list[complex]) -> None:
    assert list(constant(values, DType.C64, len(values)).values) == values


def test_integers_and_truth_values_survive() -> None:
    assert constant([-3, 2**31 - 1], DType.I32, 2).values == (-3, 2**31 - 1)
    assert constant([True, False], DType.BOOL, 2).values == (True, False)
    assert constant(2.5, DType.F32, 2, 2).values == (2.5,) * 4


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_initialiser_arguments_survive(value: float) -> None:
    block = Block()
    block.add_op(hqn.ReturnOp([]))
    slot = Slot("w", "weight", (), tensor(DType.F32), "constant", (value,))
    module = Module.of([hqn.FuncOp("f", "layer", block, [], [], slots=[slot])])
    assert Module.parse(module.text())["f"].slots == (slot,)


def test_text_that_is_no_module_is_our_mistake() -> None:
    with pytest.raises(InternalError, match="does not parse"):
        Module.parse('"qc.gate"(%0) : (i32) -> ')


def test_names_of_operations_are_unique() -> None:
    names = [op.name for dialect in DIALECTS for op in dialect.operations]
    assert len(set(names)) == len(names)


def test_a_large_module_is_no_trouble() -> None:
    """10,000 operations are built, verified and printed; times are not asserted."""
    steps = [Gate("cx", ((0, 1), (1, 2)))] * 10_000
    module = circuit(3, steps)
    module.verify()
    assert module.text().count('"qc.gate"') == 10_000
