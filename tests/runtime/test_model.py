"""Models from Python: pure functions, any batch, wrong arrays refused with a code."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hqn.runtime import program as rt
from hqn.runtime.errors import UnequalBatches, WrongInputCount, WrongInputShape, WrongInputType
from hqn.runtime.loading import load
from support.emitted_digits import TEXT

MODEL: rt.Model = load(TEXT, "mlp.hqn").models["mlp"]
VARIABLES = MODEL.init(0)
IMAGES = np.random.default_rng(0).uniform(0, 16, (6, 8, 8)).astype(np.float32)


def test_any_batch() -> None:
    whole = MODEL.apply(VARIABLES, IMAGES)
    assert whole.shape == (6, 10)
    np.testing.assert_allclose(MODEL.apply(VARIABLES, IMAGES[2]), whole[2], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(
        MODEL.apply(VARIABLES, IMAGES.reshape(2, 3, 8, 8)).reshape(6, 10), whole, rtol=1e-5, atol=1e-6
    )


def test_apply_is_pure_under_transformations() -> None:
    whole = MODEL.apply(VARIABLES, IMAGES)
    np.testing.assert_allclose(jax.jit(MODEL.apply)(VARIABLES, IMAGES), whole, rtol=1e-5, atol=1e-6)
    each = jax.vmap(MODEL.apply, in_axes=(None, 0))(VARIABLES, IMAGES)
    np.testing.assert_allclose(each, whole, rtol=1e-5, atol=1e-6)
    gradient = jax.grad(lambda v: MODEL.apply(v, IMAGES).sum())(VARIABLES)
    np.testing.assert_allclose(gradient.params["head"]["b"], 6.0, rtol=1e-6)


def test_apply_train_without_state() -> None:
    value, state = MODEL.apply_train(VARIABLES, IMAGES, key=1)
    np.testing.assert_allclose(value, MODEL.apply(VARIABLES, IMAGES), rtol=1e-6)
    assert state == {}


def test_apply_train_with_draws_and_state() -> None:
    def train(p: Any, keys: rt.Keys, x: jax.Array) -> tuple[jax.Array, Any]:
        return x + jax.random.normal(keys["noise"].step), {"a": {"n": p["a"]["n"] + 1}}

    slots = (rt.Slot("a.n", (), "zeros", kind="state"), rt.Slot("a.m", (), "zeros", kind="state"))
    model = rt.Model("m", lambda p, x: x, (rt.Array("x", ()),), rt.Array("", ()), slots, train,
                     rt.Traits(draws=True, state=True))  # fmt: skip
    value, state = model.apply_train(model.init(0), jnp.zeros(4), key=1)
    assert jax.tree.map(float, state) == {"a": {"n": 1.0, "m": 0.0}}
    assert float(value[0]) == float(model.apply_train(model.init(0), jnp.zeros(2), key=1)[0][0]) != 0


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ((IMAGES[..., 0],), WrongInputShape, r"`image` of `mlp` has shape \[6, 8\]; one sample is \[8, 8\]"),
        ((np.float32(1),), WrongInputShape, r"\[\] \(a scalar\)"),
        ((IMAGES.astype(int),), WrongInputType, "holds integers; it takes f32"),
        ((IMAGES > 0,), WrongInputType, "truth values"),
        ((IMAGES.astype(complex),), WrongInputType, "complex numbers"),
        ((np.array(["a"] * 64).reshape(8, 8),), WrongInputType, "<U1"),
        ((), WrongInputCount, "takes 1"),
        ((IMAGES, IMAGES), WrongInputCount, "2 were given"),
    ],
)
def test_wrong_inputs(given: tuple[Any, ...], error: type, words: str) -> None:
    for call in (MODEL.apply, MODEL.apply_train, MODEL.predict):
        with pytest.raises(error, match=words):
            call(VARIABLES, *given)


def test_labels_are_whole_numbers_and_batches_agree() -> None:
    inputs = (rt.Array("x", ()), rt.Array("y", (), "i32", 3))
    model = rt.Model("m", lambda p, x, y: x + y, inputs, rt.Array("", ()), ())
    assert model.apply(model.init(0), np.ones(3), np.arange(3, dtype=np.uint8)).shape == (3,)
    with pytest.raises(WrongInputType, match=r"holds floats; it takes idx\[3\]"):
        model.apply(model.init(0), np.ones(3), np.ones(3))
    with pytest.raises(UnequalBatches, match=r"\[3\], \[\] \(a scalar\)"):
        model.apply(model.init(0), np.ones(3), np.int32(1))


def test_scores() -> None:
    labels = MODEL.predict(VARIABLES, IMAGES).argmax(axis=1)
    assert MODEL.score(VARIABLES, IMAGES, labels) == 1.0
    assert MODEL.score(VARIABLES, IMAGES, (labels + np.array([1, 0, 0, 0, 0, 0])) % 10) == pytest.approx(
        5 / 6
    )
    values = MODEL.predict(VARIABLES, IMAGES)
    assert MODEL.score(VARIABLES, IMAGES, values) == 1.0
    mean = np.broadcast_to(values.mean(axis=0), values.shape)
    assert MODEL.score(VARIABLES, IMAGES, values + (mean - values) * 2) < 1.0


def test_f64_predicts_in_f64() -> None:
    with jax.enable_x64(True):
        wide = MODEL.init(0, "f64")
    found = MODEL.predict(wide, IMAGES.astype(np.float64))
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, MODEL.predict(VARIABLES, IMAGES), rtol=1e-4, atol=1e-5)


def test_a_model_without_weights_computes_as_wide_as_jax_does() -> None:
    plain = rt.Model("f", lambda p, x: x / 3, (rt.Array("x", ()),), rt.Array("", ()), ())
    assert plain.predict(plain.init(0), 1.0).dtype == np.float32
    with jax.enable_x64(True):
        assert plain.apply(plain.init(0), 1.0).dtype == np.float64
        assert float(plain.predict(plain.init(0), 1.0)) == 1 / 3
