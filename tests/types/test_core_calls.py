"""Calls: inference of sizes, statics, slots, the lifting rule, and what becomes of the two modes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqn.compiler.types import typed
from hqn.compiler.types.model import DType, TensorType
from support.checked import checked, codes

DENSE = """
layer dense[out](x: f32[inp]) -> f32[out] {
  weight W: f32[out, inp] = glorot_uniform
  contract y[o] = W[o, i] * x[i]
  return y
}
"""


def result(text: str, name: str = "m") -> typed.Expr:
    found = checked(text).entry(name).evaluation.result
    assert found is not None
    return found


def call(text: str, name: str = "m") -> typed.CallFunction:
    found = result(text, name)
    assert isinstance(found, typed.CallFunction)
    return found


# --- inference ------------------------------------------------------------------------------------


@given(st.integers(1, 6), st.integers(0, 5), st.integers(1, 9))
def test_a_size_is_solved_from_one_linear_equation(a: int, k: int, n: int) -> None:
    given_size = a * n + k
    text = f"layer f(x: f32[{a} * n + {k}]) -> f32[n] {{ return x[0..n] }}\n"
    found = call(f"{text}model m(x: f32[{given_size}]) -> f32[{n}] {{ return f(x) }}")
    assert found.type == TensorType(DType.F32, (n,))


def test_sizes_come_from_all_arguments_together() -> None:
    text = """
    layer f(x: f32[n + k], y: f32[k]) -> f32[n] { return x[0..n] }
    model m(x: f32[7], y: f32[3]) -> f32[4] { return f(x, y) }
    """
    assert call(text).type == TensorType(DType.F32, (4,))


def test_a_function_is_made_once_per_sizes_and_has_them_in_its_name() -> None:
    text = (
        DENSE
        + """
    model m(x: f32[3]) -> f32[3] { return x |> dense[3] as a |> dense[3] as b |> dense[3] as c }
    model n(x: f32[3]) -> f32[2] { return dense[2](x) }
    """
    )
    found = checked(text)
    functions = {child.function.name for child in found.entry("m").evaluation.children}
    assert functions == {"dense_3_3"}
    assert found.entry("n").evaluation.children[0].function.name == "dense_3_2"


def test_defaults_may_use_statics_before_them() -> None:
    text = """
    layer f[a, b = 2 * a](x: f32[n]) -> f32[n + b] { return concat(x, zeros[b]) }
    model m(x: f32[1]) -> f32[7] { return f[3](x) }
    model n(x: f32[1]) -> f32[2] { return f[3, b = 1](x) }
    """
    assert not codes(text)


def test_brackets_may_mix_names_and_places() -> None:
    text = """
    layer f[a, b = 1, c = 1](x: f32[n]) -> f32[a + 10 * b + 100 * c] { return zeros[a + 10 * b + 100 * c] }
    model m(x: f32[1]) -> f32[321] { return f[b = 2, a = 1, c = 3](x) }
    model n(x: f32[1]) -> f32[321] { return f[1, 2, 3](x) }
    model o(x: f32[1]) -> f32[321] { return f[1, c = 3, 2](x) }
    """
    assert not codes(text)


def test_a_static_that_chooses_a_type_gives_the_brackets_to_the_caller_only() -> None:
    assert codes(DENSE + "model m(x: f32[3]) -> f32[2] { return dense(x) }") == ["HQN0308"]


# --- slots for layers -----------------------------------------------------------------------------

APPLY = "layer apply[f: f32[a] -> f32[b]](x: f32[a]) -> f32[b] { return f(x) }\n"


def test_a_slot_determines_sizes_of_the_result() -> None:
    text = DENSE + APPLY + "model m(x: f32[3]) -> f32[2] { return apply[f = dense[2]](x) }"
    assert call(text).type == TensorType(DType.F32, (2,))


def test_a_slot_determines_statics_that_its_layer_leaves_open() -> None:
    text = (
        DENSE
        + """
    layer fixed[f: f32[3] -> f32[2]](x: f32[3]) -> f32[2] { return f(x) }
    model m(x: f32[3]) -> f32[2] { return fixed[f = dense](x) }
    """
    )
    assert not codes(text)


def test_sizes_of_a_slot_alone_are_found_at_each_of_its_calls() -> None:
    text = """
    layer negate(x: f32[n]) -> f32[n] { return -x }
    layer both[f: f32[a] -> f32[a]](x: f32[n], y: f32[m]) -> f32 { return sum(f(x)) + sum(f(y)) }
    model m(x: f32[3], y: f32[2]) -> f32 { return both[f = negate](x, y) }
    """
    assert not codes(text)


def test_a_slot_bound_to_a_layer_makes_one_instance_per_call() -> None:
    text = (
        DENSE
        + """
    layer gates[f: f32[n] -> f32[n]](x: f32[n]) -> f32[n] { return f(f(x) as first) as second }
    model m(x: f32[3]) -> f32[3] { return gates[f = dense](x) }
    """
    )
    assert checked(text).paths == ["m.gates.first.W", "m.gates.second.W"]


# --- lifting --------------------------------------------------------------------------------------

SHAPES = st.lists(st.integers(1, 4), min_size=0, max_size=3).map(tuple)


def shape_text(shape: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, shape))}]" if shape else ""


@given(SHAPES, SHAPES, st.booleans())
def test_surplus_leading_axes_are_the_batch(batch: tuple[int, ...], own: tuple[int, ...], both: bool) -> None:
    """One argument carries them, or both; what has none is used for every element."""
    sizes = [f"n{i}" for i in range(len(own))]
    inside = f"f32[{', '.join(sizes)}]" if sizes else "f32"
    lifted, plain = f"f32{shape_text((*batch, *own))}", f"f32{shape_text(own)}"
    other = lifted if both else plain
    text = f"""
    layer f(x: {inside}, y: {inside}) -> {inside} {{ return x * y }}
    model m(x: {lifted}, y: {other}) -> {lifted} {{ return f(x, y) }}
    """
    found = call(text)
    assert found.batch == batch
    assert found.lifted == (bool(batch), bool(batch) and both)
    assert found.type == TensorType(DType.F32, (*batch, *own))
    assert [local.type for local in found.function.params] == [TensorType(DType.F32, own)] * 2


@given(SHAPES, SHAPES)
def test_batches_are_equal_or_empty(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    text = f"""
    layer f(x: f32, y: f32) -> f32 {{ return x * y }}
    layer m(x: f32{shape_text(a)}, y: f32{shape_text(b)}) -> f32{shape_text(a or b)} {{ return f(x, y) }}
    """
    assert (codes(text) == []) == (a == b or not a or not b)


@given(SHAPES, SHAPES)
def test_operators_take_equal_shapes_scalars_and_suffixes(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    longer, shorter = (a, b) if len(a) >= len(b) else (b, a)
    fits = longer[len(longer) - len(shorter) :] == shorter
    text = (
        f"layer m(x: f32{shape_text(a)}, y: f32{shape_text(b)}) -> f32{shape_text(longer)} {{ return x + y }}"
    )
    assert codes(text) == ([] if fits else ["HQN0302"])


@given(SHAPES)
def test_a_parameter_with_all_leading_axes_is_never_lifted(shape: tuple[int, ...]) -> None:
    text = f"""
    layer f(x: f32[..s, c]) -> f32[..s, c] {{ return 2 * x }}
    model m(x: f32{shape_text((*shape, 5))}) -> f32{shape_text((*shape, 5))} {{ return f(x) }}
    """
    found = call(text)
    assert found.batch == ()
    assert found.function.params[0].type == TensorType(DType.F32, (*shape, 5))


# --- the two modes --------------------------------------------------------------------------------


def test_modes_share_a_function_unless_the_text_asks_for_the_mode() -> None:
    text = (
        DENSE
        + """
    layer dropout[p](x: f32) -> f32 {
      draw keep: bool = bernoulli(1 - p)
      return if training { select(keep, x / (1 - p), 0.0) } else { x }
    }
    model plain(x: f32[3]) -> f32[3] { return dense[3](x) }
    model drops(x: f32[3]) -> f32[3] { return x |> dense[3] |> dropout[0.5] }
    """
    )
    found = checked(text)
    plain, drops = found.entry("plain"), found.entry("drops")
    assert plain.evaluation is plain.training
    assert drops.evaluation is not drops.training
    assert drops.evaluation.children[0].function is drops.training.children[0].function
    assert drops.training.draws and not drops.evaluation.draws


def test_a_state_is_set_in_training_only() -> None:
    text = """
    layer count(x: f32[3]) -> f32[3] {
      state n: f32 = zeros
      next n = n + 1
      return x
    }
    model m(x: f32[3]) -> f32[3] { return count(x) }
    """
    entry = checked(text).entry("m")
    assert entry.training.sets_state and not entry.evaluation.sets_state


@pytest.mark.parametrize("training", [False, True])
def test_a_static_choice_leaves_one_branch(training: bool) -> None:
    text = "model m(x: f32[3]) -> f32[3] { return if training { 2 * x } else { x } }"
    entry = checked(text).entry("m")
    found = (entry.training if training else entry.evaluation).result
    assert isinstance(found, typed.Elementwise if training else typed.Read)


def test_a_gradient_holds_every_step_from_its_variable() -> None:
    text = """
    model m(x: f32[3], w: f32[3]) -> f32[3] {
      a = x * w
      b = sum(a * a)
      return grad(b, x)
    }
    """
    found = result(text)
    assert isinstance(found, typed.Grad)
    assert isinstance(found.value, typed.Prim) and found.value.fn == "sum"
    assert found.wrt.name == "x"
