"""Which gradient method a circuit gets, and whether the bytes that are predicted are those of XLA."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hqn
from hqn.compiler import driver, memory
from hqn.compiler.diagnostics import Sink
from hqn.compiler.diagnostics.render import render_all
from hqn.compiler.outcome import PlanRequest
from hqn.compiler.plan.demand import Demand
from hqn.compiler.plan.execution import Execution, Load, choose, execution
from hqn.compiler.plan.measurement import without_measurement
from hqn.compiler.source import Source

TEXT = """hqn 0.1
circuit layers(x: f32[n]) -> f32[n] {{
  qubits q[n]
  ry(x) q
  repeat {turns} {{
    weight w: angle[n, 3] = uniform(0, 2 * pi)
    rot(w) q
    {more}
    repeat i in 0..n {{ cx q[i], q[(i + 1) % n] }}
  }}
  return expect(Z(q))
}}
model m(x: f32[{n}]) -> f32[{n}] {{ return layers(x) }}
"""
BATCH = 8


def planned(text: str) -> Execution:
    checked = driver.check(Source("a.hqn", text), Sink())
    assert checked is not None
    functions = without_measurement(driver.build(checked)).module.functions.values()
    return execution(next(one for one in functions if one.kind == "circuit"), demand=Demand(BATCH))


def temporaries(text: str, n: int, gradient: bool) -> int:
    """What XLA says the compiled model, or its gradient, takes."""
    model = hqn.compile(text, "a.hqn").models["m"]
    variables, x = model.init(0), np.zeros((BATCH, n), np.float32)

    def total(variables: Any, x: Any) -> jax.Array:
        return model.apply(variables, x).sum()

    compiled = jax.jit(jax.grad(total) if gradient else total).lower(variables, x).compile()
    return compiled.memory_analysis().temp_size_in_bytes


@pytest.mark.parametrize(("n", "turns", "more"), [(8, 4, ""), (6, 60, ""), (9, 4, "rx(x) q")])
def test_predicted_bytes_are_within_twice_those_of_the_compiler(n: int, turns: int, more: str) -> None:
    text = TEXT.format(n=n, turns=turns, more=more)
    found = planned(text)
    assert found.gradients[0].method == "reverse"
    assert 1 / 2 <= found.forward.bytes / temporaries(text, n, False) <= 2
    assert 1 / 2 <= found.gradients[0].figures.bytes / temporaries(text, n, True) <= 2
    with memory.limited(found.gradients[0].figures.bytes):
        found = planned(text)
        assert found.adjoint
        assert 1 / 2 <= found.gradients[0].figures.bytes / temporaries(text, n, True) <= 2


MIXED = """hqn 0.1
circuit layers(x: f32[4]) -> f32[4] {{
  qubits q[4]
  ry(x) q
  repeat {turns} {{
    weight w: angle[4, 3] = uniform(0, 2 * pi)
    rot(w) q
    repeat i in 0..4 {{ cx q[i], q[(i + 1) % 4] }}
    reset q[0]
  }}
  return expect(Z(q))
}}
model m(x: f32[4]) -> f32[4] {{ return layers(x) }}
"""


@pytest.mark.parametrize("turns", [2, 16])
def test_bytes_of_density_matrices_are_within_three_times_those_of_the_compiler(turns: int) -> None:
    text = MIXED.format(turns=turns)
    found = planned(text)
    assert found.mixed and found.gradients[0].method == "reverse"
    assert 1 / 3 <= found.forward.bytes / temporaries(text, 4, False) <= 3
    assert 1 / 3 <= found.gradients[0].figures.bytes / temporaries(text, 4, True) <= 3


@dataclass(frozen=True)
class Way:
    """A method with so many samples at once, by the table of the decision."""

    samples: int
    bytes: int
    operations: int


def every_way(load: Load, n: int, batch: int, unitary: bool, around: int) -> Iterator[Way]:
    methods = [(load.kept + 2, 3)]
    methods += [(load.between + load.turn + 2, 4)] if load.turn else []
    methods += [(6, 4)] if unitary else []
    for states, passes in methods:
        for samples in range(1, batch + 1):
            taken = states * samples * 8 * 2**n + 2 * load.matrices
            if samples < batch:
                yield Way(samples, taken + batch * around, (passes + 1) * batch * load.operations)
            else:
                yield Way(samples, taken, passes * batch * load.operations)


@given(
    st.builds(
        Load,
        st.integers(1, 10**9),
        st.integers(1, 400),
        st.integers(0, 1 << 24),
        st.integers(1, 400),
        st.integers(0, 40),
    ),
    st.integers(1, 24),
    st.integers(1, 64),
    st.integers(16, 40),
    st.booleans(),
    st.integers(0, 1 << 16),
    st.integers(1, 20),
)
def test_the_choice_is_that_of_trying_all(
    load: Load, n: int, batch: int, power: int, unitary: bool, around: int, circuits: int
) -> None:
    with memory.limited(1 << power):
        found = choose(load, n, batch, unitary, around, circuits)
    chosen, share = found.gradients[0], (1 << power) // max(8, circuits)
    ways = list(every_way(load, n, batch, unitary, around))
    fitting = [one for one in ways if one.bytes <= share]
    if not fitting:
        assert chosen.figures.bytes == min(one.bytes for one in ways)
        return
    least = min(one.operations for one in fitting)
    assert chosen.figures.bytes <= share and chosen.figures.operations == least
    best = max(one.samples for one in fitting if one.operations == least)
    assert chosen.samples >= best if best == batch else chosen.samples == best


def test_both_methods_give_the_same_gradient() -> None:
    text = TEXT.format(n=3, turns=2, more="rz(x) q")
    x = np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3)
    gradients = []
    for number in (memory.BYTES, 1 << 12):
        with memory.limited(number):
            program = hqn.compile(text, "a.hqn")
        assert ("qc.adjoint" in program.text) == (number < memory.BYTES)
        model = program.models["m"]
        total = jax.jit(jax.grad(lambda variables, model=model: (model.apply(variables, x) ** 2).sum()))
        gradients.append(total(model.init(0)))
    for one, other in zip(*map(jax.tree.leaves, gradients), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


@pytest.mark.parametrize(("text", "number"), [("8GiB", 8 << 30), ("500 MiB", 500 << 20), ("4096", 4096)])
def test_amounts_of_memory(text: str, number: int) -> None:
    assert memory.parse_bytes(text) == number


@pytest.mark.parametrize("text", ["", "GiB", "1.5GiB", "-1", "8 apples", "0"])
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(ValueError):
        memory.parse_bytes(text)


OBSTACLES = {
    "repeat 3 { h q[0]\ncx q[0], q[1]\nreset q[1] }": "a reset",
    "postselect q[1] == 0": "a post-selection",
    "repeat 4 take k { h q[0]\ncx q[0], q[1] }": "a loop that stops early",
    "cx q[0], q[1]": None,
}


@pytest.mark.parametrize("line", OBSTACLES)
def test_what_the_adjoint_method_cannot_undo_is_said(line: str) -> None:
    """Also where a profile asks for that method."""
    text = f"""hqn 0.1
circuit c(x: f32[2], k: i32) -> f32 {{
  qubits q[2]
  weight w: angle[2] = normal(1.0)
  ry(w * x) q
  {line}
  return expect(Z(q[0]))
}}
model m(x: f32[2], k: i32) -> f32 {{ return c(x, k) }}
execute undo {{ default gradient adjoint }}
run r {{
  let m = m under undo
  weight x: f32[2] = ones
  minimize m(x, 2) over m, x by sgd(0.1)
  steps 1
}}
"""
    sink = Sink()
    shown = driver.plan(Source("a.hqn", text), PlanRequest(views=("execution",)), sink)
    assert shown is not None, render_all(sink, color=False)
    what = OBSTACLES[line]
    assert ("gradient: adjoint" in shown) == (what is None)
    if what is not None:
        assert f"rejected: adjoint  cannot undo {what}\n" in shown
        assert f"the profile says adjoint, which cannot undo {what}" in shown
