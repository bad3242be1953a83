// before
"builtin.module"() ({
  "hqn.func"() <{sym_name = "f", kind = "model", function_type = (tensor<2xf32>) -> tensor<2xf32>, arg_names = ["x"], definition = "f", source = "test.hqn:2", slots = [], children = []}> ({
  ^bb0(%x: tensor<2xf32>):
    %0 = "nn.constant"() <{value = dense<1.5707963267948966> : tensor<f64>}> : () -> tensor<f32>
    %1 = "nn.map"(%0, %x) <{fn = "mul"}> : (tensor<f32>, tensor<2xf32>) -> tensor<2xf32>
    %2 = "nn.constant"() <{value = dense<1.0> : tensor<f64>}> : () -> tensor<f32>
    %3 = "nn.map"(%1, %2) <{fn = "mul"}> : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
    "hqn.return"(%3) : (tensor<2xf32>) -> ()
  }) : () -> ()
}) : () -> ()

// after fold_constants
"builtin.module"() ({
  "hqn.func"() <{sym_name = "f", kind = "model", function_type = (tensor<2xf32>) -> tensor<2xf32>, arg_names = ["x"], definition = "f", source = "test.hqn:2", slots = [], children = []}> ({
  ^bb0(%x: tensor<2xf32>):
    %0 = "nn.constant"() <{value = dense<1.5707963267948966> : tensor<f64>}> : () -> tensor<f32>
    %1 = "nn.map"(%0, %x) <{fn = "mul"}> : (tensor<f32>, tensor<2xf32>) -> tensor<2xf32>
    %2 = "nn.constant"() <{value = dense<1.0> : tensor<f64>}> : () -> tensor<f32>
    "hqn.return"(%1) : (tensor<2xf32>) -> ()
  }) : () -> ()
}) : () -> ()
