"""23. Predict: how far does it go?

The program takes steps of gradient descent down the valley (w - 3)², from w = 0. Its bottom is at 3.

The slope is 2 (w - 3): -6 at 0. With lr = 0.5 the step is +3, right to the bottom, where the slope
is 0: there it stays. With lr = 1 the step is +6, to the other side, where the slope is +6: back to 0.
It will go to and fro for ever.
"""

from engine import Value


def after(steps, lr):
    """Where w is after so many steps with the learning rate lr."""
    w = Value(0.0)
    for _ in range(steps):
        loss = (w - 3) ** 2
        w.grad = 0.0
        loss.backward()
        w.data -= lr * w.grad
    return w.data


def program():
    """Four runs."""
    return after(1, 0.5), after(2, 0.5), after(1, 1.0), after(2, 1.0)


def prediction():
    """Where w is after one and two steps with lr = 0.5, and after one and two steps with lr = 1."""
    return 3.0, 3.0, 6.0, 0.0


if __name__ == "__main__":
    print("predicted:", prediction())
    print("came out: ", program())
