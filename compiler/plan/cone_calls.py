"""A circuit as calls of its light cones.

What came before: a circuit's function without loops over the register, its gates, and the cones of every
query. What leaves: a function per shape of cone, whose arguments are the angles, and the circuit's function
without a register: it computes angles, calls the cones and puts their results together. Invariant: cones that
differ only in where they lie share a function and are computed in one call, stacked along a leading axis.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod

from hqn.compiler.ir import qc
from hqn.compiler.ir.declarations import Child, ChildAttr
from hqn.compiler.ir.hqn import FuncOp, ReturnOp
from hqn.compiler.ir.instances import CallOp
from hqn.compiler.ir.location import like
from hqn.compiler.ir.nn import ConstantOp, MapOp
from hqn.compiler.ir.nn_reduce import SumOp
from hqn.compiler.ir.nn_shape import ConcatOp, GatherOp, ReshapeOp, SliceOp, StackOp
from hqn.compiler.ir.properties import attributes
from hqn.compiler.ir.tensors import dtype, shape, tensor, with_shape
from hqn.compiler.ir.xdsl_api import Attribute, Block, Operation, SSAValue
from hqn.compiler.plan.cones import Cone
from hqn.compiler.types.circuits.gates import MATRIX
from hqn.compiler.types.model import DType

Found = Mapping[Operation, Sequence[tuple[Cone, list[int]]]]


def rewrite(func: FuncOp, gates: Sequence[qc.GateOp], found: Found) -> list[FuncOp]:
    """The functions of the cones, then the circuit's, which is changed in place."""
    writer = _Writer(func, list(gates))
    for query, groups in found.items():
        writer.query(query, groups)
    for op in reversed(list(func.block.ops)):
        if isinstance(op, qc.AllocOp | qc.GateOp):
            func.block.erase_op(op)
    children = [ChildAttr(child) for child in func.children]
    new = [ChildAttr(Child(one.symbol_name, one.symbol_name)) for one in writer.shapes.values()]
    func.properties["children"] = attributes([*children, *new])
    return [*writer.shapes.values(), func]


@dataclass
class _Group:
    """One cone of a query: the gates within it, and what its function is given."""

    terms: list[int]
    wires: tuple[int, ...]
    parts: list[tuple[qc.GateOp, tuple[int, ...]]]
    given: list[SSAValue] = field(default_factory=list)


@dataclass
class _Writer:
    func: FuncOp
    gates: list[qc.GateOp]
    shapes: dict[object, FuncOp] = field(default_factory=dict)
    rows: dict[tuple[SSAValue, tuple[int, ...]], SSAValue] = field(default_factory=dict)
    place: Operation | None = None

    def query(self, query: Operation, groups: Sequence[tuple[Cone, list[int]]]) -> None:
        """Puts the calls in the place of a query."""
        self.place, self.rows = query, {}
        alike: dict[object, list[_Group]] = {}
        for cone, terms in groups:
            group = self.group(cone, terms, query)
            alike.setdefault(self.shape_of(group, query), []).append(group)
        results = [(self.call(key, members), members) for key, members in alike.items()]
        value = self.total(query, results) if isinstance(query, qc.ExpectOp) else results[0][0]
        query.results[0].replace_all_uses_with(value)
        self.func.block.erase_op(query)

    def add(self, op: Operation) -> SSAValue:
        assert self.place is not None
        self.func.block.insert_op_before(like(op, self.place), self.place)
        return op.results[0]

    # --- one cone ---

    def group(self, cone: Cone, terms: list[int], query: Operation) -> _Group:
        places: dict[int, list[int]] = {}
        for number, place in cone.kept:
            places.setdefault(number, []).append(place)
        parts = [(self.gates[number], tuple(kept)) for number, kept in sorted(places.items())]
        group = _Group(terms, cone.wires, parts)
        for gate, kept in parts:
            if gate.angles is not None and not isinstance(gate.angles.owner, ConstantOp):
                group.given.append(self.taken(gate.angles, kept, gate.gate))
        if isinstance(query, qc.ExpectMatrixOp):
            group.given.append(query.matrix)
        return group

    def taken(self, angles: SSAValue, kept: tuple[int, ...], gate: str) -> SSAValue:
        """The rows of some tuples; a matrix as it is."""
        if gate == MATRIX or len(kept) == shape(angles)[0]:
            return angles
        if (angles, kept) not in self.rows:
            self.rows[angles, kept] = self.chosen(angles, kept)
        return self.rows[angles, kept]

    def chosen(self, value: SSAValue, rows: Sequence[int]) -> SSAValue:
        """Rows of a table, in the order given."""
        dims = shape(value)
        type_ = with_shape(value.type, (len(rows), *dims[1:]))
        step = rows[1] - rows[0] if len(rows) > 1 else 1
        if step > 0 and list(rows) == list(range(rows[0], rows[-1] + 1, step)):
            rest = len(dims) - 1
            bounds = {"starts": (rows[0], *(0,) * rest), "stops": (rows[-1] + 1, *dims[1:])}
            return self.add(SliceOp.of(type_, value, **bounds, steps=(step, *(1,) * rest)))
        index = self.add(ConstantOp(list(rows), tensor(DType.I32, (len(rows),))))
        return self.add(GatherOp.of(type_, value, index, axis=0))

    # --- cones of one shape ---

    def shape_of(self, group: _Group, query: Operation) -> object:
        """What cones that share a function have in common; the function is made for the first of them."""
        names = {wire: number for number, wire in enumerate(group.wires)}
        key = (_query_key(query, group, names), *(_gate_key(gate, kept, names) for gate, kept in group.parts))
        if key not in self.shapes:
            self.shapes[key] = self.function(group, query, names)
        return key

    def function(self, group: _Group, query: Operation, names: dict[int, int]) -> FuncOp:
        """The gates of a cone on a register of its size, and the query."""
        block = Block(arg_types=[value.type for value in group.given])
        args = iter(block.args)
        alloc = like(qc.AllocOp(len(group.wires)), query)
        block.add_op(alloc)
        register: SSAValue = alloc.result
        for gate, kept in group.parts:
            wires = [tuple(names[wire] for wire in gate.wires[place]) for place in kept]
            angles = gate.angles and _constant(block, gate.angles, kept, gate.gate)
            angles = next(args) if angles is None and gate.angles is not None else angles
            made = like(qc.GateOp(gate.gate, register, wires, angles, gate.mods), gate)
            block.add_op(made)
            register = made.result
        last = like(_query(block, query, group, register, names, args), query)
        block.add_ops([last, ReturnOp(last.results)])
        number = len(self.shapes)
        return FuncOp(
            f"{self.func.symbol_name}_cone{number or ''}",
            "circuit",
            block,
            [last.results[0].type],
            [_name(value, place) for place, value in enumerate(group.given)],
            definition=f"{self.func.definition}, cone of {len(group.wires)} qubits",
            source=self.func.source,
            training=self.func.training,
        )

    def call(self, key: object, groups: Sequence[_Group]) -> SSAValue:
        """The results of cones of one shape, one after the other along their first axis."""
        name = self.shapes[key].symbol_name
        (type_,) = self.shapes[key].returns
        same = all(group.given == groups[0].given for group in groups)
        if same:
            value = self.add(CallOp(name, name, groups[0].given, [type_]))
            return value if len(groups) == 1 else self.joined([value] * len(groups))
        columns = list(zip(*(group.given for group in groups)))
        lifted = [len(set(values)) > 1 for values in columns]
        args = [self.stacked(values) if up else values[0] for values, up in zip(columns, lifted)]
        many = with_shape(type_, (len(groups), *shape(type_)))
        results = self.add(CallOp(name, name, args, [many], batch=(len(groups),), lifted=lifted))
        return self.add(ReshapeOp.of(with_shape(type_, (_size(many),)), results))

    def joined(self, values: Sequence[SSAValue]) -> SSAValue:
        """Lists, one after the other."""
        type_ = with_shape(values[0].type, (sum(_size(value.type) for value in values),))
        return values[0] if len(values) == 1 else self.add(ConcatOp.of(type_, *values, axis=0))

    def stacked(self, values: Sequence[SSAValue]) -> SSAValue:
        type_ = with_shape(values[0].type, (len(values), *shape(values[0])))
        return self.add(StackOp.of(type_, *values, axis=0))

    # --- together ---

    def total(self, query: qc.ExpectOp, results: Sequence[tuple[SSAValue, list[_Group]]]) -> SSAValue:
        """Terms times coefficients, added to their places."""
        terms = [number for _, groups in results for group in groups for number in group.terms]
        joined = self.joined([value for value, _ in results])
        order = [terms.index(number) for number in range(len(terms))]
        if order != list(range(len(terms))):
            joined = self.chosen(joined, order)
        owner = query.coefficients.owner
        if not isinstance(owner, ConstantOp) or set(owner.values) != {1.0}:
            joined = self.add(MapOp("mul", [query.coefficients, joined]))
        return self.add(ReshapeOp.of(query.result.type, self.summed(query, joined)))

    def summed(self, query: qc.ExpectOp, values: SSAValue) -> SSAValue:
        """`[terms]` as `[places]`; a place of fewer terms than others is filled up with a zero."""
        size = max([*query.places, *range(_size(query.result.type))]) + 1
        if query.places == tuple(range(size)):
            return values
        if size == 1:
            return self.add(SumOp.of(with_shape(values.type, ()), values, axes=(0,)))
        own = [[term for term, place in enumerate(query.places) if place == one] for one in range(size)]
        most = max(map(len, own))
        none = len(query.places)
        padded = [term for terms in own for term in (*terms, *(none,) * (most - len(terms)))]
        if none in padded:
            zero = self.add(ConstantOp(0.0, with_shape(values.type, (1,))))
            values = self.add(ConcatOp.of(with_shape(values.type, (none + 1,)), values, zero, axis=0))
        index = self.add(ConstantOp(padded, tensor(DType.I32, (size, most))))
        table = self.add(GatherOp.of(with_shape(values.type, (size, most)), values, index, axis=0))
        return self.add(SumOp.of(with_shape(values.type, (size,)), table, axes=(1,)))


def _size(type_: Attribute) -> int:
    return prod(shape(type_))


def _name(value: SSAValue, place: int) -> str:
    """A name of an argument; several may have the same."""
    return value.name_hint or f"angles{place}"


def _constant(block: Block, angles: SSAValue, kept: tuple[int, ...], gate: str) -> SSAValue | None:
    """Constant angles again, in the cone's own block."""
    if not isinstance(angles.owner, ConstantOp):
        return None
    if gate == MATRIX:
        made = ConstantOp(list(angles.owner.values), angles.type)
    else:
        made = ConstantOp(_rows(angles, kept), with_shape(angles.type, (len(kept), *shape(angles)[1:])))
    block.add_op(made)
    return made.result


def _rows(angles: SSAValue, kept: tuple[int, ...]) -> list[int | float | bool | complex]:
    owner = angles.owner
    assert isinstance(owner, ConstantOp)
    width = _size(angles.type) // shape(angles)[0]
    return [value for row in kept for value in owner.values[row * width : (row + 1) * width]]


def _gate_key(gate: qc.GateOp, kept: tuple[int, ...], names: dict[int, int]) -> object:
    wires = tuple(tuple(names[wire] for wire in gate.wires[place]) for place in kept)
    angles: object = None
    if gate.angles is not None:
        known = isinstance(gate.angles.owner, ConstantOp)
        rows = tuple(range(shape(gate.angles)[0])) if gate.gate == MATRIX else kept
        angles = tuple(_rows(gate.angles, rows)) if known else (len(rows), shape(gate.angles)[1:])
        angles = angles, dtype(gate.angles)
    return gate.gate, gate.mods, wires, angles


def _query_key(query: Operation, group: _Group, names: dict[int, int]) -> object:
    match query:
        case qc.ExpectOp():
            return "expect", tuple(_words(query, group)), len(names)
        case qc.ExpectMatrixOp():
            return query.name, tuple(names[wire] for wire in query.wires), shape(query.matrix), len(names)
        case qc.ProbsOp():
            return query.name, tuple(names[wire] for wire in query.wires), len(names)
    assert isinstance(query, qc.ReducedOp)
    return query.name, query.kind, tuple(names[wire] for wire in query.wires), len(names)


def _query(
    block: Block,
    query: Operation,
    group: _Group,
    register: SSAValue,
    names: dict[int, int],
    args: Iterator[SSAValue],
) -> Operation:
    """The query on the register of a cone; of terms, one number each."""
    match query:
        case qc.ExpectOp():
            count = len(group.terms)
            type_ = with_shape(query.result.type, (count,))
            ones = ConstantOp(1.0, with_shape(query.coefficients.type, (count,)))
            block.add_op(ones)
            return qc.ExpectOp(register, ones.result, _words(query, group), tuple(range(count)), type_)
        case qc.ExpectMatrixOp():
            wires = [names[wire] for wire in query.wires]
            return qc.ExpectMatrixOp(register, next(args), wires, dtype(query.result))
        case qc.ProbsOp():
            return qc.ProbsOp(register, [names[wire] for wire in query.wires], dtype(query.result))
    assert isinstance(query, qc.ReducedOp)
    wires = [names[wire] for wire in query.wires]
    return qc.ReducedOp(register, query.kind, wires, query.result.type)


def _words(query: qc.ExpectOp, group: _Group) -> list[str]:
    return ["".join(query.paulis[term][wire] for wire in group.wires) for term in group.terms]
