from demos.exercises.compare import Mistake, compare_said
from demos.exercises.picture import Picture
from demos.exercises.replies import short
from engine import Value

QUESTIONS = (
    (
        "paths_from_a",
        3,
        (
            Mistake(
                lambda: 2, "Two arrows leave a. But one of them leads to m, and from there on it is not one way alone."
            ),
            Mistake(lambda: 4, "Count again: a path begins at a and ends at y, and b is on none of them."),
            Mistake(
                lambda: 5, "That is the number of arrows that lie on some path from a. A path is a whole way to y."
            ),
            Mistake(
                lambda: 6, "That is the number of arrows. A path is a whole way from a to y, along several of them."
            ),
            Mistake(lambda: 1, "There is more than one way: two arrows leave a."),
        ),
    ),
    (
        "adjoint_of_m",
        15,
        (
            Mistake(lambda: 9, "That is the arrow from m straight to y. m moves s too, and s moves y: add that way."),
            Mistake(lambda: 6, "That is the way by s alone. There is an arrow from m straight to y as well: add it."),
            Mistake(lambda: 54, "Along a path one multiplies, but these are two paths: what they give is added."),
            Mistake(lambda: 10, "In a path's product an arrow was left out: to y by way of s it is 1 times 6."),
            Mistake(lambda: 16, "Along the path by s its two arrows are multiplied, not added."),
        ),
    ),
    (
        "adjoint_of_a",
        36,
        (
            Mistake(lambda: 30, "That is all that goes through m. a has an arrow to s, too."),
            Mistake(lambda: 6, "That is the arrow from a to s alone, and on to y. a has an arrow to m, too."),
            Mistake(lambda: 18, "That is m's arrow straight to y alone, times 2. Use all of ∂y/∂m."),
            Mistake(lambda: 24, "The path a-m-s-y is missing: two ways lead on from m."),
            Mistake(lambda: 15, "That is ∂y/∂m as it is. What does a hand on to m, and is m the only way?"),
            Mistake(
                lambda: 17,
                "∂y/∂m is multiplied by what stands on the arrow from a to m, not added to it; and s is reached too.",
            ),
            Mistake(lambda: 21, "∂y/∂m counts 2 times: that stands on the arrow from a to m."),
        ),
    ),
)


def graph():
    """y, with its graph."""
    a, b = Value(3.0, "a"), Value(2.0, "b")
    m = (a * b).named("m")
    s = (m + a).named("s")
    return (s * m).named("y")


def given():
    """The graph of the exercise."""
    return graph().draw(derivatives=True, direction="TB")


def check(answer):
    for name, true, mistakes in QUESTIONS:
        compare_said(
            answer,
            f"`{name}`",
            lambda name=name: getattr(answer, name)(),
            true,
            about="In the graph above:",
            source="the graph",
            mistakes=mistakes,
        )
    return "Multiply along a path, add up the paths: that is all of backpropagation, and you did it by eye."


def picture(answer):
    y = graph()
    said = ", ".join(f"{name} = {short(getattr(answer, name)())}" for name, *_ in QUESTIONS)
    return Picture(f"You say: {said}. Put a finger on a, and then on m:", [y], True)
