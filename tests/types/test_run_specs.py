"""Runs, checked: what a file says is what the run time gets, and the tables of both agree."""

from __future__ import annotations

import dataclasses
import inspect

import pytest

from hqn.compiler.diagnostics import Sink
from hqn.compiler.names.load import project_loader
from hqn.compiler.names.resolve import resolve
from hqn.compiler.source import Source
from hqn.compiler.syntax.parse import parse
from hqn.compiler.types.check import check, instantiate
from hqn.compiler.types.runs import optimisers
from hqn.compiler.types.runs import specs as runs
from hqn.compiler.types.typed import Program
from hqn.runtime import optimisers as performed
from hqn.runtime import readings, spec

HEAD = """use std.layers.{dense, flatten, bn, dropout}
use std.losses.{cross_entropy, accuracy}

model net(image: f32[8, 8]) -> f32[10] {
  return image / 16 |> flatten |> dense[20] as body |> dense[10] as head
}

data d8 = digits_8x8 |> split(train = 1437, test = 360, seed = 0)
"""
BODY = """let f = net
data (x, y) in d8 batch 64
minimize cross_entropy(f(x), y) over f by adam(1e-2)
epochs 3
"""


def checked(text: str) -> tuple[Program, list[str]]:
    sink = Sink()
    resolved = resolve(parse(Source("t.hqn", text), sink), project_loader("."), sink)
    program, _ = instantiate(check(resolved, sink), sink)
    return program, [found.code for found in sink.all]


def run_of(body: str, head: str = HEAD) -> runs.Run:
    program, codes = checked(f"{head}\nrun fit {{\n{body}}}\n")
    assert codes == []
    (run,) = program.runs
    assert isinstance(run, runs.Run)
    return run


def codes_of(body: str) -> list[str]:
    return checked(f"{HEAD}\nrun fit {{\n{body}}}\n")[1]


# --- agreement with the run time ----------------------------------------------------------------------


def classes(module: object) -> dict[str, type]:
    found = inspect.getmembers(module, dataclasses.is_dataclass)
    return {name: cls for name, cls in found if inspect.isclass(cls)}


def test_specifications_have_the_names_and_fields_of_the_run_time() -> None:
    ours = classes(runs)
    for name, there in classes(spec).items():
        fields = [[(f.name, repr(f.default)) for f in dataclasses.fields(cls)] for cls in (ours[name], there)]
        assert fields[0] == fields[1], name


def test_optimisers_are_those_of_the_run_time() -> None:
    assert optimisers.OPTIMISERS.keys() == performed.OPTIMISERS.keys()
    assert set(optimisers.MODIFIERS) == performed.MODIFIERS.keys()
    for name, arguments in optimisers.OPTIMISERS.items():
        assert [*arguments] == [*inspect.signature(performed.OPTIMISERS[name]).parameters]


def words(reading: object) -> set[str]:
    if not isinstance(reading, tuple):
        return set()
    return {reading[0]}.union(*(words(part) for part in reading[1:]))


KNOWN = {
    *readings.OPERATORS, *readings.FUNCTIONS, *readings.REDUCTIONS, *readings.OVER_SEEDS, *readings.LEAVES,
    "at", "last", "pearson",
}  # fmt: skip


# --- what a run says ----------------------------------------------------------------------------------


def test_a_run_becomes_plain_data() -> None:
    run = run_of(BODY)
    assert run.lets == (runs.Let("f", "net"),)
    assert run.source == runs.Source("d8", ("x", "y"), 64)
    assert [slot.path for slot in run.slots] == ["f.body.W", "f.body.b", "f.head.W", "f.head.b"]
    adam = runs.Optimiser("adam", (("rate", 0.01), ("b1", 0.9), ("b2", 0.999), ("eps", 1e-8)))
    assert run.minimize[0].groups == (runs.Group(("f",), adam),)
    assert (run.epochs, run.steps, run.seeds, run.precision) == (3, None, (0,), "f32")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("mean(accuracy(f(x), y) on test)", ("mean", ("on", 0))),
        ("1 - mean(accuracy(f(x), y) on test)", ("-", 1, ("mean", ("on", 0)))),
        ("max(abs(f(x)[0]) on train)", ("max", ("on", 0))),
        ("sqrt(mean(cross_entropy(f(x), y) on d8.test))", ("sqrt", ("mean", ("on", 0)))),
        ("-std(cross_entropy(f(x), y) on test)", ("neg", ("std", ("on", 0)))),
    ],
)
def test_readings_of_values(written: str, expected: object) -> None:
    run = run_of(f"{BODY}track t = {written} every 2\n")
    assert run.tracks == (runs.Track("t", expected, 2),)
    assert words(expected) <= KNOWN


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("acc[last] >= 0.96", (">=", ("last", ("series", "acc")), 0.96)),
        ("acc[0] < acc[last]", ("<", ("at", ("series", "acc"), 0), ("last", ("series", "acc")))),
        ("acc[-1] > 0.5", (">", ("last", ("series", "acc")), 0.5)),
        ("pearson(acc, acc) >= 0.9", (">=", ("pearson", ("series", "acc"), ("series", "acc")), 0.9)),
        ("best(acc[last]) >= 0.9", (">=", ("greatest", ("last", ("series", "acc"))), 0.9)),
        ("worst(acc[last]) >= 0.9", (">=", ("least", ("last", ("series", "acc"))), 0.9)),
        ("0.1 >= best(acc[last])", (">=", 0.1, ("least", ("last", ("series", "acc"))))),
        ("mean(acc[last]) >= 0.9", (">=", ("seed_mean", ("last", ("series", "acc"))), 0.9)),
        ("params(f) == 1510", True),
        ("params(f.head) + 1300 == params(f)", True),
        ("params(f.body, f.head) == params(f)", True),
        ("params(fit) == params(f)", True),
        ("trainable(fit) == params(f)", True),
    ],
)
def test_assertions(written: str, expected: object) -> None:
    run = run_of(f"{BODY}seeds 0..3\ntrack acc = mean(accuracy(f(x), y) on test)\nassert {written}\n")
    assert run.asserts[0].value == expected
    assert run.asserts[0].text == written
    assert words(expected) <= KNOWN


def test_settings() -> None:
    head = (
        HEAD
        + "\nrun r {\n  weight w: f32[3] = ones\n  minimize sum(w * w) over w by sgd(0.1)\n  steps 40\n}\n"
    )
    program, codes = checked(head)
    assert codes == []
    run = program.runs[0]
    assert isinstance(run, runs.Run)
    assert (run.steps, run.source, run.slots[0].path, run.minimize[0].groups[0].paths) == (
        40,
        None,
        "w",
        ("w",),
    )
    text = (
        BODY.replace("batch 64", "batch all")
        + "seed 7\nprecision f64\ntrack e = mean(accuracy(f(x), y) on test)\n"
    )
    run = run_of(text + "stop e[last] > 0.9\nkeep max(e)\n")
    assert (run.seeds, run.precision, run.source and run.source.batch) == ((7,), "f64", None)
    assert run.stop == (">", ("last", ("series", "e")), 0.9)
    assert run.keep == ("==", ("last", ("series", "e")), ("max", ("series", "e")))


def test_groups_share_the_optimiser_that_follows() -> None:
    text = BODY.replace("over f by adam(1e-2)", "over f.body.W, f.head by sgd(0.1), f.body.b by adam(1e-3)")
    assert [group.paths for group in run_of(text).minimize[0].groups] == [
        ("f.body.W", "f.head"),
        ("f.body.b",),
    ]


def test_modes_of_functions() -> None:
    head = HEAD.replace("dense[20] as body", "dense[20] as body |> bn |> dropout[0.1]")
    run = run_of(BODY + "track acc = mean(accuracy(f(x), y) on test)\n", head)
    assert run.minimize[0].traits == runs.Traits(draws=True, state=True, batch_mean=True)
    assert not run.evaluations[0].draws
    assert [slot.path for slot in run.slots if slot.kind == "state"] == ["f.bn.mu", "f.bn.var"]


def test_frozen_parts_and_runs_after_runs() -> None:
    second = """
run tune {
  let f = net from fit.f frozen body
  let t = fit.f frozen
  data (x, y) in d8 batch 64
  minimize cross_entropy(f(x) + t(x), y) over f by sgd(0.1)
  epochs 1
  track loss = mean(cross_entropy(f(x), y) on test)
  assert loss[last] <= fit.loss[last]
}
"""
    series = "track loss = mean(cross_entropy(f(x), y) on test)\n"
    program, codes = checked(f"{HEAD}{second}\nrun fit {{\n{BODY}{series}}}\n")
    assert codes == []
    fit, tune = program.runs
    assert isinstance(tune, runs.Run)
    assert isinstance(fit, runs.Run)
    assert (fit.name, tune.name, tune.after) == ("fit", "tune", ("fit",)), "predecessors come first"
    assert tune.lets == (runs.Let("f", "net", ("fit", "f")), runs.Let("t", "net", ("fit", "f")))
    frozen = {slot.path for slot in tune.slots if slot.kind == "frozen weight"}
    assert frozen == {"f.body.W", "f.body.b", "t.body.W", "t.body.b", "t.head.W", "t.head.b"}


def test_bindings_are_written_for_one_sample() -> None:
    run = run_of(BODY.replace("minimize cross_entropy(f(x), y)", "z = f(x)\nminimize cross_entropy(z, y)"))
    assert run.minimize[0].function.name == "fit_loss"
    assert [param.name for param in run.minimize[0].function.params] == ["x", "y"]


# --- mistakes -----------------------------------------------------------------------------------------


def test_all_mistakes_of_a_run_at_once() -> None:
    body = """let f = net
data (x, y) in d8 batch 0
minimize cross_entropy(f(x), z) over g by adma(1e-2)
epochs -1
precision f16
track acc = accuracy(f(x), y) on tset
assert params(h) == 3
"""
    assert codes_of(body) == [
        "HQN0365", "HQN0201", "HQN0360", "HQN0365", "HQN0365", "HQN0355", "HQN0367",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("epochs 3", "", "HQN0365"),
        ("epochs 3", "epochs 3\nsteps 4", "HQN0365"),
        ("epochs 3", "epochs 2.5", "HQN0365"),
        ("epochs 3", "epochs 3\nseeds 5..5", "HQN0365"),
        ("epochs 3", "epochs 3\ndata (a, b) in d8", "HQN0365"),
        ("over f by adam(1e-2)", "over f", "HQN0361"),
        ("adam(1e-2)", "adam(-1)", "HQN0361"),
        ("adam(1e-2)", "adam(rate = 1e-2, rate = 1e-2)", "HQN0361"),
        ("adam(1e-2)", "adam(1e-2) |> squeeze(1)", "HQN0360"),
        ("adam(1e-2)", "adam(1e-2 * f(x))", "HQN0361"),
        ("let f = net", "let f = net frozen", "HQN0362"),
        ("let f = net", "let f = net\nlet g = net", None),
        ("over f", "over f.bdy", "HQN0362"),
        ("cross_entropy(f(x), y)", "f(x)", "HQN0358"),
        ("cross_entropy(f(x), y)", "accuracy(f(x), y) > 0.5", "HQN0358"),
    ],
)
def test_single_mistakes(old: str, new: str, code: str | None) -> None:
    assert codes_of(BODY.replace(old, new)) == ([code] if code else [])


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ("iris |> pca(5)", "HQN0353"),
        ("iris |> pca(0)", "HQN0353"),
        ("iris |> minmax(1, -1)", "HQN0353"),
        ("iris |> split(test = 30)", "HQN0353"),
        ("iris |> split(train = 100) |> split(train = 50)", "HQN0353"),
        ("iris |> windows(151)", "HQN0354"),
        ("iris |> take(151)", "HQN0354"),
        ("iris |> classes(4)", "HQN0353"),
        ("iris |> take(50) |> classes(2)", "HQN0353"),
        ("linspace(5, 0, 1) |> classes(2)", "HQN0353"),
        ("iris |> classes(2) |> split(train = 100, test = 1)", "HQN0354"),
        ("linspace(1, 0, 1)", "HQN0353"),
        ("linspace(5, 0)", "HQN0353"),
        ("linspace", "HQN0351"),
        ("iris |> map s { 3 }", "HQN0353"),
        ("iris |> map s { yield (z = s.x, y = s.y) } |> pca(2)", "HQN0353"),
        ("imagenet", "HQN0351"),
        ("iris |> splt(train = 3)", "HQN0352"),
    ],
)
def test_mistakes_of_data_blocks(steps: str, code: str) -> None:
    assert checked(f"data d = {steps}\n")[1] == [code]


def test_types_after_steps() -> None:
    own = "map s { h = s.x / 16\n yield (x = h[0..4], y = s.y) }"
    program, codes = checked(f"data d = digits_8x8 |> {own} |> pca(5) |> windows(3)\n")
    assert codes == []
    (data,) = program.data
    assert isinstance(data, runs.Data)
    assert data.fields == (runs.Array("x", (3, 5)), runs.Array("y", (), "i32", 10))


def test_assertions_outside_of_runs() -> None:
    assert checked(HEAD + "assert params(net) == 1510\n")[1] == []
    assert checked(HEAD + "assert params(net) == 1511\n")[1] == ["HQN0366"]


def test_trainable_counts_what_the_run_trains() -> None:
    body = BODY.replace("over f by", "over f.head by")
    lines = ["trainable(fit) == 210", "trainable(f.body) == 0", "trainable(f) == 210", "params(fit) == 1510"]
    run = run_of(body + "".join(f"assert {line}\n" for line in lines))
    assert [one.value for one in run.asserts] == [True] * 4
    top = f"{HEAD}\nrun fit {{\n{body}}}\nassert trainable(fit) == 210\nassert params(fit.f) == 1511\n"
    assert checked(top)[1] == ["HQN0366"]
