"""What does not fit into memory: made to fit where that is possible, else refused before it is allocated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from time import process_time
from typing import Any

import jax
import numpy as np
import pytest

import hqn
from hqn.compiler import cli, memory
from hqn.compiler.api import CompileError
from hqn.runtime.errors import BeyondMemory

N, BATCH = 9, 48
TEXT = f"""hqn 0.1
circuit c(x: f32[{N}]) -> f32[{N}] {{
  qubits q[{N}]
  ry(x) q
  START
  repeat TURNS {{
    weight w: angle[{N}, 3] = uniform(0, 2 * pi)
    rot(w) q
    ry(x) q
    repeat i in 0..{N} {{ cx q[i], q[(i + 1) % {N}] }}
  }}
  return expect(Z(q))
}}
model m(x: f32[{N}]) -> f32[{N}] {{ return c(x) }}
"""
X = np.linspace(-1, 1, BATCH * N, dtype=np.float32).reshape(BATCH, N)
POSTSELECT = "postselect q[0] == 0"


def gradient(start: str, turns: int, limit: int) -> tuple[str, Any, int]:
    """The emitted text, the gradient, and XLA's temporaries."""
    with memory.limited(limit):
        program = hqn.compile(TEXT.replace("START", start).replace("TURNS", str(turns)), "a.hqn")
    model = program.models["m"]

    def total(variables: Any) -> jax.Array:
        return (model.apply(variables, X) ** 2).sum()

    variables = model.init(0)
    compiled = jax.jit(jax.grad(total)).lower(variables).compile()
    return program.text, compiled(variables), compiled.memory_analysis().temp_size_in_bytes


@pytest.fixture(scope="module")
def whole() -> Iterator[dict[tuple[str, int], Any]]:
    yield {key: gradient(*key, memory.BYTES) for key in (("", 3), (POSTSELECT, 12))}


@pytest.mark.parametrize(
    ("start", "turns", "limit", "word"),
    [
        ("", 3, 8 << 20, r"qc\.adjoint\("),
        ("", 3, 2 << 20, r"@qc\.at_once\(\d\d?,"),
        (POSTSELECT, 12, 56 << 20, "again=True"),
        (POSTSELECT, 12, 8 << 20, r"@qc\.at_once\(\d\d?,"),
    ],
)
def test_every_strategy_gives_the_gradient_in_less(
    start: str, turns: int, limit: int, word: str, whole: dict[tuple[str, int], Any]
) -> None:
    plain, expected, most = whole[start, turns]
    text, found, taken = gradient(start, turns, limit)
    assert re.search(word, text) and not re.search(word, plain)
    assert taken <= limit and taken < most * 3 / 4
    for one, other in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(one, other, atol=2e-5)


WIDE = """hqn 0.1
circuit c(x: f32) -> f32 {
  qubits q[20]
  rx(x) q
  repeat 3 {
    weight w: angle[20] = uniform(0, 2 * pi)
    repeat i in 0..19 { cx q[i], q[i + 1] }
    ry(w) q
  }
  return expect(Z(q[19]))
}
model m(x: f32[4]) -> f32 { return c(x[0]) }
"""
RUN = """
data d = iris |> split(train = 120, test = 30, seed = 0)
run fit {
  let f = m
  data (x, y) in d batch 20
  minimize f(x) over f by sgd(0.1)
  epochs 1
}
"""


def test_a_gradient_that_no_strategy_fits_is_refused_in_a_run_only() -> None:
    """Three states of 8 MiB fit; the six of the adjoint method for one sample do not."""
    with memory.limited(30 << 20):
        assert "@qc.at_once(1, (0,))" in hqn.compile(WIDE, "a.hqn").text
        with pytest.raises(CompileError, match=r"the gradient by a state vector of 20 qubits takes 48.* MiB"):
            hqn.compile(WIDE + RUN, "a.hqn")


def test_a_run_beyond_the_limit_stops_before_its_first_step() -> None:
    text = """hqn 0.1
use std.layers.{dense}
use std.losses.{cross_entropy}
model net(x: f32[4]) -> f32[3] { return x |> dense[2000] as a |> dense[500] as b |> dense[3] as c }
data d = iris |> split(train = 120, test = 30, seed = 0)
run fit {
  let f = net
  data (x, y) in d batch 30
  minimize cross_entropy(f(x), y) over f by sgd(0.1)
  epochs 1
}
"""
    with memory.limited(2 << 20):
        program = hqn.compile(text, "a.hqn")
    with pytest.raises(BeyondMemory, match=r"a step of run `fit` takes .* MiB; the limit is 2 MiB"):
        program.runs["fit"].fit()


def test_results_beyond_the_limit_are_refused() -> None:
    with memory.limited(1 << 20):
        model = hqn.compile(TEXT.replace("START", "").replace("TURNS", "1"), "a.hqn").models["m"]
    with pytest.raises(BeyondMemory, match=r"the result of `m` for 40,000 samples takes 1.373 MiB"):
        model.apply(model.init(0), np.zeros((40_000, N), np.float32))


def test_34_qubits_are_refused_in_a_blink(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    chain = "repeat i in 0..33 { cx q[i], q[i + 1] }"
    path = tmp_path / "m.hqn"
    path.write_text(f"circuit c() -> f32 {{ qubits q[34]; h q; {chain}; return expect(Z(q[33])) }}\n"
                    "model m() -> f32 { return c() }\n")  # fmt: skip
    started = process_time()
    assert cli.main(["run", str(path)]) == 1
    assert process_time() - started < 5
    assert "34 qubits need 384 GiB for one sample" in capfd.readouterr().err


def test_the_standard_limit_leaves_memory_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(memory.VARIABLE, raising=False)
    assert 0 < memory.standard() <= min(memory.BYTES, memory.machine())
    monkeypatch.setattr(memory, "machine", lambda: 4 << 30)
    assert memory.limit() == 3 << 30
    monkeypatch.setenv(memory.VARIABLE, "500MiB")
    assert memory.limit() == 500 << 20


SHOTS = """hqn 0.1
circuit c(x: f32[2]) -> f32[2] {
  qubits q[2]
  weight w: angle[2] = uniform(0, 2 * pi)
  ry(x) q
  cx q[0], q[1]
  ry(w) q
  return expect(Z(q))
}
model m(x: f32[2]) -> f32[2] { return c(x) }
execute lab { default shots 50 }
"""


def test_portions_draw_what_the_whole_batch_draws() -> None:
    """Values from shots, and their derivatives by parameter shift, with the key of each sample."""
    x = X[:3, :2]
    found = []
    for limit in (memory.BYTES, 1 << 12):
        with memory.limited(limit):
            model = hqn.compile(SHOTS, "a.hqn").models["m"].under("lab")
        variables = model.init(0)

        def total(variables: Any, model: Any = model) -> Any:
            values = model.apply(variables, x, key=1)
            return (values**2).sum(), values

        found.append(jax.jit(jax.value_and_grad(total, has_aux=True))(variables))
    for one, other in zip(*map(jax.tree.leaves, found), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
