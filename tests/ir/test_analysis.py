"""How often values vary."""

from __future__ import annotations

from hqn.compiler.ir.analysis import Variation, Varies
from hqn.compiler.ir.instances import CallOp
from hqn.compiler.ir.loops import LoopOp
from hqn.compiler.lower import lower
from hqn.compiler.types import typed
from support import typed_programs as build
from support.typed_programs import SPAN, assign, elementwise, f32, function, local, number, prim, read

CONST, STEP, SAMPLE = Varies


def named(root: typed.Function, args: list[Varies] | None = None) -> dict[str, Varies]:
    """How the named values of a function vary."""
    table = Variation(lower(build.program(root)).module).of(root.name, args)
    return {value.name_hint: varies for value, varies in table.items() if value.name_hint}


def test_weights_vary_with_the_step_and_arguments_with_the_sample() -> None:
    assert named(build.dense(3, 2)) == {"x": SAMPLE, "W": STEP, "b": STEP, "y": SAMPLE}


def test_a_call_of_what_does_not_vary_varies_like_its_weights() -> None:
    assert named(build.dense(3, 2), [CONST])["y"] == STEP


def test_constants_never_vary() -> None:
    a = local("a", f32())
    assert named(function("f", "layer", (), read(a), assign(a, number(2.0)))) == {"a": CONST}


def test_the_register_varies_with_its_angles() -> None:
    root = build.vqc(2, 3)
    module = lower(build.program(root)).module
    table = Variation(module).of(root.name, [CONST])
    (loop,) = [op for op in module.op.walk() if isinstance(op, LoopOp)]
    assert (table[loop.initial[0]], table[loop.carries[0]]) == (CONST, STEP)
    assert table[module[root.name].returned[0]] == STEP


def test_a_carry_varies_with_what_it_becomes() -> None:
    """The first turn starts from a constant, later ones from the sample."""
    xs, h, v = local("xs", f32(4)), local("h", f32()), local("v", f32())
    loop = typed.Loop(
        kind="scan",
        trips=4,
        index=local("i", build.I32),
        domains=(read(xs),),
        elements=(v,),
        carries=(h,),
        initial=(number(0.0),),
        body=typed.Body((), (elementwise("add", read(h), read(v)),), None),
        type=f32(),
        span=SPAN,
    )
    assert named(function("f", "layer", (xs,), loop))["h"] == SAMPLE


def test_arguments_of_calls() -> None:
    root = build.digits()
    module = lower(build.program(root)).module
    variation = Variation(module)
    table = variation.of(root.name)
    calls = [op for op in module.op.walk() if isinstance(op, CallOp)]
    assert [variation.arguments(call, table) for call in calls] == [(SAMPLE,)] * 3


def test_the_mean_over_the_batch_varies_with_the_step() -> None:
    x, m = local("x", f32(3)), local("m", f32(3))
    mean = assign(m, prim("batch_mean", f32(3), read(x)))
    assert named(function("f", "layer", (x,), read(m), mean))["m"] == STEP


def test_draws_vary_as_they_say() -> None:
    u, v = local("u", f32()), local("v", f32())
    draws = [
        typed.DrawRandom(local=of, distribution="normal", args=(number(1.0),), per=per, span=SPAN)  # type: ignore[arg-type]
        for of, per in ((u, "sample"), (v, "step"))
    ]
    root = function("f", "layer", (), elementwise("add", read(u), read(v)), *draws)
    assert named(root) == {"u": SAMPLE, "v": STEP}
