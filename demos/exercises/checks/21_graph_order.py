from demos.exercises.compare import Mistake, compare_said
from demos.exercises.picture import Picture
from engine import Value, tanh

ORDERS = (
    Mistake(lambda: [3, 4, 5, 6], "That is the way forward. Back, it begins with the result."),
    Mistake(
        lambda: [6, 5, 3, 4],
        "3 hands on before 4 has: an arrow leads from 3 to 4, so 3 still has something to receive from there.",
    ),
    Mistake(
        lambda: [6, 4, 5, 3],
        "4 hands on before 5 has: an arrow leads from 4 to 5, so at that moment 4 has received nothing.",
    ),
    Mistake(
        lambda: [6, 3, 5, 4],
        "3 hands on before 5 and 4 have: arrows lead from 3 to both, so at that moment it has received nothing.",
    ),
    Mistake(
        lambda: [6, 3, 4, 5],
        "3 hands on before 4 and 5 have: arrows lead from 3 to both, so at that moment it has received nothing.",
    ),
    Mistake(
        lambda: [6, 4, 3, 5],
        "4 and 3 hand on before 5 has: at that moment they have received nothing. Who must go before whom?",
    ),
)
COUNTS = (
    Mistake(
        lambda: 3,
        "That is the number of paths from 1 to 6. But what comes along those that go through 3 has been added up "
        "there: 3 hands it on in one piece.",
    ),
    Mistake(lambda: 1, "Two arrows leave node 1, and along each of them something comes back."),
    Mistake(lambda: 4, "It is one for each arrow that leaves node 1, not one for each node that hands on."),
    Mistake(lambda: 0, "An input receives like any other node; it has nobody to hand on to."),
)


def graph():
    """The result, with its graph, and all nodes."""
    one, two = Value(0.5, "1"), Value(-1.0, "2")
    three = (one * two).named("3")
    four = tanh(three).named("4")
    five = (three + four).named("5")
    six = (five * one).named("6")
    return six, [one, two, three, four, five, six]


def given():
    """The graph of the exercise."""
    return graph()[0].draw(direction="TB")


def check(answer):
    for what, true, mistakes in (("order", [6, 5, 4, 3], ORDERS), ("contributions_to_1", 2, COUNTS)):
        compare_said(
            answer,
            f"`{what}`",
            lambda what=what: getattr(answer, what)(),
            true,
            about="In the graph above:",
            source="the graph",
            mistakes=mistakes,
            names=f"{what}()",
        )
    return "Three paths lead from 1 to 6, and two contributions arrive: sums at a fan-out keep the work small."


def picture(answer):
    said = answer.order()
    y, nodes = graph()
    for node in nodes:
        number = int(node.label)
        if node.parents and isinstance(said, (list, tuple)):
            node.label = f"{number}: {said.index(number) + 1}." if number in said else f"{number}: not listed"
    return Picture(
        "Each computed node with its place in your order: do arrows lead from it to one that comes later?", [y]
    )
