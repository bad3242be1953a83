"""Gradients of runs checked by a second method: what agrees, what differs, what is said about it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import hqn
from hqn.compiler import cli
from hqn.compiler.commands import run
from hqn.runtime import gradient_check
from hqn.runtime.circuit.shifts import SPECTRA
from hqn.runtime.errors import GradientDiffers, NoGradient, UnknownEntry

TEXT = """
use std.layers.{dense}
circuit turned(x: f32[n]) -> f32[n] {
  qubits q[n]
  rx(x) q
  weight w: angle[n, 3] = uniform(0, 2 * pi)
  rot(w) q
  cx q[0..n - 1], q[1..n]
  return expect(Z(q))
}
layer signs(x: f32) -> f32 { return ste(sign(x), x) }
model net(x: f32[3]) -> f32[2] { return x |> turned |> dense[2] as head |> tanh }
model signed(x: f32[3]) -> f32[2] { return x |> dense[20] as body |> signs |> dense[2] as head }
execute shift { default gradient parameter_shift }
execute many { default shots 1000 }
execute random { default gradient spsa(0.001, 4) }
execute lab { default gradient finite_difference(0.1), shots 10 }
data flowers = iris |> standardize |> split(train = 20, test = 130, seed = 0)
run fit {
  let net = net
  data (x, y) in flowers batch 10
  minimize sum(net(x[0..3]) ** 2) over net by sgd(0.1)
  epochs 1
}
run again {
  let net = net from fit.net under shift
  data (x, y) in flowers batch 10
  minimize sum(net(x[0..3]) ** 2) over net by sgd(0.1)
  epochs 1
}
run measured {
  let net = net under lab
  data (x, y) in flowers batch 10
  minimize sum(net(x[0..3])) over net by sgd(0.1)
  epochs 1
}
run shifted {
  let net = net under many
  data (x, y) in flowers batch 10
  minimize sum(net(x[0..3]) ** 2) over net by sgd(0.1)
  epochs 1
}
run directed {
  let net = net under random
  data (x, y) in flowers batch 10
  minimize sum(net(x[0..3]) ** 2) over net by sgd(0.1)
  epochs 1
}
run through {
  let net = signed
  data (x, y) in flowers batch 10
  minimize sum(net(x[0..3]) ** 2) over net by sgd(0.1)
  epochs 1
}
run counted {
  let net = net
  track size = params(net)
}
"""


@pytest.fixture(scope="module")
def program() -> Any:
    return hqn.compile(TEXT)


def test_simulation_and_shift_rules_agree_with_finite_differences(program: Any) -> None:
    found = program.runs["fit"].check_gradient().enforce()
    assert [one.path for one in found.slots] == ["net.head.W", "net.head.b", "net.turned.w"]
    assert all(one.difference < 1e-7 < one.norm for one in found.slots)
    assert found.text().startswith("run fit: gradient by own and by finite_difference\n")
    result = program.runs["fit"].fit()
    shifted = program.runs["again"].check_gradient("own", "reverse", results={"fit": result}, seed=1)
    assert max(one.difference for one in shifted.slots) < 1e-12


def test_what_is_estimated_is_compared_by_its_mean(program: Any) -> None:
    """Of 64 estimates from 10 shots, in standard errors; what has no noise agrees as ever."""
    found = program.runs["measured"].check_gradient("own", "reverse").enforce()
    slots = {one.path: one for one in found.slots}
    assert slots["net.turned.w"].difference > 1e-3 and 0.2 < slots["net.turned.w"].z < 5
    assert slots["net.head.W"].difference < 1e-12 and slots["net.head.W"].z < 1e-6
    assert "the mean of 64 estimates" in found.text() and "standard errors" in found.text()
    other = program.runs["measured"].check_gradient("own", "reverse", seed=3)
    assert {one.path: one for one in other.slots}["net.turned.w"].z != slots["net.turned.w"].z
    directed = program.runs["directed"].check_gradient().enforce()
    assert {one.path: one for one in directed.slots}["net.turned.w"].difference > 1e-3


def test_a_bias_larger_than_the_noise_is_reported(program: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong rule under shots, where every estimate is off by more than its noise."""
    monkeypatch.setitem(SPECTRA, "rot", ((-0.5, 0.5), (0.0, 2.0), (-0.5, 0.5)))
    found = program.runs["shifted"].check_gradient("own", "reverse")
    assert [one.path for one in found.differing] == ["net.turned.w"]
    assert found.differing[0].z > 6 and "above 5" in found.text()
    with pytest.raises(GradientDiffers, match=r"times its norm, \d+\.\d standard errors"):
        found.enforce()


def test_a_derivative_that_is_none_is_reported(program: Any) -> None:
    found = program.runs["through"].check_gradient()
    assert [one.path for one in found.differing] == ["net.body.W", "net.body.b"]
    with pytest.raises(GradientDiffers, match="HQN0827"):
        found.enforce()
    assert program.runs["through"].check_gradient("own", "reverse").agrees


def test_a_wrong_shift_rule_is_reported(program: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SPECTRA, "rot", ((-0.5, 0.5), (0.0, 2.0), (-0.5, 0.5)))
    results = {"fit": program.runs["fit"].fit()}
    found = program.runs["again"].check_gradient(results=results)
    assert [one.path for one in found.differing] == ["net.turned.w"]


def test_what_cannot_be_checked_is_said(program: Any) -> None:
    with pytest.raises(NoGradient, match="`counted` minimises nothing"):
        program.runs["counted"].check_gradient()
    with pytest.raises(UnknownEntry, match="gradient method `shift`"):
        program.runs["fit"].check_gradient("shift")


def test_the_command_knows_the_methods() -> None:
    """It is read before the run time is loaded."""
    assert run.METHODS == gradient_check.METHODS


def test_the_command_prints_a_table_and_ends_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.hqn"
    path.write_text(TEXT)
    assert cli.main(["run", str(path), "fit", "--check-gradient", "--json"]) == cli.OK
    result = json.loads(capsys.readouterr().out)["result"]
    assert result["fit"]["agrees"] and len(result["fit"]["slots"]) == 3
    assert cli.main(["run", str(path), "through", "--check-gradient"]) == 1
    said = capsys.readouterr().err
    assert "above 0.0001" in said and "error[HQN0827]" in said
    assert not (tmp_path / "build").exists()
