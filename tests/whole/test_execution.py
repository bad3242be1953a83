"""Execution profiles from text to trained numbers: every method against the derivative of the simulation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import hqn
from hqn.compiler import cli
from hqn.compiler.api import CompileError
from hqn.runtime.errors import UnknownEntry
from hqn.runtime.keys import keys_of
from hqn.runtime.variables import nested

TEXT = """
circuit pair(t: f32, q: qubit[2]) {
  rxx(t) q[0], q[1]
  weight s: angle[2] = normal(1.0)
  ry(s) q
}
circuit deep(x: f32[n]) -> f32[4] {
  qubits q[n]
  rx(x) q
  repeat 10 {
    weight w: angle[n, 3] = normal(1.0)
    weight v: f32 = normal(1.0)
    rz(v * x) q
    pow(2) @ rot(w) q
    ctrl @ inv @ u3(w[0]) q[0], q[1]
    cp(v) q[1], q[2]
    evolve(v * (X(q[0]) * Y(q[2]) + 0.7 * Y(q[0]) * X(q[2]) - 1), 0.5)
  }
  ctrl @ pair(x[0]) q[2], q[0..2]
  weight c: f32[4] = ones
  return [expect(X(q[0]) * X(q[1]) + c[0] * Z(q[2])), var(Y(q[1]) + c[1] * Z(q[0])), probs(q[2], q[0])[1],
          expect(diag(c, q[0..2])) ** 2 + var(hermitian([[c[0], x[1]], [1.0, c[2]]], q[2]))]
}
model net(x: f32[3]) -> f32[4] { return deep(x * 2) }

execute shift { default gradient parameter_shift }
execute undo { default gradient adjoint }
execute steps { default gradient finite_difference(0.00001) }
execute lab(n: i32) { default shots n }
execute random { default gradient spsa(0.001, 2), shots 10000 }
data d = iris |> map s { yield (x = s.x[0..3]) } |> take(6)

run methods {
  let exact = net
  let shifted = exact under shift
  let undone = exact under undo
  let stepped = exact under steps
  let measured = exact under lab(100)
  let guessed = exact under random
  data (x) in d batch all
  minimize sum(exact(x)) over exact by sgd(0.0)
  minimize sum(undone(x)) over exact by sgd(0.0)
  minimize sum(shifted(x)) over exact by sgd(0.0)
  minimize sum(stepped(x)) over exact by sgd(0.0)
  minimize sum(measured(x)) over exact by sgd(0.0)
  minimize sum(guessed(x)) over exact by sgd(0.0)
  epochs 1
  precision f64
}
"""
"""All methods on one circuit."""
KEYS = 48


@pytest.fixture(scope="module")
def program() -> Any:
    return hqn.compile(TEXT)


def gradients(program: Any, count: int) -> list[dict[str, np.ndarray]]:
    """The gradients of the first minimised expressions at the same weights and samples; of one that draws for
    each of several keys.
    """
    run = program.runs["methods"].spec
    rng, found = np.random.default_rng(0), []
    values = {slot.path: rng.normal(size=slot.shape) for slot in run.slots if slot.path.startswith("exact")}
    x = rng.normal(size=(2, 3))
    names = [let.name for let in run.lets]

    def gradient(statement: Any, *keys: Any) -> Any:
        def loss(values: Any) -> jax.Array:
            tree = dict.fromkeys(names, nested(values.items())["exact"])
            return jnp.mean(statement.function(tree, *keys, x))

        return jax.grad(loss)(values)

    with jax.enable_x64(True):
        for statement in run.minimize[:count]:
            if statement.traits.draws:
                keys = jax.vmap(lambda seed: keys_of(jax.random.key(seed), (2,)))(jnp.arange(KEYS))
                one = jax.jit(jax.vmap(lambda keys, one=statement: gradient(one, keys)))(keys)
            else:
                one = jax.jit(lambda one=statement: gradient(one))()
            found.append({path: np.asarray(value) for path, value in one.items()})
    return found


def test_all_methods_give_the_derivative_of_the_simulation(program: Any) -> None:
    exact, undone, shifted, stepped, measured = gradients(program, 5)
    for path, wanted in exact.items():
        np.testing.assert_allclose(undone[path], wanted, atol=1e-10, err_msg=path)
        np.testing.assert_allclose(shifted[path], wanted, atol=1e-9, err_msg=path)
        np.testing.assert_allclose(stepped[path], wanted, atol=1e-7, err_msg=path)
    error = np.concatenate([(measured[path].mean(0) - exact[path]).ravel() for path in exact])
    spread = np.concatenate([measured[path].std(0).ravel() for path in exact]) / np.sqrt(KEYS)
    assert (np.abs(error) <= 6 * spread + 1e-9).all()
    assert (spread > 1e-4).any()


def test_only_what_is_measured_draws(program: Any) -> None:
    statements = program.runs["methods"].spec.minimize
    assert [one.traits.draws for one in statements] == [False, False, False, False, True, True]


def test_a_loop_stays_a_loop_and_a_method_is_a_decorator(program: Any) -> None:
    text = program.text
    assert text.count("@qc.parameter_shift\n") == 2 and "@qc.finite_difference(1e-05)" in text
    assert "@qc.spsa(0.001, 2)" in text and "shots=qc.shots(100, keys[" in text
    assert text.count("qc.adjoint(") == 1
    assert text.count("qc.repeat(") == 6


def test_matrices_and_states_from_outside_keep_their_derivative() -> None:
    """What a circuit is measured with is classical: no angle, so nothing is shifted for it."""
    text = """
    circuit c(x: f32[n], m: f32[2, 2], v: f32[2]) -> f32[2] {
      qubits q[n]
      rx(x) q
      weight w: angle[n] = normal(1.0)
      ry(w) q
      cx q[0], q[1]
      return [fidelity(q[1], v), expect(hermitian(m, q[1]))]
    }
    model net(x: f32[2], m: f32[2, 2], v: f32[2]) -> f32[2] { return c(x, m, v) }
    execute shift { default gradient parameter_shift }
    run r {
      let net = net
      let shifted = net under shift
      weight m: f32[2, 2] = normal(1.0)
      weight v: f32[2] = normal(1.0)
      minimize sum(net([0.3, 2.0], m, v)) over net, m, v by sgd(0.1)
      minimize sum(shifted([0.3, 2.0], m, v)) over net, m, v by sgd(0.1)
      steps 1
    }
    """
    run, rng = hqn.compile(text).runs["r"].spec, np.random.default_rng(0)
    values = {"net": {"c": {"w": rng.normal(size=2)}}, "m": rng.normal(size=(2, 2)), "v": rng.normal(size=2)}
    with jax.enable_x64(True):
        exact, shifted = (
            jax.jit(jax.grad(lambda t, f=one.function: f({**t, "shifted": t["net"]})))(values)
            for one in run.minimize
        )
        for found, wanted in zip(jax.tree.leaves(shifted), jax.tree.leaves(exact)):
            np.testing.assert_allclose(found, wanted, atol=1e-12)
            assert np.abs(wanted).max() > 1e-3


def test_another_profile_keeps_what_an_instance_is_under_already() -> None:
    """An instance has one policy and one execution profile; a further `under` replaces that of its kind."""
    text = """
    circuit c(x: f32[2]) -> f32[2] {
      qubits q[2]
      rx(x) q
      weight w: angle[2] = normal(1.0)
      ry(w) q
      return expect(Z(q))
    }
    model net(x: f32[2]) -> f32[2] { return c(x) }
    policy edge { default angle 4 bits }
    policy fine { default angle 6 bits }
    execute shift { default gradient parameter_shift }
    execute lab { default shots 10 }
    run r {
      let net = net under edge under lab
      let shifted = net under shift
      let finer = shifted under fine
      weight x: f32[2] = zeros
      minimize sum(net(x) + shifted(x) + finer(x) + (net under fine)(x)) over x by sgd(0.1)
      steps 1
    }
    """
    program = hqn.compile(text)
    lets = program.runs["r"].spec.lets
    assert [(let.policy, let.execution, let.shares) for let in lets] == [
        ("edge", "lab", None),
        ("edge", "shift", "net"),
        ("fine", "shift", "net"),
        ("fine", "lab", "net"),
    ]
    assert program.text.count("@qc.parameter_shift\n") == 4
    assert np.isfinite(program.runs["r"].fit().seeds[0].losses).all()


def test_only_the_instance_under_a_profile_is_used() -> None:
    """The weights are those of the instance beside it, which has them though no expression names it."""
    text = """
    circuit c(x: f32[2]) -> f32[2] {
      qubits q[2]
      rx(x) q
      weight w: angle[2] = constant(0.5)
      ry(w) q
      return expect(Z(q))
    }
    model net(x: f32[2]) -> f32[2] { return c(x) }
    policy coarse { default angle 4 bits }
    execute shift { default gradient parameter_shift }
    run r {
      let own = net
      let seen = own under coarse under shift
      weight x: f32[2] = zeros
      minimize sum(seen(x)) over own by sgd(0.1)
      steps 2
      assert params(own) == 2
      assert params(seen) == 2
      assert params(r) == 4
    }
    """
    run = hqn.compile(text).runs["r"]
    assert {slot.path for slot in run.spec.slots} == {"own.c.w", "x"}
    result = run.fit()
    # At 3 pi / 16 or pi / 8, the multiples nearest to 0.5; the gradient passes the rounding.
    angles = np.round(0.5 / (np.pi / 8)) * np.pi / 8
    wanted = 0.5 + 0.1 * np.sin(angles)
    wanted += 0.1 * np.sin(np.round(wanted / (np.pi / 8)) * np.pi / 8)
    np.testing.assert_allclose(result.seeds[0].values["own.c.w"], [wanted] * 2, atol=1e-6)


def test_a_model_under_a_profile_by_name(program: Any) -> None:
    """The same variables, another method: the derivative of the simulation, and means over shots."""
    net = program.models["net"]
    variables, x = net.init(0), np.random.default_rng(0).normal(size=(2, 3)).astype(np.float32)
    shifted, measured = net.under("shift"), net.under("lab(100)")
    assert (shifted.draws, measured.draws, shifted.slots) == (False, True, net.slots)

    def gradient(model: Any) -> Any:
        return jax.jit(jax.grad(lambda params: model.apply(replace(variables, params=params), x).sum()))(
            variables.params
        )

    for wanted, found in zip(*(jax.tree.leaves(gradient(model)) for model in (net, shifted))):
        np.testing.assert_allclose(found, wanted, atol=1e-4)
    keys = jax.vmap(jax.random.key)(jnp.arange(400))
    values = np.asarray(jax.jit(jax.vmap(lambda key: measured.apply(variables, x, key=key)))(keys))
    error = np.abs(values[..., 0].mean(0) - net.apply(variables, x)[..., 0])
    assert (error <= 6 * values[..., 0].std(0) / 20).all() and values[..., 0].std(0).min() > 1e-3
    assert (measured.predict(variables, x) == measured.predict(variables, x)).all()
    with pytest.raises(UnknownEntry, match=r"`labs\(7\)`; there are .*`lab\(n\)`"):
        net.under("labs(7)")
    assert not measured.under("shift").draws
    with pytest.raises(UnknownEntry, match="further profile"):
        net.under("shift", "undo")


def test_a_profile_takes_any_numbers_that_it_may_have(program: Any) -> None:
    """Numbers that the file does not use are as good as those that it uses, and checked like them."""
    net = program.models["net"]
    variables, x = net.init(0), np.zeros((2, 3), np.float32)
    for shots in (7, 3):
        measured = net.under(f"lab({shots})")
        assert measured.draws
        counts = np.asarray(measured.apply(variables, x))[..., :3] * shots**2  # of products of two estimates
        np.testing.assert_allclose(counts, np.round(counts), atol=1e-3)
    for wrong in ("lab", "lab(0)", "shift(1)", "shift[1]"):
        with pytest.raises(CompileError, match="HQN0630"):
            net.under(wrong)
    with pytest.raises(CompileError, match="HQN0103"):
        net.under("lab(")
    assert net.under("lab(5)").draws


def test_commands_take_and_show_profiles(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.hqn"
    path.write_text(TEXT)
    assert cli.main(["compile", str(path), "--execute", "lab(100)"]) == cli.OK
    text = capsys.readouterr().out
    assert text.count("@qc.parameter_shift\n") == 1 and "qc.shots(100, keys[" in text
    assert "Run(" not in text and "draws=True" in text
    assert cli.main(["compile", str(path), "--execute", "lab(7)"]) == cli.OK
    assert "qc.shots(7, keys[" in capsys.readouterr().out
    assert cli.main(["compile", str(path), "--execute", "labs(7)"]) == cli.WRONG_COMMAND
    assert "no execution profile `labs(7)`" in capsys.readouterr().err
    assert cli.main(["plan", str(path), "--execute", "lab(7)"]) == cli.OK
    assert capsys.readouterr().out.startswith(
        "execute lab(7) on model net\n  net.deep  gradient auto  7 shots"
    )
    table = f"execute lab(100) on model net\n  net.deep  gradient auto  100 shots  default, {path}:29\n"
    assert cli.main(["plan", str(path), "--execute", "lab"]) == cli.OK
    assert capsys.readouterr().out == table
    assert cli.main(["plan", str(path), "--execution"]) == cli.OK
    shown = capsys.readouterr().out
    assert table in shown and "execute shift on model net\n" in shown
