OPENQASM 3.0;
include "gates.inc";
include "../outside.inc";
include "itself.inc";
qubit[3] reg;
qubit[2] reg;
h reg;
include "stdgates.inc";
h regg[0];
had reg[0];
rzz(0.1) reg[0], reg[1];
gate sees t { x reg[0]; }
const int n = missing + 1;
qubit[n] silent;
x silent;
