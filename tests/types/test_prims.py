"""Primitives: the library's signatures agree with the rules; every rule gives the type NumPy would."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqn.compiler.diagnostics import Sink
from hqn.compiler.source import Source
from hqn.compiler.syntax import ast
from hqn.compiler.syntax.parse import parse
from hqn.compiler.types import typed
from hqn.compiler.types.bodies.elementwise import ARITY
from hqn.compiler.types.model import DType, TensorType
from support.checked import checked, codes
from support.repository import ROOT


def signatures() -> dict[str, ast.Definition]:
    path = ROOT / "stdlib" / "prim.hqn"
    sink = Sink()
    module = parse(Source("std/prim.hqn", path.read_text(encoding="utf-8")), sink)
    assert not sink.all
    return {item.name.name: item for item in module.items if isinstance(item, ast.Definition)}


def test_the_library_has_the_signature_of_every_element_function() -> None:
    found = signatures()
    assert found.keys() == ARITY.keys()
    for name, definition in found.items():
        assert len(definition.params) == ARITY[name], name
        assert definition.body is None and definition.doc, name


@pytest.mark.parametrize("name", sorted(ARITY))
def test_the_signature_is_what_the_checker_does(name: str) -> None:
    definition = signatures()[name]
    types = [param.type.dtype.name for param in definition.params]  # type: ignore[attr-defined]
    params = ", ".join(f"x{i}: {dtype}[3]" for i, dtype in enumerate(types))
    args = ", ".join(f"x{i}" for i in range(len(types)))
    assert not codes(f"layer m({params}) -> f32[3] {{ return {name}({args}) }}")
    wrong = ", ".join(f"x{i}: {'f32' if dtype == 'bool' else 'bool'}[3]" for i, dtype in enumerate(types))
    assert codes(f"layer m({wrong}) -> f32[3] {{ return {name}({args}) }}") == ["HQN0304"]


def shape_of(expression: str, *shapes: tuple[int, ...]) -> tuple[int, ...]:
    """The shape that the checker finds, with arguments x0, x1, …."""
    params = ", ".join(f"x{i}: f32{list(shape) if shape else ''}" for i, shape in enumerate(shapes))
    entry = checked(f"model m({params}) -> f32 {{\n y = {expression}\n return sum(y) }}").entry("m")
    (assign,) = entry.evaluation.statements
    assert isinstance(assign, typed.Assign) and isinstance(assign.local.type, TensorType)
    assert assign.local.type.dtype == DType.F32
    return assign.local.type.shape  # type: ignore[return-value]


SHAPE = st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple)


@given(SHAPE, st.data())
def test_reductions_and_axes(shape: tuple[int, ...], data: st.DataObject) -> None:
    x = np.zeros(shape)
    rank = len(shape)
    axis = data.draw(st.integers(-rank, rank - 1))
    axes = tuple(sorted(data.draw(st.sets(st.integers(0, rank - 1), min_size=1))))
    order = tuple(data.draw(st.permutations(range(rank))))
    where = ", ".join(map(str, axes))
    assert shape_of(f"mean[axes = {axis}](x0)", shape) == x.mean(axis).shape
    assert (
        shape_of(f"sum[axes = ({where})](x0)" if len(axes) > 1 else f"sum[axes = {where}](x0)", shape)
        == x.sum(axes).shape
    )
    assert shape_of(f"softmax[axis = {axis}](x0)", shape) == shape
    if rank > 1:
        assert shape_of(f"transpose[axes = {order}](x0)", shape) == x.transpose(order).shape
        assert shape_of("transpose(x0)", shape) == x.swapaxes(-1, -2).shape
    assert shape_of(f"moveaxis(x0, {axis}, 0)", shape) == np.moveaxis(x, axis, 0).shape
    assert shape_of("flatten(x0)", shape) == (x.size,)
    assert shape_of(f"stack[axis = {axis}](x0, x0)", shape) == np.stack([x, x], axis).shape
    assert shape_of(f"concat[axis = {axis}](x0, x0)", shape) == np.concatenate([x, x], axis).shape


@given(SHAPE, st.data())
def test_indexing(shape: tuple[int, ...], data: st.DataObject) -> None:
    """Numbers, pieces, whole axes, `..` and new axes against NumPy's."""
    items: list[tuple[str, object]] = []
    for size in shape:
        start = data.draw(st.integers(0, size - 1))
        stop = data.draw(st.integers(start + 1, size))
        choices: list[tuple[str, object]] = [
            (str(start), start),
            (str(start - size), start - size),
            (":", slice(None)),
            (f"{start}..{stop}", slice(start, stop)),
            (f"{start}..", slice(start, None)),
            (f"..{stop}", slice(None, stop)),
            (f"{start}..{stop} step 2", slice(start, stop, 2)),
        ]
        items.append(data.draw(st.sampled_from(choices)))
    kept = data.draw(st.integers(0, len(items)))
    cut = [*items[:kept], ("..", ...)] if kept < len(items) else items
    if data.draw(st.booleans()):
        cut.insert(data.draw(st.integers(0, len(cut))), ("new", None))
    text, index = ", ".join(item for item, _ in cut), tuple(item for _, item in cut)
    assert shape_of(f"x0[{text}]", shape) == np.zeros(shape)[index].shape


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 4), st.integers(1, 3), st.integers(0, 2))
def test_windows(height: int, width: int, size: int, stride: int, pad: int) -> None:
    rows, columns = ((n + 2 * pad - size) // stride + 1 for n in (height, width))
    image, kernel = (height, width, 2), (size, size, 2, 5)
    expression = f"convolve2d[{stride}, {pad}](x0, x1)"
    if rows < 1 or columns < 1:
        text = f"layer m(x0: f32{list(image)}, x1: f32{list(kernel)}) -> f32 {{ return sum({expression}) }}"
        assert codes(text) == ["HQN0318"]
    else:
        assert shape_of(expression, image, kernel) == (rows, columns, 5)


def test_embedding_takes_the_shape_of_its_tokens() -> None:
    text = "model m(E: f32[7, 5], t: idx[7][3, 2]) -> f32[3, 2, 5] { return E[t] }"
    assert not codes(text)


def test_an_index_of_a_loop_may_be_shifted_within_its_range() -> None:
    text = "layer m(x: f32[5]) -> f32[4] {{ return map i in 0..{n} {{ yield x[i + 1] - x[i] }} }}"
    assert not codes(text.format(n=4))
    assert codes(text.format(n=5)) == ["HQN0316"]
