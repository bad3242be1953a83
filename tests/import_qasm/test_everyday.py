"""Programs as benchmarks and lectures have them: registers, gates and loops survive, and their meaning."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import numpy as np
import pytest
from import_qasm.test_round_trip import exported, imported, same
from qiskit import qasm2, qasm3

from hqn.compiler.api import compile as compiled
from support.openqasm import plain, read

OLD = 'OPENQASM 2.0;\ninclude "qelib1.inc";\n'
NEW = 'OPENQASM 3.0;\ninclude "stdgates.inc";\n'

ADDER = """gate majority a, b, c { cx c, b; cx c, a; ccx a, b, c; }
gate unmaj a, b, c { ccx a, b, c; cx c, a; cx a, b; }
qreg cin[1]; qreg a[2]; qreg b[2]; qreg cout[1]; creg ans[3];
x a[0]; x b;
majority cin[0], b[0], a[0];
majority a[0], b[1], a[1];
cx a[1], cout[0];
unmaj a[0], b[1], a[1];
unmaj cin[0], b[0], a[0];
measure b[0] -> ans[0]; measure b[1] -> ans[1]; measure cout[0] -> ans[2];
"""
GHZ = f"""qreg q[6]; creg c[6];
h q[0];
{" ".join(f"cx q[{place}], q[{place + 1}];" for place in range(5))}
measure q -> c;
"""
HIDDEN = "qreg r[5]; creg c[4]; x r[4]; h r; cx r[0], r[4]; cx r[2], r[4]; h r[0]; h r[1]; h r[2]; h r[3];"
GROVER = """gate oracle a, b, c { x b; h c; ccx a, b, c; h c; x b; }
gate diffuse a, b, c { h a; h b; h c; x a; x b; x c; h c; ccx a, b, c; h c; x a; x b; x c; h a; h b; h c; }
qreg q[3]; creg c[3];
h q;
oracle q[0], q[1], q[2]; diffuse q[0], q[1], q[2];
oracle q[0], q[1], q[2]; diffuse q[0], q[1], q[2];
barrier q;
measure q -> c;
"""
ANSATZ = "qreg q[4];" + "".join(
    "".join(f"ry({0.1 * at + layer}) q[{at}]; rz({0.3 * at - layer}) q[{at}];" for at in range(4))
    + "".join(f"cx q[{at}], q[{at + 1}];" for at in range(3))
    for layer in range(3)
)
SWAP_TEST = "qreg q[5]; creg c[1]; h q[0]; u3(0.3, 0.1, 0) q[1]; u2(0.2, 0.4) q[3];" + (
    "cswap q[0], q[1], q[3]; cswap q[0], q[2], q[4]; h q[0]; measure q[0] -> c[0];"
)
FOURIER = """const uint n = 4;
qubit[n] q;
x q[1];
for uint i in [0:n - 1] {
  h q[i];
  for uint j in [i + 1:n - 1] { cp(pi / 2 ** (j - i)) q[j], q[i]; }
}
for uint i in [0:n / 2 - 1] { swap q[i], q[n - 1 - i]; }
"""
ESTIMATION = """gate turned(t) a { p(t) a; }
const int n = 3;
qubit[n] count; qubit eigen;
x eigen; h count;
for int k in [0:n - 1] { pow(4) @ ctrl @ turned(0.3) count[k], eigen; }
inv @ h count[0];
ctrl @ inv @ turned(pi / 4) count[1], eigen;
"""
WALK = """def step(qubit[2] place, qubit coin, angle t) {
  ry(t) coin;
  ctrl(2) @ x coin, place[1], place[0];
  ctrl @ x coin, place[1];
}
qubit[2] place; qubit coin;
let both = place ++ coin;
for int k in [1:3] { step(place, coin, pi / 5); }
h both;
"""


@pytest.mark.parametrize(
    ("program", "kept"),
    [
        pytest.param(ADDER, ["circuit majority(", "circuit unmaj(", "qubits a[2]"], id="adder"),
        pytest.param(GHZ, ["repeat i in 0..5 { cx q[i], q[i + 1] }", "probs(q)"], id="ghz"),
        pytest.param(HIDDEN, ["h r\n", "repeat i in 0..4 { h r[i] }"], id="hidden string"),
        pytest.param(GROVER, ["circuit oracle(", "diffuse q[0], q[1], q[2]"], id="grover"),
        pytest.param(ANSATZ, ["ry("], id="ansatz"),
        pytest.param(SWAP_TEST, ["cswap q[0], q[1], q[3]", "probs(q[0])"], id="swap test"),
    ],
)
def test_programs_of_openqasm_2(program: str, kept: Sequence[str]) -> None:
    ours = imported(OLD + program)
    assert all(one in ours for one in kept), ours
    meant = qasm2.loads(OLD + program, custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS)
    assert same(read(exported(ours)), meant)
    assert same(qasm2.loads(exported(ours, "qasm2")), meant)


@pytest.mark.parametrize(
    ("program", "flat", "kept"),
    [
        pytest.param(
            FOURIER,
            "qubit[4] q; x q[1];"
            + "".join(
                f"h q[{i}];" + "".join(f"cp(pi / {2 ** (j - i)}) q[{j}], q[{i}];" for j in range(i + 1, 4))
                for i in range(4)
            )
            + "swap q[0], q[3]; swap q[1], q[2];",
            ["cp(pi / 8) q[3], q[0]", "repeat i in 0..2 { swap q[i], q[3 - i] }"],
            id="fourier",
        ),
        pytest.param(
            ESTIMATION,
            "qubit[3] q; qubit e; x e; h q;"
            + "".join(4 * f"cp(0.3) q[{k}], e;" for k in range(3))
            + "h q[0]; cp(-pi / 4) q[1], e;",
            ["circuit turned(", "repeat k in 0..3 {", "ctrl @ inv @ turned("],
            id="estimation",
        ),
        pytest.param(
            WALK,
            "qubit[2] r; qubit c;" + 3 * "ry(pi / 5) c; ccx c, r[1], r[0]; cx c, r[1];" + "h r; h c;",
            ["circuit step_(", "repeat k in 1..4 { step_(pi / 5) place, coin }"],
            id="walk",
        ),
    ],
)
def test_programs_of_openqasm_3(program: str, flat: str, kept: Sequence[str]) -> None:
    ours = imported(NEW + program)
    assert all(one in ours for one in kept), ours
    assert same(read(exported(ours)), qasm3.loads(plain(NEW + flat, {})))


def test_teleportation_moves_the_state() -> None:
    """The qubit that is read is what was prepared, whatever was measured."""
    program = f"""{NEW}qubit[3] q; bit[2] c; bit out;
U(0.7, 0.2, -0.4) q[0];
h q[1]; cx q[1], q[2];
cx q[0], q[1]; h q[0];
c[0] = measure q[0]; c[1] = measure q[1];
if (c[1] == 1) {{ x q[2]; }}
if (c[0]) z q[2];
inv @ U(0.7, 0.2, -0.4) q[2];
out = measure q[2];
"""
    ours = imported(program)
    assert "measure q[0]" in ours and "if " in ours
    with jax.enable_x64(True):
        model = compiled(ours).models["main"]
        found = np.asarray(model.apply(model.init(0, "f64")))
    np.testing.assert_allclose(found.reshape(-1, 2).sum(0), [1, 0], atol=1e-12)
