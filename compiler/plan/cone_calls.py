"""A circuit as calls of its light cones.

What came before: a circuit's function without loops over the register, its gates, and the cones of every
query. What leaves: a function per shape of cone, whose arguments are the angles, and the circuit's function
without a register: it computes angles, calls the cones and puts their results together. Invariant: cones that
differ only in where they lie, or from which end one looks, share a function and are computed in one call,
stacked along a leading axis.
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

_EITHER_WAY = frozenset({"cz", "cp", "swap", "iswap", "rxx", "ryy", "rzz"})
"""Gates of two wires that do the same with these exchanged."""
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
    """One cone of a query: the gates within it, and what its function is given; wires have new names."""

    terms: list[int]
    names: dict[int, int]
    parts: list[tuple[qc.GateOp, tuple[int, ...]]]
    given: list[_Rows] = field(default_factory=list)


@dataclass(frozen=True)
class _Rows:
    """What a cone's function is given: some rows of a table, or a value as it is."""

    value: SSAValue
    kept: tuple[int, ...] | None = None

    @property
    def type(self) -> Attribute:
        dims = shape(self.value)
        return (
            self.value.type if self.kept is None else with_shape(self.value.type, (len(self.kept), *dims[1:]))
        )


@dataclass
class _Writer:
    func: FuncOp
    gates: list[qc.GateOp]
    shapes: dict[object, FuncOp] = field(default_factory=dict)
    rows: dict[_Rows, SSAValue] = field(default_factory=dict)
    places: dict[tuple[tuple[int, ...], ...], SSAValue] = field(default_factory=dict)
    place: Operation | None = None

    def query(self, query: Operation, groups: Sequence[tuple[Cone, list[int]]]) -> None:
        """Puts the calls in the place of a query."""
        self.place, self.rows, self.places = query, {}, {}
        alike: dict[object, list[_Group]] = {}
        for cone, terms in groups:
            key, group = self.group(cone, terms, query)
            if key not in self.shapes:
                self.shapes[key] = self.function(group, query)
            alike.setdefault(key, []).append(group)
        results = [(self.call(key, members), members) for key, members in alike.items()]
        value = self.total(query, results) if isinstance(query, qc.ExpectOp) else results[0][0]
        query.results[0].replace_all_uses_with(value)
        self.func.block.erase_op(query)

    def add(self, op: Operation) -> SSAValue:
        assert self.place is not None
        self.func.block.insert_op_before(like(op, self.place), self.place)
        return op.results[0]

    # --- one cone ---

    def group(self, cone: Cone, terms: list[int], query: Operation) -> tuple[object, _Group]:
        """A cone and its shape, seen from the other end where that makes it one that there is already."""
        ends = [self.seen(cone, terms, query, wires) for wires in (cone.wires, cone.wires[::-1])]
        keyed = [(_key(group, query), group) for group in ends]
        return next((one for one in keyed if one[0] in self.shapes), keyed[0])

    def seen(self, cone: Cone, terms: list[int], query: Operation, wires: tuple[int, ...]) -> _Group:
        names = {wire: number for number, wire in enumerate(wires)}
        places: dict[int, list[int]] = {}
        for number, place in cone.kept:
            places.setdefault(number, []).append(place)
        gates = [(self.gates[number], kept) for number, kept in sorted(places.items())]
        parts = [(gate, _ordered(gate, kept, names)) for gate, kept in gates]
        group = _Group(_sorted(terms, query, wires), names, parts)
        for gate, kept in parts:
            if gate.angles is not None and not isinstance(gate.angles.owner, ConstantOp):
                whole = gate.gate == MATRIX or kept == tuple(range(shape(gate.angles)[0]))
                group.given.append(_Rows(gate.angles, None if whole else kept))
        if isinstance(query, qc.ExpectMatrixOp):
            group.given.append(_Rows(query.matrix))
        return group

    def taken(self, rows: _Rows) -> SSAValue:
        if rows.kept is None:
            return rows.value
        if rows not in self.rows:
            self.rows[rows] = self.chosen(rows.value, rows.kept)
        return self.rows[rows]

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

    def table(self, value: SSAValue, rows: Sequence[tuple[int, ...]]) -> SSAValue:
        """Rows of a table, as many for each of several cones."""
        key, dims = tuple(rows), (len(rows), len(rows[0]))
        if key not in self.places:
            listed = [row for one in rows for row in one]
            self.places[key] = self.add(ConstantOp(listed, tensor(DType.I32, dims)))
        type_ = with_shape(value.type, (*dims, *shape(value)[1:]))
        return self.add(GatherOp.of(type_, value, self.places[key], axis=0))

    # --- cones of one shape ---

    def function(self, group: _Group, query: Operation) -> FuncOp:
        """The gates of a cone on a register of its size, and the query."""
        block = Block(arg_types=[rows.type for rows in group.given])
        args = iter(block.args)
        alloc = like(qc.AllocOp(len(group.names)), query)
        block.add_op(alloc)
        register: SSAValue = alloc.result
        for gate, kept in group.parts:
            wires = [_named(gate, place, group.names) for place in kept]
            angles = gate.angles and _constant(block, gate.angles, kept, gate.gate)
            angles = next(args) if angles is None and gate.angles is not None else angles
            made = like(qc.GateOp(gate.gate, register, wires, angles, gate.mods), gate)
            block.add_op(made)
            register = made.result
        last = like(_query(block, query, group, register, args), query)
        block.add_ops([last, ReturnOp(last.results)])
        number = len(self.shapes)
        return FuncOp(
            f"{self.func.symbol_name}_cone{number or ''}",
            "circuit",
            block,
            [last.results[0].type],
            [_name(rows, place) for place, rows in enumerate(group.given)],
            definition=f"{self.func.definition}, cone of {len(group.names)} qubits",
            source=self.func.source,
            training=self.func.training,
        )

    def call(self, key: object, groups: Sequence[_Group]) -> SSAValue:
        """The results of cones of one shape, one after the other along their first axis."""
        name = self.shapes[key].symbol_name
        (type_,) = self.shapes[key].returns
        same = all(group.given == groups[0].given for group in groups)
        if same:
            value = self.add(CallOp(name, name, [self.taken(rows) for rows in groups[0].given], [type_]))
            return value if len(groups) == 1 else self.joined([value] * len(groups))
        columns = list(zip(*(group.given for group in groups)))
        lifted = [len(set(values)) > 1 for values in columns]
        args = [self.stacked(rows) if up else self.taken(rows[0]) for rows, up in zip(columns, lifted)]
        many = with_shape(type_, (len(groups), *shape(type_)))
        results = self.add(CallOp(name, name, args, [many], batch=(len(groups),), lifted=lifted))
        return self.add(ReshapeOp.of(with_shape(type_, (_size(many),)), results))

    def joined(self, values: Sequence[SSAValue]) -> SSAValue:
        """Lists, one after the other."""
        type_ = with_shape(values[0].type, (sum(_size(value.type) for value in values),))
        return values[0] if len(values) == 1 else self.add(ConcatOp.of(type_, *values, axis=0))

    def stacked(self, parts: Sequence[_Rows]) -> SSAValue:
        """One after the other along a new axis; parts of one table are read from it at once."""
        table = parts[0].value
        if all(rows.kept is not None and rows.value is table for rows in parts):
            return self.table(table, [rows.kept for rows in parts if rows.kept is not None])
        values = [self.taken(rows) for rows in parts]
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
        padded = [(*terms, *(none,) * (most - len(terms))) for terms in own]
        if any(none in terms for terms in padded):
            zero = self.add(ConstantOp(0.0, with_shape(values.type, (1,))))
            values = self.add(ConcatOp.of(with_shape(values.type, (none + 1,)), values, zero, axis=0))
        table = self.table(values, padded)
        return self.add(SumOp.of(with_shape(values.type, (size,)), table, axes=(1,)))


def _size(type_: Attribute) -> int:
    return prod(shape(type_))


def _name(rows: _Rows, place: int) -> str:
    """A name of an argument; several may have the same."""
    return (rows.kept is None and rows.value.name_hint) or f"angles{place}"


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


def _named(gate: qc.GateOp, place: int, names: dict[int, int]) -> tuple[int, ...]:
    """The wires of a tuple by their new names, which are in order where the gate makes no difference."""
    wires = tuple(names[wire] for wire in gate.wires[place])
    return tuple(sorted(wires)) if gate.gate in _EITHER_WAY and not gate.mods else wires


def _ordered(gate: qc.GateOp, kept: Sequence[int], names: dict[int, int]) -> tuple[int, ...]:
    """Tuples by where they lie, unless some share wires."""
    touched = [wire for place in kept for wire in gate.wires[place]]
    apart = len(set(touched)) == len(touched)
    return tuple(sorted(kept, key=lambda place: _named(gate, place, names)) if apart else kept)


def _sorted(terms: list[int], query: Operation, wires: tuple[int, ...]) -> list[int]:
    """Terms by where their words lie."""
    if not isinstance(query, qc.ExpectOp):
        return terms
    words = {term: [query.paulis[term][wire] for wire in wires] for term in terms}
    return sorted(
        terms, key=lambda term: ([at for at, one in enumerate(words[term]) if one != "I"], words[term])
    )


def _key(group: _Group, query: Operation) -> object:
    """What cones that share a function have in common."""
    return (_query_key(query, group), *(_gate_key(gate, kept, group.names) for gate, kept in group.parts))


def _gate_key(gate: qc.GateOp, kept: tuple[int, ...], names: dict[int, int]) -> object:
    wires = tuple(_named(gate, place, names) for place in kept)
    angles: object = None
    if gate.angles is not None:
        known = isinstance(gate.angles.owner, ConstantOp)
        rows = tuple(range(shape(gate.angles)[0])) if gate.gate == MATRIX else kept
        angles = tuple(_rows(gate.angles, rows)) if known else (len(rows), shape(gate.angles)[1:])
        angles = angles, dtype(gate.angles)
    return gate.gate, gate.mods, wires, angles


def _query_key(query: Operation, group: _Group) -> object:
    names = group.names
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
    args: Iterator[SSAValue],
) -> Operation:
    """The query on the register of a cone; of terms, one number each."""
    names = group.names
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
    return ["".join(query.paulis[term][wire] for wire in group.names) for term in group.terms]
