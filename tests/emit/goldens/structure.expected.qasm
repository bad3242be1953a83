OPENQASM 3.0;
include "stdgates.inc";
// m.net, whole.hqn:11
input float[64] x_0;
input float[64] x_1;
input float[64] x_2;
input array[float[64], 4] y_;
input array[float[64], 4, 3, 3] v;
input array[float[64], 4, 2] u_;
input array[float[64], 4, 3] layer_w;
input float[64] last_w_0;
input float[64] last_w_1;
gate rot(a, b, c) q0 { rz(a) q0; ry(b) q0; rz(c) q0; }
gate pair(t_) q0, q1 { cx q0, q1; rz(2.0 * t_) q1; }
gate layer(w_0, w_1, w_2) q0, q1, q2 { ry(w_0) q0; ry(w_1) q1; ry(w_2) q2; pair(w_0) q0, q1; }
gate layer_(w_0, w_1) q0, q1 { ry(w_0) q0; ry(w_1) q1; pair(w_0) q0, q1; }
qubit[3] q;
h q[0];
h q[1];
h q[2];
inv @ pair(0.5) q[1], q[2];
for int i in [0:3] {
  rot(v[i, 0, 0], v[i, 0, 1], v[i, 0, 2]) q[0];
  rot(v[i, 1, 0], v[i, 1, 1], v[i, 1, 2]) q[1];
  rot(v[i, 2, 0], v[i, 2, 1], v[i, 2, 2]) q[2];
  rx(0.5 * i * x_0) q[0];
  layer(layer_w[i, 0], layer_w[i, 1], layer_w[i, 2]) q[0], q[1], q[2];
  for int j in [0:1] {
    crx(u_[i, j] + x_1) q[1], q[2];
  }
}
for int i in [0:3] {
  pair(y_[i]) q[0], q[2];
}
ctrl @ layer_(last_w_0, last_w_1) q[2], q[0], q[1];
