"""Random circuits: what is simulated against what is exported, read by Qiskit."""

from __future__ import annotations

import jax
import numpy as np
from hypothesis import HealthCheck, given, settings
from qiskit.quantum_info import SparsePauliOp, Statevector

from hqn.compiler.api import compile as compiled
from support.openqasm import read
from support.whole import Numbers, apply, model
from support.written_circuits import FEATURES, WrittenCircuit, circuits

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)
some = settings(max_examples=settings.default.max_examples // 8, suppress_health_check=SLOW)
few = settings(max_examples=settings.default.max_examples // 20, suppress_health_check=SLOW)
FEATURE_VALUES = np.random.default_rng(0).normal(size=FEATURES)


def exported(written: WrittenCircuit, flat: bool = False) -> Statevector:
    """The state that Qiskit prepares from the exported text; wire 0 becomes Qiskit's last qubit."""
    with jax.enable_x64(True):
        found = compiled(written.text).models["amplitudes"]
        (text,) = found.qasm(found.init(0, "f64"), flat=flat, x=FEATURE_VALUES).values()

    return Statevector(read(text).reverse_bits())


def probabilities(amplitudes: Numbers, wires: tuple[int, ...], count: int) -> Numbers:
    """Of the given wires, the first the most significant bit."""
    of_all = np.abs(amplitudes.reshape((2,) * count)) ** 2
    left = of_all.sum(axis=tuple(wire for wire in range(count) if wire not in wires))
    order = [sorted(wires).index(wire) for wire in wires]
    return left.transpose(order).reshape(-1)


def expectation(state: Statevector, written: WrittenCircuit) -> float:
    total = 0.0
    for coefficient, product in written.observable:
        label = "".join(product.get(wire, "I") for wire in range(written.wires))
        total += coefficient * state.expectation_value(SparsePauliOp(label)).real
    return total


@given(circuits())
@some
def test_what_is_simulated_is_what_is_exported(written: WrittenCircuit) -> None:
    state = exported(written)
    found = apply(model(written.text, "amplitudes"), [FEATURE_VALUES])
    turned = state.data * np.vdot(state.data, found)
    np.testing.assert_allclose(np.abs(np.vdot(state.data, found)), 1, atol=1e-9)
    np.testing.assert_allclose(turned, found, atol=1e-9)


@given(circuits())
@few
def test_queries_look_at_the_state(written: WrittenCircuit) -> None:
    state = exported(written)
    chances = apply(model(written.text, "chances"), [FEATURE_VALUES])
    wanted = probabilities(state.data, written.looked_at, written.wires)
    np.testing.assert_allclose(chances, wanted, atol=1e-9)
    energy = apply(model(written.text, "energy"), [FEATURE_VALUES])
    np.testing.assert_allclose(energy, expectation(state, written), atol=1e-9)


@given(circuits())
@few
def test_a_batch_and_no_passes_change_nothing(written: WrittenCircuit) -> None:
    batch = np.stack([FEATURE_VALUES, 0.5 - FEATURE_VALUES])
    found = apply(model(written.text, "amplitudes"), [batch])
    plain = model(written.text, "amplitudes", passes=())
    np.testing.assert_allclose(found, apply(plain, [batch]), atol=1e-9)
    for row, features in zip(found, batch, strict=True):
        np.testing.assert_allclose(row, apply(plain, [features]), atol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(found, axis=-1), 1, atol=1e-9)
