"""The command line: exit codes, streams, help, and that nothing ends in a traceback."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import types
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqn.compiler import cli
from hqn.compiler.commands.arguments import Parser
from hqn.compiler.diagnostics import Sink
from hqn.compiler.diagnostics.internal import InternalError
from hqn.compiler.outcome import CompileRequest, Emitted
from hqn.compiler.source import Source

MODEL = "model m(x: f32[4]) -> f32[4] {\n  return x\n}\n"


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one model in it, which is where the commands run."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "m.hqn"
    path.write_text(MODEL)
    return path


def use_driver(monkeypatch: pytest.MonkeyPatch, **functions: object) -> None:
    """A driver that does what a test says: these tests are about the command line alone."""
    module = types.ModuleType("hqn.compiler.driver")
    vars(module).update(functions)
    monkeypatch.setitem(sys.modules, "hqn.compiler.driver", module)
    monkeypatch.setattr("hqn.compiler.driver", module, raising=False)


def emit_text(source: Source, request: CompileRequest, sink: Sink, values: object) -> Emitted:
    return Emitted(f"{request.emit}\n", {".manifest.json": "{}\n"})


NAMES = [module.__name__.rpartition(".")[2].rstrip("_") for module in cli.COMMANDS]


@pytest.mark.parametrize("command", NAMES)
def test_help_has_examples_that_parse(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([command, "--help"]) == cli.OK
    text = capsys.readouterr().out
    examples = text.partition("examples:\n")[2].splitlines()
    assert examples
    assert all(len(line) <= 110 for line in text.splitlines())
    for line in examples:
        words = re.sub(r"^.*\||   .*$|<.*$", "", line.strip()).split()[1:]
        assert cli.build_parser().parse_args(words).command == command


def test_no_command_shows_the_help_and_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == cli.WRONG_COMMAND
    assert "first steps" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("chek m.hqn", "did you mean `check`?"),
        ("compile m.hqn --emit qasm4", "did you mean `qasm3`?"),
        ("check", "hqn check --help"),
        ("run m.hqn --seed many", "invalid int value"),
        ("check m.hqn --tre", "unrecognized arguments: --tre"),
        ("check missing.hqn", "HQN0190"),
        ("check M.hqn", "did you mean `m.hqn`?"),
        ("check .", "it holds `m.hqn`"),
        ("check m.hqn/inner.hqn", "HQN0192"),
        ("explain HQN0777", "HQN0197"),
    ],
)
def test_a_wrong_command_is_two(
    words: str, said: str, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(words.split()) == cli.WRONG_COMMAND
    out, err = capsys.readouterr()
    assert said in err
    assert not out
    assert len(err.splitlines()) < 12


@pytest.mark.parametrize("data", [b"# Gr\xfcn\n", b"x = '\xed\xa0\x80'", b"#" * (4 * 2**20 + 1)])
def test_a_file_that_is_no_text_is_a_wrong_model(
    data: bytes, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model.write_bytes(data)
    assert cli.main(["check", "m.hqn"]) == cli.WRONG_MODEL
    assert "error[HQN019" in capsys.readouterr().err


def test_hostile_words_cannot_start_a_line(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = "a\nerror: all is lost\x1b[31m.hqn"
    for words in (["check", name], ["che\nck"], ["explain", name], ["check", "m.hqn", "--a\nerror:\x1b"]):
        assert cli.main(words) == cli.WRONG_COMMAND
        err = capsys.readouterr().err
        assert "\x1b" not in err
        assert err.count("\nerror:") == 0


def test_a_mistake_of_ours_is_one_screen(
    model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def check(source: Source, sink: Sink) -> None:
        raise InternalError("lower", "an impossible\nstate", source.span(2, 3))

    use_driver(monkeypatch, check=check)
    assert cli.main(["check", "m.hqn"]) == cli.WRONG_HQN
    err = capsys.readouterr().err
    assert "internal error[HQN0900]: an impossible state" in err
    assert "--> m.hqn:1:3" in err
    assert "stage: lower" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("error", [RecursionError("deep"), MemoryError(), OSError(5, "\x1b"), KeyError("a")])
def test_any_exception_is_caught(
    error: Exception, model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def check(source: Source, sink: Sink) -> None:
        raise error

    use_driver(monkeypatch, check=check)
    assert cli.main(["check", "--json", "m.hqn"]) == cli.WRONG_HQN
    out, err = capsys.readouterr()
    assert type(error).__name__ in json.loads(out)["internal_error"]["error"]
    assert "Traceback" not in err
    assert "\x1b" not in err


def test_an_interrupt_is_130(
    model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def check(source: Source, sink: Sink) -> None:
        signal.raise_signal(signal.SIGINT)

    # Tests in the background are started with Ctrl-C ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    use_driver(monkeypatch, check=check)
    try:
        assert cli.main(["check", "m.hqn"]) == cli.INTERRUPTED
    finally:
        signal.signal(signal.SIGINT, before)
    assert capsys.readouterr().err == "interrupted\n"


def test_a_result_goes_to_a_file_with_what_belongs_beside_it(
    model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use_driver(monkeypatch, emit=emit_text)
    words = ["compile", "m.hqn", "--emit", "qasm3", "-o", "m.qasm"]
    assert cli.main(words) == cli.OK
    assert (model.parent / "m.qasm").read_text() == "qasm3\n"
    assert (model.parent / "m.manifest.json").read_text() == "{}\n"
    capsys.readouterr()
    assert cli.main(words) == cli.WRONG_COMMAND
    assert "add `--force`" in capsys.readouterr().err
    assert cli.main([*words, "--force"]) == cli.OK


def test_json_is_one_document_on_standard_output(
    model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use_driver(monkeypatch, emit=emit_text)
    assert cli.main(["compile", "m.hqn", "--json"]) == cli.OK
    document = json.loads(capsys.readouterr().out)
    assert document["version"] == 1
    assert document["diagnostics"] == []
    assert document["result"]["text"] == "jax\n"
    assert cli.main(["check", "missing.hqn", "--json"]) == cli.WRONG_COMMAND
    out, err = capsys.readouterr()
    assert json.loads(out)["diagnostics"][0]["code"] == "HQN0190"
    assert not err


def test_a_reader_that_has_enough_is_no_error(tmp_path: Path, shell: dict[str, str]) -> None:
    command = "hqn explain | head -n 1; exit ${PIPESTATUS[0]}"
    done = subprocess.run(["bash", "-c", command], env=shell, capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_explain_understands_how_people_write_codes(capsys: pytest.CaptureFixture[str]) -> None:
    for asked in ("HQN0190", "hqn0190", "190", "0190", "error[HQN0190]"):
        assert cli.main(["explain", asked]) == cli.OK
        assert capsys.readouterr().out.startswith("# HQN0190: file not found\n")


words = st.sampled_from([*NAMES, "--json", "-", "--emit", "x"])


@given(st.lists(words | st.text(max_size=5), max_size=5))
def test_no_words_make_the_parser_raise(given_words: list[str]) -> None:
    parser = cli.build_parser()
    assert isinstance(parser, Parser)
    try:
        parser.parse_args(given_words)
    except SystemExit as stop:
        assert stop.code in (0, 2)


def test_a_mistake_that_shows_at_run_time_keeps_its_code(
    model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from hqn.runtime.errors import Interrupted

    def check(source: Source, sink: Sink) -> None:
        raise Interrupted(run="fit\x1b", step=3, epoch=1, kept="the checkpoint of step 2 is kept")

    use_driver(monkeypatch, check=check)
    assert cli.main(["check", "m.hqn"]) == cli.INTERRUPTED
    err = capsys.readouterr().err
    assert err.startswith("error[HQN0822]: run `fit")
    assert "\x1b" not in err
    assert cli.main(["check", "--json", "m.hqn"]) == cli.INTERRUPTED
    assert json.loads(capsys.readouterr().out)["diagnostics"][0]["code"] == "HQN0822"
