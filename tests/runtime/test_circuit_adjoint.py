"""Adjoint gradients against reverse mode: every kernel, every result, under every transformation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from hqn.runtime import circuit as qc

N = 4
Circuit = Callable[[Any], Any]


@pytest.fixture(autouse=True)
def double() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


def shared_block(q: Any, w: Any, x: Any, wires: list[int]) -> Any:
    return qc.block(q, qc.kron(qc.rot(w[:2])), wires[:2])


def real_block(q: Any, w: Any, x: Any, wires: list[int]) -> Any:
    return qc.block(q, qc.kron(qc.ry(w[:2, 0])), wires[:2])


def constant_block(q: Any, w: Any, x: Any, wires: list[int]) -> Any:
    return qc.block(q, qc.gate("ecr"), wires[:2])


def sample_block(q: Any, w: Any, x: Any, wires: list[int]) -> Any:
    return qc.block(q, qc.rx(x[..., 0] * w[0, 1]), wires[:1])


def moves(q: Any, w: Any, x: Any, wires: list[int]) -> Any:
    return qc.permute(q, qc.permutation(3, ("cx", ((wires[0], wires[1]),)), ("x", ((wires[2],),))))


def phases(q: Any, w: Any, x: Any, wires: list[int]) -> Any:
    a, b, c = wires
    gates = (
        qc.diagonal("rz", [(a,), (b,)], w[:2, 1], on=()),
        qc.diagonal("cp", [(b, c)], x[..., :1], scale=2),
        qc.diagonal("s", [(c,)]),
    )
    return qc.phase(q, *gates)


def fixed_phases(q: Any, w: Any, x: Any, wires: list[int]) -> Any:
    return qc.phase(q, qc.diagonal("cz", [(wires[0], wires[2])]), qc.diagonal("t", [(wires[1],)]))


KERNELS = (shared_block, real_block, constant_block, sample_block, moves, phases, fixed_phases)
Drawn = list[tuple[Any, list[int]]]


def kernels(size: int) -> st.SearchStrategy[Drawn]:
    one = st.tuples(st.sampled_from(KERNELS), st.permutations(range(3)))
    return st.lists(one, min_size=1, max_size=size)


def applied(drawn: Drawn, w: Any, x: Any) -> Circuit:
    """Kernels on wires 0, 1, 2 of whatever register they are given."""

    def circuit(q: Any) -> Any:
        for kernel, wires in drawn:
            q = kernel(q, w, x, list(wires))
        return q

    return circuit


def looped(q: Any, drawn: Drawn, w: Any, x: Any) -> Any:
    def turn(q: Any, given: Any) -> Any:
        w, number = given
        q = applied(drawn, w, x)(q)
        return qc.block(q, qc.ry(0.3 * number + w[2, 2]), (3,))

    return qc.repeat(turn, q, (jnp.stack([w, 2 * w, w + 1]), jnp.arange(3)))


RESULTS: dict[str, Callable[..., jax.Array]] = {
    "z": lambda q, c: qc.expect_z(q),
    "words": lambda q, c: qc.expect(q, ("XIZI", "YIIY", "ZZII"), c, [0, 1, 0], 2),
    "matrix": lambda q, c: qc.expect_matrix(q, c[0] * jnp.asarray([[0, 1j], [-1j, 2]]), (1,)),
    "probs": lambda q, c: qc.probs(q, (2, 0)),
    "state": lambda q, c: jnp.concatenate([qc.state(q).real, qc.state(q).imag], -1),
    "purity": lambda q, c: qc.purity(q, (1, 3)),
}


@st.composite
def programs(draw: Any) -> dict[str, Any]:
    values = np.random.default_rng(draw(st.integers(0, 2**20)))
    return {
        "before": draw(kernels(3)),
        "turn": draw(kernels(2)),
        "called": draw(kernels(3)),
        "wires": draw(st.permutations(range(N))),
        "when": draw(st.sampled_from([(), (1,), (0,)])),
        "times": draw(st.sampled_from([1, -1, 2, -2])),
        "result": draw(st.sampled_from(sorted(RESULTS))),
        "batch": draw(st.sampled_from([(), (3,), (2, 2)])),
        "values": values,
    }


def evaluated(program: dict[str, Any], wrap: Circuit, w: Any, x: Any, c: Any) -> jax.Array:
    q = wrap(qc.product_state(N, (qc.ry(x), range(N))))
    q = applied(program["before"], w, x)(q)
    q = looped(q, program["turn"], w, x)
    when, wires = program["when"], program["wires"]
    controls, targets = wires[: len(when)], wires[len(when) :]
    called = applied(program["called"], w, x)
    q = qc.on(q, targets, called, controls=controls, when=when, times=program["times"])
    return RESULTS[program["result"]](q, c)


@settings(max_examples=5, deadline=None, phases=[Phase.generate])
@given(programs())
def test_equals_reverse_mode(program: dict[str, Any]) -> None:
    draw = program["values"].normal
    w, x, c = draw(size=(3, 3)), draw(size=(*program["batch"], N)), draw(size=3)
    size = evaluated(program, lambda q: q, w, x, c).shape
    weights = draw(size=size)

    def loss(wrap: Circuit, w: Any, x: Any, c: Any) -> jax.Array:
        return (evaluated(program, wrap, w, x, c) * weights).sum()

    def gradients(wrap: Circuit) -> Any:
        return jax.jit(jax.value_and_grad(lambda *args: loss(wrap, *args), argnums=(0, 1, 2)))(w, x, c)

    with_reverse, with_adjoint = gradients(lambda q: q), gradients(qc.adjoint)
    for one, other in zip(jax.tree.leaves(with_adjoint), jax.tree.leaves(with_reverse), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-10)


# --- transformations, memory ----------------------------------------------------------------------------


def layers(wrap: Circuit, w: Any, x: Any) -> jax.Array:
    """Weights `[turns, n, 3]`, inputs `[..., n]`: a compiled loop of blocks and a ring."""
    n = w.shape[1]
    cuts = [(first, min(first + 4, n)) for first in range(0, n, 4)]

    def turn(q: Any, given: Any) -> Any:
        for (first, end), u in zip(cuts, given, strict=True):
            q = qc.block(q, u, range(first, end))
        return qc.permute(q, qc.cx_ring(n, 1))

    q = wrap(qc.product_state(n, (qc.ry(x), range(n))))
    return qc.expect_z(qc.repeat(turn, q, tuple(qc.kron(qc.rot(w[:, a:b])) for a, b in cuts)))


def test_maps_and_second_derivatives() -> None:
    values = np.random.default_rng(0)
    w, x = jnp.asarray(values.normal(size=(2, 2, 3))), jnp.asarray(values.normal(size=(3, 2)))

    def loss(wrap: Circuit, w: Any) -> jax.Array:
        return (jax.vmap(lambda one: layers(wrap, w, one))(x) ** 2).sum()

    def natively(w: Any) -> jax.Array:
        return (layers(qc.adjoint, w, x) ** 2).sum()

    def reverse(w: Any) -> jax.Array:
        return loss(lambda q: q, w)

    expected, second = jax.jit(lambda w: (jax.grad(reverse)(w), jax.hessian(reverse)(w)))(w)
    mapped = jax.jit(jax.grad(lambda w: loss(qc.adjoint, w)))(w)
    np.testing.assert_allclose(mapped, expected, atol=1e-10)
    first, hessian = jax.jit(lambda w: (jax.grad(natively)(w), jax.hessian(natively)(w)))(w)
    np.testing.assert_allclose(first, expected, atol=1e-10)
    np.testing.assert_allclose(hessian, second, atol=1e-9)


def test_a_query_halfway_is_one_more_state() -> None:
    def loss(wrap: Circuit, w: Any) -> jax.Array:
        q = qc.block(wrap(qc.zero_state(2, w)), qc.kron(qc.rot(w)), (0, 1))
        before = qc.expect_z(q)
        q = qc.block(qc.permute(q, qc.cx_ring(2, 1)), qc.kron(qc.rot(2 * w)), (0, 1))
        return (before * qc.expect_z(q)).sum()

    w = jnp.asarray(np.random.default_rng(1).normal(size=(2, 3)))
    expected = jax.grad(loss, argnums=1)(lambda q: q, w)
    np.testing.assert_allclose(jax.grad(loss, argnums=1)(qc.adjoint, w), expected, atol=1e-12)


@pytest.mark.parametrize("turns", [2, 40])
def test_memory_does_not_grow_with_depth(turns: int) -> None:
    """Temporaries in states of complex64, the matrices of all turns and their gradients aside."""
    n = 16
    w, x = jnp.zeros((turns, n, 3), jnp.float32), jnp.zeros((n,), jnp.float32)
    gradient = jax.jit(jax.grad(lambda w, x: layers(qc.adjoint, w, x).sum(), argnums=(0, 1)))
    temporaries = gradient.lower(w, x).compile().memory_analysis().temp_size_in_bytes
    matrices = turns * 4 * 32 * 32 * 4
    assert (temporaries - 2 * matrices) / (8 << n) <= 8
