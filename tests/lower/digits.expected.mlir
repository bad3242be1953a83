"builtin.module"() ({
  "hqn.func"() <{sym_name = "dense_64_20", kind = "layer", function_type = (tensor<64xf32>) -> tensor<20xf32>, arg_names = ["x"], definition = "dense", source = "std/layers.hqn:11", doc = "Affine map, y = W x + b.\0A\0A```hqn\0Ause std.layers.{dense}\0Amodel example(x: f32[3]) -> f32[2] { return dense[2](x) }\0A```", slots = [#hqn.slot<"W", "weight", [], tensor<20x64xf32>, "glorot_uniform", [64.0, 20.0], "">, #hqn.slot<"b", "weight", [], tensor<20xf32>, "zeros", [], "">], children = []}> ({
  ^bb0(%x: tensor<64xf32>):
    %W = "hqn.slot"() <{name = "W", strides = array<i64>, offsets = array<i64>}> : () -> tensor<20x64xf32>
    %y = "tn.contract"(%W, %x) <{output = array<i64: 0>, index_names = ["o", "i"], index_sizes = array<i64: 20, 64>, positions = #tn.positions<[[0, [0, 1]], [0, [1, 1]]], [[0, [1, 1]]]>, families = []}> : (tensor<20x64xf32>, tensor<64xf32>) -> tensor<20xf32>
    %b = "hqn.slot"() <{name = "b", strides = array<i64>, offsets = array<i64>}> : () -> tensor<20xf32>
    %0 = "nn.map"(%y, %b) <{fn = "add"}> : (tensor<20xf32>, tensor<20xf32>) -> tensor<20xf32>
    "hqn.return"(%0) : (tensor<20xf32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "dense_64_20_edge", kind = "layer", function_type = (tensor<64xf32>) -> tensor<20xf32>, arg_names = ["x"], definition = "dense", source = "std/layers.hqn:11", doc = "Affine map, y = W x + b.\0A\0A```hqn\0Ause std.layers.{dense}\0Amodel example(x: f32[3]) -> f32[2] { return dense[2](x) }\0A```", slots = [#hqn.slot<"W", "weight", [], tensor<20x64xf32>, "glorot_uniform", [64.0, 20.0], "">, #hqn.slot<"b", "weight", [], tensor<20xf32>, "zeros", [], "">, #hqn.slot<"x_scale", "frozen weight", [], tensor<f32>, "ones", [], "calibration">, #hqn.slot<"x_zero", "frozen weight", [], tensor<f32>, "zeros", [], "calibration">], children = []}> ({
  ^bb0(%x: tensor<64xf32>):
    %W = "hqn.slot"() <{name = "W", strides = array<i64>, offsets = array<i64>}> : () -> tensor<20x64xf32>
    %W_1 = "quant.fake"(%W) <{spec = #quant.spec<"int8", "channel", true, 0, 0, "f32", "absmax", "nearest">, role = "w", operandSegmentSizes = array<i32: 1, 0, 0>}> : (tensor<20x64xf32>) -> tensor<20x64xf32>
    %0 = "hqn.slot"() <{name = "x_scale", strides = array<i64>, offsets = array<i64>}> : () -> tensor<f32>
    %1 = "hqn.slot"() <{name = "x_zero", strides = array<i64>, offsets = array<i64>}> : () -> tensor<f32>
    %x_1 = "quant.fake"(%x, %0, %1) <{spec = #quant.spec<"int8", "tensor", false, 0, 0, "f32", "percentile(99.9)", "nearest">, role = "a", operandSegmentSizes = array<i32: 1, 1, 1>}> : (tensor<64xf32>, tensor<f32>, tensor<f32>) -> tensor<64xf32>
    %2 = "quant.scale"(%W) <{spec = #quant.spec<"int8", "channel", true, 0, 0, "f32", "absmax", "nearest">}> : (tensor<20x64xf32>) -> tensor<20xf32>
    %scale = "nn.map"(%2, %0) <{fn = "mul"}> : (tensor<20xf32>, tensor<f32>) -> tensor<20xf32>
    %y = "tn.contract"(%W_1, %x_1) <{output = array<i64: 0>, index_names = ["o", "i"], index_sizes = array<i64: 20, 64>, positions = #tn.positions<[[0, [0, 1]], [0, [1, 1]]], [[0, [1, 1]]]>, families = []}> : (tensor<20x64xf32>, tensor<64xf32>) -> tensor<20xf32>
    %b = "hqn.slot"() <{name = "b", strides = array<i64>, offsets = array<i64>}> : () -> tensor<20xf32>
    %3 = "quant.fake"(%b, %scale) <{spec = #quant.spec<"int32", "tensor", true, -1, 0, "f32", "absmax", "nearest">, role = "b", operandSegmentSizes = array<i32: 1, 1, 0>}> : (tensor<20xf32>, tensor<20xf32>) -> tensor<20xf32>
    %4 = "nn.map"(%y, %3) <{fn = "add"}> : (tensor<20xf32>, tensor<20xf32>) -> tensor<20xf32>
    "hqn.return"(%4) : (tensor<20xf32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "vqc_3_5", kind = "circuit", function_type = (tensor<5xf32>) -> tensor<5xf32>, arg_names = ["x"], definition = "vqc", source = "examples/digits.hqn:7", doc = "A hardware-efficient block: RX encoding, then `depth` x (rotation + CX ring).", slots = [#hqn.slot<"w", "weight", [3], tensor<5x3xf32>, "uniform", [0.0, 6.283185307179586], "angle">], children = []}> ({
  ^bb0(%x: tensor<5xf32>):
    %0 = "qc.alloc"() : () -> !qc.reg<5>
    %1 = "nn.reshape"(%x) : (tensor<5xf32>) -> tensor<5x1xf32>
    %2 = "qc.gate"(%0, %1) <{name = "rx", wires = #qc.wires<[0], [1], [2], [3], [4]>, mods = []}> : (!qc.reg<5>, tensor<5x1xf32>) -> !qc.reg<5>
    %w = "hqn.slot"() <{name = "w", strides = array<i64: 0>, offsets = array<i64: 0>}> : () -> tensor<5x3xf32>
    %3 = "qc.gate"(%2, %w) <{name = "rot", wires = #qc.wires<[0], [1], [2], [3], [4]>, mods = []}> : (!qc.reg<5>, tensor<5x3xf32>) -> !qc.reg<5>
    %4 = "qc.gate"(%3) <{name = "cx", wires = #qc.wires<[0, 1], [1, 2], [2, 3], [3, 4], [4, 0]>, mods = []}> : (!qc.reg<5>) -> !qc.reg<5>
    %w_1 = "hqn.slot"() <{name = "w", strides = array<i64: 0>, offsets = array<i64: 1>}> : () -> tensor<5x3xf32>
    %5 = "qc.gate"(%4, %w_1) <{name = "rot", wires = #qc.wires<[0], [1], [2], [3], [4]>, mods = []}> : (!qc.reg<5>, tensor<5x3xf32>) -> !qc.reg<5>
    %6 = "qc.gate"(%5) <{name = "cx", wires = #qc.wires<[0, 2], [1, 3], [2, 4], [3, 0], [4, 1]>, mods = []}> : (!qc.reg<5>) -> !qc.reg<5>
    %w_2 = "hqn.slot"() <{name = "w", strides = array<i64: 0>, offsets = array<i64: 2>}> : () -> tensor<5x3xf32>
    %7 = "qc.gate"(%6, %w_2) <{name = "rot", wires = #qc.wires<[0], [1], [2], [3], [4]>, mods = []}> : (!qc.reg<5>, tensor<5x3xf32>) -> !qc.reg<5>
    %8 = "qc.gate"(%7) <{name = "cx", wires = #qc.wires<[0, 3], [1, 4], [2, 0], [3, 1], [4, 2]>, mods = []}> : (!qc.reg<5>) -> !qc.reg<5>
    %9 = "nn.constant"() <{value = dense<1.0> : tensor<5xf64>}> : () -> tensor<5xf32>
    %10 = "qc.expect"(%8, %9) <{paulis = ["ZIIII", "IZIII", "IIZII", "IIIZI", "IIIIZ"], outputs = array<i64: 0, 1, 2, 3, 4>}> : (!qc.reg<5>, tensor<5xf32>) -> tensor<5xf32>
    "hqn.return"(%10) : (tensor<5xf32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "vqc_3_5_edge", kind = "circuit", function_type = (tensor<5xf32>) -> tensor<5xf32>, arg_names = ["x"], definition = "vqc", source = "examples/digits.hqn:7", doc = "A hardware-efficient block: RX encoding, then `depth` x (rotation + CX ring).", slots = [#hqn.slot<"w", "weight", [3], tensor<5x3xf32>, "uniform", [0.0, 6.283185307179586], "angle">], children = []}> ({
  ^bb0(%x: tensor<5xf32>):
    %0 = "qc.alloc"() : () -> !qc.reg<5>
    %1 = "nn.reshape"(%x) : (tensor<5xf32>) -> tensor<5x1xf32>
    %2 = "qc.gate"(%0, %1) <{name = "rx", wires = #qc.wires<[0], [1], [2], [3], [4]>, mods = []}> : (!qc.reg<5>, tensor<5x1xf32>) -> !qc.reg<5>
    %w = "hqn.slot"() <{name = "w", strides = array<i64: 0>, offsets = array<i64: 0>}> : () -> tensor<5x3xf32>
    %w_1 = "quant.angle"(%w) <{bits = 6 : i64}> : (tensor<5x3xf32>) -> tensor<5x3xf32>
    %3 = "qc.gate"(%2, %w_1) <{name = "rot", wires = #qc.wires<[0], [1], [2], [3], [4]>, mods = []}> : (!qc.reg<5>, tensor<5x3xf32>) -> !qc.reg<5>
    %4 = "qc.gate"(%3) <{name = "cx", wires = #qc.wires<[0, 1], [1, 2], [2, 3], [3, 4], [4, 0]>, mods = []}> : (!qc.reg<5>) -> !qc.reg<5>
    %w_2 = "hqn.slot"() <{name = "w", strides = array<i64: 0>, offsets = array<i64: 1>}> : () -> tensor<5x3xf32>
    %w_3 = "quant.angle"(%w_2) <{bits = 6 : i64}> : (tensor<5x3xf32>) -> tensor<5x3xf32>
    %5 = "qc.gate"(%4, %w_3) <{name = "rot", wires = #qc.wires<[0], [1], [2], [3], [4]>, mods = []}> : (!qc.reg<5>, tensor<5x3xf32>) -> !qc.reg<5>
    %6 = "qc.gate"(%5) <{name = "cx", wires = #qc.wires<[0, 2], [1, 3], [2, 4], [3, 0], [4, 1]>, mods = []}> : (!qc.reg<5>) -> !qc.reg<5>
    %w_4 = "hqn.slot"() <{name = "w", strides = array<i64: 0>, offsets = array<i64: 2>}> : () -> tensor<5x3xf32>
    %w_5 = "quant.angle"(%w_4) <{bits = 6 : i64}> : (tensor<5x3xf32>) -> tensor<5x3xf32>
    %7 = "qc.gate"(%6, %w_5) <{name = "rot", wires = #qc.wires<[0], [1], [2], [3], [4]>, mods = []}> : (!qc.reg<5>, tensor<5x3xf32>) -> !qc.reg<5>
    %8 = "qc.gate"(%7) <{name = "cx", wires = #qc.wires<[0, 3], [1, 4], [2, 0], [3, 1], [4, 2]>, mods = []}> : (!qc.reg<5>) -> !qc.reg<5>
    %9 = "nn.constant"() <{value = dense<1.0> : tensor<5xf64>}> : () -> tensor<5xf32>
    %10 = "qc.expect"(%8, %9) <{paulis = ["ZIIII", "IZIII", "IIZII", "IIIZI", "IIIIZ"], outputs = array<i64: 0, 1, 2, 3, 4>}> : (!qc.reg<5>, tensor<5xf32>) -> tensor<5xf32>
    "hqn.return"(%10) : (tensor<5xf32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "dense_20_10", kind = "layer", function_type = (tensor<20xf32>) -> tensor<10xf32>, arg_names = ["x"], definition = "dense", source = "std/layers.hqn:11", doc = "Affine map, y = W x + b.\0A\0A```hqn\0Ause std.layers.{dense}\0Amodel example(x: f32[3]) -> f32[2] { return dense[2](x) }\0A```", slots = [#hqn.slot<"W", "weight", [], tensor<10x20xf32>, "glorot_uniform", [20.0, 10.0], "">, #hqn.slot<"b", "weight", [], tensor<10xf32>, "zeros", [], "">], children = []}> ({
  ^bb0(%x: tensor<20xf32>):
    %W = "hqn.slot"() <{name = "W", strides = array<i64>, offsets = array<i64>}> : () -> tensor<10x20xf32>
    %y = "tn.contract"(%W, %x) <{output = array<i64: 0>, index_names = ["o", "i"], index_sizes = array<i64: 10, 20>, positions = #tn.positions<[[0, [0, 1]], [0, [1, 1]]], [[0, [1, 1]]]>, families = []}> : (tensor<10x20xf32>, tensor<20xf32>) -> tensor<10xf32>
    %b = "hqn.slot"() <{name = "b", strides = array<i64>, offsets = array<i64>}> : () -> tensor<10xf32>
    %0 = "nn.map"(%y, %b) <{fn = "add"}> : (tensor<10xf32>, tensor<10xf32>) -> tensor<10xf32>
    "hqn.return"(%0) : (tensor<10xf32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "digits", kind = "model", function_type = (tensor<8x8xf32>) -> tensor<10xf32>, arg_names = ["image"], definition = "digits", source = "examples/digits.hqn:19", doc = "Digits of 8 x 8 pixels through four small circuits with their own weights.", slots = [], children = [#hqn.child<"encoder", "dense_64_20", [], false, false>, #hqn.child<"vqc", "vqc_3_5", [4], false, false>, #hqn.child<"head", "dense_20_10", [], false, false>]}> ({
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
    ^bb0(%turn: tensor<i32>, %g: tensor<5xf32>):
      %7 = "hqn.call"(%turn, %g) <{callee = @vqc_3_5, instance = "vqc", batch = array<i64>, lifted = array<i1: false>, strides = array<i64: 1>, offsets = array<i64: 0>, operandSegmentSizes = array<i32: 1, 1>}> : (tensor<i32>, tensor<5xf32>) -> tensor<5xf32>
      "hqn.yield"(%7) : (tensor<5xf32>) -> ()
    }) : (tensor<4x5xf32>) -> tensor<4x5xf32>
    %8 = "nn.reshape"(%z) : (tensor<4x5xf32>) -> tensor<20xf32>
    %9 = "hqn.call"(%8) <{callee = @dense_20_10, instance = "head", batch = array<i64>, lifted = array<i1: false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 1>}> : (tensor<20xf32>) -> tensor<10xf32>
    "hqn.return"(%9) : (tensor<10xf32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "digits_edge", kind = "model", function_type = (tensor<8x8xf32>) -> tensor<10xf32>, arg_names = ["image"], definition = "digits", source = "examples/digits.hqn:19", doc = "Digits of 8 x 8 pixels through four small circuits with their own weights.", slots = [], children = [#hqn.child<"encoder", "dense_64_20_edge", [], false, false>, #hqn.child<"vqc", "vqc_3_5_edge", [4], false, false>, #hqn.child<"head", "dense_20_10", [], false, false>]}> ({
  ^bb0(%image: tensor<8x8xf32>):
    %0 = "nn.constant"() <{value = dense<16.0> : tensor<f64>}> : () -> tensor<f32>
    %1 = "nn.map"(%image, %0) <{fn = "div"}> : (tensor<8x8xf32>, tensor<f32>) -> tensor<8x8xf32>
    %2 = "nn.reshape"(%1) : (tensor<8x8xf32>) -> tensor<64xf32>
    %3 = "hqn.call"(%2) <{callee = @dense_64_20_edge, instance = "encoder", batch = array<i64>, lifted = array<i1: false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 1>}> : (tensor<64xf32>) -> tensor<20xf32>
    %h = "nn.map"(%3) <{fn = "tanh"}> : (tensor<20xf32>) -> tensor<20xf32>
    %4 = "nn.constant"() <{value = dense<3.141592653589793> : tensor<f64>}> : () -> tensor<f32>
    %5 = "nn.map"(%4, %h) <{fn = "mul"}> : (tensor<f32>, tensor<20xf32>) -> tensor<20xf32>
    %6 = "nn.reshape"(%5) : (tensor<20xf32>) -> tensor<4x5xf32>
    %z = "hqn.parallel"(%6) <{trips = 4 : i64, operandSegmentSizes = array<i32: 1, 0, 0>}> ({
    ^bb0(%turn: tensor<i32>, %g: tensor<5xf32>):
      %7 = "hqn.call"(%turn, %g) <{callee = @vqc_3_5_edge, instance = "vqc", batch = array<i64>, lifted = array<i1: false>, strides = array<i64: 1>, offsets = array<i64: 0>, operandSegmentSizes = array<i32: 1, 1>}> : (tensor<i32>, tensor<5xf32>) -> tensor<5xf32>
      "hqn.yield"(%7) : (tensor<5xf32>) -> ()
    }) : (tensor<4x5xf32>) -> tensor<4x5xf32>
    %8 = "nn.reshape"(%z) : (tensor<4x5xf32>) -> tensor<20xf32>
    %9 = "hqn.call"(%8) <{callee = @dense_20_10, instance = "head", batch = array<i64>, lifted = array<i1: false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 1>}> : (tensor<20xf32>) -> tensor<10xf32>
    "hqn.return"(%9) : (tensor<10xf32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "cell_5", kind = "layer", function_type = (tensor<5xf32>) -> tensor<5xf32>, arg_names = ["x"], definition = "cell", source = "examples/digits.hqn:26", doc = "The classical stand-in for one circuit: as many parameters (45), the same shapes.", slots = [#hqn.slot<"W", "weight", [], tensor<5x5xf32>, "glorot_uniform", [5.0, 5.0], "">, #hqn.slot<"b", "weight", [], tensor<5xf32>, "normal", [0.3], "">, #hqn.slot<"scale", "weight", [], tensor<5xf32>, "normal", [0.3], "">, #hqn.slot<"skip", "weight", [], tensor<5xf32>, "normal", [0.3], "">, #hqn.slot<"shift", "weight", [], tensor<5xf32>, "normal", [0.3], "">], children = []}> ({
  ^bb0(%x: tensor<5xf32>):
    %W = "hqn.slot"() <{name = "W", strides = array<i64>, offsets = array<i64>}> : () -> tensor<5x5xf32>
    %y = "tn.contract"(%W, %x) <{output = array<i64: 0>, index_names = ["o", "i"], index_sizes = array<i64: 5, 5>, positions = #tn.positions<[[0, [0, 1]], [0, [1, 1]]], [[0, [1, 1]]]>, families = []}> : (tensor<5x5xf32>, tensor<5xf32>) -> tensor<5xf32>
    %scale = "hqn.slot"() <{name = "scale", strides = array<i64>, offsets = array<i64>}> : () -> tensor<5xf32>
    %b = "hqn.slot"() <{name = "b", strides = array<i64>, offsets = array<i64>}> : () -> tensor<5xf32>
    %0 = "nn.map"(%y, %b) <{fn = "add"}> : (tensor<5xf32>, tensor<5xf32>) -> tensor<5xf32>
    %1 = "nn.map"(%0) <{fn = "tanh"}> : (tensor<5xf32>) -> tensor<5xf32>
    %2 = "nn.map"(%scale, %1) <{fn = "mul"}> : (tensor<5xf32>, tensor<5xf32>) -> tensor<5xf32>
    %skip = "hqn.slot"() <{name = "skip", strides = array<i64>, offsets = array<i64>}> : () -> tensor<5xf32>
    %3 = "nn.map"(%skip, %x) <{fn = "mul"}> : (tensor<5xf32>, tensor<5xf32>) -> tensor<5xf32>
    %4 = "nn.map"(%2, %3) <{fn = "add"}> : (tensor<5xf32>, tensor<5xf32>) -> tensor<5xf32>
    %shift = "hqn.slot"() <{name = "shift", strides = array<i64>, offsets = array<i64>}> : () -> tensor<5xf32>
    %5 = "nn.map"(%4, %shift) <{fn = "add"}> : (tensor<5xf32>, tensor<5xf32>) -> tensor<5xf32>
    "hqn.return"(%5) : (tensor<5xf32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "twin", kind = "model", function_type = (tensor<8x8xf32>) -> tensor<10xf32>, arg_names = ["image"], definition = "twin", source = "examples/digits.hqn:34", doc = "The classical twin of `digits`: the same budget, no circuit.", slots = [], children = [#hqn.child<"encoder", "dense_64_20", [], false, false>, #hqn.child<"cell", "cell_5", [4], false, false>, #hqn.child<"head", "dense_20_10", [], false, false>]}> ({
  ^bb0(%image: tensor<8x8xf32>):
    %0 = "nn.constant"() <{value = dense<16.0> : tensor<f64>}> : () -> tensor<f32>
    %1 = "nn.map"(%image, %0) <{fn = "div"}> : (tensor<8x8xf32>, tensor<f32>) -> tensor<8x8xf32>
    %2 = "nn.reshape"(%1) : (tensor<8x8xf32>) -> tensor<64xf32>
    %3 = "hqn.call"(%2) <{callee = @dense_64_20, instance = "encoder", batch = array<i64>, lifted = array<i1: false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 1>}> : (tensor<64xf32>) -> tensor<20xf32>
    %h = "nn.map"(%3) <{fn = "tanh"}> : (tensor<20xf32>) -> tensor<20xf32>
    %4 = "nn.reshape"(%h) : (tensor<20xf32>) -> tensor<4x5xf32>
    %z = "hqn.parallel"(%4) <{trips = 4 : i64, operandSegmentSizes = array<i32: 1, 0, 0>}> ({
    ^bb0(%turn: tensor<i32>, %g: tensor<5xf32>):
      %5 = "hqn.call"(%turn, %g) <{callee = @cell_5, instance = "cell", batch = array<i64>, lifted = array<i1: false>, strides = array<i64: 1>, offsets = array<i64: 0>, operandSegmentSizes = array<i32: 1, 1>}> : (tensor<i32>, tensor<5xf32>) -> tensor<5xf32>
      "hqn.yield"(%5) : (tensor<5xf32>) -> ()
    }) : (tensor<4x5xf32>) -> tensor<4x5xf32>
    %6 = "nn.reshape"(%z) : (tensor<4x5xf32>) -> tensor<20xf32>
    %7 = "hqn.call"(%6) <{callee = @dense_20_10, instance = "head", batch = array<i64>, lifted = array<i1: false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 1>}> : (tensor<20xf32>) -> tensor<10xf32>
    "hqn.return"(%7) : (tensor<10xf32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "cross_entropy_10", kind = "layer", function_type = (tensor<10xf32>, tensor<i32>) -> tensor<f32>, arg_names = ["z", "y"], definition = "cross_entropy", source = "std/losses.hqn:11", doc = "Cross-entropy of logits against a class label, in nats.\0A\0A```hqn\0Ause std.losses.{cross_entropy}\0Amodel example(z: f32[10], y: idx[10]) -> f32 { return cross_entropy(z, y) }\0A```", slots = [], children = []}> ({
  ^bb0(%z: tensor<10xf32>, %y: tensor<i32>):
    %0 = "nn.log_softmax"(%z) <{axis = 0 : i64}> : (tensor<10xf32>) -> tensor<10xf32>
    %1 = "nn.gather"(%0, %y) <{axis = 0 : i64}> : (tensor<10xf32>, tensor<i32>) -> tensor<f32>
    %2 = "nn.map"(%1) <{fn = "neg"}> : (tensor<f32>) -> tensor<f32>
    "hqn.return"(%2) : (tensor<f32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "fit_loss", kind = "expression", function_type = (tensor<8x8xf32>, tensor<i32>) -> tensor<f32>, arg_names = ["x", "y"], definition = "fit", source = "examples/digits.hqn:49", training, slots = [], children = [#hqn.child<"net", "digits", [], false, false>, #hqn.child<"cross_entropy", "cross_entropy_10", [], false, false>]}> ({
  ^bb0(%x: tensor<8x8xf32>, %y: tensor<i32>):
    %0 = "hqn.call"(%x) <{callee = @digits, instance = "net", batch = array<i64>, lifted = array<i1: false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 1>}> : (tensor<8x8xf32>) -> tensor<10xf32>
    %1 = "hqn.call"(%0, %y) <{callee = @cross_entropy_10, instance = "cross_entropy", batch = array<i64>, lifted = array<i1: false, false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 2>}> : (tensor<10xf32>, tensor<i32>) -> tensor<f32>
    "hqn.return"(%1) : (tensor<f32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "accuracy_10", kind = "layer", function_type = (tensor<10xf32>, tensor<i32>) -> tensor<f32>, arg_names = ["z", "y"], definition = "accuracy", source = "std/losses.hqn:72", doc = "1 where the largest logit is at the label, else 0.\0A\0A```hqn\0Ause std.losses.{accuracy}\0Amodel example(z: f32[10], y: idx[10]) -> f32 { return accuracy(z, y) }\0A```", slots = [], children = []}> ({
  ^bb0(%z: tensor<10xf32>, %y: tensor<i32>):
    %0 = "nn.argmax"(%z) <{axes = array<i64: 0>}> : (tensor<10xf32>) -> tensor<i32>
    %1 = "nn.map"(%0, %y) <{fn = "eq"}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
    %2 = "nn.constant"() <{value = dense<1.0> : tensor<f64>}> : () -> tensor<f32>
    %3 = "nn.constant"() <{value = dense<0.0> : tensor<f64>}> : () -> tensor<f32>
    %4 = "nn.map"(%1, %2, %3) <{fn = "select"}> : (tensor<i1>, tensor<f32>, tensor<f32>) -> tensor<f32>
    "hqn.return"(%4) : (tensor<f32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "fit_on_train", kind = "expression", function_type = (tensor<8x8xf32>, tensor<i32>) -> tensor<f32>, arg_names = ["x", "y"], definition = "fit", source = "examples/digits.hqn:49", slots = [], children = [#hqn.child<"net", "digits", [], false, false>, #hqn.child<"accuracy", "accuracy_10", [], false, false>]}> ({
  ^bb0(%x: tensor<8x8xf32>, %y: tensor<i32>):
    %0 = "hqn.call"(%x) <{callee = @digits, instance = "net", batch = array<i64>, lifted = array<i1: false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 1>}> : (tensor<8x8xf32>) -> tensor<10xf32>
    %1 = "hqn.call"(%0, %y) <{callee = @accuracy_10, instance = "accuracy", batch = array<i64>, lifted = array<i1: false, false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 2>}> : (tensor<10xf32>, tensor<i32>) -> tensor<f32>
    "hqn.return"(%1) : (tensor<f32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "fit_on_test", kind = "expression", function_type = (tensor<8x8xf32>, tensor<i32>) -> tensor<f32>, arg_names = ["x", "y"], definition = "fit", source = "examples/digits.hqn:49", slots = [], children = [#hqn.child<"net", "digits", [], false, false>, #hqn.child<"accuracy", "accuracy_10", [], false, false>]}> ({
  ^bb0(%x: tensor<8x8xf32>, %y: tensor<i32>):
    %0 = "hqn.call"(%x) <{callee = @digits, instance = "net", batch = array<i64>, lifted = array<i1: false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 1>}> : (tensor<8x8xf32>) -> tensor<10xf32>
    %1 = "hqn.call"(%0, %y) <{callee = @accuracy_10, instance = "accuracy", batch = array<i64>, lifted = array<i1: false, false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 2>}> : (tensor<10xf32>, tensor<i32>) -> tensor<f32>
    "hqn.return"(%1) : (tensor<f32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "edge_eval_on_test", kind = "expression", function_type = (tensor<8x8xf32>, tensor<i32>) -> tensor<f32>, arg_names = ["x", "y"], definition = "edge_eval", source = "examples/digits.hqn:61", slots = [], children = [#hqn.child<"q", "digits_edge", [], false, false>, #hqn.child<"accuracy", "accuracy_10", [], false, false>]}> ({
  ^bb0(%x: tensor<8x8xf32>, %y: tensor<i32>):
    %0 = "hqn.call"(%x) <{callee = @digits_edge, instance = "q", batch = array<i64>, lifted = array<i1: false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 1>}> : (tensor<8x8xf32>) -> tensor<10xf32>
    %1 = "hqn.call"(%0, %y) <{callee = @accuracy_10, instance = "accuracy", batch = array<i64>, lifted = array<i1: false, false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 2>}> : (tensor<10xf32>, tensor<i32>) -> tensor<f32>
    "hqn.return"(%1) : (tensor<f32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "fit_twin_loss", kind = "expression", function_type = (tensor<8x8xf32>, tensor<i32>) -> tensor<f32>, arg_names = ["x", "y"], definition = "fit_twin", source = "examples/digits.hqn:67", training, slots = [], children = [#hqn.child<"net", "twin", [], false, false>, #hqn.child<"cross_entropy", "cross_entropy_10", [], false, false>]}> ({
  ^bb0(%x: tensor<8x8xf32>, %y: tensor<i32>):
    %0 = "hqn.call"(%x) <{callee = @twin, instance = "net", batch = array<i64>, lifted = array<i1: false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 1>}> : (tensor<8x8xf32>) -> tensor<10xf32>
    %1 = "hqn.call"(%0, %y) <{callee = @cross_entropy_10, instance = "cross_entropy", batch = array<i64>, lifted = array<i1: false, false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 2>}> : (tensor<10xf32>, tensor<i32>) -> tensor<f32>
    "hqn.return"(%1) : (tensor<f32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "fit_twin_on_test", kind = "expression", function_type = (tensor<8x8xf32>, tensor<i32>) -> tensor<f32>, arg_names = ["x", "y"], definition = "fit_twin", source = "examples/digits.hqn:67", slots = [], children = [#hqn.child<"net", "twin", [], false, false>, #hqn.child<"accuracy", "accuracy_10", [], false, false>]}> ({
  ^bb0(%x: tensor<8x8xf32>, %y: tensor<i32>):
    %0 = "hqn.call"(%x) <{callee = @twin, instance = "net", batch = array<i64>, lifted = array<i1: false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 1>}> : (tensor<8x8xf32>) -> tensor<10xf32>
    %1 = "hqn.call"(%0, %y) <{callee = @accuracy_10, instance = "accuracy", batch = array<i64>, lifted = array<i1: false, false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 2>}> : (tensor<10xf32>, tensor<i32>) -> tensor<f32>
    "hqn.return"(%1) : (tensor<f32>) -> ()
  }) : () -> ()
}) : () -> ()
