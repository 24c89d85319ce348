from demos.exercises.compare import Mistake, compare_said
from demos.exercises.picture import Picture
from demos.exercises.predicted import without
from demos.exercises.replies import short
from engine import Value

MISTAKES = (
    Mistake(
        lambda: (3, 6, 27), "In a * a the number a stands twice, and both places count: y moves 2a times as far as a."
    ),
    Mistake(lambda: (9, 18, 27), "9 is the value of y. grad is the slope: how far y moves, for each step of a."),
    Mistake(
        lambda: (6, 6, 27),
        "The second backward() does not begin afresh: at a leaf, what comes is put on top of what is there.",
    ),
    Mistake(
        lambda: (6, 36, 27),
        "What is in grad is not multiplied by the second slope. It is what happens at a fan-out: think of that.",
    ),
    Mistake(
        lambda: (6, 0, 27),
        "A second backward() is neither refused, nor does it empty grad.",
    ),
    Mistake(
        lambda: (6, 12, 39),
        "12 was thrown away in between: one line of the program does just that.",
    ),
    Mistake(lambda: (6, 12, 9), "The slope of a*a*a is not that of a*a, nor a*a alone: a stands three times."),
    Mistake(lambda: (6, 12, 18), "a stands three times in a*a*a, and from each place comes a*a: add them up."),
    Mistake(lambda: (6, 12, 6), "The last line differentiates another formula, a*a*a."),
    Mistake(lambda: (6, 12, 0), "grad is emptied before the last backward(), and that one fills it anew."),
)


def program():
    a = Value(3.0)
    y = a * a
    y.backward()
    first = a.grad
    y.backward()
    second = a.grad
    a.grad = 0.0
    (a * a * a).backward()
    return first, second, a.grad


def check(answer):
    compare_said(
        answer,
        "Your prediction",
        lambda: without(("program",), lambda: answer.prediction),
        program(),
        about="For the program above:",
        source="running it",
        mistakes=MISTAKES,
        names=["first", "second", "third"],
    )
    return "Right, all three. In a training loop the line in the middle is called zero_grad()."


def picture(answer):
    a = Value(3.0, "a")
    said = short(without(("program",), lambda: answer.prediction))
    return Picture(
        f"You predict {said}. What y = a * a is made of, and how far it moves with each:", [(a * a).named("y")], True
    )
