// before
"builtin.module"() ({
  "hqn.func"() <{sym_name = "f", kind = "model", function_type = (tensor<2xf32>) -> tensor<2xf32>, arg_names = ["x"], definition = "f", source = "test.hqn:2", slots = [], children = []}> ({
  ^bb0(%x: tensor<2xf32>):
    %0 = "nn.map"(%x) <{fn = "sin"}> : (tensor<2xf32>) -> tensor<2xf32>
    %1 = "nn.map"(%x) <{fn = "cos"}> : (tensor<2xf32>) -> tensor<2xf32>
    %2 = "nn.map"(%0, %1) <{fn = "mul"}> : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %3 = "nn.map"(%x) <{fn = "sin"}> : (tensor<2xf32>) -> tensor<2xf32>
    %4 = "nn.map"(%2, %3) <{fn = "add"}> : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    "hqn.return"(%4) : (tensor<2xf32>) -> ()
  }) : () -> ()
}) : () -> ()

// after share_common
"builtin.module"() ({
  "hqn.func"() <{sym_name = "f", kind = "model", function_type = (tensor<2xf32>) -> tensor<2xf32>, arg_names = ["x"], definition = "f", source = "test.hqn:2", slots = [], children = []}> ({
  ^bb0(%x: tensor<2xf32>):
    %0 = "nn.map"(%x) <{fn = "sin"}> : (tensor<2xf32>) -> tensor<2xf32>
    %1 = "nn.map"(%x) <{fn = "cos"}> : (tensor<2xf32>) -> tensor<2xf32>
    %2 = "nn.map"(%0, %1) <{fn = "mul"}> : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %3 = "nn.map"(%2, %0) <{fn = "add"}> : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    "hqn.return"(%3) : (tensor<2xf32>) -> ()
  }) : () -> ()
}) : () -> ()
