"builtin.module"() ({
  "hqn.func"() <{sym_name = "dense_64_20", kind = "layer", function_type = (tensor<64xf32>) -> tensor<20xf32>, arg_names = ["x"], definition = "dense", source = "digits.hqn:1", slots = [#hqn.slot<"W", "weight", [], tensor<20x64xf32>, "uniform", [0.0, 6.283185307179586], "">, #hqn.slot<"b", "weight", [], tensor<20xf32>, "uniform", [0.0, 6.283185307179586], "">], children = []}> ({
  ^bb0(%x: tensor<64xf32>):
    %W = "hqn.slot"() <{name = "W", strides = array<i64>, offsets = array<i64>}> : () -> tensor<20x64xf32>
    %y = "tn.contract"(%W, %x) <{output = array<i64: 0>, index_names = ["o", "i"], index_sizes = array<i64: 20, 64>, positions = #tn.positions<[[0, [0, 1]], [0, [1, 1]]], [[0, [1, 1]]]>, families = []}> : (tensor<20x64xf32>, tensor<64xf32>) -> tensor<20xf32>
    %b = "hqn.slot"() <{name = "b", strides = array<i64>, offsets = array<i64>}> : () -> tensor<20xf32>
    %0 = "nn.map"(%y, %b) <{fn = "add"}> : (tensor<20xf32>, tensor<20xf32>) -> tensor<20xf32>
    "hqn.return"(%0) : (tensor<20xf32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "vqc_3_5", kind = "circuit", function_type = (tensor<5xf32>) -> tensor<5xf32>, arg_names = ["x"], definition = "vqc", source = "digits.hqn:1", slots = [#hqn.slot<"w", "weight", [3], tensor<5x3xf32>, "uniform", [0.0, 6.283185307179586], "angle">], children = []}> ({
  ^bb0(%x: tensor<5xf32>):
    %0 = "qc.alloc"() : () -> !qc.reg<5>
    %1 = "nn.reshape"(%x) : (tensor<5xf32>) -> tensor<5x1xf32>
    %2 = "qc.gate"(%0, %1) <{name = "rx", wires = #qc.wires<[0], [1], [2], [3], [4]>, mods = []}> : (!qc.reg<5>, tensor<5x1xf32>) -> !qc.reg<5>
    %3 = "hqn.repeat"(%2) <{trips = 3 : i64, operandSegmentSizes = array<i32: 0, 1, 0>}> ({
    ^bb0(%l: tensor<i32>, %4: !qc.reg<5>):
      %w = "hqn.slot"(%l) <{name = "w", strides = array<i64: 1>, offsets = array<i64: 0>}> : (tensor<i32>) -> tensor<5x3xf32>
      %5 = "qc.gate"(%4, %w) <{name = "rot", wires = #qc.wires<[0], [1], [2], [3], [4]>, mods = []}> : (!qc.reg<5>, tensor<5x3xf32>) -> !qc.reg<5>
      %6 = "qc.gate"(%5) <{name = "cx", wires = #qc.wires<[0, 1], [1, 2], [2, 3], [3, 4], [4, 0]>, mods = []}> : (!qc.reg<5>) -> !qc.reg<5>
      "hqn.yield"(%6) : (!qc.reg<5>) -> ()
    }) : (!qc.reg<5>) -> !qc.reg<5>
    %7 = "nn.constant"() <{value = dense<1.0> : tensor<5xf64>}> : () -> tensor<5xf32>
    %8 = "qc.expect"(%3, %7) <{paulis = ["ZIIII", "IZIII", "IIZII", "IIIZI", "IIIIZ"], outputs = array<i64: 0, 1, 2, 3, 4>}> : (!qc.reg<5>, tensor<5xf32>) -> tensor<5xf32>
    "hqn.return"(%8) : (tensor<5xf32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "dense_20_10", kind = "layer", function_type = (tensor<20xf32>) -> tensor<10xf32>, arg_names = ["x"], definition = "dense", source = "digits.hqn:1", slots = [#hqn.slot<"W", "weight", [], tensor<10x20xf32>, "uniform", [0.0, 6.283185307179586], "">, #hqn.slot<"b", "weight", [], tensor<10xf32>, "uniform", [0.0, 6.283185307179586], "">], children = []}> ({
  ^bb0(%x: tensor<20xf32>):
    %W = "hqn.slot"() <{name = "W", strides = array<i64>, offsets = array<i64>}> : () -> tensor<10x20xf32>
    %y = "tn.contract"(%W, %x) <{output = array<i64: 0>, index_names = ["o", "i"], index_sizes = array<i64: 10, 20>, positions = #tn.positions<[[0, [0, 1]], [0, [1, 1]]], [[0, [1, 1]]]>, families = []}> : (tensor<10x20xf32>, tensor<20xf32>) -> tensor<10xf32>
    %b = "hqn.slot"() <{name = "b", strides = array<i64>, offsets = array<i64>}> : () -> tensor<10xf32>
    %0 = "nn.map"(%y, %b) <{fn = "add"}> : (tensor<10xf32>, tensor<10xf32>) -> tensor<10xf32>
    "hqn.return"(%0) : (tensor<10xf32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "digits", kind = "model", function_type = (tensor<8x8xf32>) -> tensor<10xf32>, arg_names = ["image"], definition = "digits", source = "digits.hqn:1", slots = [], children = [#hqn.child<"encoder", "dense_64_20", [], false, false>, #hqn.child<"vqc", "vqc_3_5", [4], false, false>, #hqn.child<"head", "dense_20_10", [], false, false>]}> ({
  ^bb0(%image: tensor<8x8xf32>):
    %0 = "nn.constant"() <{value = dense<16.0> : tensor<f64>}> : () -> tensor<f32>
    %1 = "nn.map"(%image, %0) <{fn = "div"}> : (tensor<8x8xf32>, tensor<f32>) -> tensor<8x8xf32>
    %2 = "nn.reshape"(%1) : (tensor<8x8xf32>) -> tensor<64xf32>
    %3 = "hqn.call"(%2) <{callee = @dense_64_20, instance = "encoder", batch = array<i64>, lifted = array<i1: false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 1>}> : (tensor<64xf32>) -> tensor<20xf32>
    %h = "nn.map"(%3) <{fn = "tanh"}> : (tensor<20xf32>) -> tensor<20xf32>
    %4 = "nn.constant"() <{value = dense<3.141592653589793> : tensor<f64>}> : () -> tensor<f32>
    %5 = "nn.map"(%4, %h) <{fn = "mul"}> : (tensor<f32>, tensor<20xf32>) -> tensor<20xf32>
    %6 = "nn.reshape"(%5) : (tensor<20xf32>) -> tensor<4x5xf32>
    %z = "hqn.parallel"(%6) <{trips = 4 : i64, operandSegmentSizes = array<i32: 1, 0, 0>}> ({
    ^bb0(%i: tensor<i32>, %g: tensor<5xf32>):
      %7 = "hqn.call"(%i, %g) <{callee = @vqc_3_5, instance = "vqc", batch = array<i64>, lifted = array<i1: false>, strides = array<i64: 1>, offsets = array<i64: 0>, operandSegmentSizes = array<i32: 1, 1>}> : (tensor<i32>, tensor<5xf32>) -> tensor<5xf32>
      "hqn.yield"(%7) : (tensor<5xf32>) -> ()
    }) : (tensor<4x5xf32>) -> tensor<4x5xf32>
    %8 = "nn.reshape"(%z) : (tensor<4x5xf32>) -> tensor<20xf32>
    %9 = "hqn.call"(%8) <{callee = @dense_20_10, instance = "head", batch = array<i64>, lifted = array<i1: false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 1>}> : (tensor<20xf32>) -> tensor<10xf32>
    "hqn.return"(%9) : (tensor<10xf32>) -> ()
  }) : () -> ()
}) : () -> ()
