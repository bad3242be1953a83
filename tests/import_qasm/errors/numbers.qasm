OPENQASM 3.0;
include "stdgates.inc";
qubit[0] none;
qubit[2] q;
const int a = 1 / 0;
const int b = 2 ** 80;
const float c = sqrt(-1);
const float d = 1e400;
const int e = 4611686018427387904 * 4;
const int f = 1 << 100;
rx(log(0)) q[0];
rx(1.0 / 0.0) q[0];
for int i in [0:0:3] { x q[0]; }
