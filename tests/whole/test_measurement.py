"""Measured bits, resets, discards and post-selection against Qiskit's density matrices, in f64.

Random lines stand in a row, where pure states simulate them, and in a loop, where density matrices do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from support.branches import Branches
from support.qiskit_gates import qiskit_gate
from support.whole import apply, model

N = 3
X = np.array([0.7, -1.9, 2.4])
Do = Callable[[Branches], None]
ONE, TWO = ("h", "ry", "rx", "rz"), ("cx", "crx", "cz", "swap")


@dataclass
class Text:
    """Lines, what they do to the oracle, and which qubits and bits are there behind them."""

    lines: list[str] = field(default_factory=list)
    steps: list[Do] = field(default_factory=list)
    there: set[int] = field(default_factory=lambda: set(range(N)))
    bits: list[str] = field(default_factory=list)

    def add(self, line: str, *steps: Do) -> None:
        self.lines.append(line)
        self.steps += steps

    def run(self, branches: Branches) -> None:
        for step in self.steps:
            step(branches)


@st.composite
def gate(draw: st.DrawFn, there: set[int]) -> tuple[str, str, tuple[int, ...], tuple[float, ...]]:
    name = draw(st.sampled_from(ONE if len(there) < 2 else ONE + TWO))
    wires = tuple(draw(st.permutations(sorted(there)))[: 2 if name in TWO else 1])
    place = draw(st.integers(0, 2))
    angles = (X[place],) if name.endswith(("rx", "ry", "rz")) else ()
    head = f"{name}(x[{place}])" if angles else name
    return f"{head} {', '.join(f'q[{w}]' for w in wires)}", name, wires, angles


def act(one: tuple[str, str, tuple[int, ...], tuple[float, ...]], when: Callable = lambda _: True) -> Do:
    _, name, wires, angles = one
    return lambda branches: branches.gate(qiskit_gate(name, list(angles)), wires, when)


CONDITIONS: dict[str, Callable[[int, int], bool]] = {
    "{a}": lambda a, b: a == 1,
    "not {a}": lambda a, b: a == 0,
    "{a} == 0": lambda a, b: a == 0,
    "{a} != {b}": lambda a, b: a != b,
    "{a} and not {b}": lambda a, b: a == 1 and b == 0,
    "{a} == 1 or {b}": lambda a, b: a == 1 or b == 1,
}


@st.composite
def line(draw: st.DrawFn, text: Text, prefix: str, postselects: bool) -> None:
    kinds = ["gate"] * 4 + ["reset"] + ["measure"] * 2 * (len(text.there) > 1)
    kinds += ["discard"] * (len(text.there) > 1) + ["if"] * 4 * bool(text.bits) + ["post"] * postselects
    kind = draw(st.sampled_from(kinds))
    if kind == "gate":
        one = draw(gate(text.there))
        text.add(one[0], act(one))
    elif kind == "if":
        a, b = (draw(st.sampled_from(text.bits)) for _ in range(2))
        written = draw(st.sampled_from(sorted(CONDITIONS)))
        holds = CONDITIONS[written]
        yes, no = draw(gate(text.there)), draw(gate(text.there))
        text.add(
            f"if {written.format(a=a, b=b)} {{ {yes[0]} }} else {{ {no[0]} }}",
            act(yes, lambda bits: holds(bits[a], bits[b])),
            act(no, lambda bits: not holds(bits[a], bits[b])),
        )
    elif kind == "reset":
        wire = draw(st.integers(0, N - 1))
        text.there.add(wire)
        text.add(f"reset q[{wire}]", lambda branches: branches.reset(wire))
    else:
        wire = draw(st.sampled_from(sorted(text.there)))
        if kind == "post":
            text.add(f"postselect q[{wire}] == 0", lambda branches: branches.postselect(wire, 0))
            return
        text.there.discard(wire)
        name = f"{prefix}{len(text.bits)}"
        if kind == "measure":
            text.bits.append(name)
            text.add(f"{name} = measure q[{wire}]", lambda branches: branches.measure(wire, name))
        else:
            text.add(f"discard q[{wire}]")


@st.composite
def texts(draw: st.DrawFn, looped: bool) -> Text:
    text = Text()
    for wire in range(N):
        start = qiskit_gate("ry", [X[wire] + 0.3])
        text.add(f"ry(x[{wire}] + 0.3) q[{wire}]", lambda b, g=start, w=wire: b.gate(g, (w,)))
    inner = Text() if looped else text
    for _ in range(draw(st.integers(3, 8))):
        draw(line(inner, "b", not looped))
    if looped:
        for wire in sorted(set(range(N)) - inner.there):
            inner.add(f"reset q[{wire}]", lambda branches, w=wire: branches.reset(w))
        text.add("repeat 3 {\n" + "\n".join(inner.lines) + "\n}", *inner.steps * 3)
    return text


def circuit(text: Text) -> str:
    there = sorted(text.there)
    read = ", ".join(f"q[{wire}]" for wire in there)
    values = f"concat(probs({read}), [{', '.join(f'expect(X(q[{w}]))' for w in there)}])"
    lines = "\n".join(text.lines)
    result = f"f32[{2 ** len(there) + len(there)}]"
    return (
        f"circuit c(x: f32[3]) -> {result} {{\nqubits q[{N}]\n{lines}\nreturn {values}\n}}\n"
        f"model net(x: f32[3]) -> {result} {{\nweight one: f32 = ones\nreturn c(one * x)\n}}\n"
    )


def expected(text: Text) -> np.ndarray:
    branches = Branches(N)
    text.run(branches)
    there = sorted(text.there)
    flips = [2 * branches.density((wire,))[0, 1].real for wire in there]
    return np.concatenate([np.diag(branches.density(tuple(there))).real, flips])


def check(text: Text) -> None:
    found = apply(model(circuit(text)), [X])
    np.testing.assert_allclose(found, expected(text), atol=1e-9, err_msg=circuit(text))


HURRIED = settings(deadline=None, max_examples=12, suppress_health_check=list(HealthCheck))


@given(texts(looped=False))
@HURRIED
def test_lines_in_a_row(text: Text) -> None:
    assume(np.isfinite(expected(text)).all())
    check(text)


@given(texts(looped=True))
@HURRIED
def test_lines_in_a_loop(text: Text) -> None:
    check(text)


APPLIED = """
circuit both(a: qubit, b: qubit, t: f32) {
  m = measure a
  if m { rx(t) b } else { h b }
  reset a
}
circuit c(x: f32) -> f32 {
  qubits q[3]
  ry(x) q
  k = measure q[2]
  both(x) q[0], q[1]
  if k { z q[1] }
  both(2 * x) q[0], q[1]
  h q[1]
  return expect(Z(q[1]))
}
model net(x: f32) -> f32 {
  weight one: f32 = ones
  return c(one * x)
}
"""


@pytest.mark.parametrize("passes", [None, ()])
def test_a_circuit_that_measures_is_applied_twice(passes: tuple[str, ...] | None) -> None:
    """Inlined, on a pure state; and called, on a density matrix."""
    branches, x = Branches(3), 0.7
    for wire in range(3):
        branches.gate(qiskit_gate("ry", [x]), (wire,))
    branches.measure(2, "k")
    for turn in (1, 2):
        branches.measure(0, "m")
        branches.gate(qiskit_gate("rx", [turn * x]), (1,), lambda bits: bits["m"] == 1)
        branches.gate(qiskit_gate("h", []), (1,), lambda bits: bits["m"] == 0)
        branches.reset(0)
        gate, condition = ("z", lambda bits: bits["k"] == 1) if turn == 1 else ("h", lambda _: True)
        branches.gate(qiskit_gate(gate, []), (1,), condition)
    rho = branches.density((1,))
    found = apply(model(APPLIED, passes=passes), [np.array(x)])
    np.testing.assert_allclose(found, (rho[0, 0] - rho[1, 1]).real, atol=1e-10)
