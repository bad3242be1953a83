"""States that emitted training functions return: shaped as slots are stored, whatever loop sets them."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from emit.build import Function
from emit.test_jax_programs import emitted

from hqn.compiler.emit.jax.target import JaxTarget
from hqn.compiler.ir.hqn import FuncOp
from hqn.compiler.ir.module import Built, Module
from hqn.compiler.ir.turns import Turn


def counter() -> FuncOp:
    """`mu` follows the mean of the batch; the value is x - mu."""
    function = Function("centre", [(3,)])
    b = function.body
    mu = b.slot("mu", (3,), kind="state")
    mean = b.prim("batch_mean", (3,), b.args[0])
    half = b.constant(0.5)
    b.set_state("mu", b.map("add", b.map("mul", half, mu), b.map("mul", half, mean)))
    return function.done(b.map("sub", b.args[0], mean))


def test_a_state_is_set_from_the_whole_batch() -> None:
    x = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")
    value, state = emitted(counter())["centre"]({"mu": jnp.ones(3)}, x)
    np.testing.assert_allclose(value, x - x.mean(0), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(state["mu"], 0.5 + x.mean(0) / 2, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("kind", "trips"), [("parallel", 4), ("repeat", 3), ("repeat", 12)])
def test_states_of_turns_are_stacked(kind: str, trips: int) -> None:
    layer, net = counter(), Function("net", [(trips, 3)])

    def body(b: Any) -> Any:
        made = b.call(layer, "centre", b.args[1], turns=[Turn(b.args[0])], loops=(trips,))
        return ([b.map("add", b.args[2], made)], []) if kind == "repeat" else ([], [made])

    start = [net.body.constant(0.0, (3,))] if kind == "repeat" else []
    loop = net.body.loop(kind, trips, [net.body.args[0]], start, body)
    x = np.random.default_rng(0).normal(size=(8, trips, 3)).astype("float32")
    p = {"centre": {"mu": jnp.arange(trips * 3.0).reshape(trips, 3)}}
    value, state = emitted(layer, net.done(loop.results[0]))["net"](p, x)
    np.testing.assert_allclose(
        state["centre"]["mu"], (p["centre"]["mu"] + x.mean(0)) / 2, rtol=1e-5, atol=1e-6
    )
    centred = x - x.mean(0)
    expected = centred.sum(1) if kind == "repeat" else centred
    np.testing.assert_allclose(value, expected, rtol=1e-4, atol=1e-5)


def test_states_of_written_out_turns_are_stacked() -> None:
    layer, net = counter(), Function("net", [(3,)])
    values = net.body.args[0]
    for number in range(2):
        turn = [Turn(None, 0, number)]
        values = net.body.call(layer, "centre", values, turns=turn, loops=(2,))
    p = {"centre": {"mu": jnp.array([[1.0, 1.0, 1.0], [3.0, 3.0, 3.0]])}}
    x = jnp.ones((4, 3))
    _, state = emitted(layer, net.done(values))["net"](p, x)
    np.testing.assert_allclose(state["centre"]["mu"], [[1.0] * 3, [1.5] * 3])


def test_one_batch_in_several_turns_is_refused() -> None:
    layer, net = counter(), Function("net", [(2, 3)])
    mapped = net.body.loop("map", 2, [net.body.args[0]], [], lambda b: ([], [b.call(layer, "c", b.args[1])]))
    functions = [layer, net.done(mapped.results[0])]
    found = list(JaxTarget("test.hqn").unsupported(Built(Module.of(functions))))
    assert [one.code for one in found] == ["HQN0701"]
    assert "`c` sets a state" in found[0].message
    assert not list(JaxTarget("test.hqn").unsupported(Built(Module.of([counter()]))))
