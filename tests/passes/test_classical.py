"""Folding, sharing, dead code: what goes and what stays; the whole of digits as a golden."""

from __future__ import annotations

from pathlib import Path

from hqn.compiler.ir import nn
from hqn.compiler.ir.hqn import DrawOp
from hqn.compiler.ir.instances import CallOp
from hqn.compiler.ir.module import Built, Module
from hqn.compiler.ir.xdsl_api import Operation
from hqn.compiler.lower import lower
from hqn.compiler.passes import DEFAULT, PASSES, run_passes
from hqn.compiler.types import typed
from hqn.compiler.types.model import DType, TensorType
from support import typed_programs as build
from support.goldens import Goldens
from support.typed_programs import SPAN, assign, elementwise, f32, function, local, number, prim, read

HERE = Path(__file__).parent
I32 = TensorType(DType.I32)


def passed(name: str, *functions: typed.Function) -> Module:
    return run_passes(lower(build.program(*functions)), [name], verify=True).module


def count(module: Module, kind: type[Operation]) -> int:
    return sum(isinstance(op, kind) for op in module.op.walk())


def folded(value: typed.Expr) -> nn.Number | None:
    """The constant that an expression becomes."""
    module = passed("fold_constants", function("f", "layer", (), value))
    owner = module["f"].returned[0].owner
    return owner.scalar if isinstance(owner, nn.ConstantOp) else None


def test_digits_through_all_passes(golden: Goldens) -> None:
    end = run_passes(lower(build.program(build.digits())), verify=True)
    golden(HERE / "digits_by_hand.expected.mlir", end.module.text())


def test_passes_have_names_and_summaries() -> None:
    names = [one.name for one in PASSES]
    assert len(set(names)) == len(names)
    assert set(DEFAULT) <= set(names)
    assert all(one.summary for one in PASSES)


def test_after_sees_every_pass() -> None:
    seen: list[str] = []
    run_passes(lower(build.program(build.dense(2, 3))), after=lambda name, _: seen.append(name))
    assert tuple(seen) == DEFAULT


def test_numbers_fold_in_double_precision() -> None:
    assert folded(elementwise("mul", number(2.0), number(3.141592653589793))) == 6.283185307179586
    assert folded(elementwise("add", number(0.1), number(0.2))) == 0.1 + 0.2


def test_integers_and_truth_values_fold() -> None:
    seven, two = number(7, I32), number(2, I32)
    assert folded(elementwise("floordiv", seven, two)) == 3
    assert folded(elementwise("lt", seven, two, type_=TensorType(DType.BOOL))) is False


def test_what_has_no_number_is_left_to_the_run() -> None:
    assert folded(elementwise("div", number(1.0), number(0.0))) is None
    assert folded(elementwise("log", number(-1.0))) is None
    assert folded(elementwise("mul", number(2**30, I32), number(4, I32))) is None


def test_half_precision_is_not_folded() -> None:
    half = TensorType(DType.BF16)
    value = elementwise("add", number(1.0, half), number(2.0, half))
    assert folded(value) is None


def test_large_tables_are_not_made() -> None:
    big = prim("broadcast", f32(1000), number(1.0))
    module = passed("fold_constants", function("f", "layer", (), big))
    assert len(list(module["f"].block.ops)) == 3


def test_neutral_numbers_go() -> None:
    x = local("x", f32(3))
    value = elementwise("mul", number(1.0), elementwise("add", read(x), number(0.0)))
    module = passed("fold_constants", function("f", "layer", (x,), value))
    assert module["f"].returned == (module["f"].args[0],)


def test_a_neutral_number_that_stretches_stays() -> None:
    """0 + x changes nothing unless the zero is the larger of the two."""
    x = local("x", f32())
    zeros = prim("broadcast", f32(3), number(0.0))
    module = passed("fold_constants", function("f", "layer", (x,), elementwise("add", read(x), zeros)))
    assert count(module, nn.MapOp) == 1


def test_equal_work_is_done_once() -> None:
    x = local("x", f32(3))
    value = elementwise("add", elementwise("sin", read(x)), elementwise("sin", read(x)))
    assert count(passed("share_common", function("f", "layer", (x,), value)), nn.MapOp) == 2


def test_draws_are_never_shared_and_calls_that_draw_stay() -> None:
    keep = local("keep", f32())
    draw = typed.DrawRandom(local=keep, distribution="normal", args=(number(1.0),), per="step", span=SPAN)
    noisy = function("noisy", "layer", (), read(keep), draw)
    first, second = (build.call("n", noisy) for _ in range(2))
    outer = function("f", "layer", (), elementwise("sub", first, second), children=(build.child("n", noisy),))
    module = run_passes(lower(build.program(outer)), verify=True).module
    assert count(module, CallOp) == 2
    assert count(module, DrawOp) == 1


def test_dead_work_and_uncalled_functions_go() -> None:
    x, unused = local("x", f32(3)), local("unused", f32(2))
    inner = build.dense(3, 2)
    body = assign(unused, build.call("d", inner, read(x)))
    module = passed(
        "eliminate_dead", function("f", "model", (x,), read(x), body, children=(build.child("d", inner),))
    )
    assert list(module.functions) == ["f"]


def test_states_are_set_though_nobody_reads_them() -> None:
    x = local("x", f32())
    mu = build.weight("mu", f32(), kind="state")
    body = typed.SetState(slot="mu", turns=(), value=elementwise("sin", read(x)), span=SPAN)
    module = passed("eliminate_dead", function("f", "layer", (x,), read(x), body, slots=(mu,), training=True))
    assert count(module, nn.MapOp) == 1


def test_built_is_a_value() -> None:
    start = lower(build.program(build.digits()))
    text = start.module.text()
    end = run_passes(start)
    assert start.module.text() == text
    assert isinstance(end, Built)
    assert (end.entries, end.roots) == (start.entries, frozenset({"digits"}))
