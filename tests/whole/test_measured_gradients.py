"""Gradient methods of circuits that measure, reset and steer gates by bits, against reverse mode, in f64."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import hqn
from hqn.runtime.keys import keys_of
from hqn.runtime.variables import nested

CIRCUITS = """
circuit deferred(x: f32[3]) -> f32[3] {             # fresh wires stand for resets
  qubits q[3]
  weight w: angle[3, 3] = normal(1.0)
  weight v: f32 = normal(1.0)
  rx(x) q
  rot(w) q
  cx q[0], q[1]
  b = measure q[0]
  if b {
    ry(v * x[1]) q[1]
    rzz(w[0, 1]) q[1], q[2]
    crx(v) q[2], q[1]
  }
  reset q[0]
  if not b { u3(w[1]) q[0] }
  evolve(v * X(q[0]) * Z(q[2]), x[0])
  bs = measure q[1..3]
  if bs == 2 { u(w[2]) q[0] }
  reset q[1]
  ry(x[2]) q[1]
  cx q[1], q[0]
  return [expect(Z(q[0])), var(X(q[0]) + Z(q[1])), probs(q[0], q[1])[2]]
}
circuit looped(x: f32[3]) -> f32[3] {               # a density matrix
  qubits q[3]
  weight start: angle[3] = normal(1.0)
  ry(start) q
  repeat 3 {
    weight w: angle[3, 3] = normal(1.0)
    rx(x) q
    rot(w) q
    cx q[0], q[1]
    b = measure q[1]
    reset q[1]
    if b { ry(w[0, 1] * x[0]) q[0]; cp(w[2, 2]) q[0], q[2] }
  }
  return [expect(Z(q[0])), expect(X(q[0]) * Y(q[2]) + Z(q[1])), purity(q[0])]
}
circuit fresh(t: f32, q: qubit[2]) {                # resets where it is applied, also under a control
  weight s: angle[2] = normal(1.0)
  reset q[1]
  ry(s) q
  crx(t) q[0], q[1]
}
circuit turned(t: f32, q: qubit) {
  weight s: angle[3] = normal(1.0)
  rot(s) q
  rx(t) q
}
circuit applied(x: f32[3]) -> f32[3] {
  qubits q[3]
  rx(x) q
  fresh(x[0]) q[1..3] as first
  ctrl @ turned(x[1]) q[0], q[2] as second
  inv @ turned(x[2]) q[1] as third
  cx q[1], q[0]
  discard q[2]
  return [expect(Z(q[0])), expect(Y(q[0]) * Z(q[1])), probs(q[1])[0] ** 2]
}
"""
RUN = """
model net(x: f32[3]) -> f32[3] {{ return {circuit}(2 * x) }}
execute shift {{ default gradient parameter_shift }}
execute steps {{ default gradient finite_difference(0.00001) }}
execute undo {{ default gradient adjoint }}
execute lab {{ default shots 100 }}
run methods {{
  let exact = net
  let shifted = exact under shift
  let stepped = exact under steps
  let undone = exact under undo
  let measured = exact under lab
  weight x: f32[3] = normal(1.0)
  minimize sum(exact(x)) over exact, x by sgd(0.0)
  minimize sum(shifted(x)) over exact, x by sgd(0.0)
  minimize sum(stepped(x)) over exact, x by sgd(0.0)
  minimize sum(undone(x)) over exact, x by sgd(0.0)
{more}  steps 1
  precision f64
}}
"""
MEASURED = "  minimize sum(measured(x)) over exact, x by sgd(0.0)\n"
KEYS = 64


def gradients(circuit: str) -> list[list[np.ndarray]]:
    """By each method, of all weights and of the input; from shots for each of several keys."""
    shots = "" if circuit == "looped" else MEASURED  # its purity takes the state
    text = CIRCUITS + RUN.format(circuit=circuit, more=shots)
    if not shots:
        text = text.replace("execute lab { default shots 100 }\n", "").replace(
            "  let measured = exact under lab\n", ""
        )
    run = hqn.compile(text).runs["methods"].spec
    rng = np.random.default_rng(0)
    paths = [slot.path for slot in run.slots if slot.path.startswith("exact") or slot.path == "x"]
    values = {slot.path: rng.normal(size=slot.shape) for slot in run.slots if slot.path in paths}
    found = []

    def gradient(statement: Any, *keys: Any) -> Any:
        def loss(values: Any) -> jax.Array:
            tree = nested(values.items())
            return statement.function(
                {**dict.fromkeys((let.name for let in run.lets), tree["exact"]), **tree}, *keys
            )

        return jax.grad(loss)(values)

    with jax.enable_x64(True):
        for one in run.minimize:
            if one.traits.draws:
                keys = jax.vmap(lambda seed: keys_of(jax.random.key(seed), ()))(jnp.arange(KEYS))
                slopes = jax.jit(jax.vmap(lambda keys, one=one: gradient(one, keys)))(keys)
            else:
                slopes = jax.jit(lambda one=one: gradient(one))()
            found.append([np.asarray(slopes[path]) for path in paths])
    return found


@pytest.mark.parametrize("circuit", ["deferred", "looped", "applied"])
def test_all_methods_agree_where_circuits_measure_and_reset(circuit: str) -> None:
    exact, shifted, stepped, undone, *measured = gradients(circuit)
    for wanted, *others in zip(exact, shifted, stepped, undone):
        assert np.abs(wanted).max() > 1e-3
        for found, tolerance in zip(others, (1e-9, 1e-7, 1e-10)):
            np.testing.assert_allclose(found, wanted, atol=tolerance)
    for estimates in measured:
        for found, wanted in zip(estimates, exact):
            error = found.std(0) / np.sqrt(KEYS)
            assert (np.abs(found.mean(0) - wanted) <= 6 * error + 1e-9).all() and error.max() > 1e-4
