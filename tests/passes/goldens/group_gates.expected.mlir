// before
"builtin.module"() ({
  "hqn.func"() <{sym_name = "c", kind = "circuit", function_type = (tensor<3xf32>) -> tensor<2xf32>, arg_names = ["a"], definition = "c", source = "test.hqn:3", slots = [], children = []}> ({
  ^bb0(%a: tensor<3xf32>):
    %0 = "qc.alloc"() : () -> !qc.reg<3>
    %1 = "nn.slice"(%a) <{starts = array<i64: 0>, stops = array<i64: 1>, steps = array<i64: 1>}> : (tensor<3xf32>) -> tensor<1xf32>
    %2 = "nn.reshape"(%1) : (tensor<1xf32>) -> tensor<f32>
    %3 = "nn.reshape"(%2) : (tensor<f32>) -> tensor<1xf32>
    %4 = "nn.reshape"(%3) : (tensor<1xf32>) -> tensor<1x1xf32>
    %5 = "qc.gate"(%0, %4) <{name = "rx", wires = #qc.wires<[0]>, mods = []}> : (!qc.reg<3>, tensor<1x1xf32>) -> !qc.reg<3>
    %6 = "qc.gate"(%5) <{name = "h", wires = #qc.wires<[1]>, mods = []}> : (!qc.reg<3>) -> !qc.reg<3>
    %7 = "nn.slice"(%a) <{starts = array<i64: 2>, stops = array<i64: 3>, steps = array<i64: 1>}> : (tensor<3xf32>) -> tensor<1xf32>
    %8 = "nn.reshape"(%7) : (tensor<1xf32>) -> tensor<f32>
    %9 = "nn.reshape"(%8) : (tensor<f32>) -> tensor<1xf32>
    %10 = "nn.reshape"(%9) : (tensor<1xf32>) -> tensor<1x1xf32>
    %11 = "qc.gate"(%6, %10) <{name = "rx", wires = #qc.wires<[2]>, mods = []}> : (!qc.reg<3>, tensor<1x1xf32>) -> !qc.reg<3>
    %12 = "qc.gate"(%11) <{name = "cx", wires = #qc.wires<[0, 1]>, mods = []}> : (!qc.reg<3>) -> !qc.reg<3>
    %13 = "qc.gate"(%12) <{name = "cx", wires = #qc.wires<[1, 2]>, mods = []}> : (!qc.reg<3>) -> !qc.reg<3>
    %14 = "qc.probs"(%13) <{wires = array<i64: 0>}> : (!qc.reg<3>) -> tensor<2xf32>
    "hqn.return"(%14) : (tensor<2xf32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "f", kind = "model", function_type = (tensor<3xf32>) -> tensor<2xf32>, arg_names = ["a"], definition = "f", source = "test.hqn:12", slots = [], children = [#hqn.child<"c", "c", [], false, false>]}> ({
  ^bb0(%a: tensor<3xf32>):
    %0 = "hqn.call"(%a) <{callee = @c, instance = "c", batch = array<i64>, lifted = array<i1: false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 1>}> : (tensor<3xf32>) -> tensor<2xf32>
    "hqn.return"(%0) : (tensor<2xf32>) -> ()
  }) : () -> ()
}) : () -> ()

// after group_gates
"builtin.module"() ({
  "hqn.func"() <{sym_name = "c", kind = "circuit", function_type = (tensor<3xf32>) -> tensor<2xf32>, arg_names = ["a"], definition = "c", source = "test.hqn:3", slots = [], children = []}> ({
  ^bb0(%a: tensor<3xf32>):
    %0 = "qc.alloc"() : () -> !qc.reg<3>
    %1 = "nn.slice"(%a) <{starts = array<i64: 0>, stops = array<i64: 1>, steps = array<i64: 1>}> : (tensor<3xf32>) -> tensor<1xf32>
    %2 = "nn.reshape"(%1) : (tensor<1xf32>) -> tensor<f32>
    %3 = "nn.reshape"(%2) : (tensor<f32>) -> tensor<1xf32>
    %4 = "nn.reshape"(%3) : (tensor<1xf32>) -> tensor<1x1xf32>
    %5 = "nn.slice"(%a) <{starts = array<i64: 2>, stops = array<i64: 3>, steps = array<i64: 1>}> : (tensor<3xf32>) -> tensor<1xf32>
    %6 = "nn.reshape"(%5) : (tensor<1xf32>) -> tensor<f32>
    %7 = "nn.reshape"(%6) : (tensor<f32>) -> tensor<1xf32>
    %8 = "nn.reshape"(%7) : (tensor<1xf32>) -> tensor<1x1xf32>
    %9 = "nn.concat"(%4, %8) <{axis = 0 : i64}> : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<2x1xf32>
    %10 = "qc.gate"(%0, %9) <{name = "rx", wires = #qc.wires<[0], [2]>, mods = []}> : (!qc.reg<3>, tensor<2x1xf32>) -> !qc.reg<3>
    %11 = "qc.gate"(%10) <{name = "h", wires = #qc.wires<[1]>, mods = []}> : (!qc.reg<3>) -> !qc.reg<3>
    %12 = "qc.gate"(%11) <{name = "cx", wires = #qc.wires<[0, 1], [1, 2]>, mods = []}> : (!qc.reg<3>) -> !qc.reg<3>
    %13 = "qc.probs"(%12) <{wires = array<i64: 0>}> : (!qc.reg<3>) -> tensor<2xf32>
    "hqn.return"(%13) : (tensor<2xf32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "f", kind = "model", function_type = (tensor<3xf32>) -> tensor<2xf32>, arg_names = ["a"], definition = "f", source = "test.hqn:12", slots = [], children = [#hqn.child<"c", "c", [], false, false>]}> ({
  ^bb0(%a: tensor<3xf32>):
    %0 = "hqn.call"(%a) <{callee = @c, instance = "c", batch = array<i64>, lifted = array<i1: false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 1>}> : (tensor<3xf32>) -> tensor<2xf32>
    "hqn.return"(%0) : (tensor<2xf32>) -> ()
  }) : () -> ()
}) : () -> ()
