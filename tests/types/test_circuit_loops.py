"""Loops in circuits against the same program run by hand: every gate, every wire, every angle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hqn.compiler.types import typed
from support.elaborated import f32, function, gates_of

# --- random programs ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Nest:
    """Loops in loops over q[n], each with a weight of its own; wires depend on all variables."""

    qubits: int
    trips: tuple[int, ...]
    coefficients: tuple[tuple[int, ...], ...]
    """Per level: of each variable in the wire of `rz`, and a constant."""
    modulus: int

    @property
    def variables(self) -> list[str]:
        return [f"v{level}" for level in range(len(self.trips))]

    def text(self) -> str:
        lines = [f"circuit c() -> f32[{self.qubits}] {{", f"qubits q[{self.qubits}]"]
        for level, trips in enumerate(self.trips):
            lines += [f"repeat v{level} in 0..{trips} {{", f"weight w{level}: angle = normal(1.0)"]
            lines += [f"rz(w{level}) q[{self._wire(level)}]", f"ry(w{level}) q"]
        return "\n".join([*lines, *("}" for _ in self.trips), "return expect(Z(q))", "}"])

    def _wire(self, level: int) -> str:
        *factors, constant = self.coefficients[level]
        terms = [f"{factor} * v{k}" for k, factor in enumerate(factors) if factor]
        inner = " + ".join([*terms, str(constant)])
        return f"({inner}) % {self.modulus} % {self.qubits}"

    def slots(self) -> dict[str, np.ndarray]:
        random = np.random.default_rng(0)
        return {f"w{level}": random.random(self.trips[: level + 1]) for level in range(len(self.trips))}

    def by_hand(self, slots: dict[str, np.ndarray]) -> list[tuple[str, tuple[int, ...], tuple[float, ...]]]:
        done: list[tuple[str, tuple[int, ...], tuple[float, ...]]] = []
        self._turns((), slots, done)
        return done

    def _turns(self, at: tuple[int, ...], slots: dict[str, np.ndarray], done: list) -> None:
        level = len(at)
        if level == len(self.trips):
            return
        for turn in range(self.trips[level]):
            here = (*at, turn)
            *factors, constant = self.coefficients[level]
            total = sum(factor * value for factor, value in zip(factors, here, strict=True)) + constant
            angle = float(slots[f"w{level}"][here])
            done.append(("rz", (total % self.modulus % self.qubits,), (angle,)))
            done += [("ry", (wire,), (angle,)) for wire in range(self.qubits)]
            self._turns(here, slots, done)


@st.composite
def nests(draw: st.DrawFn) -> Nest:
    depth = draw(st.integers(1, 3))
    small = st.integers(0, 2)
    return Nest(
        qubits=draw(st.integers(1, 4)),
        trips=tuple(draw(st.integers(0, 7)) for _ in range(depth)),
        coefficients=tuple(tuple(draw(small) for _ in range(level + 2)) for level in range(depth)),
        modulus=draw(st.integers(1, 4)),
    )


@given(nests())
def test_every_form_of_a_loop_applies_the_gates_of_the_text(nest: Nest) -> None:
    slots = nest.slots()
    assert gates_of(function(nest.text(), "c"), slots) == nest.by_hand(slots)


# --- the form of a loop ---------------------------------------------------------------------------

RING = """
circuit c[depth](x: f32[n]) -> f32[n] {
  qubits q[n]
  rx(x) q
  repeat l in 0..depth {
    weight w: angle[n, 3] = uniform(0, 2 * pi)
    rot(w) q
    repeat i in 0..n { cx q[i], q[(i + l % (n - 1) + 1) % n] }
  }
  return expect(Z(q))
}
"""


def kinds(statements: tuple[typed.Statement, ...]) -> list[str]:
    return [type(statement).__name__ for statement in statements]


def test_few_turns_over_a_ring_are_written_out() -> None:
    found = function(RING, "c", f32(5), depth=3)
    assert [gate.gate for gate in found.statements] == ["rx", "rot", "cx", "rot", "cx", "rot", "cx"]
    turns = [gate.angles.turns for gate in found.statements if gate.gate == "rot"]
    assert turns == [(typed.Turn(None, 0, k),) for k in range(3)]
    assert found.statements[2].wires == ((0, 1), (1, 2), (2, 3), (3, 4), (4, 0))
    assert found.slots[0].shape == (3, 5, 3)


def test_many_turns_over_a_ring_become_groups_and_a_rest() -> None:
    found = function(RING, "c", f32(5), depth=11)
    assert kinds(found.statements) == ["ApplyGate", "RepeatGates", *["ApplyGate"] * 6]
    loop = found.statements[1]
    assert isinstance(loop, typed.RepeatGates)
    assert (loop.trips, len(loop.statements)) == (2, 8)
    written = [gate.angles.turns[0] for gate in loop.statements if gate.gate == "rot"]
    assert written == [typed.Turn(loop.index, 4, k) for k in range(4)]
    rest = [gate.angles.turns[0].offset for gate in found.statements[2:] if gate.gate == "rot"]
    assert rest == [8, 9, 10]


def test_a_variable_in_no_qubit_index_leaves_a_loop_even_of_one_turn() -> None:
    text = """
circuit c[depth](th: f32[depth, 2]) -> f32[2] {
  qubits q[2]
  repeat d in 0..depth { ry(th[d]) q }
  return expect(Z(q))
}
"""
    for depth in (1, 3):
        found = function(text, "c", f32(depth, 2), depth=depth)
        assert kinds(found.statements) == ["RepeatGates"]
        angles = np.arange(2.0 * depth).reshape(depth, 2)
        expected = [("ry", (wire,), (angles[d, wire],)) for d in range(depth) for wire in range(2)]
        assert gates_of(found, {}, angles) == expected


def test_a_loop_over_the_rows_of_an_array() -> None:
    text = """
circuit c(xs: f32[m, 2]) -> f32[2] {
  qubits q[2]
  repeat x in xs { rx(x) q }
  return expect(Z(q))
}
"""
    rows = np.arange(6.0).reshape(3, 2)
    expected = [("rx", (wire,), (rows[k, wire],)) for k in range(3) for wire in range(2)]
    assert gates_of(function(text, "c", f32(3, 2)), {}, rows) == expected


def test_a_range_with_a_step_and_a_static_choice() -> None:
    text = """
circuit c[last]() -> f32[6] {
  qubits q[6]
  repeat i in 1..6 step 2 {
    if i == last { z q[i] } else { x q[i - 1] }
  }
  return expect(Z(q))
}
"""
    assert gates_of(function(text, "c", last=5)) == [("x", (0,), ()), ("x", (2,), ()), ("z", (5,), ())]


def test_gates_of_neighbouring_turns_are_joined_with_their_angles() -> None:
    text = """
circuit c(x: f32[n]) -> f32[n] {
  qubits q[n]
  repeat i in 0..n { rz(x[i]) q[n - 1 - i] }
  return expect(Z(q))
}
"""
    found = function(text, "c", f32(4))
    assert kinds(found.statements) == ["ApplyGate"]
    x = np.arange(4.0)
    assert gates_of(found, {}, x) == [("rz", (3 - i,), (float(i),)) for i in range(4)]
