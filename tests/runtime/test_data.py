"""Data blocks: what is fitted sees the train part only, and the checker's table says what loaders give."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hqn.compiler.types.runs.datasets import DATASETS
from hqn.runtime import program as rt
from hqn.runtime.data import LOADERS, prepare
from hqn.runtime.errors import DataMismatch

X4 = (rt.Array("x", (4,)), rt.Array("y", (), "i32", 3))
SPLIT = rt.Split((("train", 100), ("test", 50)), 0)


@pytest.mark.parametrize("name", sorted(LOADERS))
def test_loaders_give_what_the_checker_knows(name: str) -> None:
    known, found = DATASETS[name], LOADERS[name]()
    assert set(DATASETS) == set(LOADERS)
    assert [*found] == [field.name for field in known.fields]
    for field in known.fields:
        value = found[field.name]
        assert value.shape == (known.count, *field.shape)
        assert value.dtype == {"f32": np.float32, "i32": np.int32}[field.dtype]
        assert field.bound is None or (value.min(), value.max()) == (0, field.bound - 1)


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
