// before
"builtin.module"() ({
  "hqn.func"() <{sym_name = "dense_4_2", kind = "layer", function_type = (tensor<4xf32>) -> tensor<2xf32>, arg_names = ["x"], definition = "dense", source = "std/layers.hqn:11", doc = "Affine map, y = W x + b.\0A\0A```hqn\0Ause std.layers.{dense}\0Amodel example(x: f32[3]) -> f32[2] { return dense[2](x) }\0A```", slots = [#hqn.slot<"W", "weight", [], tensor<2x4xf32>, "glorot_uniform", [4.0, 2.0], "">, #hqn.slot<"b", "weight", [], tensor<2xf32>, "zeros", [], "">], children = []}> ({
  ^bb0(%x: tensor<4xf32>):
    %W = "hqn.slot"() <{name = "W", strides = array<i64>, offsets = array<i64>}> : () -> tensor<2x4xf32>
    %y = "tn.contract"(%W, %x) <{output = array<i64: 0>, index_names = ["o", "i"], index_sizes = array<i64: 2, 4>, positions = #tn.positions<[[0, [0, 1]], [0, [1, 1]]], [[0, [1, 1]]]>, families = []}> : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2xf32>
    %b = "hqn.slot"() <{name = "b", strides = array<i64>, offsets = array<i64>}> : () -> tensor<2xf32>
    %0 = "nn.map"(%y, %b) <{fn = "add"}> : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    "hqn.return"(%0) : (tensor<2xf32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "f", kind = "model", function_type = (tensor<4xf32>) -> tensor<2xf32>, arg_names = ["x"], definition = "f", source = "test.hqn:4", slots = [], children = [#hqn.child<"dense", "dense_4_2", [], false, false>]}> ({
  ^bb0(%x: tensor<4xf32>):
    %0 = "hqn.call"(%x) <{callee = @dense_4_2, instance = "dense", batch = array<i64>, lifted = array<i1: false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 1>}> : (tensor<4xf32>) -> tensor<2xf32>
    "hqn.return"(%0) : (tensor<2xf32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "r_on_test", kind = "expression", function_type = (tensor<4xf32>, tensor<i32>) -> tensor<f32>, arg_names = ["x", "y"], definition = "r", source = "test.hqn:10", slots = [], children = [#hqn.child<"q", "f", [], false, false>]}> ({
  ^bb0(%x: tensor<4xf32>, %y: tensor<i32>):
    %0 = "hqn.call"(%x) <{callee = @f, instance = "q", batch = array<i64>, lifted = array<i1: false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 1>}> : (tensor<4xf32>) -> tensor<2xf32>
    %1 = "nn.sum"(%0) <{axes = array<i64: 0>}> : (tensor<2xf32>) -> tensor<f32>
    "hqn.return"(%1) : (tensor<f32>) -> ()
  }) : () -> ()
}) : () -> ()

// after apply_policy
"builtin.module"() ({
  "hqn.func"() <{sym_name = "dense_4_2", kind = "layer", function_type = (tensor<4xf32>) -> tensor<2xf32>, arg_names = ["x"], definition = "dense", source = "std/layers.hqn:11", doc = "Affine map, y = W x + b.\0A\0A```hqn\0Ause std.layers.{dense}\0Amodel example(x: f32[3]) -> f32[2] { return dense[2](x) }\0A```", slots = [#hqn.slot<"W", "weight", [], tensor<2x4xf32>, "glorot_uniform", [4.0, 2.0], "">, #hqn.slot<"b", "weight", [], tensor<2xf32>, "zeros", [], "">], children = []}> ({
  ^bb0(%x: tensor<4xf32>):
    %W = "hqn.slot"() <{name = "W", strides = array<i64>, offsets = array<i64>}> : () -> tensor<2x4xf32>
    %y = "tn.contract"(%W, %x) <{output = array<i64: 0>, index_names = ["o", "i"], index_sizes = array<i64: 2, 4>, positions = #tn.positions<[[0, [0, 1]], [0, [1, 1]]], [[0, [1, 1]]]>, families = []}> : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2xf32>
    %b = "hqn.slot"() <{name = "b", strides = array<i64>, offsets = array<i64>}> : () -> tensor<2xf32>
    %0 = "nn.map"(%y, %b) <{fn = "add"}> : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    "hqn.return"(%0) : (tensor<2xf32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "dense_4_2_p", kind = "layer", function_type = (tensor<4xf32>) -> tensor<2xf32>, arg_names = ["x"], definition = "dense", source = "std/layers.hqn:11", doc = "Affine map, y = W x + b.\0A\0A```hqn\0Ause std.layers.{dense}\0Amodel example(x: f32[3]) -> f32[2] { return dense[2](x) }\0A```", slots = [#hqn.slot<"W", "weight", [], tensor<2x4xf32>, "glorot_uniform", [4.0, 2.0], "">, #hqn.slot<"b", "weight", [], tensor<2xf32>, "zeros", [], "">, #hqn.slot<"x_scale", "frozen weight", [], tensor<f32>, "ones", [], "calibration">, #hqn.slot<"x_zero", "frozen weight", [], tensor<f32>, "zeros", [], "calibration">], children = []}> ({
  ^bb0(%x: tensor<4xf32>):
    %W = "hqn.slot"() <{name = "W", strides = array<i64>, offsets = array<i64>}> : () -> tensor<2x4xf32>
    %W_1 = "quant.fake"(%W) <{spec = #quant.spec<"int4", "channel", true, 0, 0, "f32", "absmax", "nearest">, role = "w", operandSegmentSizes = array<i32: 1, 0, 0>}> : (tensor<2x4xf32>) -> tensor<2x4xf32>
    %0 = "hqn.slot"() <{name = "x_scale", strides = array<i64>, offsets = array<i64>}> : () -> tensor<f32>
    %1 = "hqn.slot"() <{name = "x_zero", strides = array<i64>, offsets = array<i64>}> : () -> tensor<f32>
    %x_1 = "quant.fake"(%x, %0, %1) <{spec = #quant.spec<"int8", "tensor", false, 0, 0, "f32", "minmax", "nearest">, role = "a", operandSegmentSizes = array<i32: 1, 1, 1>}> : (tensor<4xf32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
    %2 = "quant.scale"(%W) <{spec = #quant.spec<"int4", "channel", true, 0, 0, "f32", "absmax", "nearest">}> : (tensor<2x4xf32>) -> tensor<2xf32>
    %scale = "nn.map"(%2, %0) <{fn = "mul"}> : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
    %y = "tn.contract"(%W_1, %x_1) <{output = array<i64: 0>, index_names = ["o", "i"], index_sizes = array<i64: 2, 4>, positions = #tn.positions<[[0, [0, 1]], [0, [1, 1]]], [[0, [1, 1]]]>, families = []}> : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2xf32>
    %b = "hqn.slot"() <{name = "b", strides = array<i64>, offsets = array<i64>}> : () -> tensor<2xf32>
    %3 = "quant.fake"(%b, %scale) <{spec = #quant.spec<"int32", "tensor", true, -1, 0, "f32", "absmax", "nearest">, role = "b", operandSegmentSizes = array<i32: 1, 1, 0>}> : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %4 = "nn.map"(%y, %3) <{fn = "add"}> : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    "hqn.return"(%4) : (tensor<2xf32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "f", kind = "model", function_type = (tensor<4xf32>) -> tensor<2xf32>, arg_names = ["x"], definition = "f", source = "test.hqn:4", slots = [], children = [#hqn.child<"dense", "dense_4_2", [], false, false>]}> ({
  ^bb0(%x: tensor<4xf32>):
    %0 = "hqn.call"(%x) <{callee = @dense_4_2, instance = "dense", batch = array<i64>, lifted = array<i1: false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 1>}> : (tensor<4xf32>) -> tensor<2xf32>
    "hqn.return"(%0) : (tensor<2xf32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "f_p", kind = "model", function_type = (tensor<4xf32>) -> tensor<2xf32>, arg_names = ["x"], definition = "f", source = "test.hqn:4", slots = [], children = [#hqn.child<"dense", "dense_4_2_p", [], false, false>]}> ({
  ^bb0(%x: tensor<4xf32>):
    %0 = "hqn.call"(%x) <{callee = @dense_4_2_p, instance = "dense", batch = array<i64>, lifted = array<i1: false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 1>}> : (tensor<4xf32>) -> tensor<2xf32>
    "hqn.return"(%0) : (tensor<2xf32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "r_on_test", kind = "expression", function_type = (tensor<4xf32>, tensor<i32>) -> tensor<f32>, arg_names = ["x", "y"], definition = "r", source = "test.hqn:10", slots = [], children = [#hqn.child<"q", "f_p", [], false, false>]}> ({
  ^bb0(%x: tensor<4xf32>, %y: tensor<i32>):
    %0 = "hqn.call"(%x) <{callee = @f_p, instance = "q", batch = array<i64>, lifted = array<i1: false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 1>}> : (tensor<4xf32>) -> tensor<2xf32>
    %1 = "nn.sum"(%0) <{axes = array<i64: 0>}> : (tensor<2xf32>) -> tensor<f32>
    "hqn.return"(%1) : (tensor<f32>) -> ()
  }) : () -> ()
}) : () -> ()
