"""Data blocks: what is fitted sees the train part only, and the checker's table says what loaders give."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hqn.compiler.types.runs.datasets import DATASETS
from hqn.runtime import program as rt
from hqn.runtime.data import prepare
from hqn.runtime.errors import DataMismatch, NoSuchData
from hqn.runtime.loaders import FOLDER, LOADERS

X4 = (rt.Array("x", (4,)), rt.Array("y", (), "i32", 3))
SPLIT = rt.Split((("train", 100), ("test", 50)), 0)


@pytest.mark.parametrize("name", sorted(DATASETS))
def test_loaders_give_what_the_checker_knows(name: str) -> None:
    assert {*DATASETS, "linspace"} == set(LOADERS)
    if "mnist" in name and "HQN_DATA" not in os.environ:
        pytest.skip("HQN_DATA does not name a folder of data sets")
    known, found = DATASETS[name], LOADERS[name]()
    assert [*found] == [field.name for field in known.fields]
    for field in known.fields:
        value = found[field.name]
        assert value.shape == (known.count, *field.shape)
        assert value.dtype == {"f32": np.float32, "i32": np.int32}[field.dtype]
        assert field.bound is None or tuple(np.bincount(value)) == known.per_class


def test_a_split_takes_every_sample_at_most_once() -> None:
    found = prepare(rt.Data("d", "iris", (SPLIT,), X4))
    assert {split: found.size(split) for split in found.splits} == {"train": 100, "test": 50}
    numbers = np.concatenate(list(found.numbers.values()))
    assert len(set(numbers.tolist())) == 150
    assert len(set(found.splits["test"]["y"].tolist())) == 3, "a seed shuffles"


def test_without_a_seed_samples_stay_in_order() -> None:
    found = prepare(rt.Data("d", "iris", (rt.Split((("train", 100), ("test", 50))),), X4))
    np.testing.assert_array_equal(found.numbers["train"], np.arange(100))


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("step", [rt.Fit("standardize"), rt.Fit("minmax", (-1.0, 2.0)), rt.Fit("pca", (2,))])
def test_fitted_steps_see_the_train_part_only(step: rt.Fit, first: bool) -> None:
    """Wherever the split stands, and whatever the test part is."""
    fields = (rt.Array("x", (2,) if step.kind == "pca" else (4,)), X4[1])
    steps = (SPLIT, step) if first else (step, SPLIT)
    train = prepare(rt.Data("d", "iris", steps, fields)).splits["train"]["x"]
    if step.kind == "standardize":
        np.testing.assert_allclose(train.mean(axis=0), 0, atol=1e-5)
        np.testing.assert_allclose(train.std(axis=0), 1, atol=1e-5)
    elif step.kind == "minmax":
        np.testing.assert_allclose([train.min(axis=0), train.max(axis=0)], [[-1] * 4, [2] * 4], atol=1e-5)
    else:
        covariance = np.cov(train.T)
        assert abs(covariance[0, 1]) < 1e-5 * covariance[0, 0]
        assert covariance[0, 0] > covariance[1, 1]


def test_constants_are_recorded_by_step() -> None:
    found = prepare(rt.Data("d", "iris", (rt.Fit("standardize"), rt.Fit("pca", (4,)), SPLIT), X4))
    assert sorted(found.constants) == ["d::0.mean", "d::0.scale", "d::1.axes", "d::1.mean"]


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 12))
def test_windows_are_consecutive_samples(size: int) -> None:
    fields = (rt.Array("x", (size, 4)), X4[1])
    found = prepare(rt.Data("d", "iris", (rt.Arrange("windows", size),), fields)).splits["train"]
    whole = prepare(rt.Data("d", "iris", (), X4)).splits["train"]
    assert len(found["x"]) == 151 - size
    np.testing.assert_array_equal(found["x"][3], whole["x"][3 : 3 + size])
    np.testing.assert_array_equal(found["y"], whole["y"][size - 1 :])


def test_shuffle_and_take() -> None:
    steps = (rt.Arrange("shuffle", 1), rt.Arrange("take", 20))
    found = prepare(rt.Data("d", "iris", steps, X4))
    again = prepare(rt.Data("d", "iris", steps, X4))
    assert found.size("train") == 20
    np.testing.assert_array_equal(found.splits["train"]["x"], again.splits["train"]["x"])
    assert len(set(found.splits["train"]["y"].tolist())) > 1


def test_map_makes_new_fields() -> None:
    double = rt.Map(lambda p, x, y: (2 * x, y), ("x", "label"))
    fields = (X4[0], rt.Array("label", (), "i32", 3))
    whole = prepare(rt.Data("d", "iris", (), X4)).splits["train"]["x"]
    found = prepare(rt.Data("d", "iris", (double,), fields)).splits["train"]
    np.testing.assert_array_equal(found["x"], 2 * whole)
    assert [*found] == ["x", "label"]


@pytest.mark.parametrize(
    "fields", [(rt.Array("x", (5,)),), (rt.Array("z", (4,)),), (X4[0], rt.Array("y", (), "i32", 2))]
)
def test_data_that_is_not_what_was_checked(fields: tuple[rt.Array, ...]) -> None:
    with pytest.raises(DataMismatch, match="HQN0832"):
        prepare(rt.Data("d", "iris", (), fields))


@pytest.mark.parametrize("then", [(), (rt.Arrange("shuffle", 3),), (rt.Fit("standardize"),)])
def test_the_first_classes_are_kept(then: tuple[rt.Arrange | rt.Fit, ...]) -> None:
    whole = prepare(rt.Data("d", "iris", (), X4)).splits["train"]
    fields = (X4[0], rt.Array("y", (), "i32", 2))
    found = prepare(rt.Data("d", "iris", (rt.Arrange("classes", 2), *then), fields)).splits["train"]
    assert np.bincount(found["y"]).tolist() == [50, 50]
    if not then:
        np.testing.assert_array_equal(found["x"], whole["x"][whole["y"] < 2])


# --- files ----------------------------------------------------------------------------------------

IMAGE = (rt.Array("x", (28, 28)), rt.Array("y", (), "i32", 10))
PARTS = {"train": 5, "t10k": 3}


def write_mnist(folder: Path, zipped: bool) -> dict[str, np.ndarray]:
    """A small set laid out as MNIST is; what its files hold."""
    folder.mkdir(parents=True)
    random, held = np.random.default_rng(0), {}
    for part, count in PARTS.items():
        held[f"{part}-images-idx3-ubyte"] = random.integers(0, 256, (count, 28, 28), np.uint8)
        held[f"{part}-labels-idx1-ubyte"] = random.integers(0, 10, count, np.uint8)
    for name, array in held.items():
        raw = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.tobytes()
        path = folder / (f"{name}.gz" if zipped else name)
        path.write_bytes(gzip.compress(raw) if zipped else raw)
    return held


@pytest.mark.parametrize(("name", "folder"), [("mnist", "mnist"), ("fashion_mnist", "fashion-mnist")])
@pytest.mark.parametrize("zipped", [True, False])
def test_idx_files_are_read_in_their_order(
    name: str, folder: str, zipped: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = write_mnist(tmp_path / folder, zipped)
    monkeypatch.setenv(FOLDER, str(tmp_path))
    split = rt.Split((("train", 5), ("test", 3)))
    found = prepare(rt.Data("d", name, (split,), IMAGE)).splits
    np.testing.assert_array_equal(found["train"]["x"], held["train-images-idx3-ubyte"])
    np.testing.assert_array_equal(found["test"]["y"], held["t10k-labels-idx1-ubyte"])


def broken_file(folder: Path) -> None:
    (folder / "mnist" / "t10k-labels-idx1-ubyte").write_bytes(b"no labels")


def cut_off_file(folder: Path) -> None:
    path = folder / "mnist" / "train-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:-1])


def no_file(folder: Path) -> None:
    (folder / "mnist" / "train-labels-idx1-ubyte").unlink()


@pytest.mark.parametrize("spoil", [broken_file, cut_off_file, no_file])
def test_files_that_are_not_what_they_should_be(
    spoil: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_mnist(tmp_path / "mnist", zipped=False)
    spoil(tmp_path)
    monkeypatch.setenv(FOLDER, str(tmp_path))
    with pytest.raises(NoSuchData, match=r"is not an IDX file|there is no file"):
        prepare(rt.Data("d", "mnist", (), IMAGE))


@pytest.mark.parametrize("name", ["mnist", "breast_mnist"])
def test_without_a_folder_the_message_says_how_to_name_one(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(FOLDER, raising=False)
    with pytest.raises(NoSuchData, match=f"let {FOLDER} name a folder"):
        prepare(rt.Data("d", name, (), IMAGE))


def test_a_grid_has_both_ends() -> None:
    found = prepare(rt.Data("d", "linspace", (), (rt.Array("x", ()),), (5.0, -1.0, 1.0)))
    np.testing.assert_array_equal(found.splits["train"]["x"], np.array([-1, -0.5, 0, 0.5, 1], np.float32))
