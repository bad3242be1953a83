"""Runs with statics, runs written from others, instances under a policy beside themselves, top assertions."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from hqn.compiler import cli
from support.whole import program

HEAD = """
use std.layers.{dense, bn}
use std.losses.{cross_entropy, accuracy}
model net(x: f32[4]) -> f32[3] { return x |> dense[6] as body |> bn as norm |> tanh |> dense[3] as head }
layer small(x: f32[4]) -> f32[3] { return dense[3](x) as last }
layer large(x: f32[4]) -> f32[3] { return x |> dense[5] as first |> tanh |> dense[3] as last }
layer around[inner: f32[4] -> f32[3]](x: f32[4]) -> f32[3] { return inner(x) }
policy w[b] { default w int<b> per channel }
data flowers = iris |> standardize |> split(train = 120, test = 30, seed = 0)
"""
LAST = """
  data (x, y) in flowers batch 40
  minimize cross_entropy(net(x), y) over net by {}
  epochs 2
  track acc = mean(accuracy(net(x), y) on test)
}}
"""


def same(first: object, second: object, old: str = "", new: str = "") -> None:
    ours, theirs = first.best.values, second.best.values  # type: ignore[attr-defined]
    assert {path.replace(old, new, 1) for path in ours} == set(theirs)
    for path, value in ours.items():
        np.testing.assert_array_equal(value, theirs[path.replace(old, new, 1)])


def test_a_variant_is_the_run_with_its_statics_written_out() -> None:
    found = program(
        HEAD
        + """
run fit[level = 0, rate = 0.01] {
  let net = around[inner = if level >= 1 { large } else { small }]"""
        + LAST.format("sgd(rate * (1 - progress))")
        + "run plain {\n  let net = around[inner = large]"
        + LAST.format("sgd(0.05 * (1 - progress))")
        + "assert fit[rate = 0.05, level = 1].acc[last] == plain.acc[last]\n"
        + "assert params(fit.net) >= 0\n"
    )
    assert set(found.runs) == {"fit[0, 0.01]", "fit[1, 0.05]", "plain"}
    variant, plain = found.runs["fit[1, 0.05]"].fit(), found.runs["plain"].fit()
    same(variant, plain)
    assert variant.parameters == 43 and found.runs["fit[0, 0.01]"].fit().parameters == 15
    results = {"fit[1, 0.05]": variant, "plain": plain}
    (check,) = found.asserts[0].fit(results=results).checks
    assert check.holds and " == " in check.values


def test_a_run_from_another_one_replaces_what_it_says_again() -> None:
    found = program(
        HEAD
        + "run first {\n  let net = net"
        + LAST.format("adam(1e-2)")
        + """
run second from first {
  steps 3
  w = 0.5 * cross_entropy(net(x), y)
  minimize w over net by sgd(0.1)
  seed 4
}
run written {
  let net = net
  data (x, y) in flowers batch 40
  minimize 0.5 * cross_entropy(net(x), y) over net by sgd(0.1)
  steps 3
  seed 4
}
"""
    )
    second, written = (found.runs[name].fit() for name in ("second", "written"))
    same(second, written)
    assert second.best.steps == 3 and [*second.best.series] == ["acc"]


def test_training_under_a_policy_in_the_loss_is_training_the_instance_under_it() -> None:
    """The gradient goes through the quantized network to the float weights that both share, and so does the
    state that a batch norm keeps.
    """
    found = program(
        HEAD
        + "run whole {\n  let net = net under w[4]"
        + LAST.format("sgd(0.1)")
        + """
run beside {
  let net = net
  data (x, y) in flowers batch 40
  minimize cross_entropy((net under w[4])(x), y) over net by sgd(0.1)
  epochs 2
  z = net(x)
  track acc = mean(accuracy(z under w[4], y) on test)
  track float = mean(accuracy(z, y) on test)
  assert params(net) == 63
}
assert mean(accuracy(beside.net under w[4](x), y) on flowers.test) == beside.acc[last]
assert mean(accuracy(beside.net(x), y) on flowers.test) == beside.float[last]
"""
    )
    whole, beside = found.runs["whole"].fit(), found.runs["beside"].fit()
    same(whole, beside)
    assert whole.best.series["acc"] == beside.best.series["acc"]
    for one in found.asserts:
        (check,) = one.fit(results={"beside": beside}).checks
        assert check.holds, check.values
    quantized, variables = beside.model("net_under_w_4")
    weights = np.asarray(variables.params["body"]["W"])
    np.testing.assert_array_equal(weights, beside.best.values["net.body.W"])
    sample = np.ones((2, 4), np.float32)
    np.testing.assert_allclose(
        quantized.predict(variables, sample), whole.model("net")[0].predict(whole.model("net")[1], sample)
    )


def test_a_top_assertion_holds_for_every_seed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.hqn"
    text = HEAD + "run fit {\n  let net = net\n  seeds 0..2" + LAST.format("adam(1e-2)")
    path.write_text(f"{text}assert fit.acc[0] + 1 >= fit.acc[last]\nassert fit.acc[last] > 1.5\n")
    assert cli.main(["run", str(path), "--out", str(tmp_path / "out")]) == 1
    shown = capsys.readouterr()
    assert "HQN0824" in shown.err and "`fit.acc[last] > 1.5` does not hold" in shown.err
    said = shown.err.partition("HQN0824")
    assert said[2].count("> 1.5") == 3, "the text and both seeds"
    assert "FAILS" in said[0] and "fit: acc" in said[0], "what was measured is said too"
    assert (tmp_path / "out" / "fit" / "checkpoint.safetensors").exists()


def test_a_run_is_chosen_with_and_without_brackets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.hqn"
    text = HEAD + "run fit[rate = 0.1] {\n  let net = net" + LAST.format("sgd(rate)")
    path.write_text(
        f"{text}run other {{\n  let net = net{LAST.format('sgd(0.1)')}assert fit[0.2].acc[last] >= 0\n"
    )
    assert cli.main(["run", str(path), "fit[0.2]", "--out", str(tmp_path / "one")]) == 0
    assert [one.name for one in (tmp_path / "one").iterdir()] == ["fit.0.2"]
    assert "assert fit[0.2].acc[last] >= 0: holds" in capsys.readouterr().out
    assert cli.main(["run", str(path), "fit[0.3]", "--out", str(tmp_path / "new")]) == 0
    assert [one.name for one in (tmp_path / "new").iterdir()] == ["fit.0.3"]
    capsys.readouterr()
    assert cli.main(["run", str(path), "fit[0.3, 2]", "--out", str(tmp_path / "bad")]) == 1
    assert "HQN0374" in capsys.readouterr().err
    capsys.readouterr()
    assert cli.main(["run", str(path), "fit", "--json", "--out", str(tmp_path / "all")]) == 0
    found = json.loads(capsys.readouterr().out)["result"]
    assert set(found) == {"fit[0.1]", "fit[0.2]", "assert 1"}
    assert found["assert 1"]["asserts"][0]["values"].endswith(">= 0")
    assert {one.name for one in (tmp_path / "all").iterdir()} == {"fit.0.1", "fit.0.2"}


CIRCUIT = """
use std.losses.{mse}
circuit turn(x: f32) -> f32 {
  qubits q[1]
  weight w: angle = normal(1.0)
  ry(w * x) q
  return expect(Z(q[0]))
}
model small(x: f32) -> f32 { return turn(x) }
policy coarse { default angle 3 bits }
run fit {
  let net = small under coarse
  minimize net(0.5) over net by sgd(0.1)
  steps 2
}
"""


def test_a_checkpoint_of_a_policy_says_so_and_a_missing_one_is_a_wrong_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "c.hqn", tmp_path / "out"
    path.write_text(CIRCUIT)
    assert cli.main(["run", str(path), "--out", str(out)]) == 0
    assert "fit  step 2/2" in capsys.readouterr().err
    words = ["compile", str(path), "--emit", "qasm3", "--bind", str(tmp_path / "x.json"), "--from"]
    (tmp_path / "x.json").write_text('{"x": 0.5}')
    assert cli.main([*words, str(out / "fit")]) == 0
    assert "was trained under policy coarse" in capsys.readouterr().err
    assert cli.main([*words, str(out / "fit"), "--policy", "coarse"]) == 0
    assert "warning" not in capsys.readouterr().err
    assert cli.main([*words, str(out / "fti")]) == 2
    assert "HQN0190" in capsys.readouterr().err
