"""22. Predict: what is in grad?

Below is a whole program. Read it, and say what it returns before you run it. (Sums you may do on
paper; it is about what the calls do.)

The slope of a*a at 3 is 6. The second backward() adds its 6 to the 6 that is there: 12. Then grad is
emptied, and a*a*a has the slope 3 a² = 27.
"""

from engine import Value


def program():
    """Three numbers that stand in a.grad, at three moments."""
    a = Value(3.0)
    y = a * a
    y.backward()
    first = a.grad
    y.backward()
    second = a.grad
    a.grad = 0.0
    (a * a * a).backward()
    third = a.grad
    return first, second, third


def prediction():
    """What first, second and third are."""
    return 6.0, 12.0, 27.0


if __name__ == "__main__":
    print("predicted:", prediction())
    print("came out: ", program())
