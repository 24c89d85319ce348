"""Native code: an array graph written out number by number, and compiled by LLVM in this process.

The steps: `expand` writes each number of the array graph as a *term* of others (`terms`; the primitives' own formulas,
read with `Numbers`); `emit` writes the terms as LLVM's text, the rows of a batch in the lanes of vectors; `machine` has
LLVM compile that, and keeps what it compiled; `backend` runs it. `short_call` is the way there in a microsecond.
`array_rule` compiles a rule that updates arrays. No derivative is known here: the array graph has them.
"""
