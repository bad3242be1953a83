"""Training: means, batches, groups, seeds, precision, endings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hqn.runtime import program as rt
from hqn.runtime.batches import stretches
from hqn.runtime.data import Prepared
from hqn.runtime.errors import AssertFailed, Interrupted, NoSuchResult, NotFinite, UnknownEntry, WhichModel
from hqn.runtime.keys import bernoulli
from hqn.runtime.loading import load
from hqn.runtime.results import Result
from hqn.runtime.stepping import masked_mean
from hqn.runtime.training import train
from support.emitted_digits import TEXT

SGD = rt.Optimiser("sgd", (("rate", 0.1), ("momentum", 0.0), ("nesterov", False)))
RNG = np.random.default_rng(0)
X = RNG.normal(size=(25, 3)).astype(np.float32)
Y = (X @ np.array([1.0, -2.0, 0.5]) + 0.3).astype(np.float32)
SLOTS = (rt.Slot("f.w", (3,), "zeros"), rt.Slot("f.b", (), "zeros"))


def linear(p: Mapping[str, Any], x: jax.Array) -> jax.Array:
    return x @ p["f"]["w"] + p["f"]["b"]


def squared(p: Mapping[str, Any], x: jax.Array, y: jax.Array) -> jax.Array:
    return (linear(p, x) - y) ** 2


def data(count: int = 25) -> Prepared:
    splits = {"train": {"x": X[:count], "y": Y[:count]}, "test": {"x": X, "y": Y}}
    return Prepared("d", splits, {}, {name: np.arange(len(part["x"])) for name, part in splits.items()})


def fit(batch: int | None = 10, *, count: int = 25, **changes: Any) -> Result:
    fields: dict[str, Any] = {
        "lets": (rt.Let("f"),),
        "slots": SLOTS,
        "source": rt.Source("d", ("x", "y"), batch),
        "minimize": (rt.Minimize(squared, (rt.Group(("f",), SGD),)),),
        "epochs": 3,
    }
    asked = {"show", "precision", "seeds", "results"} & changes.keys()
    options = {name: changes.pop(name) for name in asked}
    run = rt.Run("r", **(fields | changes))
    source = data(count) if run.source else None
    return train(rt.Program(runs=(run,)), run, data=source, **options)


def by_hand(order: list[np.ndarray], rate: float = 0.1) -> tuple[np.ndarray, float]:
    """Gradient descent in NumPy, f64, over given batches of sample numbers."""
    w, b = np.zeros(3), 0.0
    for batch in order:
        error = X[batch].astype(float) @ w + b - Y[batch]
        w = w - rate * 2 * (error[:, None] * X[batch]).mean(axis=0)
        b = b - rate * 2 * error.mean()
    return w, b


@pytest.mark.parametrize("batch", [None, 5, 10, 24, 25, 40])
def test_steps_are_exact_means_over_the_real_samples(batch: int | None) -> None:
    """Ten samples a batch leave five in the last; its mean is over five."""
    result = fit(batch, precision="f64")
    size = min(batch or 25, 25)
    orders = [np.random.default_rng([0, turn]).permutation(25) for turn in range(3)]
    w, b = by_hand([order[i : i + size] for order in orders for i in range(0, 25, size)])
    np.testing.assert_allclose(result.best.values["f.w"], w, rtol=1e-9)
    np.testing.assert_allclose(result.best.values["f.b"], b, rtol=1e-9)


def test_a_pass_reports_the_mean_over_its_samples() -> None:
    """At a rate of zero the mean of every pass is that of the data, whatever the batches."""
    still = rt.Optimiser("sgd", (("rate", 0.0), ("momentum", 0.0), ("nesterov", False)))
    for batch in (1, 7, 25):
        result = fit(batch, minimize=(rt.Minimize(squared, (rt.Group(("f",), still),)),), precision="f64")
        np.testing.assert_allclose(result.best.losses, np.mean(Y.astype(float) ** 2), rtol=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 40), st.integers(1, 45), st.booleans(), st.integers(0, 3))
def test_every_pass_takes_every_sample_once(count: int, batch: int, padded: bool, turn: int) -> None:
    taken: list[int] = []
    for stretch in stretches(5, turn, count, batch, padded=padded):
        if stretch.table.order is None:
            taken += range(count)
            continue
        order = np.asarray(stretch.table.order)
        weights = np.ones(order.shape) if stretch.table.weights is None else np.asarray(stretch.table.weights)
        np.testing.assert_array_equal(weights.sum(axis=1), stretch.counts)
        taken += order[weights > 0].tolist()
    assert sorted(taken) == list(range(count))


def test_masked_mean() -> None:
    values = jnp.array([1.0, 5.0, 100.0])
    assert float(masked_mean(values, jnp.array([1.0, 1.0, 0.0]))) == 3.0
    assert float(masked_mean(jnp.array(7.0), jnp.array([1.0, 0.0]))) == 7.0


def test_the_same_seed_gives_the_same_weights_and_seeds_differ() -> None:
    drawn = (rt.Slot("f.w", (3,), "normal", (1.0,)), SLOTS[1])
    one, two, other = (fit(slots=drawn, seeds=(seed,)).best.values["f.w"] for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, two)
    assert not np.array_equal(one, other)


def test_a_seed_gives_the_same_alone_and_among_others() -> None:
    drawn = (rt.Slot("f.w", (3,), "normal", (1.0,)), SLOTS[1])
    several, alone = fit(slots=drawn, seeds=(4, 1)), fit(slots=drawn, seeds=(1,))
    np.testing.assert_array_equal(several.seeds[1].values["f.w"], alone.best.values["f.w"])


# --- groups -----------------------------------------------------------------------------------------


def test_groups_have_their_own_optimisers_and_nothing_else_moves() -> None:
    half = rt.Optimiser("sgd", (("rate", 0.05), ("momentum", 0.0), ("nesterov", False)))
    groups = (rt.Group(("f.w",), SGD), rt.Group(("f.b",), half))
    slots = (*SLOTS, rt.Slot("f.c", (), "ones"), rt.Slot("f.d", (), "ones", kind="frozen weight"))
    result = fit(None, slots=slots, minimize=(rt.Minimize(squared, groups),), epochs=1, precision="f64")
    w, b = by_hand([np.arange(25)])
    np.testing.assert_allclose(result.best.values["f.w"], w, rtol=1e-9)
    np.testing.assert_allclose(result.best.values["f.b"], b / 2, rtol=1e-9)
    assert result.best.values["f.c"] == result.best.values["f.d"] == 1


def test_several_minimize_run_in_order_and_see_what_came_before() -> None:
    """First w goes to the target t, then t doubles w: t = 2 w after one step only if w was updated first."""
    exact = rt.Optimiser("sgd", (("rate", 0.5), ("momentum", 0.0), ("nesterov", False)))
    slots = (rt.Slot("w", (), "zeros"), rt.Slot("t", (), "constant", (3.0,)))
    minimize = (
        rt.Minimize(lambda p: (p["w"] - p["t"]) ** 2, (rt.Group(("w",), exact),)),
        rt.Minimize(lambda p: (p["t"] - 2 * p["w"]) ** 2, (rt.Group(("t",), exact),)),
    )
    result = fit(lets=(), slots=slots, source=None, minimize=minimize, epochs=None, steps=1)
    assert float(result.best.values["w"]) == 3.0
    assert float(result.best.values["t"]) == 6.0
    assert result.best.losses == ((9.0, 9.0),)


def test_constants_have_no_gradient_code() -> None:
    """A weight in no group may pass through what has no derivative."""

    @jax.custom_vjp
    def once(x: jax.Array) -> jax.Array:
        return x

    def backward(_: None, g: jax.Array) -> tuple[jax.Array]:
        raise AssertionError("differentiated")

    once.defvjp(lambda x: (x, None), backward)
    slots = (*SLOTS, rt.Slot("g.c", (), "ones"))
    loss = rt.Minimize(lambda p, x, y: squared(p, x, y) * once(p["g"]["c"]), (rt.Group(("f",), SGD),))
    fit(slots=slots, minimize=(loss,))


def test_learning_rates_follow_progress() -> None:
    """Steps at rates 0.1 * (1 - i / 3)."""
    rate = ("*", 0.1, ("-", 1, ("progress",)))
    falling = rt.Optimiser("sgd", (("rate", rate), ("momentum", 0.0), ("nesterov", False)))
    minimize = (rt.Minimize(squared, (rt.Group(("f",), falling),)),)
    result = fit(None, minimize=minimize, precision="f64")
    w, b = np.zeros(3), 0.0
    for i in range(3):
        error = X.astype(float) @ w + b - Y
        step = 0.1 * (1 - i / 3)
        w, b = w - step * 2 * (error[:, None] * X).mean(axis=0), b - step * 2 * error.mean()
    np.testing.assert_allclose(result.best.values["f.w"], w, rtol=1e-6)


# --- draws, state, precision ------------------------------------------------------------------------


def dropped(p: Mapping[str, Any], keys: rt.Keys, x: jax.Array, y: jax.Array) -> jax.Array:
    kept = bernoulli(keys["drop"], "sample", 0.5, (3,))
    return (jnp.where(kept, x * 2, 0.0) @ p["f"]["w"] + p["f"]["b"] - y) ** 2


def test_draws_do_not_depend_on_the_batch_size() -> None:
    """At a rate of zero, the loss of a pass with dropout is the same for every batch size."""
    still = rt.Optimiser("sgd", (("rate", 0.0), ("momentum", 0.0), ("nesterov", False)))
    slots = (rt.Slot("f.w", (3,), "ones"), SLOTS[1])
    losses = [
        fit(batch, slots=slots, precision="f64",
            minimize=(rt.Minimize(dropped, (rt.Group(("f",), still),), rt.Traits(draws=True)),)).best.losses
        for batch in (1, 4, 25)
    ]  # fmt: skip
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-12)
    np.testing.assert_allclose(losses[0], losses[2], rtol=1e-12)
    assert losses[0][0] != losses[0][1], "every pass draws anew"


def centred(p: Mapping[str, Any], x: jax.Array, y: jax.Array) -> tuple[jax.Array, dict[str, Any]]:
    mean = jnp.mean(x, axis=0)
    loss = ((x - mean) @ p["f"]["w"] + p["f"]["b"] - y) ** 2
    return loss, {"f": {"mu": 0.5 * p["f"]["mu"] + 0.5 * mean}}


def test_state_follows_every_step_and_batch_means_see_no_padding() -> None:
    slots = (*SLOTS, rt.Slot("f.mu", (3,), "zeros", kind="state"))
    traits = rt.Traits(state=True, batch_mean=True)
    minimize = (rt.Minimize(centred, (rt.Group(("f",), SGD),), traits),)
    result = fit(10, slots=slots, minimize=minimize, epochs=1, precision="f64")
    order, mu = np.random.default_rng([0, 0]).permutation(25), np.zeros(3)
    for i in range(0, 25, 10):
        mu = 0.5 * mu + 0.5 * X[order[i : i + 10]].astype(float).mean(axis=0)
    np.testing.assert_allclose(result.best.values["f.mu"], mu, rtol=1e-9)


def test_precision_is_of_the_run_and_of_nothing_else() -> None:
    assert fit(precision="f64").best.values["f.w"].dtype == np.float64
    assert fit().best.values["f.w"].dtype == np.float32
    assert not jax.config.jax_enable_x64


# --- series, stop, keep -----------------------------------------------------------------------------

ERROR = {
    "evaluations": (rt.Evaluation(squared, "test"),),
    "tracks": (rt.Track("error", ("mean", ("on", 0))), rt.Track("rare", ("max", ("on", 0)), every=2)),
}


def test_series_begin_before_training_and_end_after_it() -> None:
    best = fit(**ERROR).best
    assert best.entries == {"error": (0, 1, 2, 3), "rare": (0, 2, 3)}
    np.testing.assert_allclose(best.series["error"][0], np.mean(Y**2), rtol=1e-5)
    last = np.mean((X @ best.values["f.w"] + best.values["f.b"] - Y) ** 2)
    np.testing.assert_allclose(best.series["error"][-1], last, rtol=1e-4)


def test_stop() -> None:
    best = fit(epochs=50, stop=("<", ("last", ("series", "error")), 1.0), **ERROR).best
    assert best.epochs < 50
    assert best.series["error"][-1] < 1.0 <= best.series["error"][-2]


def test_keep_takes_the_best_entry() -> None:
    wild = rt.Optimiser("sgd", (("rate", 0.6), ("momentum", 0.9), ("nesterov", False)))
    keep = ("==", ("last", ("series", "error")), ("min", ("series", "error")))
    minimize = (rt.Minimize(squared, (rt.Group(("f",), wild),)),)
    best = fit(epochs=6, minimize=minimize, keep=keep, **ERROR).best
    smallest = min(best.series["error"])
    kept = np.mean((X @ best.values["f.w"] + best.values["f.b"] - Y) ** 2)
    np.testing.assert_allclose(kept, smallest, rtol=1e-4)
    assert best.kept == best.series["error"].index(smallest)


def test_assertions_hold_for_every_seed_or_over_all() -> None:
    last = ("last", ("series", "error"))
    asserts = (
        rt.Assertion(True, "params(f) == 4", "r.hqn:1"),
        rt.Assertion(("<", last, 100.0), "error[last] < 100", "r.hqn:2"),
        rt.Assertion(("<", ("least", last), 0.0), "best(error[last]) < 0", "r.hqn:3"),
    )
    result = fit(seeds=(0, 1), asserts=asserts, **ERROR)
    assert [check.holds for check in result.checks] == [True, True, False]
    assert result.checks[1].values.count("<") == 2, "both seeds are shown"
    run = rt.Run("r", slots=(rt.Slot("w", (), "ones"),), evaluations=(rt.Evaluation(lambda p: p["w"]),),
                 asserts=(rt.Assertion((">", ("value", 0), 2.0), "w > 2", "r.hqn:7"),))  # fmt: skip
    with pytest.raises(AssertFailed, match=r"HQN0824.*r.hqn:7: `w > 2` does not hold: 1 > 2"):
        rt.Program(runs=(run,)).runs["r"].fit()


# --- endings ----------------------------------------------------------------------------------------


def test_a_loss_that_is_no_number_stops_and_keeps_the_last_good_weights() -> None:
    explosive = rt.Optimiser("sgd", (("rate", 3.0), ("momentum", 0.0), ("nesterov", False)))
    minimize = (rt.Minimize(lambda p, x, y: jnp.exp(squared(p, x, y)), (rt.Group(("f",), explosive),)),)
    with pytest.raises(NotFinite, match=r"HQN0821.*the loss became inf at step \d+ \(epoch 1\)") as caught:
        fit(5, minimize=minimize, epochs=20)
    result = caught.value.result
    assert not result.finished
    assert all(np.isfinite(value).all() for value in result.best.values.values())
    losses = np.exp(squared({"f": {"w": result.best.values["f.w"], "b": result.best.values["f.b"]}}, X, Y))
    assert np.isfinite(losses).any()


def test_interruption_keeps_the_newest_weights() -> None:
    def show(progress: Any) -> None:
        if progress.epoch == 2:
            raise KeyboardInterrupt

    words = r"after step 6 \(epoch 2\); the weights of epoch 2 are kept"
    with pytest.raises(Interrupted, match=words) as caught:
        fit(epochs=10, show=show)
    assert caught.value.exit_code == 130
    np.testing.assert_array_equal(caught.value.result.best.values["f.w"], fit(epochs=2).best.values["f.w"])


# --- runs after runs --------------------------------------------------------------------------------


def test_a_run_starts_from_another_one() -> None:
    first = fit()
    second = {"lets": (rt.Let("g", origin=("r", "f")),), "after": ("r",), "minimize": (), "epochs": None}
    slots = tuple(rt.Slot(slot.path.replace("f.", "g."), slot.shape, slot.initial) for slot in SLOTS)
    with pytest.raises(NoSuchResult, match="HQN0826"):
        fit(slots=slots, **second)
    after = fit(slots=slots, results={"r": first}, **second)
    np.testing.assert_array_equal(after.best.values["g.w"], first.best.values["f.w"])


# --- a whole module ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def digits() -> Result:
    return load(TEXT, "mlp.hqn").runs["fit"].fit()


def test_an_emitted_module_trains(digits: Result) -> None:
    assert digits.finished
    assert digits.parameters == 1210
    assert [check.holds for check in digits.checks] == [True, True]
    assert digits.data is not None
    test = digits.data.splits["test"]
    assert digits.score(test["x"], test["y"]) == pytest.approx(digits.best.series["acc"][-1])
    assert digits.predict(test["x"][0]).shape == (10,)


def test_a_run_s_checkpoint_is_one_of_its_model(digits: Result, tmp_path: Any) -> None:
    path = str(tmp_path / "fit.safetensors")
    digits.save(path)
    variables = digits.program.models["mlp"].restore(path)
    test = digits.data.splits["test"]["x"]  # type: ignore[union-attr]
    np.testing.assert_array_equal(digits.program.models["mlp"].predict(variables, test), digits.predict(test))


def test_which_model(digits: Result) -> None:
    with pytest.raises(UnknownEntry, match="HQN0807"):
        digits.model("other")
    with pytest.raises(WhichModel, match="HQN0833"):
        fit().model()
    with pytest.raises(UnknownEntry, match="no run `fitt`; there are `fit`"):
        digits.program.runs["fitt"]
