"""Loops found again: a program unrolled from ``for t in range(T)`` becomes a loop over arrays.

`steps` has the nodes of a scalar graph in the order in which they were made, as numbers. `periods` says after how many
nodes the same is done again; `recurrence` makes a `Loop` of that, which `replay` checks node by node against the graph:
a wrong loop is impossible. `roll` puts one node in place of a loop's nodes, whose operation (`call`) has the graph of
one turn, lifted as every other graph is. `array_loop` is the loop among the arrays, `differentiate` its adjoint,
a loop from back to front; `stages` decides what of a turn is done in the loop and what for all turns at once, before
or after it, and `write` writes it down.
"""
