"""Gates on qubits and registers, their angles and modifiers, and circuits applied like gates."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqn.compiler.types import typed
from hqn.compiler.types.circuits.gates import GATES
from support.elaborated import codes, f32, function, gates_of


def circuit(body: str, params: str = "") -> str:
    return f"circuit c({params}) -> f32 {{\nqubits q[5], r[3], s\n{body}\nreturn expect(Z(s))\n}}"


@given(st.sampled_from(sorted(GATES)), st.integers(1, 3), st.booleans())
def test_every_gate_on_registers_of_every_form(name: str, rows: int, shared: bool) -> None:
    """One value for all rows or a row of values each, in one array."""
    gate = GATES[name]
    operands = ", ".join(f"q[{k}..{k + rows}]" for k in range(gate.qubits))
    shape = (() if shared else (rows,)) + ((gate.params,) if gate.params > 1 else ())
    values = np.arange(1.0, 1.0 + max(1, int(np.prod(shape)))).reshape(shape)
    params = f"x: f32[{', '.join(map(str, shape))}]" if shape else "x: f32"
    text = circuit(f"{name}{'(x)' if gate.params else ''} {operands}", params)
    table = np.zeros((rows, gate.params))
    if gate.params:
        table += values.reshape(-1, gate.params)
    meant = f"inv(1) @ {gate.name}" if gate.inverted else gate.name
    expected = [(meant, tuple(range(k, k + gate.qubits)), tuple(table[k])) for k in range(rows)]
    assert gates_of(function(text, "c", f32(*shape)), {}, values) == expected


@given(st.integers(1, 4), st.lists(st.booleans(), min_size=3, max_size=3))
def test_parameters_one_by_one(rows: int, shared: list[bool]) -> None:
    shapes = [() if one else (rows,) for one in shared]
    params = ", ".join(f"x{k}: f32[{rows}]" if shape else f"x{k}: f32" for k, shape in enumerate(shapes))
    values = [np.arange(float(np.prod(shape))).reshape(shape) + 10 * k for k, shape in enumerate(shapes)]
    found = function(circuit(f"rot(x0, x1, x2) q[0..{rows}]", params), "c", *(f32(*one) for one in shapes))
    columns = np.stack([np.broadcast_to(one, (rows,)) for one in values], axis=1)
    assert gates_of(found, {}, *values) == [("rot", (k,), tuple(columns[k])) for k in range(rows)]


@pytest.mark.parametrize(
    ("body", "wires"),
    [
        ("cx q[0..4 step 2], q[1..4 step 2]", [(0, 1), (2, 3)]),
        ("cx q[0], r", [(0, 5), (0, 6), (0, 7)]),
        ("cx q[1..4], r", [(1, 5), (2, 6), (3, 7)]),
        ("cx q[-1], s", [(4, 8)]),
        ("ctrl(2) @ x q[0..2], q[4]", [(0, 1, 4)]),
        ("ctrl @ negctrl @ x q[0], r, s", [(0, 5, 8), (0, 6, 8), (0, 7, 8)]),
        ("mcx q, s", [(0, 1, 2, 3, 4, 8)]),
        ("negctrl @ mcx s, q[1], r", [(8, 1, 5, 6, 7)]),
        ("cx q[0..0], r[0..0]", []),
        ("swap q[..2], q[3..]", [(0, 3), (1, 4)]),
    ],
)
def test_how_operands_pair_up(body: str, wires: list[tuple[int, ...]]) -> None:
    assert [gate[1] for gate in gates_of(function(circuit(body), "c"))] == wires


def test_modifiers_are_kept_as_written() -> None:
    (gate,) = function(circuit("inv @ ctrl(2) @ pow(-3) @ rz(0.5) q[0..2], s"), "c").statements
    assert isinstance(gate, typed.ApplyGate)
    assert gate.modifiers == tuple(
        typed.GateModifier(kind, value)  # type: ignore[arg-type]
        for kind, value in [("inv", 1), ("ctrl", 2), ("pow", -3)]
    )


def test_a_value_may_have_the_name_of_a_gate() -> None:
    found = function(circuit("y = 2 * h\nh q[0]\nrx(y + h) q[1]", "h: f32"), "c", f32())
    assert gates_of(found, {}, 0.5) == [("h", (0,), ()), ("rx", (1,), (1.5,))]


# --- circuits applied like gates ------------------------------------------------------------------

PARTS = """
circuit layer_(w: f32[n], q: qubit[n], t: qubit) {
  weight b: f32[n] = zeros
  ry(w) q
  rz(b) q
  repeat i in 0..n { cx q[i], t }
}
circuit c(x: f32[2]) -> f32 {
  qubits q[4], s
  repeat k in 0..2 { layer_(x) q[2 * k..2 * k + 2], s as part }
  layer_(x) q[0..4 step 2], q[1] as last
  inv @ ctrl @ layer_(x) q[0], q[1..3], s as other
  return expect(Z(s))
}
"""


def test_wires_of_applied_circuits_and_their_instances() -> None:
    found = function(PARTS, "c", f32(2))
    applied = [one for one in found.statements if isinstance(one, typed.ApplyCircuit)]
    assert [one.wires for one in applied] == [(0, 1, 4), (2, 3, 4), (0, 2, 1), (0, 1, 2, 4)]
    assert [one.turns for one in applied[:2]] == [(typed.Turn(None, 0, k),) for k in range(2)]
    assert [child.name for child in found.children] == ["part", "last", "other"]
    assert [child.loops for child in found.children] == [(2,), (), ()]
    inner = applied[0].function
    assert (inner.qubits, inner.qubit_params, inner.result) == (3, 3, None)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("layer_(x) q[0..2], q[1]", "HQN0401"),
        ("layer_(x) q[0..3], s", "HQN0301"),
        ("layer_(x) q[0..2]", "HQN0403"),
        ("layer_ q[0..2], s", "HQN0306"),
        ("layer_(x) q[0..2], s\nlayer_(x) q[0..2], s", "HQN0332"),
        ("y = layer_(x)", "HQN0419"),
    ],
)
def test_what_may_not_be_applied(body: str, code: str) -> None:
    head, _, rest = PARTS.partition("  repeat k")
    assert codes(f"{head}{body}\nreturn expect(Z(s))\n}}", "c", f32(2)) == [code], rest


def test_a_circuit_without_weights_needs_no_label() -> None:
    text = """
circuit ring(q: qubit[n]) { repeat i in 0..n { cx q[i], q[(i + 1) % n] } }
circuit c() -> f32 {
  qubits q[3]
  ring q
  ring q[0..2]
  return expect(Z(q[0]))
}
"""
    found = function(text, "c")
    assert [one.function.qubits for one in found.statements if isinstance(one, typed.ApplyCircuit)] == [3, 2]
