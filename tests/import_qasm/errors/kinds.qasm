OPENQASM 3.0;
include "stdgates.inc";
input angle t;
input array[float[64], 2] w;
qubit[3] q;
qubit[2] r;
qubit a;
bit[3] c;
const int n = 2;
x n;
x c[0];
x a[0];
x q[t];
x q[0:t];
rx(q) a;
rx(w) a;
rx(w[2]) a;
rx(true) a;
q a;
pow @ x a;
inv(2) @ x a;
ctrl(0) @ x a;
ctrl(t) @ x a;
n @ x a;
cx q[{0, 2}], r;
cx q[{2, 0, 1}], r;
let both = q ++ r;
cx both[{0, 3}], both[{3, 0, 1}];
x q[3];
x q[-4];
x q[2:1];
x q[0:0:2];
x q[{}];
if (n) { x a; }
if (t > 1) { x a; }
for int i in q { x a; }
for int i in [:3] { x a; }
