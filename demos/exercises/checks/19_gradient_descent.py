from demos.exercises.answers import NotYet
from demos.exercises.compare import Mistake, compare
from demos.exercises.picture import Picture
from nn import MLP, squared_error

XOR = [([-1.0, -1.0], -1.0), ([-1.0, 1.0], 1.0), ([1.0, -1.0], 1.0), ([1.0, 1.0], -1.0)]
POINTS = [(1, 0.1), (3, 0.1), (10, 0.05)]
LONG = (100, 0.1)


def network():
    return MLP(2, [4, 1], activation="tanh", seed=5)


def loss(model):
    terms = [squared_error(model(x), y) for x, y in XOR]
    return sum(terms[1:], terms[0]) / len(XOR)


def names(*_):
    return [parameter.label for parameter in network().parameters()]


def after(descend):
    """The parameters after a descent from the same start, as numbers."""

    def parameters(steps, lr):
        model = network()
        descend(model, loss, steps, lr)
        return [parameter.data for parameter in model.parameters()]

    return parameters


def descent(direction=-1.0, forget=True, extra=0):
    """Gradient descent, or a mistaken one."""

    def descend(model, loss, steps, lr):
        gradient = [0.0] * len(model.parameters())
        for _ in range(steps + extra):
            model.zero_grad()
            loss(model).backward()
            for k, parameter in enumerate(model.parameters()):
                gradient[k] = parameter.grad if forget else gradient[k] + parameter.grad
                parameter.data += direction * lr * gradient[k]

    return descend


MISTAKES = (
    Mistake(
        after(descent(forget=False)),
        "The gradients of the steps before are still in it: backward() adds to what is in grad. Empty it before each "
        "step, with model.zero_grad().",
    ),
    Mistake(
        after(descent(direction=1.0)),
        "Uphill: the gradient points where C grows fastest. Go against it, with a minus.",
    ),
    Mistake(
        after(descent(direction=0.0)),
        "The parameters have not moved. `p = p - ...` only gives the name p to a new number; it is p.data that is to "
        "be changed. (And after zero_grad() there is no gradient until the next backward().)",
    ),
    Mistake(
        after(lambda model, loss, steps, lr: descent()(model, loss, min(steps, 1), lr)), "Only one step was taken."
    ),
    Mistake(after(descent(extra=1)), "One step too many was taken."),
    Mistake(
        after(lambda model, loss, steps, lr: descent()(model, loss, steps, 1.0)),
        "The step is not scaled: lr is missing.",
    ),
)


def check(answer):
    for points, mistakes in ((POINTS, MISTAKES), ([LONG], ())):
        compare(
            answer,
            "A parameter, after the descent,",
            lambda steps, lr: after(answer.descend)(steps, lr),
            after(descent()),
            points,
            inputs="steps lr",
            names=names,
            mistakes=mistakes,
            source="the formula",
            rtol=1e-9,
        )
    model = network()
    before = loss(model).data
    descent()(model, loss, *LONG)
    return (
        f"{LONG[0]} of your steps taught XOR to a network of {len(model.parameters())} parameters: its loss fell from "
        f"{before:.2g} to {loss(model).data:.2g}."
    )


def picture(answer):
    model, losses = MLP(1, [1], seed=5), []

    def cost(model):
        losses.append(squared_error(model([2.0]), 1.0).named(f"C, step {len(losses) + 1}"))
        return losses[-1]

    answer.descend(model, cost, 3, 0.05)
    if not losses:
        raise NotYet("Your lines never compute the loss, C(model): there is no graph to draw.")
    after = squared_error(model([2.0]), 1.0).data
    falls = " -> ".join(f"{loss.data:.3g}" for loss in losses)
    said = f"A model of one weight, after 3 of your steps: C went {falls} -> {after:.3g}. The last graph:"
    return Picture(said, losses[-1:])
