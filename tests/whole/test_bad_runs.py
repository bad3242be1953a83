"""Runs that go wrong: the last good checkpoint is kept, nothing is overwritten, and one message says why."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import hqn
from hqn.compiler import cli
from hqn.runtime.errors import HqnRuntimeError
from support.repository import ROOT

TEXT = """hqn 0.1
use std.layers.{dense}
use std.losses.{cross_entropy}
model net(image: f32[8, 8]) -> f32[10] { return image / 16 |> flatten |> dense[10] as head }
model other(image: f32[8, 8]) -> f32[10] { return image / 16 |> flatten |> dense[4] as a |> dense[10] as b }
circuit c(x: f32[2]) -> f32[2] {
  qubits q[2]
  weight w: angle[2] = normal(1.0)
  rx(x) q
  ry(w) q
  return expect(Z(q))
}
model quantum(x: f32[2]) -> f32[2] { return c(x) }
data d8 = digits_8x8 |> split(train = 400, test = 100, seed = 0)
run fit {
  let n = net
  data (x, y) in d8 batch 50
  minimize LOSS over n by OPTIMISER
  epochs EPOCHS
  seed 0
}
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(loss: str = "cross_entropy(n(x), y)", optimiser: str = "adam(1e-2)", epochs: int = 1) -> Path:
    path = Path("m.hqn")
    text = TEXT.replace("LOSS", loss).replace("OPTIMISER", optimiser).replace("EPOCHS", str(epochs))
    path.write_text(text)
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_an_existing_run_is_left_alone(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write()
    assert cli.main(["run", "m.hqn"]) == cli.OK
    before = contents(here / "build" / "fit")
    capfd.readouterr()
    assert cli.main(["run", "m.hqn"]) == cli.WRONG_COMMAND
    assert "error[HQN0823]" in capfd.readouterr().err
    assert contents(here / "build" / "fit") == before
    assert cli.main(["run", "m.hqn", "--force"]) == cli.OK


def test_a_loss_that_is_no_number_keeps_the_last_good_weights(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write(loss="cross_entropy(n(x), y) ** 2", optimiser="sgd(1e30)", epochs=2)
    assert cli.main(["run", "m.hqn"]) == cli.WRONG_MODEL
    err = capfd.readouterr().err
    assert "error[HQN0821]" in err
    assert "at step 2 (epoch 1)" in err
    assert "Traceback" not in err
    model = hqn.load("m.hqn").models["net"]
    kept = hqn.restore("build/fit", model)
    assert all(np.isfinite(value).all() for value in kept.flat().values())


def test_an_output_in_the_way_is_left_alone(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write()
    Path("out.py").write_text("mine\n")
    assert cli.main(["compile", "m.hqn", "-o", "out.py"]) == cli.WRONG_COMMAND
    assert "error[HQN0195]" in capfd.readouterr().err
    assert Path("out.py").read_text() == "mine\n"


FROM = ["compile", "m.hqn", "--model", "quantum", "--emit", "qasm3", "--from"]


@pytest.mark.parametrize("kind", ["truncated", "foreign", "text", "pickle", "header", "zeros"])
def test_a_checkpoint_that_is_none(kind: str, here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write()
    program = hqn.load("m.hqn")
    name = "net" if kind == "foreign" else "quantum"
    program.models[name].save(program.models[name].init(0), "w.safetensors")
    path = Path("w.safetensors")
    whole = path.read_bytes()
    match kind:
        case "truncated":
            path.write_bytes(whole[: len(whole) - 5])
        case "text":
            path.write_text("weights\n")
        case "pickle":
            path.write_bytes(b"\x80\x04cos\nsystem\n(S'touch owned'\ntR.")
        case "header":
            path.write_bytes((2**62).to_bytes(8, "little") + whole[8:])
        case "zeros":
            path.write_bytes(bytes(64))
    capfd.readouterr()
    assert cli.main([*FROM, "w.safetensors"]) == cli.WRONG_MODEL
    err = capfd.readouterr().err
    assert f"error[{'HQN0812' if kind == 'foreign' else 'HQN0811'}]" in err
    assert "Traceback" not in err
    assert not Path("owned").exists()


@pytest.mark.parametrize("name", ["w.safetensors", "build/fit", "empty"])
def test_a_checkpoint_that_is_not_there(name: str, here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The command is wrong, not the file."""
    write()
    Path("empty").mkdir()
    assert cli.main([*FROM, name]) == cli.WRONG_COMMAND
    assert "error[HQN0190]" in capfd.readouterr().err


WRONG_INPUTS = {
    "shape": (np.zeros((8, 7), np.float32), "HQN0801"),
    "rank": (np.zeros(8, np.float32), "HQN0801"),
    "integers": (np.zeros((8, 8), np.int32), "HQN0802"),
    "complex": (np.zeros((8, 8), np.complex64), "HQN0802"),
    "words": (np.full((8, 8), "a"), "HQN0802"),
    "objects": (np.full((8, 8), None), "HQN0802"),
}


@pytest.mark.parametrize("kind", WRONG_INPUTS)
def test_a_wrong_input_of_a_model(kind: str, here: Path) -> None:
    array, code = WRONG_INPUTS[kind]
    model = hqn.load(write()).models["net"]
    with pytest.raises(HqnRuntimeError, match=code):
        model.apply(model.init(0), array)
    with pytest.raises(HqnRuntimeError, match=code):
        model.predict(model.init(0), array)


def test_a_wrong_number_of_inputs(here: Path) -> None:
    model = hqn.load(write()).models["net"]
    with pytest.raises(HqnRuntimeError, match="HQN0803"):
        model.apply(model.init(0))


def test_an_interrupt_keeps_a_checkpoint(here: Path) -> None:
    write(epochs=100_000)
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-u", "-m", "hqn.compiler.cli", "run", "m.hqn"]

    def as_in_a_terminal() -> None:
        """Tests in the background are started with Ctrl-C ignored, and what they start would be as well."""
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    with subprocess.Popen(
        command, env=environment, stderr=subprocess.PIPE, text=True, preexec_fn=as_in_a_terminal
    ) as running:
        assert running.stderr is not None
        first = running.stderr.readline()
        assert "epoch" in first
        running.send_signal(signal.SIGINT)
        try:
            _, err = running.communicate(timeout=60)
        finally:
            running.kill()
        assert running.returncode == cli.INTERRUPTED, err
    assert "error[HQN0822]" in err
    assert "Traceback" not in err
    kept = hqn.restore("build/fit", hqn.load("m.hqn").models["net"])
    assert all(np.isfinite(value).all() for value in kept.flat().values())


UNSAID = """
circuit amplitudes(x: f32[4]) -> f32 {
  qubits q[2]
  weight w: angle[2] = normal(1.0)
  su([x[0], x[1], x[2], x[3], 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]) q
  ry(w) q
  return expect(Z(q[1]))
}
circuit turned(x: f32) -> f32 {
  qubits q
  rx(x) q
  return expect(Z(q))
}
model both(x: f32[4]) -> f32 { return amplitudes(x) + turned(x[0]) }
data flowers = iris |> split(train = 4, test = 20)
run fit {
  let net = both
  data (x, y) in flowers batch all
  minimize net(x) over net by sgd(0.1)
  epochs 1
  track right = mean(f32(x[3] < 0.45) on test)
  assert right[last] <= 0.95
  assert right[0] >= 0.95
}
"""


def test_a_circuit_that_openqasm_cannot_say_costs_no_results(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """And 19 of 20 are 0.95, which they would not be in f32."""
    Path("m.hqn").write_text(UNSAID)
    assert cli.main(["run", "m.hqn"]) == cli.OK, capfd.readouterr().err
    files = contents(here / "build" / "fit")
    assert "net.turned.qasm" in files and "net.amplitudes.qasm" not in files
    assert "No OpenQASM of `net.amplitudes`: OpenQASM 3 cannot express" in files["summary.md"].decode()
    words = ["compile", "m.hqn", "--emit", "qasm3", "--circuit"]
    Path("m.hqn").write_text("model first(x: f32) -> f32 { return x }\n" + UNSAID)
    assert cli.main([*words, "both.turned"]) == cli.OK
    assert cli.main([*words, "both.amplitudes"]) == cli.WRONG_MODEL
    assert "error[HQN0722]" in capfd.readouterr().err
