"""Quantizers: what holds for every tensor, and that float and integer arithmetic are one."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hqn.runtime import arrays as nn
from hqn.runtime import quant

FLOATS = st.floats(-1e4, 1e4, width=32, allow_subnormal=False)
MATRICES = arrays.arrays(np.float32, (3, 5), elements=FLOATS)
BITS = st.integers(2, 8)
OPTIONS = st.fixed_dictionaries(
    {"bits": BITS, "symmetric": st.booleans(), "po2": st.booleans(), "axis": st.sampled_from([None, -1, -2])}
)
FEW = settings(max_examples=25, deadline=None)


@FEW
@given(MATRICES, OPTIONS)
def test_a_weight_is_off_by_half_a_step_at_most_and_stays_put(w: np.ndarray, options: dict[str, Any]) -> None:
    scale, _ = quant.weight_grid(jnp.asarray(w), **options)
    found = np.asarray(quant.weight(jnp.asarray(w), **options))
    step = np.broadcast_to(np.asarray(scale, np.float64), w.shape)
    slack = 4e-6 * np.abs(w).max()  # products in f32
    edge = 0 if options["symmetric"] else step / 2  # rounding the zero point shifts the range by so much
    assert (np.abs(found - w) <= step / 2 + edge + slack).all()


@FEW
@given(MATRICES, OPTIONS)
def test_quantizing_what_is_on_the_grid_changes_nothing(w: np.ndarray, options: dict[str, Any]) -> None:
    scale, zero = quant.weight_grid(jnp.asarray(w), **options)
    given_zero = None if options["symmetric"] else zero
    once = quant._faked(jnp.asarray(w), scale, given_zero, options["bits"])
    twice = quant._faked(once, scale, given_zero, options["bits"])
    assert (np.asarray(once) == np.asarray(twice)).all()


@FEW
@given(MATRICES, OPTIONS)
def test_zero_is_exactly_zero_and_order_is_kept(w: np.ndarray, options: dict[str, Any]) -> None:
    w = w.copy()
    w[0, 0] = 0.0
    options = options | {"axis": None}
    found = np.asarray(quant.weight(jnp.asarray(w), **options))
    assert found[0, 0] == 0.0
    order = np.argsort(w, axis=None, kind="stable")
    assert (np.diff(found.reshape(-1)[order]) >= 0).all()


@FEW
@given(MATRICES, OPTIONS)
def test_a_channel_is_quantized_as_if_alone(w: np.ndarray, options: dict[str, Any]) -> None:
    options = options | {"axis": -2}
    whole = np.asarray(quant.weight(jnp.asarray(w), **options))
    rows = [np.asarray(quant.weight(jnp.asarray(row[None]), **options))[0] for row in w]
    assert (whole == np.stack(rows)).all()


@FEW
@given(arrays.arrays(np.float32, (3, 8), elements=FLOATS), BITS, st.sampled_from([1, 2, 4, 8]))
def test_a_group_is_quantized_as_if_alone(w: np.ndarray, bits: int, size: int) -> None:
    whole = np.asarray(quant.weight(jnp.asarray(w), bits=bits, group=size))
    parts = quant.weight(jnp.asarray(w.reshape(-1, size)), bits=bits, axis=-2)
    assert (whole == np.asarray(parts).reshape(w.shape)).all()


@FEW
@given(st.floats(-1e3, 1e3), st.floats(0, 1e3), BITS, st.booleans(), st.booleans())
def test_a_grid_covers_its_range_and_holds_zero(
    low: float, width: float, bits: int, symmetric: bool, po2: bool
) -> None:
    scale, zero = quant.grid(jnp.float32(low), jnp.float32(low + width), bits, symmetric, po2)
    first, last = quant.limits(bits, symmetric)
    assert first <= float(zero) <= last
    assert float(zero) == round(float(zero))
    assert not symmetric or float(zero) == 0
    ends = np.array([first, last], np.float64) - float(zero)
    slack = float(scale) / 2 + 1e-4
    assert ends[0] * float(scale) <= min(low, 0) + slack
    assert ends[1] * float(scale) >= max(low + width, 0) - slack
    assert not po2 or float(jnp.log2(scale)) == round(float(jnp.log2(scale)))


def test_halves_go_to_the_even_neighbour() -> None:
    x = jnp.array([0.5, 1.5, 2.5, -0.5, -1.5])
    assert quant.integers(x, jnp.float32(1), bits=8).tolist() == [0, 2, 2, 0, -2]


@pytest.mark.parametrize("scale", [1.0, 0.5, 0.3, 2.0**-60, 3.7e-5, 1e20])
def test_a_power_of_two_is_the_next_one_above(scale: float) -> None:
    found = float(quant.power_of_two(jnp.float32(scale)))
    assert found == 2.0 ** np.ceil(np.log2(np.float32(scale).astype(np.float64)))


@FEW
@given(st.floats(-50, 50, width=32), st.integers(1, 16))
def test_angles_go_to_the_nearest_grid_point_unwrapped(angle: float, bits: int) -> None:
    step = 2 * np.pi / 2**bits
    found = float(quant.angle(jnp.float32(angle), bits))
    assert abs(found - angle) <= step / 2 + 1e-5
    assert abs(found - round(angle / step) * step) <= step + 1e-5
    assert abs(found - round(found / step) * step) < 1e-5


def test_derivatives_go_straight_through_the_rounding_and_stop_where_values_are_cut() -> None:
    def slope(x: float) -> float:
        scale, zero = jnp.float32(0.1), jnp.float32(-10)
        return float(jax.grad(lambda v: quant.activation(v, scale, zero, bits=8))(x))

    assert [slope(0.33), slope(-11.7), slope(14.0), slope(-12.0)] == [1, 1, 0, 0]
    assert float(jax.grad(lambda v: quant.angle(v, 3))(0.7)) == 1
    w = jnp.array([[0.3, -2.0], [0.1, 0.7]])
    slopes = jax.grad(lambda v: quant.weight(v, bits=4, axis=-2).sum())(w)
    assert slopes.tolist() == [[1, 1], [1, 1]]


# --- float and integer arithmetic ------------------------------------------------------------------


@FEW
@given(st.sampled_from([1, 7, 200]), st.just(3), BITS, st.booleans(), st.booleans(), st.randoms())
def test_a_dense_layer_in_float_equals_the_integers_bit_for_bit(
    inputs: int, outputs: int, bits: int, symmetric: bool, channels: bool, random: Any
) -> None:
    draw = np.random.default_rng(random.randrange(2**32))
    x = jnp.asarray(draw.normal(1, 3, (5, inputs)), jnp.float32)
    w, b = (jnp.asarray(draw.normal(size=dims), jnp.float32) for dims in ((outputs, inputs), (outputs,)))
    options = {"bits": bits, "po2": True, "axis": -2 if channels else None}
    scale, zero = quant.grid(x.min(), x.max(), 8, symmetric, True)
    both = quant.weight_scale(w, **options) * scale
    y = jnp.einsum("oi,...i->...o", quant.weight(w, **options), _activation(x, scale, zero, symmetric))
    point = None if symmetric else zero
    total = quant.dense(quant.integers(x, scale, point, bits=8), quant.weight_integers(w, **options), point)
    assert total.dtype == jnp.int32
    total = total + quant.integers(b, both, bits=32)
    assert (np.asarray(y + quant.bias(b, both)) == np.asarray(total.astype(float) * both)).all()


@settings(max_examples=10, deadline=None)
@given(st.sampled_from([1, 3]), st.sampled_from([1, 2]), st.integers(0, 1), st.booleans(), st.randoms())
def test_a_convolution_in_float_equals_the_integers_bit_for_bit(
    size: int, stride: int, pad: int, symmetric: bool, random: Any
) -> None:
    draw = np.random.default_rng(random.randrange(2**32))
    x = jnp.asarray(draw.normal(1, 2, (2, 5, 6, 3)), jnp.float32)
    w = jnp.asarray(draw.normal(size=(size, size, 3, 4)), jnp.float32)
    options = {"bits": 8, "po2": True, "axis": -1}
    scale, zero = quant.grid(x.min(), x.max(), 8, symmetric, True)
    window = {"stride": (stride, stride), "pad": (pad,) * 4}
    y = nn.conv2d(_activation(x, scale, zero, symmetric), quant.weight(w, **options), **window)
    point = None if symmetric else zero
    counted = quant.integers(x, scale, point, bits=8)
    total = quant.conv2d(counted, quant.weight_integers(w, **options), point, **window)
    both = quant.weight_scale(w, **options) * scale
    assert (np.asarray(y) == np.asarray(total.astype(float) * both)).all()


def _activation(x: Any, scale: Any, zero: Any, symmetric: bool) -> Any:
    return quant.activation(x, scale, zero, bits=8, symmetric=symmetric)
