"""Contractions to test with: built by hand, drawn at random, and evaluated by definition."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from hypothesis import strategies as st

from hqn.compiler.ir.nn import ConstantOp
from hqn.compiler.ir.tensors import tensor
from hqn.compiler.ir.tn import ContractOp, Family, Position, extent
from hqn.compiler.ir.xdsl_api import SSAValue
from hqn.compiler.types.model import DType


def index(number: int) -> Position:
    return Position(((number, 1),))


def constant(place: int) -> Position:
    return Position((), place)


def value(shape: Sequence[int]) -> SSAValue:
    return ConstantOp(0.0, tensor(DType.F64, shape)).result


def contraction(
    factors: Sequence[tuple[SSAValue, Sequence[Position]]],
    sizes: Sequence[int],
    output: Sequence[int],
    families: Sequence[Family] = (),
    memory: int | None = None,
) -> ContractOp:
    names = [(f"i{number}", size) for number, size in enumerate(sizes)]
    result = tensor(DType.F64, [sizes[i] for i in output])
    positions = tuple(tuple(places) for _, places in factors)
    op = ContractOp(
        [v for v, _ in factors], positions, names, output, result, families=families, memory=memory
    )
    op.verify()
    return op


def direct(op: ContractOp, arrays: Sequence[np.ndarray]) -> np.ndarray:
    """The definition: one product per assignment of all indices."""
    total = np.zeros([op.index_sizes[i] for i in op.output])
    for at in product(*(range(size) for size in op.index_sizes)):
        term = 1.0
        for array, places in zip(arrays, op.positions, strict=True):
            term *= array[tuple(p.offset + sum(c * at[i] for i, c in p.terms) for p in places)]
        total[tuple(at[i] for i in op.output)] += term
    return total


@st.composite
def contractions(draw: st.DrawFn) -> tuple[ContractOp, list[np.ndarray]]:
    """Random networks with hyper-edges, repeated indices, constants and affine positions."""
    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=5))
    plain = [index(number) for number in range(len(sizes))]
    affine = st.builds(
        lambda a, b, ca, cb, off: Position(tuple({a: ca, b: cb}.items()), off),
        *[st.integers(0, len(sizes) - 1)] * 2,
        *[st.integers(1, 2)] * 2,
        st.integers(0, 1),
    )
    position = st.one_of(st.sampled_from(plain), st.builds(constant, st.integers(0, 2)), affine)
    factors = draw(st.lists(st.lists(position, max_size=3), min_size=1, max_size=5))
    used = sorted({i for places in factors for p in places for i, _ in p.terms})
    output = draw(st.lists(st.sampled_from(used), unique=True, max_size=3)) if used else []
    rename = {old: new for new, old in enumerate(used)}
    sizes = [sizes[i] for i in used]
    factors = [[Position(tuple((rename[i], c) for i, c in p.terms), p.offset) for p in f] for f in factors]
    slack = draw(st.integers(0, 1))
    shapes = [[_dim(p, sizes, slack) for p in places] for places in factors]
    op = contraction(
        [(value(shape), places) for shape, places in zip(shapes, factors, strict=True)],
        sizes,
        [rename[i] for i in output],
    )
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    return op, [rng.normal(size=shape) for shape in shapes]


def _dim(position: Position, sizes: Sequence[int], slack: int) -> int:
    if position.plain is not None:
        return sizes[position.plain]
    return extent(position, sizes)[1] + 1 + slack


def mps(sites: int, bond: int, closed: bool) -> tuple[ContractOp, list[np.ndarray]]:
    """prod(s) A[s, l[s], p[s], l[s+1]] x[s, p[s]], times C[l[n], o, l[0]] or with both ends open."""
    links, locals_ = list(range(sites + 1)), list(range(sites + 1, 2 * sites + 1))
    label = 2 * sites + 1
    sizes = [bond] * (sites + 1) + [2] * sites + [3]
    core, x, close = value([sites, bond, 2, bond]), value([sites, 2]), value([bond, 3, bond])
    factors: list[tuple[SSAValue, Sequence[Position]]] = []
    for s in range(sites):
        factors.append((core, [constant(s), index(links[s]), index(locals_[s]), index(links[s + 1])]))
        factors.append((x, [constant(s), index(locals_[s])]))
    families = [Family(0, 2, sites)]
    if closed:
        factors.append((close, [index(links[-1]), index(label), index(links[0])]))
    output = [label] if closed else [links[0], links[-1]]
    sizes = sizes if closed else sizes[:-1]
    rng = np.random.default_rng(0)
    arrays = {v: rng.normal(size=shape_of) for v, shape_of in _shapes(sites, bond, core, x, close)}
    return contraction(factors, sizes, output, families), [arrays[v] for v, _ in factors]


def _shapes(sites: int, bond: int, core: SSAValue, x: SSAValue, close: SSAValue):
    return [(core, (sites, bond, 2, bond)), (x, (sites, 2)), (close, (bond, 3, bond))]


def chain_value(arrays: Sequence[np.ndarray], sites: int) -> np.ndarray:
    """The product of the transfer matrices of an MPS."""
    result = np.eye(arrays[0].shape[1])
    for s in range(sites):
        result = result @ np.einsum("lpr,p->lr", arrays[0][s], arrays[1][s])
    return result
