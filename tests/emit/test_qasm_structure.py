"""Loops and sub-circuits in OpenQASM 3: they stay, and mean what the run time computes."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from qiskit import qasm2
from qiskit.quantum_info import Statevector

from hqn.compiler.api import compile as compiled
from hqn.compiler.diagnostics import Sink
from hqn.compiler.driver import build_as_written, qasm_programs
from support.goldens import Goldens
from support.openqasm import read
from support.whole import Numbers, checked
from support.written_circuits import WrittenCircuit, circuits

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)
HERE = Path(__file__).parent
X = np.random.default_rng(2).normal(size=3)

LAYERS = """
circuit pair(t: f32, a: qubit, b: qubit) {
  cx a, b
  rz(2 * t) b
}
circuit layer(q: qubit[n]) {
  weight w: angle[n] = uniform(0, 1)
  ry(w) q
  pair(w[0]) q[0], q[1]
}
circuit net(x: f32[3], y: f32[4]) -> c64[8] {
  qubits q[3]
  h q
  inv @ pair(0.5) q[1], q[2]
  repeat l in 0..4 {
    weight v: angle[3, 3] = uniform(0, 2 * pi)
    rot(v) q
    rx(0.5 * f32(l) * x[0]) q[0]
    layer q
    repeat k in 0..2 { weight u: angle = uniform(0, 1); crx(u + x[1]) q[1], q[2] }
  }
  repeat t in y { pair(t) q[0], q[2] }
  ctrl @ layer q[2], q[0..2] as last
  return state(q)
}
"""
MODEL = "model m(x: f32[3], y: f32[4]) -> c64[8] { return net(x, y) }\n"
Y = np.array([0.3, -0.2, 1.5, 0.8])


def program(text: str, name: str, is_flat: bool = False) -> tuple[str, dict[str, Any]]:
    """The OpenQASM of the only circuit of a model, with its manifest."""
    built = build_as_written(checked(text))
    (one,) = qasm_programs(built, "qasm3", name, Sink(), is_flat=is_flat).values()
    return one.text, json.loads(one.beside[".manifest.json"])


def inputs(manifest: Mapping[str, Any], value: Callable[[str], Any]) -> dict[str, Any]:
    """What the program's inputs are, as its manifest says."""
    return {
        one["name"]: np.array([value(path) for path in _elements(one)]).reshape(one.get("shape", ()))
        for one in manifest["inputs"]
    }


def _elements(entry: Mapping[str, Any]) -> list[str]:
    places = np.ndindex(*entry.get("shape", ()))
    return [entry["value"] + "".join(f"[{number}]" for number in place) for place in places]


def element_of(values: Mapping[str, Any], path: str) -> Any:
    name, *places = re.findall(r"[^\[\]]+", path)
    return np.asarray(values[name])[tuple(map(int, places))]


def any_number(path: str) -> float:
    return zlib.crc32(path.encode()) / 2**30


def state(text: str, given: Mapping[str, Any] | None = None) -> Statevector:
    return Statevector(read(text, given).reverse_bits())


def same(one: Statevector, amplitudes: Numbers) -> bool:
    return one.equiv(Statevector(amplitudes), rtol=1e-9, atol=1e-9)


def test_loops_and_sub_circuits_stay(golden: Goldens) -> None:
    text, manifest = program(LAYERS + MODEL, "m")
    golden(HERE / "goldens" / "structure.expected.qasm", text)
    with jax.enable_x64(True):
        found = compiled(LAYERS + MODEL).models["m"]
        variables = found.init(0, "f64")
        values = {path.removeprefix("net."): array for path, array in variables.flat().items()}
        values |= {"x": X, "y": Y}
        wanted = np.asarray(found.apply(variables, X, Y))
        programs = [found.qasm(variables, flat=flat, x=X, y=Y)["m.net"] for flat in (False, True)]
        oldest = found.qasm(variables, version="2.0", x=X, y=Y)["m.net"]
    assert same(state(text, inputs(manifest, lambda path: element_of(values, path))), wanted)
    assert all(same(state(one), wanted) for one in programs)
    assert "array[float[64], 4, 3, 3] v = {{{" in programs[0] and "for " not in programs[1] + oldest
    assert same(Statevector(qasm2.loads(oldest).reverse_bits()), wanted)


@given(circuits())
@settings(suppress_health_check=SLOW)
def test_a_program_is_its_flat_one(written: WrittenCircuit) -> None:
    both = [program(written.text, "amplitudes", is_flat) for is_flat in (False, True)]
    states = [state(text, inputs(manifest, any_number)) for text, manifest in both]
    assert states[0].equiv(states[1], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        pytest.param(
            "repeat 3 { weight w: angle[2] = zeros; rx(w[1]) q[0] }", "rx(w[i, 1]) q[0];", id="element"
        ),
        pytest.param("repeat l in 0..3 { rx(0.5 * f32(l)) q[0] }", "rx(0.5 * i) q[0];", id="progression"),
        pytest.param(
            "repeat l in 0..3 { rx(f32(l) * x[0] + 0.1) q[0] }", "rx(i * x_0 + 0.1) q[0];", id="factor"
        ),
        pytest.param("repeat l in 0..3 { rx(sin(f32(l))) q[0] }", "rx(angles[i, 0]) q[0];", id="table"),
        pytest.param(
            "repeat 2 { repeat 3 { weight w: angle = zeros; ry(w) q[1] } }", "ry(w[i, j]) q[1];", id="nested"
        ),
        pytest.param("repeat v in x { rz(v / 2) q[0] }", "rz(x_[i] / 2.0) q[0];", id="over an array"),
        pytest.param("repeat l in 1..4 { rx(x[l - 1]) q[0] }", "rx(x_[i]) q[0];", id="gather"),
    ],
)
def test_angles_are_formulas_of_the_turn(body: str, wanted: str) -> None:
    text, _ = program(f"model m(x: f32[3]) -> c64[4] {{ return c(x) }}\n{_circuit(body)}", "m")
    assert wanted in text, text


def _circuit(body: str) -> str:
    return f"circuit c(x: f32[3]) -> c64[4] {{\nqubits q[2]\n{body}\nreturn state(q)\n}}"


MATRICES = """
circuit inner(a: f32[15], q: qubit[2]) { su(a) q }
circuit c(m: f32[4, 4], x: f32[3]) -> c64[8] {
  qubits q[3]
  weight a: f32[15] = normal(0.3)
  h q
  su(a) q[0], q[2]
  negctrl @ su(x) q[1], q[0]
  ctrl @ unitary([[0.0, 1.0], [-1.0, 0.0]]) q[1], q[0]
  inv @ inner(a) q[1..3]
  ctrl @ inner(a) q[0], q[1..3]
  evolve(hermitian(m, q[0..2]), 0.4)
  evolve(X(q[0]) * Z(q[1]) + 0.3 * Y(q[1]), 0.7)
  repeat 3 {
    weight b: f32[3] = normal(0.3)
    su(b) q[1]
  }
  return state(q)
}
circuit e(m: f32[2, 2]) -> f32 {
  qubits q
  h q
  return expect(hermitian(m, q))
}
model m(m: f32[4, 4], x: f32[3]) -> c64[8] { return c(m, x) }
model energy(m: f32[2, 2]) -> f32 { return e(m) }
"""


def test_matrices_are_gates_exactly() -> None:
    matrix = np.random.default_rng(0).normal(size=(4, 4))
    with jax.enable_x64(True):
        found = compiled(MATRICES).models["m"]
        variables = found.init(0, "f64")
        wanted = np.asarray(found.apply(variables, matrix, X))
        (text,) = found.qasm(variables, m=matrix, x=X).values()
        (old,) = found.qasm(variables, version="2.0", m=matrix, x=X).values()
    assert "for int i in [0:2]" in text
    assert same(state(text), wanted)
    assert same(Statevector(qasm2.loads(old).reverse_bits()), wanted)


def test_a_matrix_of_inputs_is_refused_and_an_observable_of_them_is_in_the_manifest() -> None:
    sink = Sink()
    built = build_as_written(checked(MATRICES))
    assert not qasm_programs(built, "qasm3", "m", sink)
    assert [(one.code, "a matrix that depends on an input" in one.message) for one in sink.all] == [
        ("HQN0722", True)
    ]
    assert "--bind" in "".join(sink.all[0].helps())
    _, manifest = program(MATRICES, "energy")
    entries = ["m_0_0", "m_0_1", "m_1_0", "m_1_1"]
    assert manifest["queries"] == [{"kind": "expect_matrix", "wires": [0], "rows": 2, "entries": entries}]
