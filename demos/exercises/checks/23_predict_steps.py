from demos.exercises.compare import Mistake, compare_said
from demos.exercises.picture import Picture
from demos.exercises.predicted import without
from demos.exercises.replies import short
from engine import Value

RUNS = ((1, 0.5), (2, 0.5), (1, 1.0), (2, 1.0))
NAMES = [f"{steps} step{'s'[: steps > 1]}, lr = {lr:g}" for steps, lr in RUNS]


def descent(slope, direction=-1.0):
    """Where w is in each run, with this slope at w."""

    def places():
        found = []
        for steps, lr in RUNS:
            w = 0.0
            for _ in range(steps):
                w += direction * lr * slope(w)
            found.append(w)
        return tuple(found)

    return places


def true_slope(w):
    return 2 * (w - 3)


MISTAKES = (
    Mistake(
        descent(true_slope, 1.0), "That is uphill: it is minus lr times the slope, and the slope at 0 is negative."
    ),
    Mistake(
        descent(lambda w: w - 3),
        "The slope of (w - 3)² is not w - 3: the 2 of the power is a factor.",
    ),
    Mistake(
        descent(lambda w: -6.0),
        "The second step is not like the first: the slope is taken anew, at the place where w has got to.",
    ),
    Mistake(
        descent(lambda w: -((w - 3) ** 2)),
        "A step is lr times the slope of the loss, not lr times the loss.",
    ),
    Mistake(
        lambda: (3.0, 3.0, 3.0, 3.0),
        "It does not stop at the bottom by itself. With lr = 1 the step is twice as long as with 0.5.",
    ),
    Mistake(
        lambda: (3.0, 3.0, 6.0, 6.0),
        "After the first step with lr = 1 it stands on the other side, and there is a slope there as well.",
    ),
    Mistake(
        lambda: (3.0, 3.0, 6.0, 3.0),
        "From the other side the step is as long as the first one was, in the other direction: not half of it.",
    ),
)


def check(answer):
    compare_said(
        answer,
        "Your prediction",
        lambda: without(("program", "after"), lambda: answer.prediction),
        descent(true_slope)(),
        about="For the program above:",
        source="running it",
        mistakes=MISTAKES,
        names=NAMES,
    )
    return "Right, all four. With a learning rate above 1 it would fly away from this valley."


def picture(answer):
    w = Value(0.0, "w")
    said = short(without(("program", "after"), lambda: answer.prediction))
    loss = ((w - 3) ** 2).named("loss")
    return Picture(f"You predict {said}. The loss at the start, and how far it moves with each number:", [loss], True)
