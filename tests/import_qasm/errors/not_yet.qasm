OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
bit[3] c;
int v = 1;
int u;
complex z = 2im;
input int steps;
output float f;
v = v + 1;
h $0;
c[0] = measure q[0];
if (c[0] == 1) { x q[1]; }
x q[0];
h q[1];
reset q[1];
gate m a { reset a; }
def s(qubit a) -> bit { return measure a; }
def p(bit b, qubit a) { x a; }
def none(int k) { }
pow(0.3) @ rx(0.1) q[1];
rx(5.5 % t) q[1];
switch (v) { case 1 { x q[1]; } }
if (true) { qubit inner; gate g a { x a; } }
def pair(qubit[2] r) { h r; }
pair(q[{2, 0}]);
end;
