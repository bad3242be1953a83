// before
"builtin.module"() ({
  "hqn.func"() <{sym_name = "c", kind = "circuit", function_type = (tensor<4xf32>) -> tensor<2xf32>, arg_names = ["a"], definition = "c", source = "test.hqn:3", slots = [], children = []}> ({
  ^bb0(%a: tensor<4xf32>):
    %0 = "qc.alloc"() : () -> !qc.reg<3>
    %1 = "nn.slice"(%a) <{starts = array<i64: 1>, stops = array<i64: 2>, steps = array<i64: 1>}> : (tensor<4xf32>) -> tensor<1xf32>
    %2 = "nn.reshape"(%1) : (tensor<1xf32>) -> tensor<f32>
    %3 = "nn.reshape"(%2) : (tensor<f32>) -> tensor<1xf32>
    %4 = "nn.reshape"(%3) : (tensor<1xf32>) -> tensor<1x1xf32>
    %5 = "nn.slice"(%a) <{starts = array<i64: 2>, stops = array<i64: 3>, steps = array<i64: 1>}> : (tensor<4xf32>) -> tensor<1xf32>
    %6 = "nn.reshape"(%5) : (tensor<1xf32>) -> tensor<f32>
    %7 = "nn.reshape"(%6) : (tensor<f32>) -> tensor<1xf32>
    %8 = "nn.reshape"(%7) : (tensor<1xf32>) -> tensor<1x1xf32>
    %9 = "nn.slice"(%a) <{starts = array<i64: 3>, stops = array<i64: 4>, steps = array<i64: 1>}> : (tensor<4xf32>) -> tensor<1xf32>
    %10 = "nn.reshape"(%9) : (tensor<1xf32>) -> tensor<f32>
    %11 = "nn.reshape"(%10) : (tensor<f32>) -> tensor<1xf32>
    %12 = "nn.reshape"(%11) : (tensor<1xf32>) -> tensor<1x1xf32>
    %13 = "nn.concat"(%4, %8, %12) <{axis = 0 : i64}> : (tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<3x1xf32>
    %14 = "qc.gate"(%0, %13) <{name = "rx", wires = #qc.wires<[0], [1], [2]>, mods = []}> : (!qc.reg<3>, tensor<3x1xf32>) -> !qc.reg<3>
    %15 = "qc.probs"(%14) <{wires = array<i64: 0>}> : (!qc.reg<3>) -> tensor<2xf32>
    "hqn.return"(%15) : (tensor<2xf32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "f", kind = "model", function_type = (tensor<4xf32>) -> tensor<2xf32>, arg_names = ["a"], definition = "f", source = "test.hqn:8", slots = [], children = [#hqn.child<"c", "c", [], false, false>]}> ({
  ^bb0(%a: tensor<4xf32>):
    %0 = "hqn.call"(%a) <{callee = @c, instance = "c", batch = array<i64>, lifted = array<i1: false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 1>}> : (tensor<4xf32>) -> tensor<2xf32>
    "hqn.return"(%0) : (tensor<2xf32>) -> ()
  }) : () -> ()
}) : () -> ()

// after simplify_shapes
"builtin.module"() ({
  "hqn.func"() <{sym_name = "c", kind = "circuit", function_type = (tensor<4xf32>) -> tensor<2xf32>, arg_names = ["a"], definition = "c", source = "test.hqn:3", slots = [], children = []}> ({
  ^bb0(%a: tensor<4xf32>):
    %0 = "qc.alloc"() : () -> !qc.reg<3>
    %1 = "nn.slice"(%a) <{starts = array<i64: 1>, stops = array<i64: 2>, steps = array<i64: 1>}> : (tensor<4xf32>) -> tensor<1xf32>
    %2 = "nn.reshape"(%1) : (tensor<1xf32>) -> tensor<f32>
    %3 = "nn.reshape"(%1) : (tensor<1xf32>) -> tensor<1x1xf32>
    %4 = "nn.slice"(%a) <{starts = array<i64: 2>, stops = array<i64: 3>, steps = array<i64: 1>}> : (tensor<4xf32>) -> tensor<1xf32>
    %5 = "nn.reshape"(%4) : (tensor<1xf32>) -> tensor<f32>
    %6 = "nn.reshape"(%4) : (tensor<1xf32>) -> tensor<1x1xf32>
    %7 = "nn.slice"(%a) <{starts = array<i64: 3>, stops = array<i64: 4>, steps = array<i64: 1>}> : (tensor<4xf32>) -> tensor<1xf32>
    %8 = "nn.reshape"(%7) : (tensor<1xf32>) -> tensor<f32>
    %9 = "nn.reshape"(%7) : (tensor<1xf32>) -> tensor<1x1xf32>
    %10 = "nn.slice"(%a) <{starts = array<i64: 1>, stops = array<i64: 4>, steps = array<i64: 1>}> : (tensor<4xf32>) -> tensor<3xf32>
    %11 = "nn.reshape"(%10) : (tensor<3xf32>) -> tensor<3x1xf32>
    %12 = "qc.gate"(%0, %11) <{name = "rx", wires = #qc.wires<[0], [1], [2]>, mods = []}> : (!qc.reg<3>, tensor<3x1xf32>) -> !qc.reg<3>
    %13 = "qc.probs"(%12) <{wires = array<i64: 0>}> : (!qc.reg<3>) -> tensor<2xf32>
    "hqn.return"(%13) : (tensor<2xf32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "f", kind = "model", function_type = (tensor<4xf32>) -> tensor<2xf32>, arg_names = ["a"], definition = "f", source = "test.hqn:8", slots = [], children = [#hqn.child<"c", "c", [], false, false>]}> ({
  ^bb0(%a: tensor<4xf32>):
    %0 = "hqn.call"(%a) <{callee = @c, instance = "c", batch = array<i64>, lifted = array<i1: false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 1>}> : (tensor<4xf32>) -> tensor<2xf32>
    "hqn.return"(%0) : (tensor<2xf32>) -> ()
  }) : () -> ()
}) : () -> ()
