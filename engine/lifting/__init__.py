"""Lifting a scalar graph into array form, and running it at array speed: what `engine.compile` does.

A function is traced into a scalar graph (`trace`), which is flattened and simplified (`tape`) and lifted: groups of its
entries become `arrays` (`lift`, by the `patterns` of their operands and their `placement` in other arrays), each with
its way back (`steps`). The array graph is written down as a Python program (`emit`, `program`), drawn (`picture`), and
run by one of the `backends` on parameters that live in one array (`store`). `compiled` is what the user calls.

(The package is not called `compile`, because importing it would then replace the function of that name.)
"""
