OPENQASM 3.0;
include "stdgates.inc";
defcalgrammar "openpulse";
cal { play(d0); }
defcal x $0 { play(d0); }
duration d = 100ns;
stretch s;
opaque magic(a) q;
extern f(int) -> int;
qubit q;
delay[100ns] q;
box { x q; }
while (true) { x q; }
x[20ns] q;
rx(20us) q;
magic(1) q;
