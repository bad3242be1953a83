// before
"builtin.module"() ({
  "hqn.func"() <{sym_name = "c", kind = "circuit", function_type = () -> tensor<2xf32>, arg_names = [], definition = "c", source = "test.hqn:3", slots = [], children = []}> ({
    %0 = "qc.alloc"() : () -> !qc.reg<2>
    %1 = "qc.gate"(%0) <{name = "h", wires = #qc.wires<[0]>, mods = []}> : (!qc.reg<2>) -> !qc.reg<2>
    %2 = "qc.gate"(%1) <{name = "s", wires = #qc.wires<[1]>, mods = []}> : (!qc.reg<2>) -> !qc.reg<2>
    %3 = "qc.gate"(%2) <{name = "h", wires = #qc.wires<[0]>, mods = []}> : (!qc.reg<2>) -> !qc.reg<2>
    %4 = "qc.gate"(%3) <{name = "sdg", wires = #qc.wires<[1]>, mods = []}> : (!qc.reg<2>) -> !qc.reg<2>
    %5 = "qc.gate"(%4) <{name = "x", wires = #qc.wires<[0]>, mods = []}> : (!qc.reg<2>) -> !qc.reg<2>
    %6 = "qc.probs"(%5) <{wires = array<i64: 0>}> : (!qc.reg<2>) -> tensor<2xf32>
    "hqn.return"(%6) : (tensor<2xf32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "f", kind = "model", function_type = () -> tensor<2xf32>, arg_names = [], definition = "f", source = "test.hqn:12", slots = [], children = [#hqn.child<"c", "c", [], false, false>]}> ({
    %0 = "hqn.call"() <{callee = @c, instance = "c", batch = array<i64>, lifted = array<i1>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 0>}> : () -> tensor<2xf32>
    "hqn.return"(%0) : (tensor<2xf32>) -> ()
  }) : () -> ()
}) : () -> ()

// after cancel_inverses
"builtin.module"() ({
  "hqn.func"() <{sym_name = "c", kind = "circuit", function_type = () -> tensor<2xf32>, arg_names = [], definition = "c", source = "test.hqn:3", slots = [], children = []}> ({
    %0 = "qc.alloc"() : () -> !qc.reg<2>
    %1 = "qc.gate"(%0) <{name = "x", wires = #qc.wires<[0]>, mods = []}> : (!qc.reg<2>) -> !qc.reg<2>
    %2 = "qc.probs"(%1) <{wires = array<i64: 0>}> : (!qc.reg<2>) -> tensor<2xf32>
    "hqn.return"(%2) : (tensor<2xf32>) -> ()
  }) : () -> ()
  "hqn.func"() <{sym_name = "f", kind = "model", function_type = () -> tensor<2xf32>, arg_names = [], definition = "f", source = "test.hqn:12", slots = [], children = [#hqn.child<"c", "c", [], false, false>]}> ({
    %0 = "hqn.call"() <{callee = @c, instance = "c", batch = array<i64>, lifted = array<i1>, strides = array<i64>, offsets = array<i64>, operandSegmentSizes = array<i32: 0, 0>}> : () -> tensor<2xf32>
    "hqn.return"(%0) : (tensor<2xf32>) -> ()
  }) : () -> ()
}) : () -> ()
