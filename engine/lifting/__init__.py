"""Lifting a scalar graph into array form, and running it at array speed: what `engine.compile` does.

`pipeline` is the whole of it in a few lines. A function is traced into a `scalar_graph` (`trace`; twice, `repeatable`),
in which loops are found again (`loops`), and which is flattened and simplified (`tape`, `terms`). Its entries are put
into groups (`grouping`, by the `patterns` of their operands and the `reach` of adjoints; `parameter_groups`), and each
group is lifted into one of the `arrays` (`lift`; `placement` knows where the number of every entry is), computed by
operations with pullbacks (`recorder`). These are differentiated (`differentiate`), and all of it is written down as a
Python program (`write`, `syntax`). A `program` is drawn (`diagram`), and run by one of the `backends` on `parameters`
gathered into arrays. `compiled` is what the user calls; `structures` are those of its arguments, which
`argument_checks` looks at on every call; `short_calls` knows the shorter ways that native code has.

(The package is not called `compile`, because importing it would then replace the function of that name.)
"""
