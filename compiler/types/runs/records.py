"""Samples as one record: `data s in d8`, then `s.x` and `s.y`.

What came before: a run as written, or the body of a `map` over a data block. What leaves: the same text,
where `s.x` is one name. Invariant: no name of a program has a dot, so the new names meet no others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from hqn.compiler.diagnostics import Diagnostic
from hqn.compiler.names.resolve import nearest
from hqn.compiler.syntax import ast
from hqn.compiler.types.runs.errors import NoSuchField


def with_fields_named(item: ast.Run, names: Sequence[str]) -> tuple[ast.Run, list[Diagnostic]]:
    """The run with a name for each field of its samples, and what is wrong with their use."""
    line = next((one for one in item.statements if isinstance(one, ast.DataLine)), None)
    if line is None or line.pattern.is_tuple or len(names) < 2:
        return item, []
    (record,) = line.pattern.names
    idents = tuple(ast.Ident(field_name(record.name, one), span=record.span) for one in names)
    pattern = replace(line.pattern, names=idents, is_tuple=True)
    statements = tuple(
        replace(line, pattern=pattern) if one is line else without_record(one, record.name, names)
        for one in item.statements
    )
    mistakes = [found for one in statements if one is not line for found in _whole(one, record.name, names)]
    return replace(item, statements=statements), mistakes


def _whole(node: ast.Node, record: str, names: Sequence[str]) -> list[Diagnostic]:
    """Uses of a record that are no field of it."""
    choices, found = tuple(names), list[Diagnostic]()
    inside: set[int] = set()
    for part in ast.walk(node):
        match part:
            case ast.Attribute(value=ast.Name(name=name) as value, name=ident) if name == record:
                inside.add(id(value))
                near = nearest(ident.name, names)
                found.append(NoSuchField(span=ident.span, name=ident.name, nearest=near, choices=choices))
            case ast.Name(name=name) if name == record and id(part) not in inside:
                found.append(NoSuchField(span=part.span, name=record, choices=choices))
    return found


def field_name(record: str, name: str) -> str:
    """The name that stands for a field of a record; no identifier has a dot."""
    return f"{record}.{name}"


def without_record(node: Any, record: str, known: Sequence[str]) -> Any:
    """The same syntax with every `s.x` as one name."""
    match node:
        case ast.Attribute(value=ast.Name(name=found), name=name) if found == record and name.name in known:
            return ast.Name(span=node.span, name=field_name(record, name.name))
    changes = {}
    for one in fields(node):
        value = getattr(node, one.name)
        if isinstance(value, ast.Node):
            changes[one.name] = without_record(value, record, known)
        elif isinstance(value, tuple):
            changes[one.name] = tuple(
                without_record(item, record, known) if isinstance(item, ast.Node) else item for item in value
            )
    return replace(node, **changes) if changes else node
