OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
qubit[2] r;
qubit a;
gate empty() { }
rx q[0];
rx(1, 2) q[0];
cx q[0];
ctrl(2) @ x q[0], q[1];
gphase q[0];
gphase(0.1, 0.2);
gphase(0.1) a;
def sub(qubit[2] s, angle t) { rx(t) s; }
sub(r);
sub(q, 0.1);
sub(a, 0.1);
rx(sin(1, 2)) a;
