// before
"builtin.module"() ({
  "hqn.func"() <{sym_name = "dense_3_2", kind = "layer", function_type = (tensor<3xf32>) -> tensor<2xf32>, arg_names = ["x"], definition = "dense", source = "std/layers.hqn:11", doc = "Affine map, y = W x + b.\0A\0A```hqn\0Ause std.layers.{dense}\0Amodel example(x: f32[3]) -> f32[2] { return dense[2](x) }\0A```", slots = [#hqn.slot<"W", "weight", [], tensor<2x3xf32>, "glorot_uniform", [3.0, 2.0], "">, #hqn.slot<"b", "weight", [], tensor<2xf32>, "zeros", [], "">], children = []}> ({
  ^bb0(%x: tensor<3xf32>):
    %W = "hqn.slot"() <{name = "W", strides = array<i64>, offsets = array<i64>}> : () -> tensor<2x3xf32>
    %y = "tn.contract"(%W, %x) <{output = array<i64: 0>, index_names = ["o", "i"], index_sizes = array<i64: 2, 3>, positions = #tn.positions<[[0, [0, 1]], [0, [1, 1]]], [[0, [1, 1]]]>, families = []}> : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2xf32>
    %b = "hqn.slot"() <{name = "b", strides = array<i64>, offsets = array<i64>}> : () -> tensor<2xf32>
    %0 = "nn.map"(%y, %b) <{fn = "add"}> : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    "hqn.return"(%0) : (tensor<2xf32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "f", kind = "model", function_type = (tensor<3xf32>) -> tensor<3xf32>, arg_names = ["x"], definition = "f", source = "test.hqn:4", slots = [], children = [#hqn.child<"dense", "dense_3_2", [], false, false>]}> ({
  ^bb0(%x: tensor<3xf32>):
    %unused = "hqn.call"(%x) <{callee = @dense_3_2, instance = "dense", batch = array<i64>, lifted = array<i1: false>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 1>}> : (tensor<3xf32>) -> tensor<2xf32>
    %0 = "nn.map"(%x) <{fn = "tanh"}> : (tensor<3xf32>) -> tensor<3xf32>
    "hqn.return"(%0) : (tensor<3xf32>) -> ()
  }) : () -> ()
}) : () -> ()

// after eliminate_dead
"builtin.module"() ({
  "hqn.func"() <{sym_name = "f", kind = "model", function_type = (tensor<3xf32>) -> tensor<3xf32>, arg_names = ["x"], definition = "f", source = "test.hqn:4", slots = [], children = []}> ({
  ^bb0(%x: tensor<3xf32>):
    %0 = "nn.map"(%x) <{fn = "tanh"}> : (tensor<3xf32>) -> tensor<3xf32>
    "hqn.return"(%0) : (tensor<3xf32>) -> ()
  }) : () -> ()
}) : () -> ()
