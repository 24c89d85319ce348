"""Exercises on backpropagation that answer back: ``python -m demos.exercises``.

manifest.py     which exercises there are: their order, titles and hints
exercises/      what a learner is given, one file an exercise, with holes to fill
solutions/      the same files filled in and explained
checks/         the same names again: what is asked of each, and the mistakes it knows by sight
answers.py      a learner's file, loaded; what went wrong in it
compare.py      yours beside true, at points where they differ
child.py        one check in a process of its own, which may hang or crash
verdict.py      starts that process and reads what it says
folder.py       the learner's copy of the files, and the record kept beside them
messages.py     what is said besides; how text is fitted to the terminal
__main__.py     the commands; watch.py waits for what the learner saves
"""
