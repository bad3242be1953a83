"""What the verifiers refuse: each mistake of ours is an `InternalError` that says what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from hqn.compiler.diagnostics.internal import InternalError
from hqn.compiler.ir import hqn, nn, qc, quant, tn
from hqn.compiler.ir.declarations import Child, Slot
from hqn.compiler.ir.instances import CallOp, SetStateOp, SlotOp
from hqn.compiler.ir.loops import MapOp, RepeatOp, ScanOp, YieldOp
from hqn.compiler.ir.module import Module
from hqn.compiler.ir.nn_reduce import ArgmaxOp, SoftmaxOp, SumOp
from hqn.compiler.ir.nn_shape import ConcatOp, GatherOp, ReshapeOp, SliceOp, TransposeOp
from hqn.compiler.ir.nn_window import Conv2dOp, Maxpool2dOp
from hqn.compiler.ir.tensors import INDEX, tensor
from hqn.compiler.ir.turns import Turn
from hqn.compiler.ir.xdsl_api import Block, IRDLOperation, SSAValue, TensorType
from hqn.compiler.types.model import DType

X, V, ANGLES, REG = 0, 1, 2, 3
"""Arguments of the function under test: [4, 3], [3], [2, 1], a register of 3."""


def f32(*shape: int) -> TensorType:
    return tensor(DType.F32, shape)


def i32(*shape: int) -> TensorType:
    return tensor(DType.I32, shape)


SLOTS = [Slot("w", "weight", (5,), f32(3), "zeros"), Slot("mu", "state", (), f32(3), "zeros")]
Maker = Callable[[Sequence[SSAValue]], IRDLOperation]


def module(make: Maker, sets_state: bool = True) -> Module:
    """A function around one operation."""
    helper_body = Block(arg_types=[f32(3)])
    helper_body.add_op(hqn.ReturnOp([helper_body.args[0]]))
    helper = hqn.FuncOp("g", "layer", helper_body, [f32(3)], ["x"])
    block = Block(arg_types=[f32(4, 3), f32(3), f32(2, 1), qc.RegType(3)])
    block.add_ops([make(block.args), hqn.ReturnOp([])])
    names = ["x", "v", "angles", "register"]
    children = [Child("g", "g", (2,)), Child("h", "h")]
    options = {"slots": SLOTS, "children": children, "draws": True, "sets_state": sets_state}
    return Module.of([helper, hqn.FuncOp("f", "circuit", block, [], names, **options)])  # type: ignore[arg-type]


def loop(kind: type, types: list[object], *given: int) -> Maker:
    """A loop over x whose block has these arguments and yields some of them."""

    def make(args: Sequence[SSAValue]) -> IRDLOperation:
        body = Block(arg_types=types)  # type: ignore[arg-type]
        body.add_op(YieldOp([body.args[place] for place in given]))
        made: IRDLOperation = kind(4, [args[X]], [args[V]] if kind is ScanOp else [], body)
        return made

    return make


def captured_register(args: Sequence[SSAValue]) -> IRDLOperation:
    body = Block(arg_types=[INDEX, f32(3)])
    gate = qc.GateOp("x", args[REG], [[0]])
    body.add_ops([gate, YieldOp([])])
    return MapOp(4, [args[X]], [], body)


def contract(sizes: Sequence[int], output: Sequence[int], *positions: tn.Position) -> Maker:
    names = [(chr(97 + place), size) for place, size in enumerate(sizes)]
    result = f32(*(sizes[place] for place in output if place < len(sizes)))
    return lambda a: tn.ContractOp([a[X]], (positions,), names, output, result)


def at(*terms: tuple[int, int], offset: int = 0) -> tn.Position:
    return tn.Position(terms, offset)


GOOD: dict[str, Maker] = {
    "gate": lambda a: qc.GateOp("crx", a[REG], [[0, 1], [1, 2]], a[ANGLES]),
    "controlled gate": lambda a: qc.GateOp("cx", a[REG], [[2, 0, 1]], mods=[qc.Mod("ctrl")]),
    "conditional gate": lambda a: qc.GateOp("x", a[REG], [[2]], mods=[qc.Mod("if", 0), qc.Mod("unless", 1)]),
    "measure": lambda a: qc.MeasureOp(a[REG], [2, 0], [0, 1]),
    "reset": lambda a: qc.ResetOp(a[REG], [1]),
    "discard": lambda a: qc.DiscardOp(a[REG], [1, 2]),
    "postselect": lambda a: qc.PostselectOp(a[REG], [1, 2], [0, 1]),
    "barrier": lambda a: qc.BarrierOp(a[REG], [0, 1, 2]),
    "slot": lambda a: SlotOp("w", f32(3), [Turn(None, 0, 4)]),
    "state": lambda a: SetStateOp("mu", a[V]),
    "call": lambda a: CallOp("g", "g", [a[V]], [f32(3)], turns=[Turn(None, 0, 1)]),
    "lifted": lambda a: CallOp(
        "g", "g", [a[X]], [f32(4, 3)], turns=[Turn(None, 0, 1)], batch=[4], lifted=[True]
    ),
    "map": loop(MapOp, [INDEX, f32(3)], 1),
    "scan": loop(ScanOp, [INDEX, f32(3), f32(3)], 2, 1),
    "contract": contract((4, 3), (1,), at((0, 1)), at((1, 1))),
    "affine": contract((2, 3), (0, 1), at((0, 2), offset=1), at((1, 1))),
    "sum": lambda a: SumOp.of(f32(4), a[X], axes=(1,)),
    "conv": lambda a: Conv2dOp.of(
        f32(5, 5, 2), *_images(a, f32(7, 7, 1), f32(3, 3, 1, 2)), stride=(1, 1), pad=(0, 0, 0, 0), groups=1
    ),
}


def _images(args: Sequence[SSAValue], *types: TensorType) -> list[SSAValue]:
    """Values of other types, as extra arguments of the block."""
    block = args[0].owner
    assert isinstance(block, Block)
    made = [block.insert_arg(type_, len(block.args)) for type_ in types]
    return list(made)


@pytest.mark.parametrize("name", [name for name in GOOD if name != "conv"])
def test_what_is_well_formed_passes(name: str) -> None:
    module(GOOD[name]).verify()


def reg_expect(words: list[str], places: list[int], result: TensorType) -> Maker:
    return lambda a: qc.ExpectOp(a[REG], a[V], words, places, result)


BAD: dict[str, tuple[str, Maker]] = {
    "unknown gate": ("no gate is called foo", lambda a: qc.GateOp("foo", a[REG], [[0]])),
    "wire twice": ("a wire stands twice", lambda a: qc.GateOp("cx", a[REG], [[1, 1]])),
    "wire range": ("not on 3 wires", lambda a: qc.GateOp("x", a[REG], [[3]])),
    "wire count": ("2 wires expected", lambda a: qc.GateOp("cx", a[REG], [[0]])),
    "control count": ("3 wires expected", lambda a: qc.GateOp("cx", a[REG], [[0, 1]], mods=[qc.Mod("ctrl")])),
    "no wires": ("at least one tuple", lambda a: qc.GateOp("x", a[REG], [])),
    "no angles": ("takes 1 angles", lambda a: qc.GateOp("rx", a[REG], [[0]])),
    "angles": ("takes no angles", lambda a: qc.GateOp("x", a[REG], [[0], [1]], a[ANGLES])),
    "angle shape": ("angles of rx are", lambda a: qc.GateOp("rx", a[REG], [[0]], a[ANGLES])),
    "modifier": ("no modifier", lambda a: qc.GateOp("x", a[REG], [[0]], mods=[qc.Mod("dagger")])),
    "measured bits": ("2 wires but 1 bits", lambda a: qc.MeasureOp(a[REG], [0, 1], [0])),
    "bit twice": ("writes a bit once", lambda a: qc.MeasureOp(a[REG], [0, 1], [3, 3])),
    "measured wire": ("not on 3 wires", lambda a: qc.MeasureOp(a[REG], [3], [0])),
    "reset twice": ("a wire stands twice", lambda a: qc.ResetOp(a[REG], [1, 1])),
    "postselected": ("reads 0 or 1", lambda a: qc.PostselectOp(a[REG], [1], [2])),
    "condition": ("if of -1", lambda a: qc.GateOp("x", a[REG], [[0]], mods=[qc.Mod("if", -1)])),
    "captured register": ("comes in as a carry", captured_register),
    "pauli word": ("not a Pauli word", reg_expect(["ZI", "ZII", "ZII"], [0, 0, 0], f32())),
    "pauli place": ("a place is not in", reg_expect(["ZII"] * 3, [0, 1, 2], f32(2))),
    "probs": ("a wire stands twice", lambda a: qc.ProbsOp(a[REG], (0, 0))),
    "slot name": ("has no slot", lambda a: SlotOp("nope", f32(3))),
    "slot type": ("w is", lambda a: SlotOp("w", f32(4), [Turn(None, 0, 4)])),
    "slot turns": ("created in 1 loops", lambda a: SlotOp("w", f32(3))),
    "state kind": ("not a state", lambda a: SetStateOp("w", a[V], [Turn(None, 0, 0)])),
    "instance": ("has no instance", lambda a: CallOp("g", "nope", [a[V]], [f32(3)])),
    "callee": ("is not defined", lambda a: CallOp("h", "h", [a[V]], [f32(3)])),
    "argument": (
        "arguments do not fit",
        lambda a: CallOp("g", "g", [a[X]], [f32(3)], turns=[Turn(None, 0, 1)]),
    ),
    "lifted": ("go together", lambda a: CallOp("g", "g", [a[V]], [f32(3)], turns=[Turn(None)], batch=[4])),
    "distribution": ("no distribution", lambda a: hqn.DrawOp("cauchy", [], "step", "s", f32())),
    "loop slice": ("block arguments are", loop(MapOp, [INDEX, f32(4)], 1)),
    "loop carry": ("next carries are", loop(ScanOp, [INDEX, f32(3), f32(3)], 0)),
    "loop domain": ("a domain of 5 turns", lambda a: _domain(a)),
    "map carries": ("carries nothing", lambda a: _carrying_map(a)),
    "index size": ("an index of size 2 reads 4", contract((2, 3), (0,), at((0, 1)), at((1, 1)))),
    "position": ("a position reaches 1..5", contract((2, 3), (0,), at((0, 4), offset=1), at((1, 1)))),
    "positions": ("1 positions for", contract((4,), (0,), at((0, 1)))),
    "undeclared": ("on the left is not declared", contract((4, 3), (7,), at((0, 1)), at((1, 1)))),
    "element function": ("no element function", lambda a: nn.MapOp("frob", [a[X]])),
    "arity": ("takes 2 arguments", lambda a: nn.MapOp("add", [a[X]])),
    "suffix": ("is not a suffix", lambda a: nn.MapOp("add", [a[X], a[V]], f32(3, 4))),
    "truth": ("gives a truth value", lambda a: nn.MapOp("lt", [a[V], a[V]], f32(3))),
    "reshape": ("does not have", lambda a: ReshapeOp.of(f32(5), a[V])),
    "transpose": ("does not order", lambda a: TransposeOp.of(f32(3, 4), a[X], axes=(0, 0))),
    "slice": ("leaves its axis", lambda a: SliceOp.of(f32(2), a[V], starts=(2,), stops=(4,), steps=(1,))),
    "gather": ("indices are i32", lambda a: GatherOp.of(f32(3, 3), a[X], a[V], axis=0)),
    "concat": ("joined axis", lambda a: ConcatOp.of(f32(8, 3), a[X], a[ANGLES], axis=0)),
    "axis": ("no axis", lambda a: SumOp.of(f32(4), a[X], axes=(2,))),
    "softmax": ("no axis", lambda a: SoftmaxOp.of(f32(3), a[V], axis=1)),
    "argmax": ("gives i32", lambda a: ArgmaxOp.of(f32(), a[V], axes=(0,))),
    "pool": ("an image is", lambda a: Maxpool2dOp.of(f32(2, 3), a[X], size=(2, 2), stride=(2, 2))),
    "fake": ("means nothing", lambda a: quant.FakeOp(a[V], quant.Spec("int8", per="row"), "w")),
    "angle bits": ("an angle of 0 bits", lambda a: quant.AngleOp(a[V], 0)),
    "integers": ("i8 times i8", lambda a: quant.DenseOp(a[V], a[X])),
}


def _domain(args: Sequence[SSAValue]) -> IRDLOperation:
    body = Block(arg_types=[INDEX, f32(3)])
    body.add_op(YieldOp([]))
    return MapOp(5, [args[X]], [], body)


def _carrying_map(args: Sequence[SSAValue]) -> IRDLOperation:
    body = Block(arg_types=[INDEX, f32(3)])
    body.add_op(YieldOp([body.args[1]]))
    return MapOp(5, [], [args[V]], body)


@pytest.mark.parametrize("name", BAD)
def test_a_mistake_is_refused(name: str) -> None:
    message, make = BAD[name]
    with pytest.raises(InternalError, match=message):
        module(make).verify()


def test_a_register_is_consumed_once() -> None:
    block = Block()
    alloc = qc.AllocOp(1)
    gates = [qc.GateOp("x", alloc.result, [[0]]) for _ in range(2)]
    block.add_ops([alloc, *gates, hqn.ReturnOp([])])
    with pytest.raises(InternalError, match="consumed once"):
        Module.of([hqn.FuncOp("f", "circuit", block, [], [])]).verify()


def test_a_repeat_threads_the_register() -> None:
    block = Block()
    alloc = qc.AllocOp(1)
    body = Block(arg_types=[INDEX, qc.RegType(2)])
    body.add_op(YieldOp([body.args[1]]))
    block.add_ops([alloc, RepeatOp(2, [], [alloc.result], body), hqn.ReturnOp([])])
    with pytest.raises(InternalError, match="block arguments are"):
        Module.of([hqn.FuncOp("f", "circuit", block, [], [])]).verify()


def test_state_is_set_only_where_the_function_says_so() -> None:
    with pytest.raises(InternalError, match="does not say that it sets state"):
        module(GOOD["state"], sets_state=False).verify()


def test_returned_types_are_those_of_the_function() -> None:
    block = Block(arg_types=[f32(3)])
    block.add_op(hqn.ReturnOp([block.args[0]]))
    with pytest.raises(InternalError, match="returned types"):
        Module.of([hqn.FuncOp("f", "layer", block, [f32(4)], ["x"])]).verify()


def test_names_are_unique() -> None:
    def empty() -> hqn.FuncOp:
        block = Block()
        block.add_op(hqn.ReturnOp([]))
        return hqn.FuncOp("f", "layer", block, [], [])

    with pytest.raises(InternalError, match="Redefinition"):
        Module.of([empty(), empty()]).verify()
