"""Contractions as `jnp.einsum` over a few factors.

What came before: `tn.contract`. What leaves: one expression. Invariant: batch axes are the `...` of the
factors that have any; weights stay without.
"""

from __future__ import annotations

from string import ascii_lowercase, ascii_uppercase

from hqn.compiler.emit.jax.code import call
from hqn.compiler.emit.jax.values import Value, aligned, depth_of, joined
from hqn.compiler.emit.jax.writer import Writer
from hqn.compiler.ir.tensors import dtype, shape
from hqn.compiler.ir.tn import ContractOp

MOST_FACTORS = 3
LETTERS = ascii_lowercase + ascii_uppercase


def is_plain(op: ContractOp) -> bool:
    """Whether the contraction is one `einsum`: few factors, every position one index."""
    plain = all(position.plain is not None for factor in op.positions for position in factor)
    return plain and 0 < len(op.factors) <= MOST_FACTORS and not op.rescale and op.memory is None


def einsum(writer: Writer, op: ContractOp) -> Value:
    """The contraction as one `einsum`."""
    values = [writer.value(factor).array() for factor in op.factors]
    letters = _letters(op)
    inputs = ["".join(letters[position.plain] for position in factor) for factor in op.positions]
    output = "".join(letters[number] for number in op.output)
    codes = [aligned(value, depth_of(values)) for value in values]
    for number in dict.fromkeys(op.output):
        if not any(letters[number] in one for one in inputs):
            inputs.append(letters[number])
            codes.append(call("jnp.ones", str(op.index_sizes[number])))
    leads = [value.leads for value in values] + [False] * (len(inputs) - len(values))
    shown = [f"...{one}" if lead else one for one, lead in zip(inputs, leads, strict=True)]
    pattern = f"{','.join(shown)}->{'...' if any(leads) else ''}{output}"
    code = call("jnp.einsum", f'"{pattern}"', *codes)
    return joined(code, shape(op.result), dtype(op.result), values)


def _letters(op: ContractOp) -> dict[int | None, str]:
    """A letter per index: the first of its name where that is free."""
    taken: dict[int | None, str] = {}
    for number, name in enumerate(op.index_names):
        wanted = name[:1] if name[:1] in LETTERS else "a"
        free = (letter for letter in (wanted, *LETTERS) if letter not in taken.values())
        taken[number] = next(free)
    return taken
