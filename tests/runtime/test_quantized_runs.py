"""Runs of instances under a policy: digits, trained for a little, quantized, evaluated, saved, exported."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import hqn
from hqn.runtime.calibration import Calibrator
from hqn.runtime.checkpoint import read_checkpoint
from hqn.runtime.program import Program
from hqn.runtime.results import Result
from support.repository import ROOT

RUNS = """
execute shifted { default gradient parameter_shift }
run short {
  let net = digits
  data (x, y) in d8 batch 64
  minimize cross_entropy(net(x), y) over net by adam(1e-2)
  epochs 4
  track acc = mean(accuracy(net(x), y) on test)
}
run after_training {
  let q = digits from short.net under edge
  data (x, y) in d8 batch 64
  track acc = mean(accuracy(q(x), y) on test)
}
run while_training {
  let q = digits from short.net under edge
  data (x, y) in d8 batch 64
  minimize cross_entropy(q(x), y) over q by adam(1e-3)
  epochs 1
  track acc = mean(accuracy(q(x), y) on test)
}
run again {
  let q = while_training.q
  data (x, y) in d8 batch 64
  track acc = mean(accuracy(q(x), y) on test)
}
"""


@pytest.fixture(scope="module")
def program() -> Program:
    text = (ROOT / "examples" / "digits.hqn").read_text(encoding="utf-8")
    return hqn.compile(text + RUNS, "digits.hqn")  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def results(program: Program) -> dict[str, Result]:
    done: dict[str, Result] = {}
    for name in ("short", "after_training", "while_training", "again"):
        done[name] = program.runs[name].fit(results=dict(done))
    return done


def test_eight_bits_and_angles_of_six_keep_the_accuracy(results: dict[str, Result]) -> None:
    reached = {name: result.best.series["acc"][-1] for name, result in results.items()}
    assert reached["short"] > 0.9
    assert abs(reached["after_training"] - reached["short"]) <= 0.015
    assert reached["while_training"] >= reached["short"] - 0.01
    assert reached["again"] == reached["while_training"]


def test_ranges_do_not_depend_on_the_batches(program: Program, results: dict[str, Result]) -> None:
    run, values = program.runs["after_training"].spec, results["after_training"].best.values
    found = [Calibrator(program, run, batch=size)(values) for size in (512, 100, 7)]
    for path in found[0]:
        assert len({np.asarray(one[path]).tobytes() for one in found}) == 1
        assert (np.asarray(found[0][path]) == np.asarray(values[path])).all()


def test_a_checkpoint_says_the_policy_and_gives_the_latent_weights(
    program: Program, results: dict[str, Result], tmp_path: Path
) -> None:
    path = str(tmp_path / "q.safetensors")
    results["while_training"].save(path)
    saved = read_checkpoint(path)
    assert saved.facts["policies"] == {"q": "edge"}
    assert saved.facts["calibration"] == ["q.encoder.x_scale", "q.encoder.x_zero"]
    assert float(saved.values["q.encoder.x_scale"]) > 0
    latent = program.models["digits"].restore(path)
    assert (latent.flat()["encoder.W"] == saved.values["q.encoder.W"]).all()


def test_the_quantized_model_is_what_is_exported(results: dict[str, Result]) -> None:
    model, variables = results["after_training"].model("q")
    text = model.qasm(variables)["digits.vqc[0]"]
    assert "*pi/32" in text
    plain, floats = results["short"].model()
    assert "*pi/32" not in plain.qasm(floats)["digits.vqc[0]"]


def test_the_quantized_model_stays_so_under_an_execution_profile(results: dict[str, Result]) -> None:
    result = results["after_training"]
    model, variables = result.model("q")
    images = result.data.splits["test"]["x"][:8]
    quantized = model.predict(variables, images)
    np.testing.assert_allclose(model.under("shifted").predict(variables, images), quantized, atol=1e-5)
    plain = result.program.models["digits"].under("shifted").predict(variables, images)
    assert np.abs(np.asarray(plain) - np.asarray(quantized)).max() > 1e-3
