"""23. Predict: how far does it go?

The program takes steps of gradient descent down the valley (w - 3)², from w = 0. Its bottom is at 3.

Your task: say where w is after one step and after two, with each of two learning rates, before you
run it. Check your prediction; then run this file with Python (in the page: press Run), and see.
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
    return ...  # your prediction: four numbers, separated by commas


if __name__ == "__main__":
    print("predicted:", prediction())
    print("came out: ", program())
