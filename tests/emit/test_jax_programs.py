"""Random programs: the emitted, batched module against the meaning of the IR, one sample at a time."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from emit.build import I32, Function, dense
from emit.programs import random_program
from emit.reference import Reference

from hqn.compiler.emit.jax.module import module_text
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.module import Module
from hqn.compiler.ir.tensors import shape
from hqn.compiler.ir.turns import Turn
from hqn.compiler.ir.xdsl_api import SSAValue
from hqn.runtime.keys import Keys, keys_of

Tree = dict[str, Any]
BATCHES = [(), (2,), (2, 1, 3)]


def emitted(*functions: FuncOp) -> dict[str, Any]:
    """What the emitted module defines, and its text as `text`."""
    Module.of(functions).verify()
    text, _ = module_text("test.hqn", functions, lambda _: "")
    space: Tree = {}
    exec(compile(text, "test.py", "exec"), space)
    return space | {"text": text}


def weights(func: FuncOp, functions: Mapping[str, FuncOp], rng: np.random.Generator) -> Tree:
    """Random values of all slots of an instance of `func`."""
    own: Tree = {slot.name: rng.normal(size=slot.shape) for slot in func.slots}
    for child in func.children:
        own[child.name] = _stacked(
            lambda of=child.callee: weights(functions[of], functions, rng), child.loops
        )
    return own


def _stacked(make: Callable[[], Tree], loops: Sequence[int]) -> Tree:
    if not loops:
        return make()
    return jax.tree.map(lambda *parts: np.stack(parts), *[_stacked(make, loops[1:]) for _ in range(loops[0])])


def called(space: Tree, func: FuncOp, p: Tree, args: Sequence[Any], keys: Keys | None = None) -> list[Any]:
    """The results of an emitted function in f64, compiled."""
    function = space[func.symbol_name]
    given = [p] if function.__code__.co_varnames[:1] == ("p",) else []
    with jax.enable_x64(True):
        leading = jax.tree.map(jnp.asarray, given) + ([keys] if func.draws else [])
        results = jax.jit(function)(*leading, *map(jnp.asarray, args))
    return [np.asarray(result) for result in (results if isinstance(results, tuple) else (results,))]


def agree(functions: Sequence[FuncOp], seed: int, batch: tuple[int, ...], lone: bool = False) -> None:
    """Emitted code on a batch gives what the reference gives for each sample.

    `lone`: the first of several arguments has no batch axes.
    """
    space, rng = emitted(*functions), np.random.default_rng(seed)
    func, known = functions[-1], {one.symbol_name: one for one in functions}
    p = weights(func, known, rng)
    args = [rng.normal(size=(*batch, *shape(type_))) for type_ in func.type.inputs.data]
    lone = lone and len(args) > 1 and bool(batch)
    if lone:
        args[0] = args[0][(0,) * len(batch)]
    with jax.enable_x64(True):
        keys = keys_of(jax.random.key(3), batch)
        results = called(space, func, p, args, keys)
        for place in itertools.product(*map(range, batch)):
            sample = [arg if lone and not number else arg[place] for number, arg in enumerate(args)]
            own = Keys(keys.run, keys.step, keys.sample[place])
            expected = Reference(functions)(func.symbol_name, p, sample, own)
            for want, got in zip(expected, results, strict=True):
                spread = np.broadcast_to(got, (*batch, *np.shape(want)))
                np.testing.assert_allclose(spread[place], want, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("seed", range(12))
def test_random_programs_mean_what_they_say(seed: int) -> None:
    agree(random_program(seed), seed, BATCHES[seed % 3], lone=seed % 2 == 0)


@pytest.mark.parametrize("seed", range(100, 105))
def test_random_programs_that_draw(seed: int) -> None:
    agree(random_program(seed, draws=True), seed, BATCHES[seed % 3])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(200, 400))
def test_many_random_programs(seed: int) -> None:
    agree(random_program(seed, draws=seed % 2 == 0), seed, BATCHES[seed % 3], lone=seed % 4 == 1)


def _lifted_and_mapped() -> list[FuncOp]:
    """A layer with weights and draws; a caller that lifts it over [2, 3]; one that maps it twice."""
    noisy = Function("noisy", [(4,)])
    drop = noisy.body.draw("bernoulli", (4,), noisy.body.constant(0.5), site="keep")
    kept = noisy.body.map("select", drop, noisy.body.args[0], noisy.body.slot("w", (4,)))
    layer = noisy.done(noisy.body.map("tanh", kept))
    lifts, maps = Function("lifts", [(2, 3, 4)]), Function("maps", [(2, 3, 4)])
    up = lifts.body.call(layer, "noisy", lifts.body.args[0], batch=(2, 3))

    def inner(b: Any) -> tuple[list[SSAValue], list[SSAValue]]:
        return [], [b.call(layer, "noisy", b.args[1])]

    def outer(b: Any) -> tuple[list[SSAValue], list[SSAValue]]:
        return [], [b.loop("map", 3, [b.args[1]], [], inner).results[0]]

    over = maps.body.loop("map", 2, [maps.body.args[0]], [], outer).results[0]
    return [layer, lifts.done(up), maps.done(over)]


def test_lifting_is_nested_map() -> None:
    functions = _lifted_and_mapped()
    rng, space = np.random.default_rng(0), emitted(*functions)
    x, p = rng.normal(size=(5, 2, 3, 4)), {"noisy": {"w": rng.normal(size=4)}}
    with jax.enable_x64(True):
        keys = keys_of(jax.random.key(1), (5,))
        lifted, mapped = (called(space, func, p, [x], keys)[0] for func in functions[1:])
    np.testing.assert_array_equal(lifted, mapped)


def test_draws_depend_on_the_sample_and_not_on_the_batch() -> None:
    functions = _lifted_and_mapped()
    space, x = emitted(*functions), np.ones((6, 2, 3, 4))
    p, keys = {"noisy": {"w": np.zeros(4)}}, keys_of(jax.random.key(1), (6,))
    whole = called(space, functions[1], p, [x], keys)[0]
    half = called(space, functions[1], p, [x[3:]], Keys(keys.run, keys.step, keys.sample[3:]))[0]
    np.testing.assert_array_equal(whole[3:], half)
    assert len(np.unique(whole.reshape(6, -1), axis=0)) > 1


def _mlp() -> list[FuncOp]:
    """Two dense layers; the weights of the second are made of weights only."""
    first = dense(4, 3)
    net = Function("net", [(4,)], kind="model")
    h = net.body.map("tanh", net.body.call(first, "encoder", net.body.args[0]))
    matrix = net.body.map("tanh", net.body.slot("M", (7, 3)))
    return [first, net.done(net.body.einsum("oi,i->o", matrix, h))]


def test_emitted_functions_transform() -> None:
    functions = _mlp()
    net = emitted(*functions)["net"]
    p = jax.tree.map(
        jnp.float32, weights(functions[1], {"dense_4_3": functions[0]}, np.random.default_rng(0))
    )
    x = jax.random.normal(jax.random.key(0), (5, 4))
    batched = net(p, x)
    np.testing.assert_allclose(jax.vmap(lambda one: net(p, one))(x), batched, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(jax.jit(net)(p, x), batched, rtol=1e-5, atol=1e-6)
    slopes = jax.grad(lambda q: jnp.sum(net(q, x)))(p)
    assert jax.tree.map(jnp.shape, slopes) == jax.tree.map(jnp.shape, p)
    one_by_one = [jax.grad(lambda q, s=s: jnp.sum(net(q, s)))(p) for s in x]
    summed = jax.tree.map(lambda *parts: sum(parts), *one_by_one)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5), slopes, summed)


def test_work_on_weights_has_no_batch_axis() -> None:
    net = emitted(*_mlp())["net"]
    p = {"encoder": {"W": jnp.ones((3, 4)), "b": jnp.ones(3)}, "M": jnp.ones((7, 3))}
    jaxpr = jax.make_jaxpr(net)(p, jnp.ones((64, 4)))
    shapes = [eqn.outvars[0].aval.shape for eqn in jaxpr.eqns if eqn.primitive.name == "tanh"]
    assert sorted(shapes) == [(7, 3), (64, 3)]


def _deep(trips: int) -> list[FuncOp]:
    """h = tanh(W[turn] h) repeated."""
    layer, net = dense(3, 3), Function("net", [(3,)], kind="model")

    def body(b: Any) -> tuple[list[SSAValue], list[SSAValue]]:
        turn = [Turn(b.args[0])]
        return [b.map("tanh", b.call(layer, "layer", b.args[1], turns=turn, loops=(trips,)))], []

    return [layer, net.done(net.body.loop("repeat", trips, [], [net.body.args[0]], body).results[0])]


def test_a_deep_loop_stays_a_loop() -> None:
    def size(trips: int) -> tuple[int, int]:
        space = emitted(*_deep(trips))
        p = {"layer": {"W": jnp.ones((trips, 3, 3)), "b": jnp.ones((trips, 3))}}
        jaxpr = jax.make_jaxpr(jax.grad(lambda q, x: jnp.sum(space["net"](q, x))))(p, jnp.ones((8, 3)))
        return len(space["text"].splitlines()), len(str(jaxpr).splitlines())

    assert size(12) == size(200)


@pytest.mark.parametrize("trips", [4, 12])
def test_turns_behind_take_keep_the_carry(trips: int) -> None:
    """A number of turns per sample: ragged sequences."""
    net = Function("net", [(trips,), (I32, ())])
    sums = net.body.loop(
        "scan",
        trips,
        [net.body.args[0]],
        [net.body.constant(0.0)],
        lambda b: ([b.map("add", b.args[2], b.args[1])], []),
        take=net.body.args[1],
    )
    function = net.done(sums.results[0])
    x, count = np.arange(3.0 * trips).reshape(3, trips), np.array([0, 2, trips], np.int32)
    value = called(emitted(function), function, {}, [x, count])[0]
    np.testing.assert_allclose(value, [row[:n].sum() for row, n in zip(x, count, strict=True)])


def test_few_turns_are_written_as_a_python_loop() -> None:
    assert (
        "for turn in range(4):" in emitted(*_deep(4))["text"]
        or "for i in range(4):" in emitted(*_deep(4))["text"]
    )
