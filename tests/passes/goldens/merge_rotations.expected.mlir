// before
"builtin.module"() ({
  "hqn.func"() <{sym_name = "c", kind = "circuit", function_type = (tensor<f32>, tensor<f32>) -> tensor<2xf32>, arg_names = ["a", "b"], definition = "c", source = "test.hqn:3", slots = [], children = []}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    %0 = "qc.alloc"() : () -> !qc.reg<2>
    %1 = "nn.reshape"(%a) : (tensor<f32>) -> tensor<1xf32>
    %2 = "nn.reshape"(%1) : (tensor<1xf32>) -> tensor<1x1xf32>
    %3 = "qc.gate"(%0, %2) <{name = "rz", wires = #qc.wires<[0]>, mods = []}> : (!qc.reg<2>, tensor<1x1xf32>) -> !qc.reg<2>
    %4 = "qc.gate"(%3) <{name = "h", wires = #qc.wires<[1]>, mods = []}> : (!qc.reg<2>) -> !qc.reg<2>
    %5 = "nn.reshape"(%b) : (tensor<f32>) -> tensor<1xf32>
    %6 = "nn.reshape"(%5) : (tensor<1xf32>) -> tensor<1x1xf32>
    %7 = "qc.gate"(%4, %6) <{name = "rz", wires = #qc.wires<[0]>, mods = []}> : (!qc.reg<2>, tensor<1x1xf32>) -> !qc.reg<2>
    %8 = "qc.probs"(%7) <{wires = array<i64: 0>}> : (!qc.reg<2>) -> tensor<2xf32>
    "hqn.return"(%8) : (tensor<2xf32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "f", kind = "model", function_type = (tensor<f32>, tensor<f32>) -> tensor<2xf32>, arg_names = ["a", "b"], definition = "f", source = "test.hqn:10", slots = [], children = [#hqn.child<"c", "c", [], false, false>]}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    %0 = "hqn.call"(%a, %b) <{callee = @c, instance = "c", batch = array<i64>, lifted = array<i1: false, false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 2>}> : (tensor<f32>, tensor<f32>) -> tensor<2xf32>
    "hqn.return"(%0) : (tensor<2xf32>) -> ()
  }) : () -> ()
}) : () -> ()

// after merge_rotations
"builtin.module"() ({
  "hqn.func"() <{sym_name = "c", kind = "circuit", function_type = (tensor<f32>, tensor<f32>) -> tensor<2xf32>, arg_names = ["a", "b"], definition = "c", source = "test.hqn:3", slots = [], children = []}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    %0 = "qc.alloc"() : () -> !qc.reg<2>
    %1 = "nn.reshape"(%a) : (tensor<f32>) -> tensor<1xf32>
    %2 = "nn.reshape"(%1) : (tensor<1xf32>) -> tensor<1x1xf32>
    %3 = "qc.gate"(%0) <{name = "h", wires = #qc.wires<[1]>, mods = []}> : (!qc.reg<2>) -> !qc.reg<2>
    %4 = "nn.reshape"(%b) : (tensor<f32>) -> tensor<1xf32>
    %5 = "nn.reshape"(%4) : (tensor<1xf32>) -> tensor<1x1xf32>
    %6 = "nn.map"(%2, %5) <{fn = "add"}> : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
    %7 = "qc.gate"(%3, %6) <{name = "rz", wires = #qc.wires<[0]>, mods = []}> : (!qc.reg<2>, tensor<1x1xf32>) -> !qc.reg<2>
    %8 = "qc.probs"(%7) <{wires = array<i64: 0>}> : (!qc.reg<2>) -> tensor<2xf32>
    "hqn.return"(%8) : (tensor<2xf32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "f", kind = "model", function_type = (tensor<f32>, tensor<f32>) -> tensor<2xf32>, arg_names = ["a", "b"], definition = "f", source = "test.hqn:10", slots = [], children = [#hqn.child<"c", "c", [], false, false>]}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    %0 = "hqn.call"(%a, %b) <{callee = @c, instance = "c", batch = array<i64>, lifted = array<i1: false, false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 2>}> : (tensor<f32>, tensor<f32>) -> tensor<2xf32>
    "hqn.return"(%0) : (tensor<2xf32>) -> ()
  }) : () -> ()
}) : () -> ()
