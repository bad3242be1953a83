"""Reading and writing: odd files are diagnostics, and a file is written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hqn.compiler.diagnostics import Sink
from hqn.compiler.files import read_source, replace_file, write_text
from hqn.compiler.files.read import MOST_BYTES


def codes(sink: Sink) -> list[str]:
    return [found.code for found in sink.all]


def test_a_text_comes_with_plain_line_breaks_and_no_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "a.hqn"
    path.write_bytes("\ufeffx = 1\r\ny = 2\r\n".encode())
    source = read_source(str(path), Sink())
    assert source is not None
    assert source.text == "x = 1\ny = 2\n"


def test_the_largest_file_is_read_and_the_next_larger_is_not(tmp_path: Path) -> None:
    path, sink = tmp_path / "a.hqn", Sink()
    path.write_bytes(b"#" * MOST_BYTES)
    assert read_source(str(path), sink) is not None
    path.write_bytes(b"#" * (MOST_BYTES + 1))
    assert read_source(str(path), sink) is None
    assert codes(sink) == ["HQN0194"]


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="needs an endless file")
def test_an_endless_file_is_an_error_and_no_hang() -> None:
    sink = Sink()
    assert read_source("/dev/zero", sink) is None
    assert codes(sink) == ["HQN0194"]


def test_the_first_wrong_byte_is_pointed_at(tmp_path: Path) -> None:
    path, sink = tmp_path / "a.hqn", Sink()
    path.write_bytes("# ü\n# Gr".encode() + b"\xfcn\n")
    assert read_source(str(path), sink) is None
    (found,) = sink.all
    assert found.span is not None
    assert found.span.begin == (2, 5)


def test_two_missing_files_are_two_mistakes(tmp_path: Path) -> None:
    sink = Sink()
    for name in ("a", "b"):
        read_source(str(tmp_path / name), sink)
    assert codes(sink) == ["HQN0190", "HQN0190"]


def test_nothing_is_overwritten_unless_forced(tmp_path: Path) -> None:
    path, sink = tmp_path / "out", Sink()
    assert write_text(str(path), "old", sink, force=False)
    assert not write_text(str(path), "new", sink, force=False)
    assert codes(sink) == ["HQN0195"]
    assert path.read_text() == "old"
    assert write_text(str(path), "new", Sink(), force=True)
    assert path.read_text() == "new"


@pytest.mark.parametrize("path", ["missing/out", ".", "a" * 300])
def test_a_place_that_cannot_be_written_is_a_diagnostic(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sink = Sink()
    assert not write_text(path, "text", sink, force=True)
    assert codes(sink) == ["HQN0196"]
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, sink = tmp_path / "out", Sink()
    path.write_text("old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert not write_text(str(path), "new", sink, force=True)
    assert codes(sink) == ["HQN0196"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]
    assert path.read_text() == "old"


def test_links_are_followed_and_permissions_kept(tmp_path: Path) -> None:
    path, link = tmp_path / "file", tmp_path / "link"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    replace_file(str(link), b"new")
    assert link.is_symlink()
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o640


def test_devices_are_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    replace_file(str(pipe), b"text")
    assert os.read(reader, 10) == b"text"
    os.close(reader)
    assert pipe.is_fifo()
