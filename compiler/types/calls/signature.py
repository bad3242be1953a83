"""Signatures: what a definition takes and gives, with a symbol for each static and each inferred size.

What came before: a resolved definition. What leaves: `Signature`, made once per definition. Invariant: all
symbols of one signature have its `owner`, so symbols of caller and callee never meet by accident.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from hqn.compiler.names.resolve import Global, nearest
from hqn.compiler.source import Span
from hqn.compiler.syntax import ast
from hqn.compiler.types import sizes
from hqn.compiler.types.bodies import check_static
from hqn.compiler.types.body_errors import Misplaced
from hqn.compiler.types.calls.statics import UNKNOWN_STATIC, StaticValue
from hqn.compiler.types.errors import UnknownTypeName
from hqn.compiler.types.model import UNIT, UNKNOWN, Dim, DType, QubitType, Rest, TensorType, Type
from hqn.compiler.types.scope import Frame, Scope, Session, StaticBinding
from hqn.compiler.types.sizes import Symbol

_owners = itertools.count(1)
_TYPE_NAMES = ("f32", "f64", "bf16", "f16", "i8", "i32", "bool", "c64", "c128", "angle", "idx", "qubit")


@dataclass(frozen=True, slots=True)
class Parameter:
    ident: ast.Ident
    type: Type
    written: ast.TypeExpr


@dataclass(slots=True, eq=False)
class Signature:
    """A definition as its callers see it. `scope` holds its statics and sizes as symbols."""

    named: Global
    definition: ast.Definition
    scope: Scope
    statics: dict[str, Symbol] = field(default_factory=dict)
    sizes: dict[str, Symbol] = field(default_factory=dict)
    declared: dict[str, Span] = field(default_factory=dict)
    """Where each static and size is first written."""
    params: tuple[Parameter, ...] = ()
    result: Type = UNIT
    in_slots_only: frozenset[str] = frozenset()
    """Sizes that only the signatures of layer-valued statics mention: each call of a slot finds its own."""

    @property
    def name(self) -> str:
        return self.named.name


def signature_of(session: Session, named: Global) -> Signature:
    """The signature, made at the first question."""
    key = ("signature", id(named))
    found = session.memo.get(key)
    if found is None:
        found = session.memo[key] = _make(session, named)
    assert isinstance(found, Signature)
    return found


def _make(session: Session, named: Global) -> Signature:
    definition = named.definition
    assert definition is not None
    frame = Frame(
        session=session,
        module=named.module,
        name=named.name,
        kind=definition.kind,
        span=definition.name.span,
        concrete=False,
        definition=definition,
        named=named,
        has_where=bool(definition.where),
    )
    signature = Signature(named, definition, Scope(frame))
    owner = next(_owners)
    for static in definition.statics:
        _bind_static(signature, static, owner)
    for name in _size_names(definition):
        if name.name not in signature.statics and name.name not in signature.sizes:
            symbol = Symbol(name.name, owner)
            signature.sizes[name.name] = symbol
            signature.declared[name.name] = name.span
            binding = StaticBinding(span=name.span, value=sizes.of_atom(symbol))
            signature.scope.names[name.name] = binding
    signature.params = tuple(
        Parameter(param.name, elaborate_type(signature.scope, param.type), param.type)
        for param in definition.params
    )
    if definition.result is not None:
        signature.result = elaborate_type(signature.scope, definition.result)
    outside = {name.name for param in definition.params for name in _names_in(param.type)}
    if definition.result is not None:
        outside |= {name.name for name in _names_in(definition.result)}
    signature.in_slots_only = frozenset(signature.sizes.keys() - outside)
    return signature


def _bind_static(signature: Signature, static: ast.StaticParam, owner: int) -> None:
    symbol = Symbol(static.name.name, owner, static=True)
    signature.statics[static.name.name] = symbol
    signature.declared[static.name.name] = static.name.span
    value: StaticValue = sizes.of_atom(symbol) if _may_be_size(static) else UNKNOWN_STATIC
    slot = static.type if isinstance(static.type, ast.ArrowTypeExpr) else None
    signature.scope.bind(static.name, StaticBinding(span=static.name.span, value=value, signature=slot))


def _may_be_size(static: ast.StaticParam) -> bool:
    if static.type is not None:
        return isinstance(static.type, ast.TensorTypeExpr) and static.type.dtype.name in ("i32", "i8")
    return not isinstance(static.default, ast.Float | ast.Bool)


def _size_names(definition: ast.Definition) -> Iterator[ast.Name]:
    """Names in the shapes of a signature, in the order of the text."""
    for param in definition.params:
        yield from _names_in(param.type)
    for static in definition.statics:
        if static.type is not None:
            yield from _names_in(static.type)
    if definition.result is not None:
        yield from _names_in(definition.result)


def _names_in(node: ast.Node) -> Iterator[ast.Name]:
    if isinstance(node, ast.Name):
        yield node
    elif isinstance(node, ast.Call):
        for argument in node.arguments:
            yield from _names_in(argument.value)
    else:
        for child in node.children():
            yield from _names_in(child)


def used_in_sizes(signature: Signature) -> set[Symbol]:
    """Symbols that occur in the types of the signature."""
    found: set[Symbol] = set()
    for type_ in (*(param.type for param in signature.params), signature.result):
        if isinstance(type_, TensorType):
            dims: tuple[object, ...] = (*type_.shape, type_.bound)
        elif isinstance(type_, QubitType):
            dims = (type_.size,)
        else:
            continue
        for dim in dims:
            if isinstance(dim, sizes.Size):
                found |= sizes.symbols(dim)
    return found


# --- types as written -----------------------------------------------------------------------------


def elaborate_type(scope: Scope, written: ast.TypeExpr) -> Type:
    """The type, with the sizes of this scope; `UNKNOWN` after a diagnostic."""
    match written:
        case ast.IndexTypeExpr():
            bound = check_static.dimension(scope, written.bound)
            return TensorType(DType.I32, elaborate_shape(scope, written.shape), bound)
        case ast.TensorTypeExpr(dtype=dtype):
            return _tensor_type(scope, written, dtype)
        case _:
            why = "a signature `… -> …` is the type of a static in brackets"
            scope.report(Misplaced(span=written.span, why=why))
            return UNKNOWN


def _tensor_type(scope: Scope, written: ast.TensorTypeExpr, dtype: ast.Ident) -> Type:
    if dtype.name == "qubit":
        if scope.frame.kind in ("layer", "model", "quantizer"):
            scope.report(Misplaced(span=written.span, why="qubits and gates belong into a `circuit`"))
            return UNKNOWN
        if not written.shape:
            return QubitType(None)
        (size,) = elaborate_shape(scope, written.shape[:1])
        return QubitType(size)
    shape = elaborate_shape(scope, written.shape)
    if dtype.name == "angle":
        return TensorType(DType.F32, shape, role="angle")
    if dtype.name in DType._value2member_map_:
        return TensorType(DType(dtype.name), shape)
    binding = scope.lookup(dtype.name)
    if isinstance(binding, StaticBinding) and isinstance(binding.value, DType):
        return TensorType(binding.value, shape)
    if not isinstance(binding, StaticBinding):
        found = nearest(dtype.name, _TYPE_NAMES)
        scope.report(UnknownTypeName(span=dtype.span, name=dtype.name, nearest=found))
    return UNKNOWN


def elaborate_shape(scope: Scope, axes: tuple[ast.Expr | ast.Spread, ...]) -> tuple[Dim, ...]:
    """A shape as written; `..s` becomes its axes where they are known."""
    shape: list[Dim] = []
    for position, axis in enumerate(axes):
        if not isinstance(axis, ast.Spread):
            shape.append(check_static.dimension(scope, axis))
        elif position:
            scope.report(Misplaced(span=axis.span, why="`..` stands for all leading axes and comes first"))
        else:
            shape += rest_axes(scope, axis.name.name if axis.name else "")
    return tuple(shape)


def rest_axes(scope: Scope, name: str) -> tuple[Dim, ...]:
    binding = scope.lookup(f"..{name}")
    if isinstance(binding, StaticBinding) and isinstance(binding.value, tuple):
        return binding.value  # type: ignore[return-value]
    return (Rest(name),)
