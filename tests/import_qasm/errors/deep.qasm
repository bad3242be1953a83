OPENQASM 3.0;
include "stdgates.inc";
qubit q;
if (true) if (true) if (true) if (true) if (true) if (true) if (true) if (true) if (true) if (true) if (true)
if (true) if (true) if (true) if (true) if (true) if (true) if (true) if (true) if (true) if (true) x q;
