"""StableHLO: a model of an emitted module, as the text of the compilers behind JAX.

What came before: the text of an emitted JAX module. What leaves: one MLIR module whose `main` takes the
model's slots, by path, and the inputs of one sample. Invariant: what is printed was parsed, verified and
canonicalised by the real MLIR. The one emitter that imports jax, and only when it is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hqn.runtime.program import Model

PIPELINE = "builtin.module(canonicalize,cse,symbol-dce)"


def stablehlo_text(text: str, name: str, model: str) -> str:
    """The evaluation of `model` of the emitted module `text`; `name` is that of the .hqn file."""
    import jax
    import jax.export

    from hqn.runtime.circuit.generators import products_only
    from hqn.runtime.loading import load

    found = load(text, name).models[model]
    variables, inputs = _shapes(found)
    with products_only():
        exported = jax.export.export(jax.jit(found.apply))(variables, *inputs)
    return canonical(exported.mlir_module())


def canonical(text: str) -> str:
    """An MLIR module, verified and simplified."""
    from jax.extend.mlir import ir, passmanager
    from jax.interpreters import mlir

    with mlir.make_ir_context(), ir.Location.unknown():
        module = ir.Module.parse(text)
        module.operation.verify()
        passmanager.PassManager.parse(PIPELINE).run(module.operation)
        return f"{module}"


def _shapes(model: Model) -> tuple[Any, list[Any]]:
    """The types of variables and of the inputs of one sample, which is all that exporting needs."""
    import jax
    import jax.numpy as jnp

    from hqn.runtime.variables import DTYPES

    def sample() -> list[Any]:
        return [jnp.zeros(given.shape, DTYPES[given.dtype]) for given in model.inputs]

    return jax.eval_shape(lambda: model.init(0)), jax.eval_shape(sample)
