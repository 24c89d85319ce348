"""19. Downhill: train a network.

Forget, compute, move. Without zero_grad() each step would go by the sum of all gradients so far;
with a plus sign, uphill.

nn.SGD does the moving, nn.fit all of it; with momentum, or Adam, one gets down faster. You know
now what is inside.
"""


def descend(model, C, steps, lr):
    """Take steps of gradient descent; the model's parameters are changed in place, nothing is returned."""
    for _ in range(steps):
        model.zero_grad()
        C(model).backward()
        for p in model.parameters():
            p.data -= lr * p.grad
