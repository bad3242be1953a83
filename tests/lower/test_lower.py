"""Lowering: hand-built typed programs against golden text, and what each construct becomes."""

from __future__ import annotations

from pathlib import Path

import pytest

from hqn.compiler.diagnostics.internal import InternalError
from hqn.compiler.ir import hqn, loops, nn, qc
from hqn.compiler.ir.instances import CallOp, SetStateOp
from hqn.compiler.ir.location import where
from hqn.compiler.ir.module import Module
from hqn.compiler.ir.xdsl_api import Operation
from hqn.compiler.lower import lower
from hqn.compiler.types import typed
from hqn.compiler.types.model import DType, TensorType, TupleType
from support import typed_programs as build
from support.goldens import Goldens
from support.typed_programs import SPAN, call, child, f32, function, local, number, read

HERE = Path(__file__).parent


def lowered(*functions: typed.Function) -> Module:
    return lower(build.program(*functions)).module


def ops(module: Module, kind: type[Operation]) -> list[Operation]:
    return [op for op in module.op.walk() if isinstance(op, kind)]


def test_digits_by_hand(golden: Goldens) -> None:
    golden(HERE / "digits_by_hand.expected.mlir", lowered(build.digits()).text())


def test_callees_come_first_and_once() -> None:
    module = lowered(build.digits())
    assert list(module.functions) == ["dense_64_20", "vqc_3_5", "dense_20_10", "digits"]


def test_operations_know_their_place() -> None:
    module = lowered(build.digits())
    assert {where(op) for op in ops(module, nn.MapOp)} == {"digits.hqn:1"}
    assert 'loc("digits.hqn":1:1)' in module.text(locations=True)
    assert module["digits"].source == "digits.hqn:1"


def test_the_first_local_names_a_value() -> None:
    x, y, z = (local(name, f32(3)) for name in "xyz")
    body = build.assign(y, build.elementwise("tanh", read(x))), build.assign(z, read(y))
    module = lowered(function("f", "layer", (x,), read(z), *body))
    assert module["f"].returned[0].name_hint == "y"


def test_literals_are_kept_unrounded() -> None:
    module = lowered(function("f", "layer", (), number(3.141592653589793)))
    (constant,) = ops(module, nn.ConstantOp)
    assert isinstance(constant, nn.ConstantOp)
    assert constant.scalar == 3.141592653589793


def test_a_scan_carries_and_captures() -> None:
    """h' = h + c * x of each element, c from outside of the loop."""
    xs, c, h, v = local("xs", f32(4, 2)), local("c", f32()), local("h", f32(2)), local("v", f32(2))
    step = build.elementwise("add", read(h), build.elementwise("mul", read(c), read(v)))
    loop = typed.Loop(
        kind="scan",
        trips=4,
        index=local("i", build.I32),
        domains=(read(xs),),
        elements=(v,),
        carries=(h,),
        initial=(build.prim("full", f32(2), value=0.0),),
        body=typed.Body((), (step,), None),
        type=f32(2),
        span=SPAN,
    )
    module = lowered(function("f", "layer", (xs, c), loop))
    (op,) = ops(module, loops.ScanOp)
    assert isinstance(op, loops.ScanOp)
    assert (len(op.slices), len(op.carries), len(op.following), op.yielded) == (1, 1, 1, ())
    assert module["f"].returned == (op.final[0],)


def test_tuples_are_spread_out() -> None:
    pair = TupleType((f32(2), f32(3)))
    x = local("x", pair)
    second = typed.Item(value=read(x), position=1, type=f32(3), span=SPAN)
    module = lowered(function("f", "layer", (x,), second))
    assert module["f"].arg_names == ("x_0", "x_1")
    assert module["f"].returned == (module["f"].args[1],)


def test_a_derivative_computes_again_what_depends_on_the_variable() -> None:
    x, a, b, y = (local(name, f32()) for name in "xaby")
    statements = (
        build.assign(a, build.elementwise("sin", read(x))),
        build.assign(b, build.elementwise("cos", number(2.0))),
        build.assign(y, build.elementwise("mul", read(a), read(b))),
    )
    derivative = typed.Grad(value=read(y), wrt=x, type=f32(), span=SPAN)
    module = lowered(function("f", "layer", (x,), derivative, *statements))
    (op,) = ops(module, hqn.GradOp)
    assert isinstance(op, hqn.GradOp)
    assert [inner.fn for inner in op.block.ops if isinstance(inner, nn.MapOp)] == ["sin", "mul"]


def test_a_derivative_through_an_outer_loop_is_refused() -> None:
    x, v = local("x", f32(3)), local("v", f32())
    inner = typed.Grad(value=build.elementwise("sin", read(v)), wrt=x, type=f32(3), span=SPAN)
    loop = typed.Loop(
        kind="map",
        trips=3,
        index=local("i", build.I32),
        domains=(read(x),),
        elements=(v,),
        carries=(),
        initial=(),
        body=typed.Body((), (), inner),
        type=f32(3, 3),
        span=SPAN,
    )
    with pytest.raises(InternalError, match="through a loop"):
        lowered(function("f", "layer", (x,), loop))


def test_effects_reach_callers() -> None:
    x, keep = local("x", f32()), local("keep", TensorType(DType.BOOL))
    mu = build.weight("mu", f32(), kind="state")
    body = (
        typed.DrawRandom(local=keep, distribution="bernoulli", args=(number(0.5),), per="sample", span=SPAN),
        typed.SetState(slot="mu", turns=(), value=read(x), span=SPAN),
    )
    chosen = build.elementwise("select", read(keep), read(x), number(0.0), type_=f32())
    noisy = function("noisy", "layer", (x,), chosen, *body, slots=(mu,), training=True)
    outer = function("outer", "model", (x,), call("noisy", noisy, read(x)), children=(child("noisy", noisy),))
    module = lowered(outer)
    assert (module["outer"].draws, module["outer"].sets_state) == (True, True)
    assert [op.draws for op in ops(module, CallOp) if isinstance(op, CallOp)] == [True]
    assert len(ops(module, SetStateOp)) == 1


def test_a_circuit_that_takes_qubits_is_applied_to_wires() -> None:
    inner = build.entangle(2)
    apply = typed.ApplyCircuit(instance="e", function=inner, wires=(2, 0), args=(), span=SPAN)
    probabilities = typed.Probabilities(wires=(0,), type=f32(2), span=SPAN)
    outer = function("c", "circuit", (), probabilities, apply, qubits=3, children=(child("e", inner),))
    module = lowered(outer)
    (op,) = ops(module, qc.ApplyOp)
    assert isinstance(op, qc.ApplyOp)
    assert (op.wires, op.callee) == ((2, 0), "entangle_2")
    assert module["entangle_2"].qubit_params == 2
    assert len(ops(module, qc.AllocOp)) == 1


def test_a_batch_is_lifted_at_the_call() -> None:
    inner = build.dense(3, 2)
    x = local("x", f32(7, 3))
    lifted = typed.CallFunction(
        instance="d", function=inner, args=(read(x),), batch=(7,), lifted=(True,), type=f32(7, 2), span=SPAN
    )
    module = lowered(function("f", "model", (x,), lifted, children=(child("d", inner),)))
    (op,) = ops(module, CallOp)
    assert isinstance(op, CallOp)
    assert (op.batch, op.lifted) == ((7,), (True,))


def test_a_function_read_before_it_is_bound_is_our_mistake() -> None:
    with pytest.raises(InternalError, match="read before it is bound"):
        lowered(function("f", "layer", (), read(local("x", f32()))))
