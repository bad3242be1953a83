"""Bad input through the command line: a code, an exit code, one screen, nothing lost, no traceback."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from hqn.compiler import cli

SCREEN = 60
HEAD = "hqn 0.1\n"
CIRCUIT = (
    "circuit c(x: f32[3]) -> f32[3] {{\n  qubits q[{qubits}]\n  {body}\n  return expect(Z(q[0..3]))\n}}\n"
)
MODEL = "model m(x: f32[3]) -> f32[3] { return c(x) }\n"


@dataclass(frozen=True)
class Said:
    """What a command left: its exit code and its two streams."""

    code: int
    out: str
    err: str

    def is_mistake(self, code: str, *words: str, exit_code: int = 1) -> None:
        assert self.code == exit_code, self.err
        assert f"error[{code}]" in self.err, self.err
        assert len(self.err.splitlines()) <= SCREEN, self.err
        assert "Traceback" not in self.err
        for word in words:
            assert word in self.err, self.err


Hqn = Callable[..., Said]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def hqn(here: Path, capfd: pytest.CaptureFixture[str]) -> Hqn:
    """`hqn("check", "m.hqn")` performs a command."""

    def perform(*words: str) -> Said:
        capfd.readouterr()
        code = cli.main(words)
        return Said(code, *capfd.readouterr())

    return perform


def circuit(body: str, qubits: int = 3) -> str:
    return HEAD + CIRCUIT.format(body=body, qubits=qubits) + MODEL


def layer(body: str, result: str = "f32[3]") -> str:
    return f"{HEAD}use std.layers.{{dense}}\nmodel m(x: f32[3]) -> {result} {{\n  {body}\n}}\n"


# --- what is wrong with one file ------------------------------------------------------------------

TURNS = "repeat {} in 0..8 {{ "
LADDER = "rx(x) q[0..3]; repeat i in 0..29 { cx q[29 - i], q[28 - i] }"
"""The first qubit depends on all others."""
NEST = "".join(TURNS.format(name) for name in "abcdef") + "h q[(a + b + c + d + e + f) % 8]" + " }" * 6
POLICY = layer("return dense[3](x) as head") + "policy edge {\n  rule m.haed.W w int8\n}\n"
WRONG: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "syntax": (layer("return x +"), "HQN0102", ("found `}`",)),
    "name": (layer("return thanh(x)"), "HQN0201", ("did you mean `tanh`?",)),
    "size": (layer("return dense[4](x)"), "HQN0314", ("f32[4]", "f32[3]")),
    "sizes of two values": (layer("y = x[1..]\n  return x + y"), "HQN0302", ("f32[3]", "f32[2]")),
    "one qubit twice": (circuit("repeat i in 0..3 { cx q[i], q[i] }"), "HQN0401", ()),
    "qubit out of range": (circuit("h q[3]"), "HQN0402", ("3",)),
    "too few qubits": (circuit("cx q[0]"), "HQN0403", ()),
    "gate without its angle": (circuit("rx q"), "HQN0404", ()),
    "unknown gate": (circuit("hadamard q"), "HQN0407", ("`h`",)),
    "selector": (POLICY, "HQN0601", ("did you mean `m.head.W`?",)),
    "missing module": (f"{HEAD}use local.parts.{{f}}\n{layer('return x')[8:]}", "HQN0204", ("parts.hqn",)),
    "30 qubits": (circuit(LADDER, qubits=30), "HQN0416", ("24 GiB", "8 GiB")),
    "instances": (layer("return x |> repeat 200000 { dense[3] }"), "HQN0391", ("200001", "100000")),
    "gates": (circuit(NEST, qubits=8), "HQN0417", ("262144", "200000")),
    "weights": (layer("weight w: f32[3, 2 ** 30] = zeros\n  return w[:, 0]"), "HQN0392", ("12 GiB", "4 GiB")),
    "nesting": (layer(f"return {'(' * 300}x{')' * 300}"), "HQN0111", ("200",)),
    "integer": (layer("return x[9223372036854775808]"), "HQN0110", ("2^63",)),
    "size beyond integers": (layer("return x[2 ** 62 * 4]"), "HQN0310", ("63 bits",)),
    "turns": (layer("return repeat 1000001 carry (h = x) { next h = tanh(h) }"), "HQN0390", ("1000000",)),
    "turns of a circuit": (circuit("repeat 1000001 { h q }"), "HQN0390", ("1000001", "1000000")),
    "factors": (layer("contract y = prod(i in 0..20000) x[p[i]]\n  return x + y"), "HQN0512", ("10000",)),
    "newer version": (layer("return x").replace("hqn 0.1", "hqn 9.9"), "HQN0113", ("9.9",)),
    "hidden character": (layer("return x # \u202e"), "HQN0109", ("U+202E",)),
    "recursion": (f"{HEAD}layer f(x: f32) -> f32 {{ return f(x) }}\n", "HQN0207", ("`f` -> `f`",)),
}  # fmt: skip


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_file_is_one_message(kind: str, here: Path, hqn: Hqn) -> None:
    text, code, words = WRONG[kind]
    (here / "m.hqn").write_text(text, encoding="utf-8")
    for command in (("check",), ("compile", "--emit", "ir"), ("run",), ("plan",)):
        hqn(*command, "m.hqn").is_mistake(code, *words)


# --- several files --------------------------------------------------------------------------------


def test_files_that_use_each_other(here: Path, hqn: Hqn) -> None:
    (here / "a.hqn").write_text("use local.b.{g}\nlayer f(x: f32) -> f32 { return g(x) }\n")
    (here / "b.hqn").write_text("use local.a.{f}\nlayer g(x: f32) -> f32 { return f(x) }\n")
    (here / "m.hqn").write_text("use local.a.{f}\nmodel m(x: f32) -> f32 { return f(x) }\n")
    hqn("check", "m.hqn").is_mistake("HQN0206", "local.a -> local.b -> local.a")


def test_a_file_outside_of_the_project(here: Path, hqn: Hqn) -> None:
    (here / "secret.hqn").write_text("layer f(x: f32) -> f32 { return x }\n")
    (here / "project").mkdir()
    (here / "project" / "link.hqn").symlink_to(here / "secret.hqn")
    for module, code in (("local.link", "HQN0208"), ("local...secret", "HQN0101"), ("secret", "HQN0208")):
        text = f"use {module}.{{f}}\nmodel m(x: f32) -> f32 {{ return f(x) }}\n"
        (here / "project" / "m.hqn").write_text(text)
        hqn("check", "project/m.hqn").is_mistake(code)


def test_too_many_files(here: Path, hqn: Hqn) -> None:
    for number in range(260):
        use = f"use local.f{number + 1}.{{f{number + 1}}}\n" if number < 259 else ""
        (here / f"f{number}.hqn").write_text(f"{use}layer f{number}(x: f32) -> f32 {{ return x }}\n")
    (here / "m.hqn").write_text("use local.f0.{f0}\nmodel m(x: f32) -> f32 { return f0(x) }\n")
    hqn("check", "m.hqn").is_mistake("HQN0209", "256")


def test_a_file_that_is_too_large(here: Path, hqn: Hqn) -> None:
    (here / "m.hqn").write_text("# " + "x" * 2**22 + "\n")
    hqn("check", "m.hqn").is_mistake("HQN0194", "4,194,304")


def test_calls_that_are_nested_too_deeply(here: Path, hqn: Hqn) -> None:
    lines = ["layer f0(x: f32) -> f32 { return tanh(x) }"]
    lines += [f"layer f{n}(x: f32) -> f32 {{ return f{n - 1}(x) }}" for n in range(1, 260)]
    (here / "m.hqn").write_text("\n".join([*lines, "model m(x: f32) -> f32 { return f259(x) }"]) + "\n")
    hqn("check", "m.hqn").is_mistake("HQN0343", "200")


# --- hostile names --------------------------------------------------------------------------------

HOSTILE = "a\"b\n'''; import os; os.system('touch owned') #\x1b[31m.hqn"
DOCUMENTED = '''## """ and \\ and \\" and \'\'\'
## import os; os.system("touch owned")
## """
circuit c(x: f32[2]) -> f32[2] {
  qubits q[2]
  weight w: angle = ones
  rx(x) q
  rz(w) q[0]
  return expect(Z(q))
}
## """ + os.system("touch owned") + """
model m(x: f32[2]) -> f32[2] { return c(x) }
'''


def test_hostile_names_are_only_names(here: Path, hqn: Hqn) -> None:
    (here / HOSTILE).write_text(DOCUMENTED)
    for emit in ("ast", "tree", "ir", "jax", "qasm3"):
        said = hqn("compile", HOSTILE, "--emit", emit)
        assert said.code == 0, said.err
        assert "\x1b" not in said.out
        assert not [line for line in said.out.splitlines() if line.startswith(("import os", "'''", "os."))]
    for command in (("check",), ("check", "--tree"), ("plan",), ("fmt", "--check"), ("fmt",)):
        said = hqn(*command, HOSTILE)
        assert said.code == int("--check" in command), said.err
        assert "\x1b" not in said.out + said.err
        assert "\n'''" not in said.out
    assert not (here / "owned").exists()


def test_a_hostile_name_runs_nothing(here: Path) -> None:
    import numpy as np

    import hqn as package

    (here / HOSTILE).write_text(DOCUMENTED)
    model = package.load(here / HOSTILE).models["m"]
    assert np.asarray(model.apply(model.init(0), np.zeros(2, np.float32))).shape == (2,)
    assert not (here / "owned").exists()
