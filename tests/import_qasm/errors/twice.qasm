OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
qubit[2] r;
gate pair a, b { cx a, b; }
cx q[0], q[0];
cx q, r;
ctrl @ swap r, q[0:1], q[1:2];
pair q[0:1], q[0];
for int i in [0:2] { cx q[i], q[(i + 3) % 3]; }
for int i in [0:3] { x q[i]; }
