"""Names that stand for nothing: one report with the nearest name, or silence where an import failed."""

from __future__ import annotations

from collections.abc import Sequence

from hqn.compiler.names.builtins import CASTS, CONSTANTS, PRIMITIVES
from hqn.compiler.names.errors import UnknownName
from hqn.compiler.names.resolve import nearest
from hqn.compiler.syntax import ast
from hqn.compiler.types.circuits.gates import GATES, OTHER_NAMES
from hqn.compiler.types.scope import Scope

_MODULES = {
    "std.layers": "dense conv2d maxpool avgpool bn layer_norm dropout normalize",
    "std.losses": "cross_entropy binary_cross_entropy mse mae kl hinge accuracy",
    "std.circuits": "angle_encoding amplitude_encoding basis_encoding iqp_encoding zz_feature_map "
    "hamiltonian_encoding re_uploading rotation_layer cx_ring cx_chain strongly_entangling basic_entangling "
    "su4 su4_brick",
    "std.hybrid": "parallel_circuits quanvolution daruan qkan",
    "std.tensors": "local_map mps_classifier",
}
_LIBRARY = {name: module for module, names in _MODULES.items() for name in names.split()}
"""Where a library name is most likely to come from, so that a missing `use` is one line to fix."""

_ELSEWHERE = {"expval": "expect", "expectation": "expect", "probabilities": "probs", "statevector": "state"}
"""What other languages call the queries of circuits."""


def unknown_name(scope: Scope, expr: ast.Name) -> None:
    """Report a name that nothing defines, once per place; names of failed imports are silent."""
    if expr.name in scope.frame.module.broken:
        scope.frame.failed = True
        return
    importable = _LIBRARY.get(expr.name)
    is_gate = scope.frame.kind == "circuit" and expr.name in GATES
    example = f"{expr.name} q[0]" if is_gate else None
    choices = {*scope.visible_names(), *PRIMITIVES, *CONSTANTS, *CASTS, "training"}
    found = None if importable else _ELSEWHERE.get(expr.name) or nearest(expr.name, choices)
    scope.report(
        UnknownName(span=expr.span, name=expr.name, nearest=found, importable=importable, example=example)
    )


def called_gate(scope: Scope, head: ast.Name, arguments: Sequence[ast.Expr]) -> bool:
    """Whether a gate is called like a function, `cx(q[0], q[1])`; reported with the right statement."""
    from hqn.compiler.types.circuits.qubits import is_qubits

    lowered = head.name.lower()
    gate = lowered if lowered in GATES else OTHER_NAMES.get(lowered)
    qubits = [one.span.text for one in arguments if is_qubits(scope, one)]
    if gate is None or not qubits:
        return False
    angles = ", ".join(one.span.text for one in arguments if not is_qubits(scope, one))
    example = f"{gate}({angles}) {', '.join(qubits)}" if angles else f"{gate} {', '.join(qubits)}"
    scope.report(UnknownName(span=head.span, name=head.name, example=example))
    return True
