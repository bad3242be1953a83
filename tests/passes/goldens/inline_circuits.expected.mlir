// before
"builtin.module"() ({
  "hqn.func"() <{sym_name = "cx_ring_3_1", kind = "circuit", function_type = (!qc.reg<3>) -> !qc.reg<3>, arg_names = ["register"], definition = "cx_ring", source = "std/circuits.hqn:164", doc = "CX from every qubit to the one `r` further, around the ring.\0A\0A```hqn\0Ause std.circuits.{cx_ring}\0Acircuit example(x: f32[3]) -> f32[3] {\0A  qubits q[3]\0A  rx(x) q\0A  cx_ring q\0A  return expect(Z(q))\0A}\0A```", qubit_params = 3 : i64, slots = [], children = []}> ({
  ^bb0(%0: !qc.reg<3>):
    %1 = "qc.gate"(%0) <{name = "cx", wires = #qc.wires<[0, 1], [1, 2], [2, 0]>, mods = []}> : (!qc.reg<3>) -> !qc.reg<3>
    "hqn.return"(%1) : (!qc.reg<3>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "c", kind = "circuit", function_type = () -> tensor<8xf32>, arg_names = [], definition = "c", source = "test.hqn:4", slots = [], children = [#hqn.child<"cx_ring", "cx_ring_3_1", [], false, false>]}> ({
    %0 = "qc.alloc"() : () -> !qc.reg<4>
    %1 = "qc.call"(%0) <{callee = @cx_ring_3_1, instance = "cx_ring", wires = array<i64: 0, 1, 2, 3>, mods = [#qc.mod<"ctrl", 1>], strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 1, 0>}> : (!qc.reg<4>) -> !qc.reg<4>
    %2 = "qc.probs"(%1) <{wires = array<i64: 1, 2, 3>}> : (!qc.reg<4>) -> tensor<8xf32>
    "hqn.return"(%2) : (tensor<8xf32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "f", kind = "model", function_type = () -> tensor<8xf32>, arg_names = [], definition = "f", source = "test.hqn:9", slots = [], children = [#hqn.child<"c", "c", [], false, false>]}> ({
    %0 = "hqn.call"() <{callee = @c, instance = "c", batch = array<i64>, lifted = array<i1>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 0>}> : () -> tensor<8xf32>
    "hqn.return"(%0) : (tensor<8xf32>) -> ()
  }) : () -> ()
}) : () -> ()

// after inline_circuits
"builtin.module"() ({
  "hqn.func"() <{sym_name = "c", kind = "circuit", function_type = () -> tensor<8xf32>, arg_names = [], definition = "c", source = "test.hqn:4", slots = [], children = []}> ({
    %0 = "qc.alloc"() : () -> !qc.reg<4>
    %1 = "qc.gate"(%0) <{name = "cx", wires = #qc.wires<[0, 1, 2], [0, 2, 3], [0, 3, 1]>, mods = [#qc.mod<"ctrl", 1>]}> : (!qc.reg<4>) -> !qc.reg<4>
    %2 = "qc.probs"(%1) <{wires = array<i64: 1, 2, 3>}> : (!qc.reg<4>) -> tensor<8xf32>
    "hqn.return"(%2) : (tensor<8xf32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "f", kind = "model", function_type = () -> tensor<8xf32>, arg_names = [], definition = "f", source = "test.hqn:9", slots = [], children = [#hqn.child<"c", "c", [], false, false>]}> ({
    %0 = "hqn.call"() <{callee = @c, instance = "c", batch = array<i64>, lifted = array<i1>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 0>}> : () -> tensor<8xf32>
    "hqn.return"(%0) : (tensor<8xf32>) -> ()
  }) : () -> ()
}) : () -> ()
