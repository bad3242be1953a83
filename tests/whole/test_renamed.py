"""`renamed`: a checkpoint of an older text is read by a newer one."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import hqn
from support.whole import program

OLD = """
use std.layers.{dense}
model net(x: f32[4]) -> f32[2] { return x |> dense[3] as enc1 |> dense[3] as enc2 |> dense[2] as out }
"""
NEW = """
use std.layers.{dense}
renamed "net.enc*" -> "net.encoder*"
renamed "out" -> "head"
model net(x: f32[4]) -> f32[2] {
  return x |> dense[3] as encoder1 |> dense[3] as encoder2 |> dense[2] as head
}
"""


def test_an_older_checkpoint_is_read(tmp_path: Path) -> None:
    old, path = program(OLD).models["net"], str(tmp_path / "net.safetensors")
    variables = old.init(3)
    old.save(variables, path)
    found = program(NEW).models["net"].restore(path).flat()
    before = variables.flat()
    assert {path.partition(".")[0] for path in found} == {"encoder1", "encoder2", "head"}
    for name, was in (("encoder1", "enc1"), ("encoder2", "enc2"), ("head", "out")):
        np.testing.assert_array_equal(found[f"{name}.W"], before[f"{was}.W"])


def test_the_python_interface_reads_it_too(tmp_path: Path) -> None:
    path = str(tmp_path / "net.safetensors")
    old, new = (hqn.compile(text).models["net"] for text in (OLD, NEW))
    old.save(old.init(3), path)
    assert sorted(hqn.restore(path, new).flat()) == sorted(new.init(3).flat())
