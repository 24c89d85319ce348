"""19. Downhill: train a network.

All of it together. `model` is an MLP with its parameters (Values, in model.parameters());
C(model) computes its loss on the training set, a Value. The gradient says in which direction C
grows fastest, so go the other way, in small steps:

    θ  <-  θ - lr ∂C/∂θ        for every parameter θ, all at once; again and again

Careful: backward() adds to what is in the parameters' grad already. model.zero_grad() empties it.

Your task: `steps` such steps.
"""


def descend(model, C, steps, lr):
    """Take steps of gradient descent; the model's parameters are changed in place, nothing is returned."""
    for _ in range(steps):
        ...  # your code
