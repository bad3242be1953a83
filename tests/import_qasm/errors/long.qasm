OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
qubit[2000] many;
let a = q[{1, 0, 2}];
float x0 = 0.1;
for int i in [0:400000] { x a[i % 3]; }
