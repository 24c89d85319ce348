"""Exercises on backpropagation that answer back: ``python -m demos.exercises``.

manifest.py     which exercises there are: their order, titles and hints
exercises/      what a learner is given, one file an exercise, with holes to fill
solutions/      the same files filled in and explained
checks/         the same names again: what is asked of each, and the mistakes it knows by sight; asked.py finds them
answers.py      a learner's file, loaded and called; what went wrong in it; holes.py: what is still to be done in it
picture.py      the picture of a learner's own answer, the last hint; own_graph.py shows it in the terminal
small_engine.py a broken engine; predicted.py: a prediction
compare.py      yours beside true, at points where they differ
child.py        a learner's code in a process of its own, which may hang or crash
verdict.py      starts that process, and judges what comes of it; replies.py: how that travels
folder.py       the learner's copy of the files; record.py: the record kept beside them
text.py         text of any origin, for a terminal; messages.py: what is said besides
report.py       what everybody in a class has solved; saved.py reads what the page saved; sheet.py: a sheet to print
__main__.py     the commands; watch.py waits for what the learner saves
"""
