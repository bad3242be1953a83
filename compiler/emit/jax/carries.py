"""Loops that carry: `scan` and `repeat`, as a Python `for` or a scan.

What came before: carries with an initial value and, per turn, the next. What leaves: `for l in range(n):`
where the turns are few, else `jax.lax.scan`. Invariant: a carry has one form in all turns: if some turn
makes it vary with the sample, it is emitted as varying from the first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from hqn.compiler.diagnostics.internal import InternalError
from hqn.compiler.emit.jax.code import Code, call, index
from hqn.compiler.emit.jax.elementwise import map_elements
from hqn.compiler.emit.jax.turns import Input, TurnStates, turn_inputs, turn_keys
from hqn.compiler.emit.jax.values import Mark, Value, aligned
from hqn.compiler.emit.jax.writer import Writer
from hqn.compiler.ir.loops import LoopOp
from hqn.compiler.types.model import DType

Body = Callable[[], None]

UNROLLED = 9
"""The most turns that are written as a Python loop: below ten, a scan costs more per step than it saves."""
UNROLLED_WORK = 200
"""The most operations that the turns of a Python loop may come to."""
TRIES = 8


@dataclass(frozen=True, slots=True)
class Form:
    """What a carry varies with in every turn."""

    levels: frozenset[int]
    sure: frozenset[Mark]

    @property
    def depth(self) -> int:
        return max(self.levels, default=0)

    def met(self, value: Value) -> Form:
        return Form(self.levels | value.levels, self.sure & value.sure)


def is_unrolled(op: LoopOp) -> bool:
    """Whether a loop is written as a Python loop."""
    return op.trips <= UNROLLED and op.trips * len(list(op.block.walk())) <= UNROLLED_WORK


def emit_carrying(writer: Writer, op: LoopOp, body: Body) -> None:
    """The loop, once the form of each carry is known."""
    forms = [Form(value.levels, value.sure) for value in map(writer.value, op.initial)]
    emit = _for if is_unrolled(op) else _scan
    for _ in range(TRIES):
        with writer.attempt() as attempt:
            given = emit(writer, op, forms, body)
            after = [form.met(value) for form, value in zip(forms, given, strict=True)]
            attempt.kept = after == forms
        if attempt.kept:
            return
        forms = after
    raise InternalError("emit jax", "the carries of a loop find no form")


def _initial(writer: Writer, op: LoopOp, forms: list[Form]) -> list[Value]:
    """What the carries begin as, in their form."""
    values = [writer.value(initial).array() for initial in op.initial]
    return [
        Value(aligned(value, form.depth), value.shape, value.dtype, form.levels, form.sure)
        for value, form in zip(values, forms, strict=True)
    ]


def _bind_carries(writer: Writer, op: LoopOp, forms: list[Form]) -> list[str]:
    names = [writer.names.new(carry.name_hint, "carry") for carry in op.carries]
    for carry, name, form in zip(op.carries, names, forms, strict=True):
        writer.argument(carry, name, form.levels, form.sure)
    return names


def _following(writer: Writer, op: LoopOp, forms: list[Form]) -> list[Value]:
    """The next carries, in their form; after the last turn of `take`, the present ones."""
    values = [writer.value(following).array() for following in op.following]
    if op.take is not None:
        running = map_elements("lt", [writer.value(op.index), writer.value(op.take)], (), DType.BOOL)
        carries = [writer.value(carry) for carry in op.carries]
        values = [
            map_elements("select", [running, value, carry], value.shape, value.dtype)
            for value, carry in zip(values, carries, strict=True)
        ]
    return [
        replace(value, code=aligned(value, max(form.depth, value.depth)))
        for value, form in zip(values, forms, strict=True)
    ]


def _for(writer: Writer, op: LoopOp, forms: list[Form], body: Body) -> list[Value]:
    initial = _initial(writer, op, forms)
    names = _bind_carries(writer, op, forms)
    for name, value in zip(names, initial, strict=True):
        writer.line(f"{name} = {value.text}")
    lists = [writer.names.new(result.name_hint, "ys") for result in op.stacked]
    for name in lists:
        writer.line(f"{name} = []")
    states = TurnStates(writer)
    kept = writer.names.new("states")
    domains = [writer.settled(writer.value(domain).array(), "xs", uses=2) for domain in op.domains]
    place = len(writer.lines)
    number = writer.names.new(op.index.name_hint, "i")
    writer.values[op.index] = Value(Code(number), (), DType.I32, bare=True)
    with writer.nested(f"for {number} in range({op.trips}):"), turn_keys(writer, op):
        for element, domain in zip(op.slices, domains, strict=True):
            writer.bind(element, _element(domain, number), "x")
        body()
        for name, yielded in zip(lists, op.yielded, strict=True):
            writer.line(f"{name} += [{writer.value(yielded).array().text}]")
        given = states.close(op)
        if given:
            writer.line(f"{kept} += [{given}]")
        following = _following(writer, op, forms)
        if names:
            writer.line(f"{', '.join(names)} = {', '.join(value.text for value in following)}")
    if given:
        writer.insert(place, f"{kept} = []")
        writer.line(f"{kept} = nn.stack_turns({kept})")
        states.bind(kept)
    _bind_results(writer, op, names, forms)
    for result, name, yielded in zip(op.stacked, lists, op.yielded, strict=True):
        writer.bind(result, _joined(name, writer.value(yielded), op.trips), name)
    return following


def _element(domain: Value, number: str) -> Value:
    """The slice of one turn of a Python loop."""
    behind = [":"] * (domain.rank - 1)
    code = index(domain.code, "...", number, *behind) if domain.leads else index(domain.code, number)
    return replace(domain, code=code, shape=domain.shape[1:])


def _joined(name: str, value: Value, trips: int) -> Value:
    """A list of what the turns gave, as one array."""
    if value.leads:
        code = call("nn.stack", name, str(value.rank), named={"axis": str(-value.rank - 1)})
    else:
        code = call("jnp.stack", name)
    return replace(value, code=code, shape=(trips, *value.shape), bare=False)


def _bind_results(writer: Writer, op: LoopOp, names: list[str], forms: list[Form]) -> None:
    for result, name, form in zip(op.final, names, forms, strict=True):
        writer.argument(result, name, form.levels, form.sure)


def _scan(writer: Writer, op: LoopOp, forms: list[Form], body: Body) -> list[Value]:
    initial = _initial(writer, op, forms)
    function = writer.names.new("step")
    names = _bind_carries(writer, op, forms)
    states = TurnStates(writer)
    inputs = turn_inputs(writer, op)
    params = _parameters(writer, names, "carry"), _parameters(writer, [each.name for each in inputs], "given")
    with writer.nested(f"def {function}({', '.join(params)}):"):
        _unpack(writer, names, params[0])
        _unpack(writer, [each.name for each in inputs], params[1])
        with turn_keys(writer, op):
            body()
        yielded = [writer.value(value).array() for value in op.yielded]
        set_ = states.close(op)
        following = _following(writer, op, forms)
        gives = [*(value.text for value in yielded), *([set_] if set_ else [])]
        writer.line(f"return {_group([value.text for value in following])}, {_group(gives) or 'None'}")
    given = _group([_turn_first(each).text for each in inputs])
    scan = "nn.scan" if any(form.levels for form in forms) else "jax.lax.scan"
    code = call(scan, function, _group([value.text for value in initial]), given)
    outputs = [writer.names.new(result.name_hint, "ys") for result in op.stacked]
    kept = [writer.names.new("states")] if set_ else []
    writer.line(f"{_group(names)}, {_group([*outputs, *kept]) or '_'} = {code.text}")
    _bind_results(writer, op, names, forms)
    for result, name, value in zip(op.stacked, outputs, yielded, strict=True):
        writer.bind(result, _turn_last(name, value, op.trips), name)
    if kept:
        states.bind(kept[0])
    return following


def _parameters(writer: Writer, names: list[str], many: str) -> str:
    """One name for what a turn is given: the only one, or that of a tuple."""
    return names[0] if len(names) == 1 else writer.names.new(many)


def _unpack(writer: Writer, names: list[str], many: str) -> None:
    if len(names) > 1:
        writer.line(f"{', '.join(names)} = {many}")


def _group(texts: list[str]) -> str:
    """Nothing, one value, or a tuple."""
    return texts[0] if len(texts) == 1 else f"({', '.join(texts)})" if texts else ""


def _turn_first(given: Input) -> Code:
    """The array of all turns with their axis in front, as a scan wants it."""
    return given.outside if given.axis == 0 else call("jnp.moveaxis", given.outside, str(given.axis), "0")


def _turn_last(name: str, value: Value, trips: int) -> Value:
    """What a scan stacked in front, with the axis of the turns next to the sample's own."""
    code = (
        call("jnp.moveaxis", name, "0", str(-value.rank - 1))
        if value.leads and value.rank >= 0
        else Code(name)
    )
    return replace(value, code=code, shape=(trips, *value.shape), bare=False)
