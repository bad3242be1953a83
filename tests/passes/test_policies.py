"""Policies as operations: what is quantized, in float and on integers, in loops, trained, and in OpenQASM."""

from __future__ import annotations

import re
from math import pi
from typing import Any

import jax
import numpy as np
import pytest
from sklearn.datasets import load_digits

from hqn.compiler.diagnostics import Sink
from hqn.compiler.driver import jax_text, qasm_programs
from hqn.compiler.ir.module import Module
from hqn.compiler.ir.quant import AngleOp, DenseOp, FakeOp
from hqn.compiler.specialize import specialize
from hqn.runtime.loading import load
from hqn.runtime.program import Program
from support.policies import built, loaded

MODEL = """
use std.layers.{dense, conv2d, maxpool, flatten, tanh}
data d8 = digits_8x8 |> split(train = 1437, test = 360, seed = 0)
model net(x: f32[8, 8]) -> f32[10] {
  c = reshape[8, 8, 1](x / 16) |> conv2d[3, k = 3, pad = 1] as conv |> maxpool[2] |> flatten
  h = c |> dense[12] as enc |> tanh
  z = parallel g in reshape[3, 4](h) { yield dense[5](g) as part }
  return z |> flatten |> dense[10] as head
}
"""
LINES = "default w int8 per channel{po2}, a int8{po2}\n  calibrate on d8.train[300]\n"


def program(lines: str, minimize: str = "", model: str = MODEL) -> Program:
    head = f"{model}policy p {{\n  {lines}}}\nrun r {{\n  let q = net under p\n  data (x, y) in d8 batch 64\n"
    return loaded(f"{head}{minimize}  track total = mean(sum(q(x)) on test)\n}}\n")


def images(count: int = 20) -> np.ndarray:
    return np.asarray(load_digits().images[:count], np.float32)


@pytest.mark.parametrize("po2", ["", " scale po2"])
def test_integers_give_what_fake_quantization_gives(po2: str) -> None:
    """Bit for bit for power-of-two scales: training and deployment are one."""
    lines = LINES.format(po2=po2)
    found: dict[str, Any] = {}
    for mode in ("simulate", "integer"):
        result = program(f"{lines}  lower {mode}\n").runs["r"].fit()
        model, variables = result.model()
        found[mode] = np.asarray(model.apply(variables, images()))
    if po2:
        assert (found["simulate"] == found["integer"]).all()
    else:
        np.testing.assert_allclose(found["simulate"], found["integer"], atol=0.05)


def test_every_layer_runs_on_integers() -> None:
    text = program(LINES.format(po2="") + "  lower integer\n").text
    assert text.count("quant.dense(") == 3
    assert text.count("quant.conv2d(") == 1


def test_a_loop_that_creates_layers_has_a_scale_per_turn() -> None:
    result = program(LINES.format(po2="")).runs["r"].fit()
    scales = result.best.values["q.part.x_scale"]
    assert scales.shape == (3,)
    assert len(set(np.asarray(scales).tolist())) == 3


def test_eight_bits_are_close_to_float_and_two_bits_are_not() -> None:
    def distance(lines: str) -> float:
        compiled = program(lines)
        model, variables = compiled.runs["r"].fit().model()
        plain = compiled.models["net"].apply(variables, images())
        return float(np.abs(np.asarray(model.apply(variables, images())) - np.asarray(plain)).max())

    assert distance(LINES.format(po2="")) < 0.05
    assert distance("default w int2\n") > 0.2


def test_training_keeps_latent_weights_and_follows_their_ranges() -> None:
    minimize = "  minimize cross_entropy(q(x), y) over q by adam(1e-2)\n  epochs 2\n"
    model = "use std.losses.{cross_entropy}" + MODEL
    result = program(LINES.format(po2=""), minimize, model).runs["r"].fit()
    assert result.best.losses[1][0] < result.best.losses[0][0]
    w = np.asarray(result.best.values["q.enc.W"])
    assert len(np.unique(w)) > 0.9 * w.size, "the weights that are trained are not rounded"
    start = program(LINES.format(po2=""), model=model).runs["r"].fit()
    for site in ("q.head.x_scale", "q.part.x_scale"):
        assert (np.asarray(result.best.values[site]) != np.asarray(start.best.values[site])).any()


OTHERS = """
data d8 = digits_8x8 |> split(train = 1437, test = 360, seed = 0)
layer gate(x: f32[n, m]) -> f32[n, m] {
  weight W: f32[n, m] = normal(1)
  return W * x
}
layer stack(x: f32[n]) -> f32[n] {
  return repeat l in 0..2 carry (h = x) {
    weight W: f32[n, n] = normal(0.3)
    contract y[o] = W[o, i] * h[i]
    next h = tanh(y)
  }
}
model net(x: f32[8, 8]) -> f32[8] { return mean[axes = 0](gate(x / 16)) |> stack }
"""


@pytest.mark.parametrize("weights", ["w int8, ", ""])
def test_activations_in_loops_without_a_sum_and_beside_float_weights(weights: str) -> None:
    result = program(f"default {weights}a int8\n  calibrate on d8.train[64]\n", model=OTHERS).runs["r"].fit()
    scales = {path: value for path, value in result.best.values.items() if path.endswith("_scale")}
    assert {path: np.shape(value) for path, value in scales.items()} == {
        "q.gate.x_scale": (),
        "q.stack.h_scale": (2,),
    }
    assert all((np.asarray(value) < 0.1).all() for value in scales.values()), "calibrated, not 1"
    model, variables = result.model()
    quantized = np.asarray(model.apply(variables, images()))
    plain = np.asarray(result.program.models["net"].apply(variables, images()))
    assert 0 < np.abs(quantized - plain).max() < 0.1


def test_the_ir_prints_and_parses_back() -> None:
    lines = "default w int8, a int8 range percentile(99.5)\n  calibrate on d8\n  lower integer\n"
    whole = built(f"{MODEL}policy p {{\n  {lines}}}\n")
    found = specialize(whole, whole.policies[0])
    found.module.verify()
    again = Module.parse(found.module.text())
    assert again.text() == found.module.text()
    kinds = [type(op) for func in again.functions.values() for op in func.walk()]
    assert DenseOp in kinds
    assert FakeOp not in [type(op) for op in again[found.entry("net").evaluation].walk()]


# --- circuits -------------------------------------------------------------------------------------

CIRCUIT = """
circuit net(x: f32[3]) -> f32[3] {
  qubits q[3]
  rx(x) q
  repeat l in 0..2 {
    weight w: angle[3, 3] = uniform(0, 2 * pi)
    rot(w) q
    repeat i in 0..3 { cx q[i], q[(i + 1) % 3] }
  }
  return expect(Z(q))
}
model m(x: f32[3]) -> f32[3] { return net(x) as c }
policy p { rule kind circuit angle 4 bits }
"""


def test_exported_angles_are_exact_and_give_what_the_run_time_computes() -> None:
    qiskit = pytest.importorskip("qiskit")
    from qiskit.quantum_info import Statevector

    whole = built(CIRCUIT)
    found = specialize(whole, whole.policies[0])
    operations = [op for func in found.module.functions.values() for op in func.walk()]
    assert {op.bits for op in operations if isinstance(op, AngleOp)} == {4}
    emitted = jax_text(found, "test.hqn", Sink())
    assert emitted is not None
    model = load(emitted, "test.hqn").models["m"]
    with jax.enable_x64(True):
        variables = model.init(3, precision="f64")
        x = np.array([0.3, -1.2, 2.0])
        computed = np.asarray(model.apply(variables, x))
    values = {path: np.asarray(value) for path, value in variables.flat().items()}
    (one,) = qasm_programs(found, "qasm2", "m", Sink(), values, {"x": x}).values()
    state = Statevector(qiskit.QuantumCircuit.from_qasm_str(one.text))
    expected = [state.expectation_value(qiskit.quantum_info.Pauli("Z"), [wire]).real for wire in range(3)]
    np.testing.assert_allclose(computed, expected, atol=1e-9)
    angles = re.findall(r"^r[yz]\((.*)\) q", one.text, re.MULTILINE)
    assert len(angles) == 18
    for angle in angles:
        steps = eval(angle, {"pi": pi, "__builtins__": {}}) / (2 * pi / 16)
        assert abs(steps - round(steps)) < 1e-12
