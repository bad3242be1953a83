"""StableHLO of emitted modules: real MLIR, of one sample."""

from __future__ import annotations

from emit.build import Function, dense

from hqn.compiler.emit.jax.target import JaxTarget
from hqn.compiler.emit.stablehlo import canonical, stablehlo_text
from hqn.compiler.ir.module import Built, Entry, Module
from support.whole import module


def test_a_model_is_one_function_of_slots_and_a_sample() -> None:
    layer, net = dense(2, 3), Function("net", [(2,)], kind="model")
    function = net.done(net.body.map("tanh", net.body.call(layer, "head", net.body.args[0])))
    program = Built(Module.of([layer, function]), entries=(Entry("net", "net", "net"),))
    text = stablehlo_text(JaxTarget("test.hqn").emit(program).text, "test", "net")
    (head,) = [line for line in text.splitlines() if "@main" in line]
    assert [head.count(shape) for shape in ("tensor<3x2xf32>", "tensor<2xf32>", "tensor<3xf32>")] == [1, 1, 2]
    assert "stablehlo.tanh" in text
    assert canonical(text) == text


def test_matrix_exponentials_call_no_library() -> None:
    program = module(
        "hqn 0.1\ncircuit c(m: f32[4, 4], a: f32[15]) -> f32 {\nqubits q[2]\nsu(a) q\n"
        "evolve(hermitian(m, q), 0.3)\nreturn expect(Z(q[0]))\n}\n"
        "model net(m: f32[4, 4], a: f32[15]) -> f32 { return c(m, a) }\n"
    )
    assert "custom_call" not in stablehlo_text(program, "test", "net")
