// before
"builtin.module"() ({
  "hqn.func"() <{sym_name = "c", kind = "circuit", function_type = (tensor<f32>) -> tensor<f32>, arg_names = ["a"], definition = "c", source = "test.hqn:3", slots = [], children = []}> ({
  ^bb0(%a: tensor<f32>):
    %0 = "qc.alloc"() : () -> !qc.reg<1>
    %1 = "nn.reshape"(%a) : (tensor<f32>) -> tensor<1xf32>
    %2 = "nn.reshape"(%1) : (tensor<1xf32>) -> tensor<1x1xf32>
    %3 = "qc.gate"(%0, %2) <{name = "rx", wires = #qc.wires<[0]>, mods = []}> : (!qc.reg<1>, tensor<1x1xf32>) -> !qc.reg<1>
    %4 = "nn.constant"() <{value = dense<1.0> : tensor<1xf64>}> : () -> tensor<1xf32>
    %5 = "qc.expect"(%3, %4) <{paulis = ["Z"], outputs = array<i64: 0>}> : (!qc.reg<1>, tensor<1xf32>) -> tensor<f32>
    "hqn.return"(%5) : (tensor<f32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "f", kind = "model", function_type = (tensor<f32>) -> tensor<f32>, arg_names = ["a"], definition = "f", source = "test.hqn:8", slots = [], children = [#hqn.child<"c", "c", [], false, false>]}> ({
  ^bb0(%a: tensor<f32>):
    %0 = "hqn.call"(%a) <{callee = @c, instance = "c", batch = array<i64>, lifted = array<i1: false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 1>}> : (tensor<f32>) -> tensor<f32>
    "hqn.return"(%0) : (tensor<f32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "r_value", kind = "expression", function_type = () -> tensor<f32>, arg_names = [], definition = "r", source = "test.hqn:10", slots = [], children = [#hqn.child<"q", "f", [], false, false>]}> ({
    %0 = "nn.constant"() <{value = dense<1.0> : tensor<f64>}> : () -> tensor<f32>
    %1 = "hqn.call"(%0) <{callee = @f, instance = "q", batch = array<i64>, lifted = array<i1: false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 1>}> : (tensor<f32>) -> tensor<f32>
    "hqn.return"(%1) : (tensor<f32>) -> ()
  }) : () -> ()
}) : () -> ()

// after apply_execution
"builtin.module"() ({
  "hqn.func"() <{sym_name = "c", kind = "circuit", function_type = (tensor<f32>) -> tensor<f32>, arg_names = ["a"], definition = "c", source = "test.hqn:3", slots = [], children = []}> ({
  ^bb0(%a: tensor<f32>):
    %0 = "qc.alloc"() : () -> !qc.reg<1>
    %1 = "nn.reshape"(%a) : (tensor<f32>) -> tensor<1xf32>
    %2 = "nn.reshape"(%1) : (tensor<1xf32>) -> tensor<1x1xf32>
    %3 = "qc.gate"(%0, %2) <{name = "rx", wires = #qc.wires<[0]>, mods = []}> : (!qc.reg<1>, tensor<1x1xf32>) -> !qc.reg<1>
    %4 = "nn.constant"() <{value = dense<1.0> : tensor<1xf64>}> : () -> tensor<1xf32>
    %5 = "qc.expect"(%3, %4) <{paulis = ["Z"], outputs = array<i64: 0>}> : (!qc.reg<1>, tensor<1xf32>) -> tensor<f32>
    "hqn.return"(%5) : (tensor<f32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "c_lab", kind = "circuit", function_type = (tensor<f32>) -> tensor<f32>, arg_names = ["a"], definition = "c", source = "test.hqn:3", slots = [], children = [], execution = [#hqn.execution<"parameter_shift", [], 100>], draws}> ({
  ^bb0(%a: tensor<f32>):
    %0 = "qc.alloc"() : () -> !qc.reg<1>
    %1 = "nn.reshape"(%a) : (tensor<f32>) -> tensor<1xf32>
    %2 = "nn.reshape"(%1) : (tensor<1xf32>) -> tensor<1x1xf32>
    %3 = "qc.gate"(%0, %2) <{name = "rx", wires = #qc.wires<[0]>, mods = []}> : (!qc.reg<1>, tensor<1x1xf32>) -> !qc.reg<1>
    %4 = "nn.constant"() <{value = dense<1.0> : tensor<1xf64>}> : () -> tensor<1xf32>
    %5 = "qc.expect"(%3, %4) <{paulis = ["Z"], outputs = array<i64: 0>}> : (!qc.reg<1>, tensor<1xf32>) -> tensor<f32>
    "hqn.return"(%5) : (tensor<f32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "f", kind = "model", function_type = (tensor<f32>) -> tensor<f32>, arg_names = ["a"], definition = "f", source = "test.hqn:8", slots = [], children = [#hqn.child<"c", "c", [], false, false>]}> ({
  ^bb0(%a: tensor<f32>):
    %0 = "hqn.call"(%a) <{callee = @c, instance = "c", batch = array<i64>, lifted = array<i1: false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 1>}> : (tensor<f32>) -> tensor<f32>
    "hqn.return"(%0) : (tensor<f32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "f_lab", kind = "model", function_type = (tensor<f32>) -> tensor<f32>, arg_names = ["a"], definition = "f", source = "test.hqn:8", slots = [], children = [#hqn.child<"c", "c_lab", [], false, false>], draws}> ({
  ^bb0(%a: tensor<f32>):
    %0 = "hqn.call"(%a) <{callee = @c_lab, instance = "c", batch = array<i64>, lifted = array<i1: false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 1>, draws}> : (tensor<f32>) -> tensor<f32>
    "hqn.return"(%0) : (tensor<f32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "r_value", kind = "expression", function_type = () -> tensor<f32>, arg_names = [], definition = "r", source = "test.hqn:10", slots = [], children = [#hqn.child<"q", "f_lab", [], false, false>], draws}> ({
    %0 = "nn.constant"() <{value = dense<1.0> : tensor<f64>}> : () -> tensor<f32>
    %1 = "hqn.call"(%0) <{callee = @f_lab, instance = "q", batch = array<i64>, lifted = array<i1: false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 1>, draws}> : (tensor<f32>) -> tensor<f32>
    "hqn.return"(%1) : (tensor<f32>) -> ()
  }) : () -> ()
}) : () -> ()
