"""Checkpoints: what is written comes back; anything else is a coded error, whatever the bytes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hqn.runtime import program as rt
from hqn.runtime.checkpoint import encoded, of_model, read_checkpoint
from hqn.runtime.errors import (
    CannotWrite,
    ForeignCheckpoint,
    HqnRuntimeError,
    NotACheckpoint,
    OutputExists,
    WrongSlotShape,
)
from hqn.runtime.renaming import renamed_path


def model(*slots: rt.Slot, name: str = "m") -> rt.Model:
    return rt.Model(name, lambda p, x: x, (rt.Array("x", ()),), rt.Array("", ()), slots)


SLOTS = (
    rt.Slot("enc.W", (3, 2), "normal", (1.0,)),
    rt.Slot("enc.b", (3,), "normal", (1.0,)),
    rt.Slot("enc.steps", (), "zeros", kind="state", dtype="i32"),
    rt.Slot("enc.keep", (3,), "ones", kind="frozen weight", dtype="bool"),
    rt.Slot("half", (2,), "normal", (1.0,), dtype="bf16"),
)
MODEL = model(*SLOTS)
BYTES = encoded(of_model(MODEL, MODEL.init(0)))


def write(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return str(path)


def test_round_trip(tmp_path: Path) -> None:
    path, variables = str(tmp_path / "m.safetensors"), MODEL.init(3)
    MODEL.save(variables, path)
    back = MODEL.restore(path)
    assert jax.tree.structure(back) == jax.tree.structure(variables)
    for old, new in zip(jax.tree.leaves(variables), jax.tree.leaves(back)):
        assert old.dtype == new.dtype
        np.testing.assert_array_equal(old, new)


def test_an_existing_file_is_kept_unless_forced(tmp_path: Path) -> None:
    path = write(tmp_path / "m", b"mine")
    with pytest.raises(OutputExists, match="HQN0823"):
        MODEL.save(MODEL.init(0), path)
    assert (tmp_path / "m").read_bytes() == b"mine"
    MODEL.save(MODEL.init(0), path, force=True)
    assert (tmp_path / "m").read_bytes() == BYTES
    assert [entry.name for entry in tmp_path.iterdir()] == ["m"], "no temporary file is left"


def test_what_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match="HQN0825"):
        MODEL.save(MODEL.init(0), str(tmp_path / "missing" / "m"))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(BYTES) - 1))
@example(0)
@example(8)
def test_a_truncated_file_is_no_checkpoint(tmp_path: Path, size: int) -> None:
    with pytest.raises(NotACheckpoint, match="HQN0811"):
        MODEL.restore(write(tmp_path / "m", BYTES[:size]))


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(BYTES) * 8 - 1))
def test_a_flipped_bit_is_noticed_or_harmless(tmp_path: Path, bit: int) -> None:
    data = bytearray(BYTES)
    data[bit // 8] ^= 1 << bit % 8
    try:
        back = MODEL.restore(write(tmp_path / "m", bytes(data)))
    except HqnRuntimeError as error:
        assert error.code in ("HQN0811", "HQN0812", "HQN0813")
    else:
        whole = MODEL.init(0)
        for old, new in zip(jax.tree.leaves(whole), jax.tree.leaves(back)):
            np.testing.assert_array_equal(old, new)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400))
def test_foreign_bytes_are_no_checkpoint(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(NotACheckpoint):
        MODEL.restore(write(tmp_path / "m", data))


@pytest.mark.parametrize(
    "header",
    [
        b"[" * 5000,
        b'{"__metadata__":{"hqn":"null"}}',
        b'{"__metadata__":{"hqn":"{\\"format\\":99}"}}',
        b'{"a":{"dtype":"F32","shape":[1e9],"data_offsets":[0,4]},"__metadata__":{"hqn":"{}"}}',
        b'{"a":{"dtype":"F32","shape":[99999999999],"data_offsets":[0,4]},"__metadata__":{"hqn":"{}"}}',
        b'{"a":{"dtype":"F32","shape":[-1],"data_offsets":[4,0]},"__metadata__":{"hqn":"{}"}}',
    ],
)
def test_hostile_headers(tmp_path: Path, header: bytes) -> None:
    with pytest.raises(NotACheckpoint):
        MODEL.restore(write(tmp_path / "m", len(header).to_bytes(8, "little") + header + bytes(4)))


def test_a_header_longer_than_the_limit_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(NotACheckpoint, match="header of"):
        MODEL.restore(write(tmp_path / "m", (2**40).to_bytes(8, "little") + b"{}"))


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotACheckpoint, match="No such file"):
        MODEL.restore(str(tmp_path / "absent"))


def test_wrong_shapes_types_and_slots(tmp_path: Path) -> None:
    path = write(tmp_path / "m", BYTES)
    with pytest.raises(WrongSlotShape, match=r"HQN0813.*enc.W.*f32\[3, 2\].*f32\[4, 2\]"):
        model(rt.Slot("enc.W", (4, 2), "zeros"), *SLOTS[1:]).restore(path)
    with pytest.raises(WrongSlotShape, match="HQN0813"):
        model(*SLOTS[:2], rt.Slot("enc.steps", (), "zeros"), *SLOTS[3:]).restore(path)
    with pytest.raises(ForeignCheckpoint, match="no slot `more`"):
        model(*SLOTS, rt.Slot("more", (), "zeros")).restore(path)
    with pytest.raises(ForeignCheckpoint, match=r"enc\.b"):
        model(*(slot for slot in SLOTS if slot.path != "enc.b")).restore(path)
    with pytest.raises(ForeignCheckpoint, match="it holds `m`"):
        model(*SLOTS, name="other").restore(path)


def test_renamed_slots_are_found(tmp_path: Path) -> None:
    new = model(*(replace(slot, path=slot.path.replace("enc.", "encoder.")) for slot in SLOTS))
    path = write(tmp_path / "m", BYTES)
    with pytest.raises(ForeignCheckpoint):
        new.restore(path)
    for line in (("enc", "encoder"), ("m.enc", "m.encoder"), ("e*c", "e*coder")):
        back = new.restore(path, (line,))
        np.testing.assert_array_equal(back.params["encoder"]["W"], MODEL.init(0).params["enc"]["W"])


@pytest.mark.parametrize(
    ("path", "lines", "expected"),
    [
        ("a.b.W", (("a.b", "c"),), "c.W"),
        ("a.b.W", (("a", "x"), ("a.b", "y")), "x.b.W"),
        ("block3.W", (("block*", "stage*.conv"),), "stage3.conv.W"),
        ("a1b2.W", (("a*b*", "c*d*"),), "c1d2.W"),
        ("ab.W", (("a", "x"),), "ab.W"),
        ("a", (("a.b", "x"),), "a"),
    ],
)
def test_renaming(path: str, lines: tuple[tuple[str, str], ...], expected: str) -> None:
    assert renamed_path(path, lines) == expected


def test_nothing_in_a_file_is_executed(tmp_path: Path) -> None:
    """A checkpoint is read by `safetensors` and JSON alone: no pickle is imported for it."""
    import ast
    import inspect

    from hqn.runtime import checkpoint

    tree = ast.parse(inspect.getsource(checkpoint))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert names <= {"json", "os", "jax.numpy", "numpy"}
    assert read_checkpoint(write(tmp_path / "m", BYTES)).values["enc.W"].dtype == jnp.float32
