OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
rx(0.3 q[0];
h q[0]
x q[1];
gate broken(a b) t { x t; }
for int i in 0:3 { x q[0]; }
ctrl @ q[0];
rx(0x) q[0];
rx(9223372036854775808) q[0];
rx(((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))) q[0];
include stdgates;
}
if (1 == 1) { x q[0];
