"""Initial values depend on the seed, the path and the turn, and on nothing else."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hqn.compiler.names.builtins import INITIALISERS as WRITTEN
from hqn.runtime.program import Slot
from hqn.runtime.variables import INITIALISERS, initial, leaves, nested

KEY = jax.random.key(7)
WEIGHT = Slot("net.a.W", (4, 3), "glorot_uniform")
OTHERS = st.lists(st.sampled_from(["net.b", "net.a.V", "head.W", "a.W", "net.a.b"]), unique=True, max_size=4)


@settings(max_examples=10, deadline=None)
@given(OTHERS)
def test_adding_slots_changes_no_other(paths: list[str]) -> None:
    more = tuple(Slot(path, (2, 2), "normal", (1.0,)) for path in paths)
    alone, among = initial((WEIGHT,), KEY).flat(), initial((*more, WEIGHT), KEY).flat()
    np.testing.assert_array_equal(alone["net.a.W"], among["net.a.W"])


def test_adding_a_turn_changes_no_other() -> None:
    three, four = (
        initial((Slot("block.W", (turns, 2, 5), "normal", (1.0,), loops=2),), KEY).flat()["block.W"]
        for turns in (3, 4)
    )
    np.testing.assert_array_equal(three, four[:3])
    assert len(np.unique(four)) == four.size, "every turn is drawn on its own"


def test_paths_give_different_values() -> None:
    found = initial((WEIGHT, Slot("net.b.W", (4, 3), "glorot_uniform")), KEY).flat()
    assert not np.array_equal(found["net.a.W"], found["net.b.W"])


def test_init_is_the_same_under_jit_and_vmap() -> None:
    keys = jax.random.split(KEY, 3)
    many = jax.vmap(lambda key: initial((WEIGHT,), key))(keys).flat()["net.a.W"]
    for i in range(3):
        one = jax.jit(lambda key: initial((WEIGHT,), key))(keys[i]).flat()["net.a.W"]
        np.testing.assert_allclose(many[i], one, rtol=1e-6)


def test_f64_has_the_values_of_f32() -> None:
    with jax.enable_x64(True):
        wide = initial((WEIGHT,), KEY, "f64").flat()["net.a.W"]
    assert wide.dtype == np.float64
    np.testing.assert_array_equal(np.asarray(wide, np.float32), initial((WEIGHT,), KEY).flat()["net.a.W"])


def test_kinds_go_to_their_trees() -> None:
    mask = Slot("net.m", (3,), "ones", kind="frozen weight")
    found = initial((WEIGHT, mask, Slot("net.s", (), "zeros", kind="state")), KEY)
    assert [[path for path, _ in leaves(tree)] for tree in (found.params, found.frozen, found.state)] == [
        ["net.a.W"],
        ["net.m"],
        ["net.s"],
    ]
    assert found.size == 12
    assert nested(leaves(found.merged())) == found.merged()


def test_the_checker_and_the_run_time_know_the_same_initialisers() -> None:
    assert set(WRITTEN) <= set(INITIALISERS)


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_initialisers_have_the_moments_they_promise(name: str) -> None:
    shape = (60, 50)
    least, most = WRITTEN[name]
    for args in ((), (0.3,), (-1.0, 2.0)):
        if not least <= len(args) <= most:
            continue
        value = np.asarray(INITIALISERS[name](KEY, shape=shape, args=args))
        mean, deviation = MOMENTS[name](args)
        assert value.shape == shape
        assert value.dtype == np.float32
        assert abs(value.mean() - mean) < 0.05
        assert abs(value.std() - deviation) < 0.05 * max(deviation, 1)


def _uniform(args: tuple[float, ...]) -> tuple[float, float]:
    low, high = {0: (0, 1), 1: (0, *args), 2: args}[len(args)]
    return (low + high) / 2, (high - low) / 12**0.5


MOMENTS = {
    "zeros": lambda args: (0, 0),
    "ones": lambda args: (1, 0),
    "constant": lambda args: (args[0], 0),
    "uniform": _uniform,
    "normal": lambda args: (0, (args or (1.0,))[0]),
    "glorot_uniform": lambda args: (0, (2 / 110) ** 0.5),
    "glorot_normal": lambda args: (0, (2 / 110) ** 0.5),
    "he_uniform": lambda args: (0, (2 / 50) ** 0.5),
    "he_normal": lambda args: (0, (2 / 50) ** 0.5),
    "orthogonal": lambda args: (0, (1 / 60) ** 0.5),
    "identity": lambda args: (1 / 60, (1 / 60) ** 0.5),
    "near_identity": lambda args: (1 / 60, (args[0] ** 2 + 1 / 60) ** 0.5),
}
