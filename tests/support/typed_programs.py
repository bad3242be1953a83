"""Typed programs built by hand: what the front end gives, without the front end."""

from __future__ import annotations

from math import pi

from hqn.compiler.source import Source, Span
from hqn.compiler.types import typed
from hqn.compiler.types.model import DType, TensorType, Type

SPAN = Source("digits.hqn", "digits\n").span(0, 6)
I32 = TensorType(DType.I32)


def f32(*shape: int) -> TensorType:
    return TensorType(DType.F32, shape)


def local(name: str, type_: Type) -> typed.Local:
    return typed.Local(name, type_)


def read(of: typed.Local) -> typed.Read:
    return typed.Read(local=of, type=of.type, span=SPAN)


def number(value: float, type_: Type | None = None) -> typed.Literal:
    return typed.Literal(value=value, type=type_ or f32(), span=SPAN)


def elementwise(fn: str, *args: typed.Expr, type_: Type | None = None) -> typed.Elementwise:
    longest = max((arg.type for arg in args), key=lambda one: len(one.shape))  # type: ignore[attr-defined]
    return typed.Elementwise(fn=fn, args=args, type=type_ or longest, span=SPAN)


def prim(fn: str, type_: Type, *args: typed.Expr, **options: object) -> typed.Prim:
    return typed.Prim(fn=fn, args=args, options=tuple(options.items()), type=type_, span=SPAN)


def slot_read(slot: typed.SlotDeclaration, *turns: typed.Turn) -> typed.SlotRead:
    return typed.SlotRead(slot=slot.name, turns=turns, type=slot.type, span=SPAN)


def assign(to: typed.Local, value: typed.Expr) -> typed.Assign:
    return typed.Assign(local=to, value=value, span=SPAN)


def weight(name: str, type_: TensorType, *loops: int, kind: str = "weight") -> typed.SlotDeclaration:
    initial = typed.Initial("uniform", (0.0, 2 * pi))
    return typed.SlotDeclaration(name, kind, type_, loops, initial, span=SPAN)  # type: ignore[arg-type]


def child(name: str, function: typed.Function, *loops: int) -> typed.ChildInstance:
    return typed.ChildInstance(name, function, loops, span=SPAN)


def call(
    name: str, function: typed.Function, *args: typed.Expr, turns: tuple[typed.Turn, ...] = ()
) -> typed.CallFunction:
    assert function.result is not None
    return typed.CallFunction(
        instance=name, function=function, args=args, turns=turns, type=function.result.type, span=SPAN
    )


def gate(name: str, *wires: tuple[int, ...], angles: typed.Expr | None = None) -> typed.ApplyGate:
    return typed.ApplyGate(gate=name, wires=wires, angles=angles, span=SPAN)


def function(
    name: str,
    kind: str,
    params: tuple[typed.Local, ...],
    result: typed.Expr | None,
    *statements: typed.Statement,
    slots: tuple[typed.SlotDeclaration, ...] = (),
    children: tuple[typed.ChildInstance, ...] = (),
    **rest: object,
) -> typed.Function:
    return typed.Function(
        name=name,
        definition=name.partition("_")[0],
        kind=kind,  # type: ignore[arg-type]
        params=params,
        slots=slots,
        children=children,
        statements=statements,
        result=result,
        span=SPAN,
        **rest,  # type: ignore[arg-type]
    )


def program(*entries: typed.Function) -> typed.Program:
    """A program whose models are these functions, the same in both modes."""
    return typed.Program(tuple(typed.Entry(one.name, one, one) for one in entries))


def dense(inp: int, out: int) -> typed.Function:
    x, y = local("x", f32(inp)), local("y", f32(out))
    w, b = weight("W", f32(out, inp)), weight("b", f32(out))
    row, column = typed.Affine((("o", 1),)), typed.Affine((("i", 1),))
    product = typed.Contraction(
        output=("o",),
        ranges=(("o", out), ("i", inp)),
        factors=(typed.Factor(slot_read(w), (row, column)), typed.Factor(read(x), (column,))),
        type=f32(out),
        span=SPAN,
    )
    total = elementwise("add", read(y), slot_read(b))
    return function(f"dense_{inp}_{out}", "layer", (x,), total, assign(y, product), slots=(w, b))


def vqc(n: int, depth: int) -> typed.Function:
    """RX encoding, then `depth` times a rotation of each wire and a ring of CX."""
    x, turn = local("x", f32(n)), local("l", I32)
    w = weight("w", TensorType(DType.F32, (n, 3), role="angle"), depth)
    every = tuple((wire,) for wire in range(n))
    block = (
        gate("rot", *every, angles=slot_read(w, typed.Turn(turn, 1, 0))),
        *(gate("cx", (wire, (wire + 1) % n)) for wire in range(n)),
    )
    terms = tuple(typed.PauliTerm(number(1.0), ((wire, "Z"),), wire) for wire in range(n))
    return function(
        f"vqc_{depth}_{n}",
        "circuit",
        (x,),
        typed.Expect(terms=terms, type=f32(n), span=SPAN),
        gate("rx", *every, angles=prim("reshape", f32(n, 1), read(x))),
        typed.RepeatGates(trips=depth, index=turn, statements=block, span=SPAN),
        slots=(w,),
        qubits=n,
    )


def digits() -> typed.Function:
    """The model of `examples/digits.hqn`."""
    image, h, z, g = (local(*one) for one in _LOCALS)
    turn = local("i", I32)
    encoder, circuit, head = dense(64, 20), vqc(5, 3), dense(20, 10)
    scaled = elementwise("div", read(image), number(16.0))
    encoded = call("encoder", encoder, prim("reshape", f32(64), scaled))
    angles = prim("reshape", f32(4, 5), elementwise("mul", number(pi), read(h)))
    each = call("vqc", circuit, read(g), turns=(typed.Turn(turn, 1, 0),))
    loop = typed.Loop(
        kind="parallel",
        trips=4,
        index=turn,
        domains=(angles,),
        elements=(g,),
        carries=(),
        initial=(),
        body=typed.Body((), (), each),
        type=f32(4, 5),
        span=SPAN,
    )
    return function(
        "digits",
        "model",
        (image,),
        call("head", head, prim("reshape", f32(20), read(z))),
        assign(h, elementwise("tanh", encoded)),
        assign(z, loop),
        children=(child("encoder", encoder), child("vqc", circuit, 4), child("head", head)),
    )


_LOCALS = (("image", f32(8, 8)), ("h", f32(20)), ("z", f32(4, 5)), ("g", f32(5)))


def entangle(n: int) -> typed.Function:
    """A circuit that takes qubits: a chain of CX."""
    gates = (gate("cx", (wire, wire + 1)) for wire in range(n - 1))
    return function(f"entangle_{n}", "circuit", (), None, *gates, qubits=n, qubit_params=n)


def span() -> Span:
    return SPAN
