// another language
OPENQASM 1.0;
qubit q;
