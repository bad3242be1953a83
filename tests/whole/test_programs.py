"""Random well-typed programs through the whole pipeline."""

from __future__ import annotations

import re

import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import HealthCheck, given, settings

from hqn.compiler.diagnostics import Sink
from hqn.compiler.source import Source
from hqn.compiler.syntax.format import format_module
from support.whole import Numbers, apply, checked, model, module
from support.written import Written, programs

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)
some = settings(max_examples=settings.default.max_examples // 10, suppress_health_check=SLOW)
few = settings(max_examples=settings.default.max_examples // 20, suppress_health_check=SLOW)


def samples(written: Written, *batch: int) -> list[Numbers]:
    random = np.random.default_rng(0)
    return [random.normal(size=(*batch, *shape)) for shape in written.inputs]


def formatted(text: str) -> str:
    sink = Sink()
    after = format_module(Source("whole.hqn", text), sink)
    assert not sink.has_errors
    assert after is not None
    return after


@given(programs())
@settings(suppress_health_check=SLOW)
def test_every_program_checks_and_becomes_text(written: Written) -> None:
    assert module(written.text) == module(written.text), "the same text twice"


@given(programs())
@some
def test_the_formatter_keeps_the_program(written: Written) -> None:
    after = formatted(written.text)
    assert formatted(after) == after
    assert tree(after) == tree(written.text)
    assert without_places(module(after)) == without_places(module(written.text))


def tree(text: str) -> str:
    return re.sub(r" +whole\.hqn:.*", "", checked(text).tree_text())


def without_places(text: str) -> str:
    """Line numbers of the source are all that may differ."""
    return re.sub(r"whole\.hqn:\d+", "", text)


@given(programs())
@some
def test_a_program_computes_what_it_declares_with_and_without_passes(written: Written) -> None:
    inputs = samples(written)
    found = apply(model(written.text), inputs)
    assert found.shape == written.output
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found, apply(model(written.text, passes=()), inputs), rtol=1e-9, atol=1e-9)


@given(programs())
@some
def test_a_batch_is_its_samples(written: Written) -> None:
    compiled, inputs = model(written.text), samples(written, 2, 3)
    found = apply(compiled, inputs)
    assert found.shape == (2, 3, *written.output)
    for at in ((0, 0), (1, 2)):
        alone = apply(compiled, [one[at] for one in inputs])
        np.testing.assert_allclose(found[at], alone, rtol=1e-9, atol=1e-9)


@given(programs())
@few
def test_a_model_goes_through_jit_vmap_and_grad(written: Written) -> None:
    compiled, inputs = model(written.text), samples(written, 3)
    with jax.enable_x64(True):
        variables = compiled.init(1, "f64")

        def total(variables: object, *inputs: object) -> jax.Array:
            return jnp.sum(jnp.tanh(compiled.apply(variables, *inputs)))

        batched = compiled.apply(variables, *inputs)
        mapped = jax.jit(jax.vmap(compiled.apply, in_axes=(None, *(0 for _ in inputs))))(variables, *inputs)
        np.testing.assert_allclose(mapped, batched, rtol=1e-9, atol=1e-9)
        in_training, _ = compiled.apply_train(variables, *inputs, key=3)
        assert in_training.shape == batched.shape
        gradient = jax.jit(jax.grad(total))(variables, *inputs)
        assert jax.tree.structure(gradient) == jax.tree.structure(variables)
        assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(gradient))
